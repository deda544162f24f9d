"""What `verify` and `list` print: a table on a terminal, aligned text elsewhere, or one JSON object."""

import json
import math
import sys
from collections.abc import Sequence
from typing import Any

from sims.summary import Report

JSON = ("paper", "name", "source", "outcome", "rival", "gap", "doubt", "allowed", "seconds", "fresh")
COLOURS = {"holds": "green", "fails": "red", "open": "yellow", "error": "red"}


def exit_code(reports: Sequence[Report]) -> int:
    """3 for an error, else 1 if a claim fails or a rival holds, else 2 if anything is open, else 0."""
    if any(r.outcome == "error" for r in reports):
        return 3
    if any(r.outcome == "fails" or r.rival == "holds" for r in reports):
        return 1
    return 2 if any("open" in (r.outcome, r.rival) for r in reports) else 0


def as_json(reports: Sequence[Report]) -> str:
    """One object; what is not a finite number is null."""
    claims = [{name: _finite(getattr(report, name)) for name in JSON} for report in reports]
    return json.dumps({"claims": claims}, ensure_ascii=False, allow_nan=False)


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def as_text(reports: Sequence[Report]) -> str:
    """The table, what to do about each trouble, and one line of summary."""
    alone = len({r.paper for r in reports}) == 1
    head = ["claim", "outcome", "rival", "gap ± doubt", "allowed", "catches", "rows", "seconds"]
    body = [
        [
            r.name if alone else f"{r.paper}/{r.name}",
            r.outcome,
            "rejected" if r.rival == "fails" else f"not rejected ({r.rival})" if r.rival != "error" else "-",
            f"{_number(r.gap)} ± {_number(r.doubt)}" if r.gap is not None else "-",
            _number(r.allowed),
            _number(r.catches),
            f"{r.rows} ({r.computed} new)" if 0 < r.computed < r.rows else str(r.rows),
            f"{r.seconds:.1f}",
        ]
        for r in reports
    ]
    lines = [line for r in reports for line in trouble(r)]
    return "\n".join([_table(head, body), *lines, summed_up(reports)])


def trouble(report: Report) -> list[str]:
    """What is wrong with a claim, and what to run."""
    claim = f"{report.paper}/{report.name}"
    if report.outcome == "error":
        lines = [f"error in {claim}: {report.reason}"]
        if report.replay is not None:
            lines.append(f"  lemmata replay {report.label} --case {report.replay} --{report.mode}")
        return lines
    if report.outcome == "open" and report.reason:
        return [f"{claim}: {report.reason}"]
    if report.outcome == "open" or report.rival == "open":
        what = "the verdict" if report.outcome == "open" else "the verdict on the rival"
        return [f"{claim}: {what} is open; more cases or longer simulations decide (looks: {report.looks})"]
    if report.rival == "holds":
        return [f"{claim}: the rival theory is not rejected by the same data, so this check says nothing yet"]
    return []


def summed_up(reports: Sequence[Report]) -> str:
    """One line."""
    words = {"holds": "hold", "fails": "fail", "open": "open", "error": "in error"}
    counts = {word: sum(r.outcome == outcome for r in reports) for outcome, word in words.items()}
    parts = [f"{count} {word}" for word, count in counts.items() if count]
    rejected = sum(r.rival == "fails" for r in reports)
    plural = "" if len(reports) == 1 else "s"
    computed = sum(r.computed for r in reports)
    return (
        f"{len(reports)} claim{plural}: {', '.join(parts) or 'nothing to do'}; {rejected} of {len(reports)} "
        f"rivals rejected; {computed} rows computed"
    )


def as_list(lines: Sequence[dict[str, Any]]) -> str:
    """The table of `list`."""
    head = ["claim", "theorem", "verdict", "record", "statement"]
    body = [
        [
            f"{line['paper']}/{line['name']}",
            _cut(line["source"], 40),
            line["outcome"] or "-",
            f"{line['mode']}, {'fresh' if line['fresh'] else 'stale'}" if line["mode"] else "none",
            _cut(" ".join(line["statement"].split()), 60),
        ]
        for line in lines
    ]
    return _table(head, body)


def as_markdown(lines: Sequence[dict[str, Any]]) -> str:
    """The table of verdicts for a README."""
    rows = [
        f"| {line['name'].replace('_', ' ')} | {line['source']} | {line['outcome']} | "
        f"{'rejected' if line['rival'] == 'fails' else line['rival']} | "
        f"{_number(line['gap'])} ± {_number(line['doubt'])} | {_number(line['allowed'])} |"
        for line in lines
    ]
    head = ["| claim | source | verdict | rival | gap ± doubt | allowed |", "|---|---|---|---|---|---|"]
    return "\n".join([*head, *rows])


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3g}"


def _table(head: list[str], body: list[list[str]]) -> str:
    """Rich on a terminal, aligned text elsewhere."""
    if sys.stdout.isatty():
        try:
            from rich import box
            from rich.console import Console
            from rich.table import Table
            from rich.text import Text
        except ImportError:
            return _aligned(head, body)
        table = Table(*head, box=box.SIMPLE_HEAD)
        for row in body:
            table.add_row(*(Text(cell, style=COLOURS.get(cell, "")) for cell in row))
        wide = Console(width=1000).measure(table).maximum  # no cell is ever cut: a claim's name is for typing
        console = Console(width=max(Console().width, wide))
        with console.capture() as captured:
            console.print(table)
        return captured.get().rstrip()
    return _aligned(head, body)


def _aligned(head: list[str], body: list[list[str]]) -> str:
    widths = [max(len(row[i]) for row in [head, *body]) for i in range(len(head))]
    lines = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in [head, *body]]
    return "\n".join("  ".join(line).rstrip() for line in lines)

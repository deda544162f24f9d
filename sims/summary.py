"""A claim after its run: the record that is kept, and the line that is told."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sims.arrays import unpack
from sims.claim import Outcome, Verdict
from sims.record import Record
from sims.record_text import PER_ROW
from sims.registry import Entry
from sims.rows import DONE, FAILED, Row
from sims.work import Description


@dataclass(frozen=True)
class Report:
    """What `verify` tells about one claim.

    Attributes:
        outcome: holds, fails, open or error; `rival` the same for the rival.
        gap: of the verdict, None without one; so `doubt`, `allowed`, `catches`.
        rows: rows that the verdict rests on; `computed` of them in this run.
        seconds: summed over the rows, as they ran.
        fresh: whether the verdict is about the code as it is.
        reason: the last line of what went wrong; empty if nothing did.
        replay: position of the first row that raised.
    """

    paper: str
    name: str
    label: str
    source: str
    mode: str
    outcome: str
    rival: str
    gap: float | None = None
    doubt: float | None = None
    allowed: float | None = None
    catches: float | None = None
    rows: int = 0
    computed: int = 0
    looks: int = 1
    seconds: float = 0.0
    fresh: bool = True
    reason: str = ""
    replay: int | None = None


def record_of(
    entry: Entry,
    about: Description,
    rows: list[Row],
    verdicts: tuple[Verdict, Verdict] | None,
    **made: Any,
) -> Record:
    """Everything that is kept of a claim; `made` says how it was made: mode, looks, fingerprint, versions."""
    done = [row for row in rows if row.state == DONE]
    arrays = [unpack(row.payload) for row in done]
    columns: dict[str, Any] = {name: tuple(row[name] for row in arrays) for name in PER_ROW}
    stories: list[Mapping[str, str] | None] = [json.loads(r.payload) if r.state == FAILED else None for r in rows]
    return Record(
        paper=entry.paper,
        name=entry.name,
        statement=about.statement,
        source=about.source,
        assumptions=about.assumptions,
        verdict=verdicts[0] if verdicts else None,
        rival=verdicts[1] if verdicts else None,
        cases=tuple(json.loads(row.case) for row in done),
        exhibits=tuple({k[8:]: v for k, v in row.items() if k.startswith("exhibit.")} for row in arrays),
        failures=tuple(
            (json.loads(row.case), story["last"], story["text"])
            for row, story in zip(rows, stories, strict=True)
            if story is not None
        ),
        seconds=sum(row.seconds for row in rows),
        **(columns | made),
    )


def summed_up(entry: Entry, record: Record, rows: list[Row], computed: int) -> Report:
    """The line of a claim whose rows are all there."""
    report = Report(
        paper=record.paper,
        name=record.name,
        label=entry.label,
        source=record.source,
        mode=record.mode,
        outcome=(record.verdict.outcome if record.verdict else Outcome.ERROR).value,
        rival=(record.rival.outcome if record.rival else Outcome.ERROR).value,
        rows=len(rows),
        computed=computed,
        looks=record.looks,
        seconds=record.seconds,
    )
    if record.verdict is not None:
        v = record.verdict
        return replace(report, gap=v.gap, doubt=v.doubt, allowed=v.allowed, catches=v.catches)
    first = next(i for i, row in enumerate(rows) if row.state == FAILED)
    many = f" ({len(record.failures)} of {len(rows)} rows)" if len(record.failures) > 1 else ""
    return replace(report, reason=record.failures[0][1] + many, replay=first)


def without_verdict(entry: Entry, source: str, mode: str, outcome: Outcome, reason: str, computed: int) -> Report:
    """The line of a claim of which only words are known."""
    report = Report(entry.paper, entry.name, entry.label, source, mode, outcome.value, outcome.value)
    return replace(report, computed=computed, fresh=False, reason=reason)

"""What each command does; everything heavy is imported when its command needs it."""

import argparse
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sims.home import home, owned
from sims.registry import Entry, find

if TYPE_CHECKING:
    from sims.engines import Engine


def run(arguments: argparse.Namespace) -> int:
    """Dispatch; returns the exit code."""
    commands = {
        "verify": verify,
        "list": shown,
        "figures": figures,
        "report": report,
        "replay": replay,
        "price": price,
        "penalty": penalty,
        "falsify": falsify,
    }
    return commands[arguments.command](arguments)


def verify(arguments: argparse.Namespace) -> int:
    """Confront claims, print the table, and answer with the worst that was found."""
    entries = find(arguments.names)
    if arguments.timeout is not None and arguments.engine != "processes":
        raise ValueError(
            f"--timeout needs worker processes, got --engine {arguments.engine}; leave one of them out"
        )
    if arguments.engine == "serial":
        _one_thread()
    from sims import table
    from sims.progress import Progress
    from sims.rows import Rows
    from sims.run import verify as confront

    with owned(home()):
        engine, rows, progress = _engine(arguments), Rows(home()), Progress()
        try:
            reports, interrupted = confront(
                entries,
                rows,
                engine,
                mode=arguments.mode or "quick",
                retry_failed=arguments.retry_failed,
                progress=progress,
            )
        finally:
            progress.close()
            engine.close()
            rows.close()
    print(table.as_json(reports) if arguments.json else table.as_text(reports), flush=True)
    if interrupted:
        print("interrupted: the same command computes what is missing", file=sys.stderr)
        return 130
    return table.exit_code(reports)


def _engine(arguments: argparse.Namespace) -> "Engine":
    from sims.engines import Dask, Serial
    from sims.processes import Processes

    device = os.environ.get("LEMMATA_DEVICE", "auto")
    if arguments.engine == "serial":
        return Serial()
    if arguments.engine == "dask":
        return Dask(arguments.scheduler, device)
    return Processes(arguments.jobs or _cores(), device, arguments.timeout)


def _cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _one_thread() -> None:
    """One thread for this process, as in the workers; in time only while NumPy is not imported."""
    for name in ("OMP", "OPENBLAS", "MKL", "NUMBA"):
        os.environ[f"{name}_NUM_THREADS"] = "1"


def shown(arguments: argparse.Namespace) -> int:
    """Every claim: paper, theorem, statement, last verdict, fresh or stale."""
    from sims import table

    lines = [_standing(entry) for entry in find(arguments.names)]
    if arguments.json:
        print(json.dumps({"claims": lines}, ensure_ascii=False))
    else:
        print(table.as_markdown(lines) if arguments.markdown else table.as_list(lines))
    return 0


def _standing(entry: Entry) -> dict[str, Any]:
    """What is known about a claim without running anything."""
    from sims.fingerprint import fingerprint
    from sims.registry import glance
    from sims.store import Withheld, summary

    statement, source = glance(entry)
    try:
        record = summary(entry.paper, entry.name)
    except Withheld:
        record = {}
    record = record or {}
    numbers = record.get("verdict") or {}
    seen = {
        name: v if isinstance(v := numbers.get(name), (int, float)) else None
        for name in ("gap", "doubt", "allowed")
    }
    return {
        "paper": entry.paper,
        "name": entry.name,
        "source": source or record.get("source", ""),
        "statement": statement or record.get("statement", ""),
        "mode": record.get("mode"),
        "outcome": record.get("outcome"),
        "rival": record.get("rival_outcome"),
        **{name: v if isinstance(v, (int, float)) else None for name, v in seen.items()},
        "seconds": record.get("seconds"),
        "fresh": bool(record) and record.get("fingerprint") == fingerprint(entry.path),
    }


def figures(arguments: argparse.Namespace) -> int:
    """Draw figures from records."""
    from figures.draw import main

    return int(main(arguments.names, Path(arguments.out)))


def report(arguments: argparse.Namespace) -> int:
    """Write the ledger page from every record there is."""
    from figures import registry
    from sims.fingerprint import fingerprint
    from sims.registry import glance
    from sims.report import write
    from sims.store import Withheld, load

    records, fresh = [], {}
    for entry in find():
        try:
            record = load(entry.paper, entry.name)
        except Withheld as reason:
            print(f"left out: {reason}", file=sys.stderr)
            continue
        statement, source = glance(entry)  # as they stand: rewording a docstring leaves a record fresh
        records.append(replace(record, statement=statement or record.statement, source=source or record.source))
        fresh[entry.id] = record.fingerprint == fingerprint(entry.path)
    pictures = sorted(Path("figures/out").glob("*.png"))
    reads, words = registry.claims(), registry.captions()
    name = {png.stem: "/".join([*reads.get(png.stem, ())[:1], png.stem]) for png in pictures}
    try:
        path = write(
            records,
            Path(arguments.out),
            fresh=fresh,
            figures={name[png.stem]: png for png in pictures},
            captions={name[stem]: caption for stem, caption in words.items() if stem in name},
        )
    except OSError as error:
        raise ValueError(f"cannot write {arguments.out}: {error.strerror}; choose another --out") from None
    print(path)
    if arguments.open:
        import webbrowser

        webbrowser.open(path.resolve().as_uri())
    return 0


def replay(arguments: argparse.Namespace) -> int:
    """One row again, compared bit for bit with the stored one."""
    _one_thread()
    from sims.replay import main

    return main(arguments.claim, arguments.case, arguments.mode, pdb=arguments.pdb)


def price(arguments: argparse.Namespace) -> int:
    """What robustness costs on data of one's own."""
    from sims.price import main

    return int(main(arguments) or 0)


def penalty(arguments: argparse.Namespace) -> int:
    """Where the best ridge penalty of a kernel sits, without attack and under it."""
    from sims.penalty import main

    return main(arguments)


def falsify(arguments: argparse.Namespace) -> int:
    """Hunt for a counterexample."""
    _one_thread()
    from sims.falsify import main

    return main(arguments)

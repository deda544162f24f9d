"""Records in, PDF, PNG and CSV out; the same records give the same bytes."""

import csv
import functools
import importlib
import io
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import matplotlib.style
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from figures.paper import Table
from figures.registry import claims, find
from sims.record import Record
from sims.store import Withheld, established

STYLE = Path(__file__).with_name("paper.mplstyle")
FORMATS = ("pdf", "png", "csv")
DATELESS: dict[str, dict[str, Any]] = {"png": {"Software": None}, "pdf": {"CreationDate": None}}


def main(names: Sequence[str], out: Path) -> int:
    """Draw figures into a folder, all if none is named; 0 if all were drawn, 1 if a record was withheld.

    A figure whose record is withheld leaves the folder, so that nothing refuted or stale stays on show.

    Raises:
        ValueError: if a name is no figure, or the folder cannot be written.
    """
    chosen, record = find(names), functools.cache(established)
    return max([_one(name, out, record) for name in chosen], default=0)


def _one(name: str, out: Path, record: Callable[[str], Record]) -> int:
    files = {suffix: out / f"{name}.{suffix}" for suffix in FORMATS}
    try:
        records = tuple(record(claim) for claim in claims()[name])
    except Withheld as reason:
        for file in files.values():
            file.unlink(missing_ok=True)
        print(f"{name}: not drawn: {reason}", file=sys.stderr)
        return 1
    module = importlib.import_module(f"figures.{name}")
    try:
        out.mkdir(parents=True, exist_ok=True)
        for suffix, content in rendered(module, records).items():
            files[suffix].write_bytes(content)
    except OSError as error:
        raise ValueError(f"cannot write in {out}: {error.strerror}; choose another --out") from None
    quick = [r.name for r in records if r.mode != "full"]
    print(
        f"{name}: {out / name}.{{{','.join(FORMATS)}}}"
        + (f", from quick cases of {', '.join(quick)}" * bool(quick))
    )
    return 0


def rendered(module: ModuleType, records: tuple[Record, ...]) -> dict[str, bytes]:
    """The figure of a module in each format."""
    with matplotlib.style.context(STYLE, after_reset=True):
        fig = Figure()
        FigureCanvasAgg(fig)
        module.draw(fig, records)
        content = {}
        for suffix, metadata in DATELESS.items():
            buffer = io.BytesIO()
            fig.savefig(buffer, format=suffix, metadata=metadata)
            content[suffix] = buffer.getvalue()
            fig.set_layout_engine("none")  # laid out once, the same in every format
    return content | {"csv": _csv(module.table(records))}


def _csv(table: Table) -> bytes:
    """Floats to six digits: more than any standard error here carries."""
    header, rows = table
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([f"{x:.6g}" if isinstance(x, float) else x for x in row] for row in rows)
    return text.getvalue().encode()

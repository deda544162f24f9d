"""What a hunt answers: in words, as JSON, and the witness on the disk."""

import io
import json
import sys
import textwrap
import zipfile
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np

from sims.falsify_hunt import ENOUGH_DRAWS, RARE, Hunt
from sims.falsify_statement import Grade, Look, ratio
from sims.falsify_walk import ends_of, nested, numbers
from sims.home import home, write

WIDTH = 110
NO_PROOF = "this is no proof: a violation that is rarer, or beyond these instances, goes unseen"


class Answer(StrEnum):
    """What may be said after a hunt."""

    REFUTED = "REFUTED"
    SUSPECT = "SUSPECT"
    VACUOUS = "VACUOUS"
    UNDECIDED = "UNDECIDED"
    NOTHING = "no violation"

    @property
    def code(self) -> int:
        """The exit code."""
        return {Answer.NOTHING: 0, Answer.REFUTED: 1}.get(self, 2)


def answer(hunt: Hunt) -> tuple[Answer, str]:
    """The answer with its reason.

    Raises:
        ValueError: if the statement's own code raised on every instance.
    """
    counts, told = hunt.counts, hunt.counts["looked"] - hunt.counts["undefined"]
    silent = not counts["looked"] and counts["raised"]
    if silent and (not hunt.vacuous or counts["raised"] >= counts["plain"] - counts["given up"]):
        raise ValueError(f"{hunt.statement.name} raised on every instance: {hunt.raised}")
    if hunt.vacuous:
        of = "instances: the others are refused" if counts["refused"] else "plain draws"
        return Answer.VACUOUS, f"the hypotheses hold in less than {RARE:.0%} of {of}{_why(hunt)}"
    if hunt.witnesses:
        return Answer.REFUTED, "inside the assumptions the conclusion fails"
    if hunt.suspects:
        return Answer.SUSPECT, "violated in floats, beyond what is allowed for rounding, but not shown exactly"
    if told and told == counts["infinite bound"]:
        return Answer.VACUOUS, "the right side was infinite on every instance"
    if told and told == counts["trivial bound"]:
        return Answer.VACUOUS, "the right side was never below what is trivial, on any instance"
    if not counts["looked"]:
        if counts["plain, held"]:
            return Answer.UNDECIDED, "not one instance was finished within the budget; give more --budget"
        few = f"fewer than {ENOUGH_DRAWS} draws fitted into the budget; give more --budget"
        return Answer.UNDECIDED, f"the hypotheses held on no instance{_why(hunt)}; {few}"
    if not told:
        return Answer.UNDECIDED, "both sides were numbers on no instance: NaN is neither a violation nor a pass"
    if counts["second look: open"]:
        many = counts["second look: open"]
        why = f"violations in floats could be neither shown nor dismissed, the first because {hunt.undecided}"
        return Answer.UNDECIDED, f"{many} {why}"
    return Answer.NOTHING, NO_PROOF


def _why(hunt: Hunt) -> str:
    raised, none = hunt.counts["raised"], hunt.counts["given up"]
    drew = f"; {none:,} times `instances` drew nothing, as its filters refused" if none else ""
    return drew + (f"; {raised:,} times `assume` raised, first {hunt.raised}" if raised else "")


def as_text(hunt: Hunt, found: Answer, reason: str, files: list[Path]) -> str:
    """The answer for a terminal."""
    words = textwrap.fill(hunt.statement.words, WIDTH, initial_indent="  ", subsequent_indent="  ")
    lines = [f"{found}: {hunt.statement.name}", *([words] if words else []), f"  {reason}"]
    if found in (Answer.REFUTED, Answer.SUSPECT) and hunt.smallest:
        drawn, look = hunt.smallest
        lines += [f"  witness ({len(numbers(drawn.instance))} numbers):", *_shown(hunt, drawn.instance)]
        lines += [f"  lhs = {look.lhs}", f"  rhs = {look.rhs}", f"  lhs − rhs ≥ {look.excess:.6g}"]
        lines.append(f"  check: {look.how}")
    elif hunt.best and found is not Answer.VACUOUS:
        _, _, drawn, (lhs, rhs) = hunt.nearest[0]
        many = hunt.counts["looked"] - hunt.counts["undefined"]
        lines.append(f"  {Answer.NOTHING} in {many:,} instances; the worst, {ratio(lhs, rhs)}, at")
        lines += _shown(hunt, drawn.instance)
    lines += [f"  {line}" for line in effort(hunt)] + [f"  {note}" for note in hunt.statement.notes]
    return "\n".join(lines + [f"  saved: {path}" for path in files])


def effort(hunt: Hunt) -> list[str]:
    """How hard it looked."""
    c = hunt.counts
    held = f"hypotheses held in {c['plain, held']:,} of {c['plain']:,} plain draws ({hunt.rate:.1%})"
    looked = f"looked at {c['looked']:,} instances inside the assumptions in {hunt.ended - hunt.began:.1f} s"
    if hunt.first:
        looked += f", found after {hunt.first:.1f} s and shrunk"
    if hunt.exhausted:
        looked += ", all that the strategy has"
    if c["turned"]:
        looked += f"; the optimiser proposed {c['turned']:,}"
    checked = {
        "fell at the second look": c["second look: no"],
        "stayed open at the second look": c["second look: open"],
        "were too small to be looked at again": c["unchecked"],
    }
    seen = ", ".join(f"{many:,} {what}" for what, many in checked.items() if many)
    odd = {"raised an exception": c["raised"], "gave NaN": c["undefined"], "were refused": c["refused"]}
    lost = ", ".join(f"{many:,} {what}" for what, many in odd.items() if many)
    first = f" (first: {hunt.raised})" if hunt.raised else ""
    return [looked, held, *([f"violations in floats: {seen}"] if seen else []), *([lost + first] if lost else [])]


def _shown(hunt: Hunt, x: Any) -> list[str]:
    parts = hunt.statement.show(x) if hunt.statement.show else ends_of(x)
    return [f"    {name} = {text(nested(value))}" for name, value in parts.items()]


def text(value: Any) -> str:
    """Numbers as short as they are, nested in brackets; many are cut."""
    if isinstance(value, list):
        shown = [text(v) for v in value[:40]] + (["…"] if len(value) > 40 else [])
        return f"[{', '.join(shown)}]"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def as_json(hunt: Hunt, found: Answer, reason: str, files: list[Path]) -> dict[str, Any]:
    """The answer for a program; floats read back to the same bits."""
    from sims.environment import versions

    smallest = hunt.smallest if found in (Answer.REFUTED, Answer.SUSPECT) else None
    drawn, look = smallest or (None, Look(Grade.NO, ""))
    near = hunt.nearest[0] if hunt.best else None
    return {
        "answer": str(found),
        "name": hunt.statement.name,
        "statement": hunt.statement.words,
        "reason": reason,
        "witness": None if drawn is None else nested(drawn.instance),
        "lhs": look.lhs or None,
        "rhs": look.rhs or None,
        "excess": look.excess if np.isfinite(look.excess) else None,
        "check": look.how or None,
        "nearest": near and {"instance": nested(near[2].instance), "sides": nested(near[3])},
        "rate": hunt.rate,
        "counts": dict(sorted(hunt.counts.items())),
        "seconds": round(hunt.ended - hunt.began, 3),
        "found_after": round(hunt.first, 3) or None,
        "seed": hunt.seed,
        "files": [str(path) for path in files],
        "versions": versions(),
    }


def place(name: str) -> Path:
    """Where a witness is kept, without its suffix: LEMMATA_HOME, or `.lemmata` here."""
    return home() / "falsified" / name


def save(hunt: Hunt, found: Answer, reason: str) -> list[Path]:
    """The witness as JSON, as arrays, and as a picture if it lies in a plane; the files.

    Raises:
        StoreError: if they cannot be written.
    """
    if hunt.smallest is None or found not in (Answer.REFUTED, Answer.SUSPECT):
        return []
    x = hunt.smallest[0].instance
    base = place(hunt.statement.name)
    files = [base.with_name(f"{base.name}{suffix}") for suffix in (".json", ".npz")]
    if (picture := _picture(hunt)) is not None:
        files.append(base.with_name(f"{base.name}.png"))
        write(files[-1], picture)
    write(files[1], arrays(x))
    write(files[0], json.dumps(as_json(hunt, found, reason, files), ensure_ascii=False, indent=1).encode())
    return files


def arrays(x: Any) -> bytes:
    """The ends of an instance as .npz, by their paths; what is no number as text. No clock in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, end in ends_of(x).items():
            array = np.asarray(end)
            held = io.BytesIO()
            np.save(held, array if array.dtype.kind in "fiubU" else np.array(repr(end)), allow_pickle=False)
            file.writestr(zipfile.ZipInfo(f"{name}.npy"), held.getvalue())
    return out.getvalue()


def _picture(hunt: Hunt) -> bytes | None:
    try:
        from sims.falsify_figure import picture

        return picture(hunt)
    except Exception as error:  # no matplotlib, or the statement's own `draw`; the witness is saved all the same
        print(f"no picture: {type(error).__name__}: {error}", file=sys.stderr)
        return None

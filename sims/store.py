"""Records on disk, and who may be shown."""

import hashlib
import json
from pathlib import Path
from typing import Any

from sims.arrays import from_npz, to_npz
from sims.claim import Outcome, Verdict
from sims.fingerprint import fingerprint
from sims.home import committed, home, write
from sims.record import Record
from sims.record_text import arrays_of, fields_of, text_of
from sims.registry import Entry, find


class Withheld(ValueError):  # noqa: N818 (reads as a sentence)
    """A record that may not be shown: what is wrong with it, and the command to run."""


def place(entry: Entry, mode: str) -> Path:
    """Where a claim's record of this mode goes, without suffix: committed if full and ours, else in the home."""
    root = committed() if entry.ours and mode == "full" else home() / "results"
    return root / entry.paper / entry.name


def save(record: Record, path: Path) -> str:
    """Write `path`.npz, `path`.json and the sidecar of seconds; returns the checksum of the first two together.

    The first two depend on the code and the cases alone: the same bytes for any number of workers.
    """
    arrays = to_npz(arrays_of(record))
    text = text_of(record, hashlib.sha256(arrays).hexdigest()).encode()
    write(path.with_name(f"{path.name}.npz"), arrays)
    write(path.with_name(f"{path.name}.json"), text)
    _save_seconds(path, record.seconds)
    return hashlib.sha256(text).hexdigest()


def intact(path: Path, checksum: str) -> bool:
    """Whether both files at `path` are those that `save` wrote when it returned this checksum."""
    try:
        text = path.with_name(f"{path.name}.json").read_bytes()
        arrays = path.with_name(f"{path.name}.npz").read_bytes()
        return (
            hashlib.sha256(text).hexdigest() == checksum
            and json.loads(text)["arrays"] == hashlib.sha256(arrays).hexdigest()
        )
    except (OSError, ValueError, KeyError):
        return False


def load(paper: str, name: str) -> Record:
    """The record of a claim: the full one if there is one, else the quick one.

    Raises:
        Withheld: if there is none, or its files are damaged or hold anything but plain arrays.
    """
    return read(_path(paper, name))


def established(name: str) -> Record:
    """The record of a claim that may be shown as true: fresh, its claim holds, its rival fell.

    `name` is a claim, `paper/claim`, or the path of a user's file.

    Raises:
        Withheld: if the record is missing, damaged, stale, open, refuted, or its rival survived.
        ValueError: if no claim or several have this name.
    """
    entries = find([name])
    if len(entries) != 1:
        raise ValueError(f"{name!r} means {len(entries)} claims; give one as paper/claim")
    (entry,) = entries
    record = load(entry.paper, entry.name)
    again = f"run `lemmata verify {entry.label} --full`"
    if record.fingerprint != fingerprint(entry.path):
        raise Withheld(f"{entry.id} is stale: its code changed since the record was made; {again}")
    if record.verdict is None or record.rival is None:
        raise Withheld(f"{entry.id} ended in an error: {len(record.failures)} row(s) raised; {again} and see why")
    if record.verdict.outcome is not Outcome.HOLDS:
        raise Withheld(f"{entry.id} is not established: the claim {_is(record.verdict)}; {again} with more cases")
    if record.rival.outcome is not Outcome.FAILS:
        raise Withheld(f"{entry.id} is not established: its rival {_is(record.rival)}, not rejected; {again}")
    return record


def _is(verdict: Verdict) -> str:
    word = verdict.outcome.value
    return "is open" if word == "open" else word


def _path(paper: str, name: str) -> Path:
    """The better of the places where a record may be, without suffix."""
    places = [committed() / paper / name, home() / "results" / paper / name]
    for path in places:
        if path.with_name(f"{name}.json").exists():
            return path
    raise Withheld(f"there is no record of {paper}/{name}; run `lemmata verify {paper}/{name}`")


def summary(paper: str, name: str) -> dict[str, Any] | None:
    """The readable part of a record without its arrays: None if there is none, Withheld if it is damaged."""
    try:
        path = _path(paper, name)
    except Withheld:
        return None
    return _json(path) | {"seconds": seconds_of(path)}


def _json(path: Path) -> dict[str, Any]:
    file = path.with_name(f"{path.name}.json")
    try:
        text = json.loads(file.read_bytes())
        if not isinstance(text, dict):
            raise ValueError("it holds no object")
    except (OSError, ValueError, RecursionError) as error:
        raise Withheld(f"{file} is damaged: {error}; {_again(path)}") from None
    return text


def _again(path: Path) -> str:
    return f"run `lemmata verify {path.parent.name}/{path.name}` to make it again"


def read(path: Path) -> Record:
    """The record in `path`.json and `path`.npz.

    Raises:
        Withheld: if the two do not belong together or hold anything but plain arrays.
    """
    text = _json(path)
    file = path.with_name(f"{path.name}.npz")
    try:
        content = file.read_bytes()
        if text["arrays"] != hashlib.sha256(content).hexdigest():
            raise ValueError("it does not belong to the .json beside it")
        return Record(**fields_of(text, from_npz(content), seconds_of(path)))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise Withheld(f"the record {file} is refused: {error}; {_again(path)}") from None


def seconds_of(path: Path) -> float:
    """How long the rows of a record took, 0 if unknown: beside the record, because it differs between runs."""
    try:
        return float(json.loads((path.parent / "seconds.json").read_bytes())[path.name])
    except (OSError, ValueError, KeyError, TypeError):
        return 0.0


def _save_seconds(path: Path, seconds: float) -> None:
    sidecar = path.parent / "seconds.json"
    try:
        known = json.loads(sidecar.read_bytes())
    except (OSError, ValueError):
        known = {}
    known = (known if isinstance(known, dict) else {}) | {path.name: round(seconds, 3)}
    write(sidecar, (json.dumps(known, indent=1, sort_keys=True) + "\n").encode())

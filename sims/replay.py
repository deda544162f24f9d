"""One row again, in this process: the same numbers bit for bit, or the same exception."""

import sys
from typing import Any

import numpy as np

from sims import work
from sims.arrays import unpack
from sims.claim import key
from sims.environment import code_of, versions
from sims.fingerprint import fingerprint, witness
from sims.home import home
from sims.registry import Entry, find
from sims.rows import DONE, peek
from sims.store import Withheld, summary

SHOWN = 12  # entries of an array that are printed


def main(name: str, index: int, mode: str | None, *, pdb: bool = False) -> int:
    """Compute a row and compare it with the stored one: 0 if it agrees or none is, 1 if not, 3 if it raises.

    Raises:
        ValueError: if the name means no single claim, or the claim has no such case.
    """
    entries = find([name])
    if len(entries) != 1:
        raise ValueError(f"{name!r} means {len(entries)} claims; give one as paper/claim")
    (entry,) = entries
    task = _task(entry, mode or _mode(entry), index)
    case = work.cases(entry, task.code, task.mode, task.look)[index]
    print(f"{entry.id}, case {index} ({task.mode}): {case}")
    if pdb:
        _debug(task, case)
        return 0
    reply = work.perform(task)
    if reply.failure is not None:
        print(reply.failure.text.rstrip(), file=sys.stderr)
        return 3
    for what, array in unpack(reply.value).items():
        with np.printoptions(threshold=SHOWN, precision=17):
            print(f"{what}: {array}")
    stored = peek(home(), entry.id, code_of(task.code, witness(entry.path), versions()), key(case))
    if stored is None:
        print("no such row is stored")
        return 0
    same = stored.state == DONE and stored.payload == reply.value
    print("identical to the stored row, bit for bit" if same else "DIFFERENT from the stored row")
    return 0 if same else 1


def _mode(entry: Entry) -> str:
    """That of the record that is shown; quick if there is none."""
    try:
        record = summary(entry.paper, entry.name)
    except Withheld:
        record = None
    return "full" if record and record.get("mode") == "full" else "quick"


def _task(entry: Entry, mode: str, index: int) -> work.Task:
    """The row's task; rows of later looks lie behind those of earlier ones."""
    code = fingerprint(entry.path)
    if index < 0:
        raise ValueError(f"--case must be ≥ 0, got {index}")
    known = work.cases(entry, code, mode, 1)
    look = 1
    while index >= len(known) << (look - 1) and look < work.looks(entry, code):
        look += 1
    if index >= len(known) << (look - 1):
        raise ValueError(f"{entry.id} has {len(known) << (look - 1)} cases in mode {mode}; --case counts from 0")
    return work.Task(work.ROW, entry, code, mode, look, index)


def _debug(task: work.Task, case: Any) -> None:
    """Step through `simulate`; land where it raised, if it does."""
    import pdb

    claim = work.source(task.entry, task.code)
    try:
        pdb.runcall(claim.simulate, case)
    except Exception:
        pdb.post_mortem()

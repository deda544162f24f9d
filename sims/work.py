"""What a worker does: describe a claim, simulate one of its rows, judge its evidence."""

import functools
import hashlib
import os
import random
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sims.arrays import pack, unpack
from sims.claim import Claim, Evidence, Observation, Verdict, as_array, doubled, key
from sims.fingerprint import fingerprint
from sims.registry import Entry, Unusable, load
from theory.formula import evaluated

DESCRIBE, ROW, JUDGE = "describe", "row", "judge"
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


class CodeChanged(Exception):  # noqa: N818 (reads as a sentence)
    """The code on the disk is no longer the code that the run started with."""


@dataclass(frozen=True)
class Task:
    """One piece of work on one claim.

    Attributes:
        kind: describe, row or judge.
        entry: the claim.
        code: the fingerprint that its code must have.
        mode: quick or full.
        look: how often the seeds have been doubled, plus one.
        index: position of the row's case.
        payloads: the packed rows, for a judge; for a row one that was observed before under another theory.
        spent: the seconds that those took.
    """

    kind: str
    entry: Entry
    code: str
    mode: str
    look: int = 1
    index: int = 0
    payloads: tuple[bytes, ...] = ()
    spent: float = 0.0


@dataclass(frozen=True)
class Failure:
    """Why there is no result: the last line, and the whole story."""

    last: str
    text: str
    changed: bool = False  # says nothing about the row: the code was edited meanwhile


@dataclass(frozen=True)
class Reply:
    """What came of a task; seconds are those of the work alone, with those of an earlier observation."""

    value: Any
    seconds: float = 0.0
    failure: Failure | None = None


@dataclass(frozen=True)
class Description:
    """A claim in plain words, so that the driver never imports it."""

    statement: str
    source: str
    assumptions: tuple[str, ...]
    looks: int
    cases: tuple[str, ...]


def perform(task: Task, loaded: Callable[[Entry], None] = lambda entry: None) -> Reply:
    """The work, whatever the claim's code does: it may raise anything, and leaves no global state behind."""
    started = time.perf_counter()
    try:
        if (task.entry, task.code) not in _sources:
            source(task.entry, task.code)
            loaded(task.entry)
            started = time.perf_counter()
        with np.errstate():
            value = {DESCRIBE: describe, ROW: simulate, JUDGE: judge}[task.kind](task)
        return Reply(value, time.perf_counter() - started + task.spent)
    except CodeChanged as error:
        return Reply(None, 0.0, Failure(str(error), str(error), changed=True))
    except Unusable as error:
        story = "".join(traceback.format_exception(error.__cause__)) if error.__cause__ else str(error)
        return Reply(None, 0.0, Failure(str(error), story))
    except (Exception, SystemExit) as error:  # a claim's code is anybody's code
        text = "".join(traceback.format_exception(error))
        last = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
        if task.kind != ROW:  # there is no row to replay, so say where it happened
            last += _where(error)
        return Reply(None, time.perf_counter() - started, Failure(last, text))


def _where(error: BaseException) -> str:
    """File and line in the claim's code; nothing if the rule that was broken is one of this module."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return "" if frame.filename == __file__ else f" ({Path(frame.filename).name}, line {frame.lineno})"


_sources: dict[tuple[Entry, str], Claim[Any]] = {}


def source(entry: Entry, code: str) -> Claim[Any]:
    """The claim, loaded once per process; refused if its code is not that of the run."""
    if (entry, code) not in _sources:
        if any(known == entry for known, _ in _sources):
            raise CodeChanged(f"the code of {entry.id} changed since this process imported it; start a new one")
        claim = load(entry)
        if fingerprint(entry.path) != code:
            raise CodeChanged(f"the code of {entry.id} changed while it was running; run it again")
        _one_thread()
        _sources[entry, code] = claim
    return _sources[entry, code]


def _one_thread() -> None:
    """One thread for torch, and for BLAS where the environment came too late: the bits depend on it."""
    if "torch" in sys.modules:
        sys.modules["torch"].set_num_threads(1)
    if os.environ.get("OMP_NUM_THREADS") != "1":
        try:
            from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]
        except ImportError:
            return
        threadpool_limits(1)


def looks(entry: Entry, code: str) -> int:
    """How often the claim may be looked at."""
    return source(entry, code).looks


@functools.lru_cache(maxsize=64)
def cases(entry: Entry, code: str, mode: str, look: int) -> tuple[Any, ...]:
    """The cases of a claim in a mode, doubled with each look after the first."""
    claim = source(entry, code)
    rows = tuple(claim.cases if mode == "full" else claim.quick)
    for _ in range(look - 1):
        rows = doubled(rows)
    return rows


def describe(task: Task) -> Description:
    """The claim in words, after each assumption was checked on each case.

    Raises:
        ValueError: if a case breaks an assumption, or cases are none or repeat.
    """
    claim = source(task.entry, task.code)
    rows = cases(task.entry, task.code, task.mode, task.look)
    if not rows:
        raise ValueError(f"{task.entry.id} has no cases in the mode {task.mode}; give it some with grid(Case, …)")
    for case in rows:
        for words, holds in claim.assumptions.items():
            if not holds(case):
                raise ValueError(f"the assumption {words!r} is violated by the case {key(case)}; mend the cases")
    keys = tuple(key(case) for case in rows)
    if len(set(keys)) < len(keys):
        twice = next(k for i, k in enumerate(keys) if k in keys[:i])
        raise ValueError(f"the case {twice} comes twice; rows must differ in a field, such as seed")
    return Description(claim.statement.strip(), claim.source, tuple(claim.assumptions), claim.looks, keys)


def simulate(task: Task) -> bytes:
    """One row, packed: what was seen, and what the claim and its rival predict.

    Raises:
        ValueError: if a prediction and the observation have different shapes.
    """
    claim = source(task.entry, task.code)
    case = cases(task.entry, task.code, task.mode, task.look)[task.index]
    _seed_globals(key(case))
    arrays = unpack(task.payloads[0]) if task.payloads else observe(claim, case)
    for name, theory in (("predicted", claim.predict), ("rivalled", claim.rival)):
        arrays[name] = as_array(theory(case))
        if arrays[name].shape != arrays["observed"].shape:
            raise ValueError(
                f"{name} has shape {arrays[name].shape}, observed {arrays['observed'].shape}; they must agree, "
                "so that nothing is broadcast unseen"
            )
    return pack(arrays)


def observe(claim: Claim[Any], case: Any) -> dict[str, Any]:
    """What is seen in a case.

    Raises:
        TypeError: if it is no observation.
        ValueError: if an exhibit has no name.
    """
    seen = claim.simulate(case)
    if not isinstance(seen, Observation):
        raise TypeError(f"simulate must return an Observation, got {type(seen).__name__}")
    for name in seen.exhibit:
        if not name.isidentifier():
            raise ValueError(
                f"the exhibit {name!r} must be named by an identifier; it names an array in the record"
            )
    exhibits = {f"exhibit.{name}": exhibit for name, exhibit in seen.exhibit.items()}
    return {"observed": seen.value, "doubt": seen.doubt, **exhibits}


def _seed_globals(text: str) -> None:
    """A guard for code that draws from global streams against the house rule: its rows stay the same."""
    seed = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big")
    random.seed(seed)
    np.random.seed(seed)  # noqa: NPY002
    if "torch" in sys.modules:
        sys.modules["torch"].manual_seed(seed)


def judge(task: Task) -> tuple[Verdict, Verdict, tuple[dict[str, str], ...]]:
    """The verdict of the claim, of its rival on the same rows, and the formulas behind the first prediction."""
    claim = source(task.entry, task.code)
    rows = [unpack(payload) for payload in task.payloads]
    predicted, rivalled, observed, doubt = (
        tuple(row[name] for row in rows) for name in ("predicted", "rivalled", "observed", "doubt")
    )
    known = cases(task.entry, task.code, task.mode, task.look)
    both = (
        claim.judge(Evidence(known, predicted, observed, doubt, task.look)),
        claim.judge(Evidence(known, rivalled, observed, doubt, task.look)),
    )
    for verdict in both:
        if not isinstance(verdict, Verdict):
            raise TypeError(f"judge must return a Verdict, got {type(verdict).__name__}")
    told, rival = (Verdict(float(v.gap), float(v.doubt), float(v.allowed)) for v in both)
    return told, rival, formulas(claim, known[0])


def formulas(claim: Claim[Any], case: Any) -> tuple[dict[str, str], ...]:
    """What the prediction of a case evaluates: each closed form, where, and its value to 20 digits."""
    with evaluated() as tape:
        claim.predict(case)
    return tuple({"formula": e.formula.latex, "where": e.where, "value": e.digits()} for e in tape)

"""The vocabulary of a confrontation: claim, observation, evidence, verdict."""

import hashlib
import itertools
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
C = TypeVar("C")

ROOT = 20240607  # every stream of random numbers starts here


class Outcome(StrEnum):
    """What a confrontation ends in; ERROR means that a row raised, so that there is no verdict."""

    HOLDS = "holds"
    FAILS = "fails"
    OPEN = "open"
    ERROR = "error"


@dataclass(frozen=True)
class Verdict:
    """Three numbers in one unit: the gap seen, the doubt about it, and the gap allowed."""

    gap: float
    doubt: float
    allowed: float

    @property
    def outcome(self) -> Outcome:
        """HOLDS or FAILS only when the whole interval gap ± doubt says so; else OPEN. NaN is OPEN."""
        if self.gap + self.doubt <= self.allowed:
            return Outcome.HOLDS
        if self.gap - self.doubt > self.allowed:
            return Outcome.FAILS
        return Outcome.OPEN

    @property
    def catches(self) -> float:
        """The smallest true gap that is certain to be called FAILS, given this much doubt."""
        return self.allowed + 2 * self.doubt


@dataclass(frozen=True)
class Observation:
    """One simulated row: what was seen, how far from converged it may be, and what only figures need.

    Attributes:
        value: scalar or array, compared with the prediction of the same shape.
        doubt: the simulation's own radius of uncertainty, in the unit of `value`; one number or one per entry.
        exhibit: named arrays for figures; no judge sees them.
    """

    value: Array
    doubt: Array = field(default_factory=lambda: np.zeros(()))
    exhibit: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Hold float64 arrays, whatever came in."""
        value = np.asarray(self.value, dtype=np.float64)
        doubt = np.broadcast_to(np.asarray(self.doubt, dtype=np.float64), value.shape).copy()
        object.__setattr__(self, "value", value)
        object.__setattr__(self, "doubt", doubt)
        object.__setattr__(self, "exhibit", {k: np.asarray(v) for k, v in self.exhibit.items()})


@dataclass(frozen=True)
class Evidence:
    """Everything a judge may see: cases, and for each the prediction, the observation and its doubt.

    `look` counts how often this claim has been judged with a growing number of seeds; it is what the
    error budget is spread over.
    """

    cases: tuple[Any, ...]
    predicted: tuple[Array, ...]
    observed: tuple[Array, ...]
    doubt: tuple[Array, ...]
    look: int = 1

    def against(self, rival: Callable[[Any], Any]) -> "Evidence":
        """The same observations beside another prediction."""
        return replace(self, predicted=tuple(as_array(rival(case)) for case in self.cases))

    def groups(self, *by: str) -> dict[tuple[Any, ...], "Evidence"]:
        """The rows that agree in the fields `by`, in the order of first appearance."""
        rows: dict[tuple[Any, ...], list[int]] = {}
        for i, case in enumerate(self.cases):
            rows.setdefault(tuple(getattr(case, name) for name in by), []).append(i)
        return {key: self.take(index) for key, index in rows.items()}

    def take(self, rows: Iterable[int]) -> "Evidence":
        """The rows of the given positions."""
        index = list(rows)
        return replace(
            self,
            cases=tuple(self.cases[i] for i in index),
            predicted=tuple(self.predicted[i] for i in index),
            observed=tuple(self.observed[i] for i in index),
            doubt=tuple(self.doubt[i] for i in index),
        )


Judge = Callable[[Evidence], Verdict]


@dataclass(frozen=True)
class Claim(Generic[C]):
    r"""A theorem made executable: what it says, where it comes from, and how to confront it.

    Attributes:
        statement: the theorem in words; formulas between dollar signs, in LaTeX.
        source: paper and theorem number.
        assumptions: each hypothesis in words (LaTeX between dollar signs) with its test on a case.
        cases: the rows of `--full`, whose record is committed.
        quick: the rows of `--quick`.
        predict: what the theory says, a scalar or an array per case.
        rival: a plausible wrong theory, which the same judge must reject on the same rows.
        simulate: what the machine sees; it never touches `theory`.
        judge: how the two are compared, from `sims.judge`.
        looks: how often an OPEN verdict may double the seeds and look again (needs a field `seed`).
    """

    statement: str
    source: str
    assumptions: Mapping[str, Callable[[C], bool]]
    cases: tuple[C, ...]
    quick: tuple[C, ...]
    predict: Callable[[C], Any]
    rival: Callable[[C], Any]
    simulate: Callable[[C], Observation]
    judge: Judge
    looks: int = 1


def as_array(value: Any) -> Array:
    """A prediction as a float64 array."""
    return np.asarray(value, dtype=np.float64)


def grid(case: Callable[..., C], **axes: Iterable[Any]) -> tuple[C, ...]:
    """One case for each combination of the axes, the last axis running fastest."""
    values = [list(axis) for axis in axes.values()]
    return tuple(case(**dict(zip(axes, row, strict=True))) for row in itertools.product(*values))


def doubled(cases: tuple[C, ...]) -> tuple[C, ...]:
    """The cases and as many again with fresh seeds; the first half is unchanged."""
    shift = 1 + max(case.seed for case in cases)  # type: ignore[attr-defined]
    return cases + tuple(replace(c, seed=c.seed + shift) for c in cases)  # type: ignore[type-var, attr-defined]


def key(case: Any) -> str:
    """A case as canonical JSON: the same text in any process."""
    return json.dumps(asdict(case), sort_keys=True, separators=(",", ":"))


def rng(case: Any, stream: str) -> np.random.Generator:
    """The random stream of this name for this case: the same in any order and any process.

    Streams of different names are independent. To share a stream between cases that differ in one
    field, fix that field: `rng(replace(case, steps=0), "data")`.
    """
    digest = hashlib.sha256(f"{stream}|{key(case)}".encode()).digest()[:16]
    words = np.frombuffer(digest, dtype=np.uint32)
    return np.random.default_rng(np.random.SeedSequence(ROOT, spawn_key=tuple(int(word) for word in words)))

"""What a hunt has seen: counts, the instances nearest to a violation, and violations that stood a second look."""

import heapq
import itertools
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from hypothesis.errors import UnsatisfiedAssumption

from sims.falsify_draws import Drawn
from sims.falsify_statement import Grade, Look, Statement, excess, real
from sims.falsify_walk import numbers, size

RARE = 0.01  # below this share of plain draws in which its hypotheses hold, a statement is vacuous
ENOUGH_DRAWS = 300  # fewer say nothing about one in a hundred
KEPT = 5  # instances that the optimiser starts from
RAISED = (Exception, SystemExit)  # what a statement's own code may raise; Ctrl-C is the user's
CHECKING = 0.3  # of the time, at most, spent on second looks at what turns out to be rounding


class Enough(BaseException):
    """The time is up; not an Exception, so that nobody on the way takes it for a failure."""


class Found(Exception):  # noqa: N818 (reads as a sentence)
    """A violation that survived the second look."""


Near = tuple[float, int, Drawn, tuple[float, float]]  # how near, a ticket, the instance, both sides


@dataclass
class Hunt:
    """What is being looked for, and everything that was seen on the way."""

    statement: Statement
    budget: float
    seed: int = 0
    began: float = field(default_factory=time.monotonic)
    counts: Counter[str] = field(default_factory=Counter)
    checking: float = 0.0  # seconds spent on second looks
    best: list[Near] = field(default_factory=list)  # a heap, the least near first
    witnesses: list[tuple[Drawn, Look]] = field(default_factory=list)
    suspects: list[tuple[Drawn, Look]] = field(default_factory=list)
    first: float = 0.0  # seconds until the first of either; 0 if there is none
    raised: str = ""  # the first exception of the statement's own code
    undecided: str = ""  # why the first violation that was neither shown nor dismissed stayed open
    fewest: int = sys.maxsize  # numbers in an instance inside the assumptions
    below: int = sys.maxsize  # only violations with fewer numbers than this are looked at again
    dismissed: float = 0.0  # the largest excess that a second look did not turn into a witness
    exhausted: bool = False
    interrupted: bool = False
    ended: float = field(default_factory=time.monotonic)
    ticket: Iterator[int] = field(default_factory=itertools.count)

    @property
    def left(self) -> float:
        """Seconds of the budget."""
        return self.began + self.budget - time.monotonic()

    @property
    def rate(self) -> float:
        """The share of plain draws in which the hypotheses held."""
        return self.counts["plain, held"] / max(self.counts["plain"], 1)

    @property
    def vacuous(self) -> bool:
        """Whether the hypotheses hold too rarely for a hunt to say anything."""
        spoken, silent = self.counts["looked"], self.counts["refused"]
        refused = silent >= ENOUGH_DRAWS and spoken < RARE * (spoken + silent)
        return refused or (self.counts["plain"] >= ENOUGH_DRAWS and self.rate < RARE)

    @property
    def smallest(self) -> tuple[Drawn, Look] | None:
        """The witness with the least to print; of suspects, if there is no witness; None if there are none."""
        found = self.witnesses or self.suspects
        return min(found, key=lambda pair: size(pair[0].instance)) if found else None

    @property
    def nearest(self) -> list[Near]:
        """The instances nearest to a violation, the nearest first."""
        return sorted(self.best, key=lambda entry: -entry[0])

    def holds(self, x: object) -> bool:
        """Whether the hypotheses do."""
        try:
            return bool(self.statement.assume(x))
        except UnsatisfiedAssumption:
            return False
        except RAISED as error:
            self.note(error)
            return False

    def note(self, error: BaseException) -> None:
        """Count what the statement's code raised; the first one is told."""
        self.counts["raised"] += 1
        self.raised = self.raised or f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"

    def look(self, drawn: Drawn) -> float:
        """How near an instance is to a violation, in [−2, 0]; NaN if it tells nothing.

        Raises:
            Found: if it violates the conclusion, also at the second look.
            Enough: if the time is up.
        """
        if self.left <= 0:
            raise Enough
        x = drawn.instance
        self.counts["drawn"] += 1
        if not self.holds(x):
            return np.nan
        try:
            lhs, rhs = real(self.statement.conclude(x))
            most = np.inf if self.statement.trivial is None else float(self.statement.trivial(x))
        except self.statement.refusals:
            self.counts["refused"] += 1
            return np.nan
        except RAISED as error:
            self.note(error)
            return np.nan
        self.counts["looked"] += 1
        over = excess(lhs, rhs)
        if np.isnan(over):
            self.counts["undefined"] += 1
            return np.nan
        self.counts["infinite bound"] += rhs == np.inf
        self.counts["trivial bound"] += rhs >= most
        many = len(numbers(x))
        self.fewest = min(self.fewest, many)
        if over <= 0:
            self.keep(over, drawn, (lhs, rhs))
        elif many < self.below:
            self.second_look(drawn, over)
        return min(over, 0.0)  # a violation that fell at the second look is worth no more than equality

    def keep(self, over: float, drawn: Drawn, sides: tuple[float, float]) -> None:
        """Remember the few best, no two alike."""
        if any(entry[0] == over for entry in self.best):
            return
        heapq.heappush(self.best, (over, next(self.ticket), drawn, sides))
        if len(self.best) > KEPT:
            heapq.heappop(self.best)

    def second_look(self, drawn: Drawn, over: float) -> None:
        """Check a violation in floats again.

        Raises:
            Found: if it stands.
        """
        spent = self.checking > CHECKING * (time.monotonic() - self.began) + 1
        if spent and over <= 2 * self.dismissed:
            self.counts["unchecked"] += 1
            return
        start = time.monotonic()
        try:
            seen = self.statement.check(drawn.instance)
        except RAISED as error:  # nobody has dismissed the violation
            self.note(error)
            seen = Look(Grade.OPEN, f"the second look raised {type(error).__name__}: {error}")
        finally:
            self.checking += time.monotonic() - start
        self.counts[f"second look: {seen.grade}"] += 1
        if seen.grade is Grade.OPEN:
            self.undecided = self.undecided or seen.how
        if seen.grade in (Grade.REFUTED, Grade.SUSPECT) and not self.first:
            self.first = time.monotonic() - self.began
        if seen.grade is Grade.REFUTED:
            self.witnesses.append((drawn, seen))
            raise Found
        if seen.grade is Grade.SUSPECT:
            self.suspects.append((drawn, seen))
            if seen.final and not self.witnesses:
                raise Found
        self.dismissed = max(self.dismissed, over)

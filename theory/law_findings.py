"""One estimator confronted with one law: Hypothesis draws, the worst ratio is kept, a violation is shrunk."""

import math
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from unittest import SkipTest

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Flaky

from theory import checks
from theory.law import Law
from theory.law_fits import usable
from theory.law_instances import Instance

GROSS = 1e3  # a violation this far beyond its allowance is shrunk first, lest shrinking end in rounding
HEARD = 0.1  # the least share of instances that must not be refused for a verdict
SILENCE: Any = {
    "derandomize": True,
    "database": None,
    "deadline": None,
    "suppress_health_check": list(HealthCheck),
    "phases": (Phase.generate, Phase.shrink),
    "report_multiple_bugs": False,
}


class Verdict(StrEnum):
    """What became of a law: VACUOUS if the estimator refused more than nine instances in ten."""

    HOLDS = "holds"
    FAILS = "fails"
    VACUOUS = "vacuous"
    ABSENT = "not applicable"


@dataclass(frozen=True)
class Finding:
    """A law on an estimator.

    Attributes:
        law: the law.
        verdict: holds, fails, vacuous or not applicable.
        instances: how many instances were judged.
        refused: how many more the estimator refused with a ValueError.
        worst: the largest deviation over allowance seen, before shrinking.
        counterexample: the smallest violating instance, its arrays by name; None if there was none.
        message: one line: the numbers of the counterexample, or what else there is to say.
    """

    law: Law
    verdict: Verdict
    instances: int = 0
    refused: int = 0
    worst: float = 0.0
    counterexample: Instance | None = None
    message: str = ""


def confront(estimator: Any, law: Law, *, tol: float = 0.0, instances: int = 100, shrinks: int = 300) -> Finding:
    """The finding on `instances` instances; a violation is shrunk in at most `shrinks` further fits.

    `tol` is the relative accuracy that the estimator itself states; 0 leaves rounding alone.

    Raises:
        ValueError: if the estimator is a class or lacks fit or predict, tol < 0, or there are no instances.
    """
    usable(estimator)
    tol, instances = checks.amount(tol, "tol"), checks.count(instances, "instances")
    if not law.applies(estimator):
        return Finding(law, Verdict.ABSENT)
    hunt = _Hunt(estimator, law, tol, shrinks)
    for least in (GROSS, 1.0):
        hunt.least = least
        if hunt.run(instances) or hunt.worst <= 1:
            break
    if hunt.smallest is not None:
        lhs, rhs, words = hunt.numbers
        message = words or f"deviation {lhs:.3g}, allowed {rhs:.3g}"
        return Finding(law, Verdict.FAILS, hunt.judged, hunt.refused, hunt.worst, hunt.smallest, message)
    if hunt.judged < HEARD * (hunt.judged + hunt.refused) or hunt.judged == 0:
        message = f"refused: {hunt.reason}"
        return Finding(law, Verdict.VACUOUS, hunt.judged, hunt.refused, hunt.worst, None, message)
    return Finding(law, Verdict.HOLDS, hunt.judged, hunt.refused, hunt.worst)


class _Hunt:
    """The state of a search, which Hypothesis drives."""

    def __init__(self, estimator: Any, law: Law, tol: float, shrinks: int) -> None:
        self.estimator, self.law, self.tol, self.shrinks = estimator, law, tol, shrinks
        self.least, self.judged, self.refused, self.worst, self.reason = GROSS, 0, 0, 0.0, ""
        self.smallest: Instance | None = None
        self.numbers = (0.0, 0.0, "")
        self.key: tuple[float, ...] = ()
        self.left = shrinks

    def run(self, instances: int) -> bool:
        """Whether a violation by the factor `least` was found."""
        self.judged, self.refused, self.left = 0, 0, self.shrinks

        @settings(max_examples=instances, **SILENCE)
        @given(self.law.instances)
        def drive(instance: Instance) -> None:
            self.judge(instance)

        with suppress(AssertionError, SkipTest, Flaky):  # flaky: the estimator is random, and violates at times
            drive()
        return self.smallest is not None

    def judge(self, instance: Instance) -> None:
        """Count, compare, keep the smallest violation; SkipTest ends Hypothesis when that has had its share."""
        if self.smallest is not None:
            self.left -= 1
            if self.left < 0:
                raise SkipTest("shrunk enough")
        lhs, rhs, words = np.inf, 0.0, ""
        try:
            lhs, rhs = self.law.deviation(self.estimator, instance, self.tol)
        except ValueError as refusal:
            self.refused += self.smallest is None
            self.reason = self.reason or str(refusal).split("\n")[0]
            return
        except Exception as error:  # an estimator that breaks on valid data violates any law
            words = f"{type(error).__name__}: {error}"
        ratio = lhs / rhs if rhs > 0 else math.inf if lhs > 0 else 0.0
        if self.smallest is None:
            self.judged += 1
            self.worst = max(self.worst, ratio)
        if ratio > self.least:
            key = _complexity(instance)
            if self.smallest is None or key < self.key:
                self.smallest, self.key, self.numbers = instance, key, (lhs, rhs, words)
            raise AssertionError


def _complexity(instance: Instance) -> tuple[float, ...]:
    """How much there is to read: entries, entries that are not 0, digits."""
    entries = np.concatenate([np.ravel(a) for a in instance.arrays().values()])
    return len(entries), float(np.count_nonzero(entries)), float(sum(len(f"{x:.6g}") for x in entries))

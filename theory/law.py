"""A law: an invariant of estimators as data, refutable by one drawn instance."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.law_instances import Instance

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


@dataclass(frozen=True)
class Gap:
    """How far a relation is from holding: `excess` ≤ 0 in exact arithmetic, ≤ `rounding` in floating point.

    Attributes:
        excess: |left − right| of an equation, left − right of an inequality left ≤ right.
        rounding: machine precision times the condition of the instance, in the unit of `excess`; where a limit is
            tried at a finite parameter, also the proven distance to it.
        size: what a tolerance stated by the estimator is relative to, in the same unit.
    """

    excess: float
    rounding: float
    size: float


@dataclass(frozen=True)
class Law:
    """An invariant that some estimators obey, on every data set.

    Attributes:
        name: one word with underscores.
        statement: the relation, in one sentence; f[X, y] is the function that fitting to X, y gives.
        kinds: the estimators of which it is true.
        source: proof line or reference.
        instances: Hypothesis strategy of the data on which it is tried.
        applies: whether the law can be stated for an estimator (it has the parameter, the method, …).
        relation: an estimator and an instance to the gap of the relation.
    """

    name: str
    statement: str
    kinds: tuple[str, ...]
    source: str
    instances: "SearchStrategy[Instance]"
    applies: Callable[[Any], bool]
    relation: Callable[[Any, Instance], Gap]

    def deviation(self, estimator: Any, instance: Instance, tol: float = 0.0) -> tuple[float, float]:
        """Pair (lhs, rhs): the law holds on this instance if lhs ≤ rhs, what rounding and `tol` allow.

        A prediction that is not finite is a violation, whatever it is compared with.

        Raises:
            ValueError: if the estimator refuses the instance; then the law says nothing about it.
        """
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            gap = self.relation(estimator, instance)
        excess = gap.excess if np.isfinite(gap.excess) else np.inf
        return max(0.0, excess), gap.rounding + tol * gap.size


def worst(left: Any, right: Any, rounding: Any, size: Any) -> Gap:
    """The entry in which left = right is furthest from holding, relative to its allowance."""
    left, right, rounding, size = (np.ravel(a) for a in np.broadcast_arrays(left, right, rounding, size))
    excess = np.abs(left - right)
    i = int(np.argmax(np.where(np.isfinite(excess), excess / (rounding + np.finfo(float).tiny), np.inf)))
    return Gap(float(excess[i]), float(rounding[i]), float(size[i]))

"""What a convex solver returns: a point, and the dual point that proves how good it is."""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from theory.checks import Array
from theory.proof import Proof
from theory.rank import Rank


@dataclass(frozen=True)
class Problem:
    """The convex program that a solution was computed for: its name, its data, and what else it takes."""

    name: str
    X: Array
    y: Array
    options: Mapping[str, Any]


@dataclass(frozen=True)
class Solution:
    """A feasible point `w` with objective `value`, and a feasible dual point that proves `bound`.

    The optimum lies between `value` and `bound`, whatever any solver said about its own success.

    Attributes:
        w: the point, in the user's units.
        dual: the dual variable, one entry per sample, feasible to rounding.
        value: the objective at `w`, recomputed from the data.
        bound: the dual objective at `dual`, recomputed from the data.
        shift: second dual variable (d,), where the problem has one: the adversary's common perturbation.
        decision: on the rank of X, where one had to be made: what was kept, what was dropped, how clearly.
        problem: what was solved, for `certify`.
    """

    w: Array
    dual: Array
    value: float
    bound: float
    shift: Array | None = None
    decision: Rank | None = None
    problem: Problem | None = field(default=None, repr=False, compare=False)

    @property
    def gap(self) -> float:
        """|bound − value| relative to the larger of the two: 0 is a complete proof."""
        scale = max(abs(self.value), abs(self.bound))
        return abs(self.bound - self.value) / scale if scale > 0 else 0.0

    @property
    def rank(self) -> int | None:
        """The numerical rank, where one had to be decided."""
        return self.decision.kept if self.decision else None

    def certify(self) -> Proof:
        """What the point and its dual prove of the optimum, in rational arithmetic: lower ≤ optimum ≤ upper.

        Raises:
            ValueError: if the solution does not know its problem.
            ModuleNotFoundError: without python-flint, the extra `exact`.
        """
        try:
            prover = importlib.import_module("theory.exact_proof")  # by name: only proofs need python-flint
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError("certify needs python-flint: pip install 'lemmata[exact]'") from error
        proof: Proof = prover.certify(self)
        return proof

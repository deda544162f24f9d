"""What a convex solver returns: a point, and the dual point that proves how good it is."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]


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
        rank: numerical rank, where one had to be decided.
    """

    w: Array
    dual: Array
    value: float
    bound: float
    shift: Array | None = None
    rank: int | None = None

    @property
    def gap(self) -> float:
        """|bound − value| relative to the larger of the two: 0 is a complete proof."""
        scale = max(abs(self.value), abs(self.bound))
        return abs(self.bound - self.value) / scale if scale > 0 else 0.0

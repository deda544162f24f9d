"""What a rational certificate says: two exact numbers between which the optimum of a convex program lies."""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np


@dataclass(frozen=True)
class Proof:
    """lower ≤ optimum ≤ upper, proven by a point and a dual point.

    Attributes:
        lower: from the dual of a minimum, from the point of a maximum.
        upper: the other.
        moved: how far the point had to go to be feasible, relative to its own norm: 0 if it already was.
    """

    lower: Fraction
    upper: Fraction
    moved: float

    @property
    def gap(self) -> float:
        """(upper − lower)/|upper|: 0 would be a complete proof; infinite if upper = 0 < upper − lower."""
        width = self.upper - self.lower
        if self.upper == 0:
            return math.inf if width else 0.0
        return float(width / abs(self.upper))

    def proves(self, value: float | Fraction, tolerance: float | Fraction) -> bool:
        """Whether every optimum that is left is within tolerance·|value| of the value.

        Raises:
            ValueError: if one of the two is not finite.
        """
        try:
            exact, allowed = (Fraction(v.item() if isinstance(v, np.generic) else v) for v in (value, tolerance))
        except (TypeError, ValueError, OverflowError):
            raise ValueError(f"value and tolerance must be finite numbers, got {value} and {tolerance}") from None
        return max(abs(self.upper - exact), abs(exact - self.lower)) <= allowed * abs(exact)

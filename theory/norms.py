"""ℓp norms, their duals, and the vectors at which Hölder's inequality is tight, for 1 ≤ p ≤ ∞."""

import math

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import checks


def dual(p: float) -> float:
    """The dual exponent q, 1/p + 1/q = 1.

    Raises:
        ValueError: if p is not in [1, ∞].
    """
    p = checks.exponent(p)
    if p == 1:
        return math.inf
    return 1.0 if p == math.inf else p / (p - 1)


def norm(w: Float[Array, " d"], p: float) -> float:
    """‖w‖ₚ, free of overflow and underflow.

    Errors: a few units in the last place times log d.
    Raises:
        ValueError: if p is not in [1, ∞], or on bad input.
    """
    return length(checks.real(w, "w", 1, reach=math.inf), checks.exponent(p))


def length(w: Float[Array, " d"], p: float) -> float:
    """‖w‖ₚ of checked arguments, where w may be empty, and infinite or NaN where a computation has overflowed."""
    largest = float(np.max(np.abs(w), initial=0.0))
    if largest == 0 or p == math.inf or not math.isfinite(largest):
        return largest
    return largest * float(np.linalg.norm(w / largest, p))


def align(w: Float[Array, " d"], p: float) -> Float[Array, " d"]:
    """A vector u with ‖u‖_q = 1 and ⟨u, w⟩ = ‖w‖ₚ: a subgradient of the norm at w.

    At w = 0 every unit vector qualifies; the first coordinate vector is returned. For p = ∞ the first
    largest coordinate carries all the weight; for p = 1 coordinates where w vanishes get 0.

    Raises:
        ValueError: if p is not in [1, ∞], or on bad input.
    Source: equality in Hölder's inequality.
    """
    return aligned(checks.real(w, "w", 1, reach=math.inf), checks.exponent(p))


def aligned(w: Float[Array, " d"], p: float) -> Float[Array, " d"]:
    """`align` for checked arguments."""
    u = np.zeros_like(w)
    j = int(np.argmax(np.abs(w)))
    largest = abs(w[j])
    if largest == 0:
        u[j] = 1.0
    elif p == math.inf:
        u[j] = math.copysign(1.0, w[j])
    elif p == 1:
        u = np.sign(w)
    else:
        v = np.abs(w) / largest
        u = np.sign(w) * (v / np.linalg.norm(v, p)) ** (p - 1)
    return u

"""The point of an ℓₖ ball nearest to a given point in another ℓ_q norm."""

import math

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy.optimize import brentq

from theory import checks
from theory.norms import norm


def nearest(u: Float[Array, " d"], eps: float, k: float, q: float) -> Float[Array, " d"]:
    """The v = argmin ‖u − v‖_q over ‖v‖ₖ ≤ eps.

    v keeps the signs of u and shrinks its entries: it clips them (k = ∞ or q = 1), lowers them all alike
    (k = 1 or q = ∞), scales them (k = q), or else solves (|u| − v)^(q−1) ∝ v^(k−1), entry by entry.

    Errors: v lies in the ball to rounding; closed forms are exact, the others stop at machine precision
        in their one multiplier.
    Raises:
        ValueError: if eps is negative or not finite, or an exponent is not in [1, ∞], or on bad input.
    Source: the optimality conditions of the projection.
    """
    eps, k, q = checks.radius(eps, reach=math.inf), checks.exponent(k, "k"), checks.exponent(q, "q")
    u = checks.real(u, "u", 1, reach=math.inf)
    size = np.abs(u)
    largest, length = norm(u, math.inf), norm(u, k)
    if length <= eps:
        return u
    if eps == 0:
        return np.zeros_like(u)
    if k == q:
        return np.asarray(u * (eps / length))
    if k == math.inf:
        return np.asarray(np.clip(u, -eps, eps))

    def shrunk(level: float) -> Float[Array, " d"]:
        """The entries of v at one multiplier in [0, 1], from nothing to all of |u|."""
        if q == 1:
            return np.asarray(np.minimum(size, level * largest))
        if k == 1 or q == math.inf:
            return np.asarray(np.maximum(size - (1 - level) * largest, 0))
        return _shares(size / largest, level, k, q) * largest

    level = brentq(lambda level: norm(shrunk(level), k) - eps, 0, 1, xtol=1e-300, rtol=1e-15, maxiter=1000)
    v = shrunk(level)
    if not v.any():  # the ball is so small beside u that every entry was rounded away: its limit shape
        v = (size == largest) if k == 1 or q == math.inf else (size / largest) ** ((q - 1) / (k - 1))
    return np.asarray(np.sign(u) * v * (eps / norm(v, k)))


def _shares(size: Float[Array, " d"], level: float, k: float, q: float) -> Float[Array, " d"]:
    """The v in [0, size] with level · (size − v)^(q−1) = (1 − level) · v^(k−1), by bisection.

    Both powers are first brought to at most 1, so that no level is absurdly small. With size ≤ 1, level = 0
    gives nothing and level = 1 gives everything.
    """
    most = max(k, q) - 1
    low, high = np.zeros_like(size), size
    for _ in range(60):
        v = (low + high) / 2
        above = level * (size - v) ** ((q - 1) / most) < (1 - level) * v ** ((k - 1) / most)
        low, high = np.where(above, low, v), np.where(above, v, high)
    return np.asarray((low + high) / 2)

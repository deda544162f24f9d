"""From a float separator to the exact one: its support names a square system, which is solved in rationals.

The outcome is a guess until its optimality conditions are checked; `theory.exact_margin` does that.
"""

import math

import numpy as np
import numpy.typing as npt
from flint import fmpq_mat

from theory.exact_numbers import Exact, matrix, times, vector, zeros
from theory.solution import Solution

ZERO = 1e-9  # shares below this are taken for the rounding of 0


def solve(Z: Exact, p: float, guess: Solution) -> tuple[Exact, Exact] | None:
    """(w, a) with margins of 1 on the points of weight, and Zᵀa aligned with w; None if the system is singular.

    p = 2: w = Σ a_i z_i over the support. p = 1: K = Z on the support of a and w, Kw = 1, Kᵀa = sign w. p = ∞: the
    coordinates at ±‖w‖ are one unknown, their signed sum one column of K, and Kᵀa is 1 there and 0 elsewhere.
    """
    points = np.flatnonzero(guess.dual > ZERO * guess.dual.max())
    if p == 2:
        rows = matrix(Z[points])
        a = _solved(rows * rows.transpose(), np.ones(len(points)))
        return None if a is None else (times(Z[points].T, a), _spread(a, points, len(Z)))
    sign = np.where(guess.w > 0, 1, -1).astype(object)
    size = np.abs(guess.w)
    if p == math.inf:
        free = np.flatnonzero(size < (1 - ZERO) * size.max())
        tied = np.setdiff1d(np.arange(len(size)), free)
        K = np.column_stack([Z[np.ix_(points, free)], Z[np.ix_(points, tied)] @ sign[tied]])
        right = np.append(np.zeros(len(free)), 1.0)
    else:
        share = size * np.abs(Z).max(axis=0).astype(np.float64)
        free = np.flatnonzero(share > ZERO * share.max())
        K, right = Z[np.ix_(points, free)], sign[free]
    if K.shape[0] != K.shape[1]:
        return None
    found = _solved(matrix(K), np.ones(len(points)))
    a = _solved(matrix(K).transpose(), right)
    if found is None or a is None:
        return None
    w = _spread(found[: len(free)], free, Z.shape[1])
    if p == math.inf:
        w[tied] = found[-1] * sign[tied]
    return w, _spread(a, points, len(Z))


def _solved(K: fmpq_mat, right: Exact) -> Exact | None:
    """K⁻¹ right for whole numbers on the right, or None."""
    try:
        return vector(K.solve(fmpq_mat([[int(v)] for v in right])))
    except ZeroDivisionError:
        return None


def _spread(values: Exact, where: npt.NDArray[np.intp], size: int) -> Exact:
    """A vector of this size with the values where they belong, else 0."""
    out = zeros(size)
    out[where] = values
    return out

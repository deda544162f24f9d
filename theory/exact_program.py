"""Linear programs in integers: Dantzig's simplex method without rounding, and without cycles."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from theory.exact_numbers import Exact, zeros


@dataclass(frozen=True)
class Vertex:
    """The outcome for max c·x subject to Ax ≤ b, x ≥ 0: an optimum with its prices, or a ray without end.

    Attributes:
        x: the optimum, or a direction x ≥ 0 with Ax ≤ 0 and c·x > 0.
        prices: v ≥ 0 with Aᵀv ≥ c and b·v = c·x; empty if unbounded.
        bounded: which of the two it is.
    """

    x: Exact
    prices: Exact
    bounded: bool


def maximise(A: Exact, b: Exact, c: Exact) -> Vertex:
    """The vertex that the simplex method ends in, from x = 0; entries are integers and b ≥ 0.

    All numbers are integers over the last pivot, so that each division leaves no remainder. Columns enter by the
    largest gain, after a step of length zero by the smallest index, which cannot cycle.

    Raises:
        ValueError: if some b < 0, so that x = 0 is no start.
    Source: Bland 1977 (rule); Edmonds & Maurras 1997 (integer pivoting).
    """
    m, k = A.shape
    if (b < 0).any():
        raise ValueError(f"b must be ≥ 0, got {min(b)}: the method starts at x = 0")
    T: Any = np.block([[A, b[:, None]], [c[None, :], np.array([[0]], dtype=object)]])
    scale, stuck = 1, False
    inside, outside = list(range(k, k + m)), list(range(k))  # slacks are numbered after the variables
    while True:
        gains = [j for j in range(k) if T[m, j] > 0]
        if not gains:
            break
        col = min(gains, key=lambda j: outside[j]) if stuck else max(gains, key=lambda j: T[m, j])
        rows = [i for i in range(m) if T[i, col] > 0]
        if not rows:
            return Vertex(_point(k, inside, outside, T, scale, col), np.array([], dtype=object), False)
        row = min(rows, key=lambda i: (Fraction(T[i, k], T[i, col]), inside[i]))
        stuck = T[row, k] == 0
        T, scale = _pivot(T, row, col, scale)
        inside[row], outside[col] = outside[col], inside[row]
    prices = zeros(m)
    for j, name in enumerate(outside):
        if name >= k:
            prices[name - k] = Fraction(-T[m, j], scale)
    return Vertex(_point(k, inside, outside, T, scale), prices, True)


def _pivot(T: Exact, row: int, col: int, scale: int) -> tuple[Exact, int]:
    """The table after the variables of a row and a column change places, and its new common denominator."""
    pivot = T[row, col]
    new = (T * pivot - np.outer(T[:, col], T[row])) // scale
    new[row] = T[row]
    new[:, col] = -T[:, col]
    new[row, col] = scale
    return new, pivot


def _point(k: int, inside: list[int], outside: list[int], T: Exact, scale: int, col: int | None = None) -> Exact:
    """The k variables at the vertex, or their direction if the variable of column `col` grows."""
    x = zeros(k)
    for i, name in enumerate(inside):
        if name < k:
            x[name] = Fraction(T[i, k] if col is None else -T[i, col], scale)
    if col is not None and outside[col] < k:
        x[outside[col]] = Fraction(1)
    return x

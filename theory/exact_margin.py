"""Maximum ℓ1, ℓ2 and ℓ∞ margins in rational arithmetic, with optimality conditions that are checked at the end."""

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq_mat

from theory import exact_support, margin
from theory.exact import root
from theory.exact_numbers import Exact, matrix, rational, signed, times, vector, zeros
from theory.exact_program import maximise
from theory.norms import dual
from theory.separability import NotSeparable


@dataclass(frozen=True)
class Margin:
    """The separator of maximum ℓp margin, scaled to min_i y_i⟨w, x_i⟩ = 1.

    Attributes:
        w: the separator; the margin is 1/‖w‖ₚ.
        dual: weights a ≥ 0 with Σa = 1 and ‖Zᵀa‖_{p*} = 1/‖w‖ₚ, which prove it.
        square: the margin squared, rational for the three norms.
    """

    w: Exact
    dual: Exact
    square: Fraction

    @property
    def value(self) -> float:
        """The margin."""
        return root(self.square)


def max_margin(X: Any, y: Any, p: float = 2.0) -> Margin:
    """The largest min_i y_i⟨w, x_i⟩/‖w‖ₚ, p = 1, 2 or ∞.

    The support of the float solution is tried first, then active sets (p = 2) or the simplex method in rationals.

    Errors: none; the optimality conditions are checked on the outcome, wherever it came from.
    Raises:
        NotSeparable: with exact weights a, Zᵀa = 0, in `dual`.
        ValueError: for another p, or on bad input.
    Source: Boyd & Vandenberghe, Convex Optimization, §8.6.1.
    """
    if p not in (1, 2, math.inf):
        raise ValueError(
            f"p must be 1, 2 or inf to have a rational optimum, got {p}; enclose others by exact_proof"
        )
    Z = signed(X, y)
    found = _guessed(Z, p)
    if found is None or not _optimal(Z, *found, p):
        found = _euclidean(Z) if p == 2 else _polyhedral(Z, p)
        if not _optimal(Z, *found, p):
            raise ArithmeticError("the optimality conditions do not hold; please report this input")
    w, a = found
    return Margin(w, a / a.sum(), 1 / squared(w, p))


def _optimal(Z: Exact, w: Exact, a: Exact, p: float) -> bool:
    """The optimality conditions: a ≥ 0, Zw ≥ 1 and ‖w‖ₚ ‖Zᵀa‖_{p*} = Σa, all without rounding."""
    bound = squared(times(Z.T, a), dual(p))
    return bool(min(a) >= 0 and min(times(Z, w)) >= 1 and squared(w, p) * bound == a.sum() ** 2)


def _guessed(Z: Exact, p: float) -> tuple[Exact, Exact] | None:
    """What the support of the float solution leads to; None if it has none, or is singular."""
    labels = np.where(np.arange(len(Z)) % 2, 1.0, -1.0)  # any: only the products with the points count
    try:
        with np.errstate(all="ignore"):  # a guess may fail in any way
            guess = margin.max_margin(labels[:, None] * Z.astype(np.float64), labels, p)
    except (ValueError, OverflowError):
        return None
    return exact_support.solve(Z, p, guess)


def squared(w: Exact, p: float) -> Fraction:
    """‖w‖ₚ² for p = 1, 2 or ∞."""
    if p == 2:
        return sum((v * v for v in w), Fraction(0))
    return Fraction(sum(abs(v) for v in w) if p == 1 else max(abs(v) for v in w)) ** 2


def farkas(X: Any, y: Any, weights: Any) -> Exact:
    """Exact a ≥ 0 with Σa = 1 and Zᵀa = 0 on the support of some weights: the proof that no w separates.

    Raises:
        ValueError: if the points of the support are separable, so that the weights prove nothing.
    """
    Z = signed(X, y)
    a = rational(weights, "weights", 1)
    if len(a) != len(Z):
        raise ValueError(f"weights must be one for each of the {len(Z)} points, got {len(a)}")
    support = np.flatnonzero(a != 0)
    if not support.size:
        raise ValueError("weights must not all be 0: they name the points that cannot be separated")
    try:
        _euclidean(Z[support])
    except NotSeparable as proof:
        a = zeros(len(Z))
        a[support] = proof.dual
        return a
    raise ValueError(f"the {support.size} points with positive weight are separable: the weights prove nothing")


def _refusal(Z: Exact, a: Exact) -> NotSeparable:
    """The exception with exact weights, checked."""
    if not (min(a) >= 0 and a.sum() > 0 and not times(Z.T, a).any()):
        raise ArithmeticError("the weights do not cancel the points; please report this input")
    zero = zeros(Z.shape[1])
    return NotSeparable(f"no w classifies all {len(Z)} points correctly, exactly", a / a.sum(), zero, 0.0)


def _euclidean(Z: Exact) -> tuple[Exact, Exact]:
    """Max Σa − ‖Zᵀa‖²/2 over a ≥ 0, w = Zᵀa, by active sets; a point enters where its margin is least.

    The points of the set have margin 1 and are independent, or the newest depends on the others and a moves along
    that dependence without changing w, until a point leaves or none stands in the way: then the points cancel.

    Source: Lawson & Hanson, Solving Least Squares Problems, 1974, §23.3.
    """
    n = len(Z)
    A = matrix(Z)
    gram = A * A.transpose()
    a = zeros(n)
    active: list[int] = []
    while True:
        w = times(Z.T, a)
        margins = times(Z, w)
        i = int(np.argmin(margins))
        if margins[i] >= 1:
            return w, a
        active.append(i)
        while True:
            step, limit = _towards(gram, active, a)
            falling = [k for k, s in enumerate(step) if s < 0]
            if not falling and limit is None:
                ray = zeros(n)
                ray[active] = step
                raise _refusal(Z, ray)
            ends = [-a[active[k]] / step[k] for k in falling] + ([] if limit is None else [limit])
            length = min(ends)
            a[active] = a[active] + length * step
            if length == limit:
                break
            active = [k for k in active if a[k] > 0]


def _towards(gram: fmpq_mat, active: list[int], a: Exact) -> tuple[Exact, Fraction | None]:
    """The step to margins of 1 on the active set, of length 1; or a dependence of its points, without limit."""
    k = len(active)
    G = fmpq_mat([[gram[i, j] for j in active] for i in active])
    if G.rank() == k:
        return vector(G.solve(fmpq_mat([[1]] * k))) - a[active], Fraction(1)
    newest = np.array([Fraction(1)], dtype=object)
    if k == 1:
        return newest, None
    inner = fmpq_mat([[gram[i, j] for j in active[:-1]] for i in active[:-1]])
    cross = fmpq_mat([[gram[i, active[-1]]] for i in active[:-1]])
    return np.concatenate([-vector(inner.solve(cross)), newest]), None


def _polyhedral(Z: Exact, p: float) -> tuple[Exact, Exact]:
    """The w of least ‖w‖ₚ with Zw ≥ 1, p = 1 or ∞, and a ≥ 0 with ‖Zᵀa‖_{p*} = 1 and Σa = ‖w‖ₚ."""
    n, d = Z.shape
    common = math.lcm(*(v.denominator for v in Z.flat))
    whole = np.array([int(v * common) for v in Z.flat], dtype=object).reshape(n, d)
    one, none = np.array([1], dtype=object), np.array([0], dtype=object)
    if p == 1:
        A, b = np.vstack([whole.T, -whole.T]), np.repeat(one, 2 * d)
        c = np.repeat(one, n)
    else:  # Zᵀa = u − v with u the slack of the first rows, and Σ(u + v) ≤ 1
        eye = np.array([[int(i == j) for j in range(d)] for i in range(d)], dtype=object)
        A = np.block([[-whole.T, -eye], [whole.sum(axis=1)[None, :], np.repeat(2 * one, d)[None, :]]])
        b = np.concatenate([np.repeat(none, d), one])
        c = np.concatenate([np.repeat(one, n), np.repeat(none, d)])
    vertex = maximise(A, b, c)
    if not vertex.bounded:
        raise _refusal(Z, vertex.x[:n])
    v = vertex.prices
    w = v[:d] - v[d:] if p == 1 else v[d] - v[:d]
    return w * common, vertex.x[:n] * common

"""What a float solution proves, in rational arithmetic: two exact numbers between which the optimum lies.

A solver's own gap is computed in floats and may miss a point that is not quite feasible. Here the point is moved,
exactly, until it is; the dual is divided by its exact norm; and no rounding is left but outward.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from theory import checks, robust_regression
from theory.exact_balls import WORK, norm
from theory.exact_classification_proof import certify_classification, radius_of, stated
from theory.exact_linear import least
from theory.exact_numbers import (
    Exact,
    ball,
    between,
    precision,
    rational,
    regression,
    signed,
    times,
    zeros,
)
from theory.norms import dual
from theory.proof import Proof
from theory.solution import Solution


def certify(solution: Solution) -> Proof:
    """The proof that a solution amounts to for the problem it was computed for.

    Raises:
        ValueError: if it does not know its problem, or as the prover of that problem.
    """
    problem = solution.problem
    if problem is None:
        raise ValueError(
            "this solution does not know its problem; take it from its solver, or give the data to "
            "certify_min_norm, certify_margin, certify_regression or certify_classification"
        )
    return PROVERS[problem.name](solution, problem.X, problem.y, **problem.options)


def certify_min_norm(solution: Solution, X: Any, y: Any, p: float = 2.0) -> Proof:
    """The proof for min ‖w‖ₚ subject to Xw = y that a point and a dual amount to.

    The point is w + X⁺(y − Xw), exactly; the dual bound is a·y/‖Xᵀa‖_q.

    Raises:
        ValueError: if no w has Xw = y exactly, shapes disagree, or on bad input.
    """
    X, y = regression(X, y)
    w, a = stated(solution, X)
    missed = y - times(X, w)
    step = least(X, missed)
    if (times(X, step) != missed).any():
        raise ValueError("Xw = y must have a solution: in exact arithmetic these targets are out of reach")
    point, u = w + step, times(X.T, a)
    with precision(WORK):
        upper = between(norm(point, p))[1]
        lower = between(ball(a @ y) / norm(u, dual(p)))[0] if u.any() else Fraction(0)
        return Proof(max(lower, Fraction(0)), upper, _moved(step, w))


def certify_margin(
    solution: Solution, X: Any, y: Any, p: float = 2.0, *, eps: float = 0.0, attack: float = math.inf
) -> Proof:
    """The proof for max min_i y_i⟨w, x_i⟩ − eps‖w‖_{attack*} over ‖w‖ₚ ≤ 1 that w, a and v amount to.

    The point is w/‖w‖ₚ; the dual is a₊/Σa₊, and v shrunk where ‖v‖_attack > eps. A `shift` of
    None is 0.

    Raises:
        ValueError: if w is 0, no a is positive, eps < 0, shapes disagree, or on bad input.
    """
    Z, radius = signed(X, y), radius_of(eps, attack)
    w, a = stated(solution, Z)
    a = np.maximum(a, zeros(len(a)))
    if not (w.any() and a.any()):
        raise ValueError("w and the positive part of a must not be 0: else nothing is proven")
    v = zeros(len(w)) if solution.shift is None else rational(solution.shift, "shift", 1)
    if len(v) != len(w):
        raise ValueError(f"shift must have an entry for each of w, {len(w)}, got {len(v)}")
    with precision(WORK):
        length = norm(w, p)
        worst = (ball(min(times(Z, w))) - ball(radius) * norm(w, dual(attack))) / length
        if v.any():
            size = between(norm(v, attack))[1]
            v = v * min(Fraction(1), radius / size)
        bound: arb = norm(times(Z.T, a / a.sum()) - v, dual(p))
        off = float(abs(length - 1).upper())
        return Proof(between(worst)[0], between(bound)[1], off)


def certify_regression(
    solution: Solution, X: Any, y: Any, eps: float, *, attack: float = math.inf, loss: str = "squared"
) -> Proof:
    """The proof for the robust fit, min mean of u²/2 or of u with u = |y − Xw| + eps‖w‖_{attack*}.

    For any a and b ≥ |a| with ‖Xᵀa‖_attack ≤ eps Σb the optimum is at least (a·y)₊²/(2n b·b) for the squared loss,
    and a·y/n for the absolute one if b ≤ 1. At eps = 0 the part of a in the range of X is removed, exactly.

    Raises:
        ValueError: if the loss has another name, eps < 0, shapes disagree, or on bad input.
    Source: Fenchel duality, as for `theory.adversarial.fit`.
    """
    checks.one_of(loss, "loss", robust_regression.LOSSES)
    X, y = regression(X, y)
    n, radius = len(y), radius_of(eps, attack)
    w, a = stated(solution, X)
    with precision(WORK):
        u = [ball(v) + ball(radius) * norm(w, dual(attack)) for v in abs(y - times(X, w))]
        upper = sum((v * v / 2 if loss == "squared" else v for v in u), arb(0)) / n
        if radius == 0:
            a = a - times(X, least(X, a))
        total = between(norm(times(X.T, a), attack))[1] / radius if radius else Fraction(0)
        gain = max(a @ y, Fraction(0))
        if loss == "absolute":
            return Proof(gain / n / max(Fraction(1), max(abs(a)), total / n), between(upper)[1], 0.0)
        b = np.maximum(rational(_cover(abs(a), total), "b", 1), abs(a))
        b = b + max(Fraction(0), total - b.sum()) / n  # the cover was found in floats
        return Proof(gain**2 / (2 * n * (b @ b)) if gain else Fraction(0), between(upper)[1], 0.0)


def _cover(low: Exact, total: Fraction) -> Any:
    """Nearly the b of least length above `low` and of this sum; where floats cannot hold it, a level for all."""
    try:
        return robust_regression.cover(low.astype(np.float64), float(total))
    except OverflowError:
        return np.maximum(low, np.full(len(low), total / len(low)))


def _moved(step: Exact, w: Exact) -> float:
    """‖step‖/‖w‖, infinite if w = 0 had to move."""
    if not step.any():
        return 0.0
    return float((norm(step, 2) / norm(w, 2)).upper()) if w.any() else math.inf


PROVERS: dict[str, Callable[..., Proof]] = {
    "min_norm": certify_min_norm,
    "max_margin": certify_margin,
    "regression": certify_regression,
    "classification": certify_classification,
}

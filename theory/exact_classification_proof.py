"""What a float fit of the hinge, logistic or exponential loss under attack proves, with rounding outward alone.

Primal and dual values are sums of logarithms and norms: balls, whose outer ends count. The dual is first made
feasible in rationals, so that nothing is left of the solver's own tolerance.
"""

import math
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb

from theory import checks, margin, robust_classification
from theory.exact_balls import WORK, norm
from theory.exact_linear import least
from theory.exact_numbers import (
    Exact,
    ball,
    between,
    number,
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

FAR = 10_000  # of a margin


def certify_classification(
    solution: Solution, X: Any, y: Any, eps: float, *, attack: float = math.inf, loss: str = "logistic"
) -> Proof:
    """The proof for min mean loss(c), c_i = z_i·w − eps‖w‖_{attack*}, that w and a amount to.

    With p = attack, for every a ≥ 0 with ‖Zᵀa‖ₚ ≤ eps Σa the optimum is at least the mean of a (hinge, a ≤ 1), of
    −a log a − (1 − a) log(1 − a) (logistic, a ≤ 1) or of a − a log a (exponential). Where a misses the constraint
    it is drawn to weights that have room in it, or at eps = 0 projected on Zᵀa = 0, until it meets it; to 0, which
    proves that no loss is negative, if there is no other way.

    Raises:
        ValueError: if the loss has another name or overflows at w, eps < 0, shapes disagree, or on bad input.
    Source: Fenchel duality, as for `theory.adversarial.fit`.
    """
    checks.one_of(loss, "loss", robust_classification.LOSSES)
    Z, radius = signed(X, y), radius_of(eps, attack)
    w, a = stated(solution, Z)
    a = np.maximum(a, zeros(len(a)))
    with precision(WORK):
        a = _inside(Z, a, radius, attack, X, y) if radius else _cancelling(Z, a)
        if loss != "exponential":
            a = a / max(Fraction(1), max(a))
        penalty = ball(radius) * norm(w, dual(attack))
        upper = sum((_loss(ball(c) - penalty, loss) for c in times(Z, w)), arb(0)) / len(a)
        if not upper.is_finite():
            raise ValueError(f"the {loss} loss at w must be below e^{FAR}: rescale w")
        lower = sum((_conjugate(v, loss) for v in a), arb(0)) / len(a)
        return Proof(max(Fraction(0), between(lower)[0]), between(upper)[1], 0.0)


def stated(solution: Solution, X: Exact) -> tuple[Exact, Exact]:
    """The w and the dual of a solution for these points.

    Raises:
        ValueError: if one of them does not fit X, or holds no finite rational numbers.
    """
    w, a = rational(solution.w, "w", 1), rational(solution.dual, "dual", 1)
    if X.shape != (len(a), len(w)):
        raise ValueError(
            f"X is {X.shape}, so w and the dual must have {X.shape[::-1]} entries, got {len(w)}, {len(a)}"
        )
    return w, a


def radius_of(eps: Any, attack: float) -> Fraction:
    """The radius of an attack in the norm of this exponent.

    Raises:
        ValueError: if eps < 0 or attack < 1, or one is no number.
    """
    checks.exponent(attack, "attack")
    exact = number(eps, "eps")
    if exact < 0:
        raise ValueError(f"eps must be ≥ 0, got {eps}; use 0 for no attack")
    return exact


def _loss(c: arb, loss: str) -> arb:
    """The loss at a worst margin."""
    if loss == "hinge":
        return arb.max(arb(0), 1 - c)
    if c > FAR:  # a margin beyond FAR loses less than one of FAR, whose ball has ends that can be written down
        c = arb(FAR)
    if loss == "exponential":
        return (-c).exp() if c > -FAR else arb.pos_inf()
    return (-c).exp().log1p() if c > 0 else c.exp().log1p() - c


def _conjugate(a: Fraction, loss: str) -> arb:
    """Minus the conjugate of the loss at −a, a in its domain."""
    if loss == "hinge":
        return ball(a)
    rest = _entropy(1 - a) if loss == "logistic" else ball(a)
    return _entropy(a) + rest


def _entropy(a: Fraction) -> arb:
    """−a log a, 0 at 0."""
    return -ball(a) * ball(a).log() if a else arb(0)


def _inside(Z: Exact, a: Exact, eps: Fraction, attack: float, X: Any, y: Any) -> Exact:
    """A point near a with ‖Zᵀa‖ ≤ eps Σa: towards the weights of least ‖Zᵀa‖, as far as it takes."""
    over = _excess(Z, a, eps, attack)
    if over <= 0:
        return a
    anchor = _centre(X, y, attack) * a.sum()
    room = -_excess(Z, anchor, eps, attack)
    if room <= 0:
        return zeros(len(a))
    share = over / (over + room)  # enough, because the excess is convex
    return np.asarray((1 - share) * a + share * anchor)


def _excess(Z: Exact, a: Exact, eps: Fraction, attack: float) -> Fraction:
    """At least ‖Zᵀa‖ − eps Σa."""
    total: Fraction = a.sum()
    return between(norm(times(Z.T, a), attack))[1] - eps * total


def _centre(X: Any, y: Any, attack: float) -> Exact:
    """Weights of sum 1 with nearly the least ‖Zᵀa‖, from the largest radius of separability."""
    X, y = regression(X, y)
    try:
        found = margin.largest_radius(X.astype(np.float64), y.astype(np.float64), attack).dual
    except margin.NotSeparable as proof:
        found = proof.dual
    except OverflowError:  # beyond float64: equal weights may have room, or may not
        found = np.ones(len(y))
    a = np.maximum(rational(found, "centre", 1), zeros(len(found)))
    return np.asarray(a / a.sum())


def _cancelling(Z: Exact, a: Exact) -> Exact:
    """A point near a ≥ 0 with Zᵀa = 0, exactly: projected on fewer entries until none is negative."""
    free = np.flatnonzero(a)
    while len(free):
        inside = a[free] - times(Z[free], least(Z[free], a[free]))
        if min(inside) >= 0:
            out = zeros(len(a))
            out[free] = inside
            return out
        free = free[inside > 0]
    return zeros(len(a))

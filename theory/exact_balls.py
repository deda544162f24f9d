"""Norms, Owen's T, robust errors and ReLU kernels in balls: numbers with a radius inside which the truth lies.

Every argument is taken as the rational number that it is, so the radius comes from the evaluation alone.
"""

import math
from typing import Any

from flint import acb, arb

from theory import checks
from theory.exact_numbers import ball, number, precision, rational
from theory.norms import dual

LARGEST = 1e9  # exponents of a power
WORK = 512  # bits inside, so that a cancellation of half of them leaves the precision promised


def norm(w: Any, p: float) -> arb:
    """‖w‖ₚ, 1 ≤ p ≤ ∞.

    Raises:
        ValueError: if p < 1, or on bad input.
    """
    w, q = rational(w, "w", 1), dual(p)
    if p != math.inf and p > LARGEST:
        raise ValueError(f"p must be at most {LARGEST:g} or math.inf, got {p}: the power overflows a ball")
    with precision(WORK):
        if p == math.inf:
            return ball(max(abs(w)))
        power = ball(number(p, "p"))
        if not w.any() or p == 1 or q == math.inf:
            return ball(sum(abs(w)))
        total = sum((ball(v) ** power for v in abs(w) if v), arb(0))
        return total ** (1 / power)


def normal(t: arb) -> arb:
    """Φ(t), the standard normal distribution function."""
    return (-t / arb(2).sqrt()).erfc() / 2


def owens_t(h: Any, a: Any) -> arb:
    """T(h, a) = ∫₀ᵃ exp(−h²(1 + x²)/2)/(1 + x²) dx/(2π).

    Raises:
        ValueError: on bad input.
    Source: Owen 1956, the integral for |a| ≤ 1 and the reflection eq. 2.3 above.
    """
    h, a = number(h, "h"), number(a, "a")
    with precision(WORK):
        value = _owens(ball(abs(h)), ball(abs(a)))
        return value if a >= 0 else -value


def _owens(h: arb, a: arb) -> arb:
    """T(h, a) for h, a ≥ 0."""
    if a > 1:
        left, right = normal(h), normal(a * h)
        return (left + right) / 2 - left * right - _owens(a * h, 1 / a)
    s = acb(h * h / 2)
    integral = acb.integral(lambda x, _: (-s * (1 + x * x)).exp() / (1 + x * x), 0, acb(a))
    return integral.real / (2 * arb.pi())


def robust_error(w: Any, w_star: Any, eps: Any, attack: float = math.inf, shift: Any = 0) -> arb:
    """The quantity of `theory.risk.robust_error` for w and w_star that are not 0: P(y⟨w, x⟩ ≤ eps‖w‖_q).

    It is Φ(t) − 2T(t, cot theta), by T(t, −a) = −T(t, a) for obtuse angles.

    Raises:
        ValueError: on bad input.
    """
    w, w_star = rational(w, "w", 1), rational(w_star, "w_star", 1)
    eps, shift = number(eps, "eps"), number(shift, "shift")
    if len(w) != len(w_star):
        raise ValueError(f"w and w_star must agree in length, got {len(w)} and {len(w_star)}")
    if eps < 0 or shift < 0:
        raise ValueError(f"eps and shift must be ≥ 0, got {eps} and {shift}; use 0 for none")
    if not (w.any() and w_star.any()):
        raise ValueError("w and w_star must not be 0: the angle between them is what counts")
    with precision(WORK):
        inner = w @ w_star
        across = (w @ w) * (w_star @ w_star) - inner**2  # Gram's determinant, exact
        length = ball(w @ w).sqrt()
        t = ball(eps) * norm(w, dual(attack)) / length
        t -= ball(shift) * norm(w_star, 1) * ball(inner) / (length * ball(w_star @ w_star))
        if across == 0 and inner > 0:
            return (t / arb(2).sqrt()).erf() if t > 0 else arb(0)
        if across == 0:
            return 2 * normal(t) if t < 0 else arb(1)
        cot = ball(inner) / ball(across).sqrt()
        turn = _owens(abs(t), abs(cot))
        return normal(t) - 2 * turn if inner >= 0 else normal(t) + 2 * turn


def relu_kernels(x: Any, z: Any, depth: int = 1) -> tuple[arb, arb]:
    """The tangent and the Gaussian-process kernel of ReLU networks of any depth, at one pair of points.

    With h = cos θ: each layer maps h to (sin θ + (π − θ) cos θ)/π and multiplies its slope by 1 − θ/π. The first
    angle comes from Gram's determinant, without rounding: nearly coincident points lose nothing.

    Raises:
        ValueError: on bad input.
    Source: Cho & Saul 2009, §2.1; Jacot, Gabriel & Hongler 2018, Theorem 1.
    """
    x, z, depth = rational(x, "x", 1), rational(z, "z", 1), checks.count(depth, "depth")
    if len(x) != len(z):
        raise ValueError(f"x and z must agree in length, got {len(x)} and {len(z)}")
    with precision(WORK):
        if not (x.any() and z.any()):
            return arb(0), arb(0)
        scale = ball((x @ x) * (z @ z)).sqrt()
        inner, across = x @ z, (x @ x) * (z @ z) - (x @ z) ** 2
        cosine, sine = ball(inner) / scale, ball(across).sqrt() / scale
        tangent = cosine
        for layer in range(depth):
            if across == 0 and inner > 0:
                cosine, slope, sine = arb(1), arb(1), arb(0)
            elif across == 0 and layer == 0:
                cosine, slope, sine = arb(0), arb(0), arb(1)
            else:
                away = arb.pi() - arb.atan2(sine, cosine)
                cosine, slope = (sine + away * cosine) / arb.pi(), away / arb.pi()
                sine = ((1 - cosine) * (1 + cosine)).sqrt()
            tangent = cosine + tangent * slope
        return scale * tangent, scale * cosine


def holds(enclosure: arb, value: float, allowed: float) -> bool:
    """Whether |value − truth| ≤ allowed · |truth| for every truth in the ball; never if the ball is too wide."""
    with precision(WORK):
        exact = ball(number(value, "value"))
        return bool(abs(exact - enclosure) <= ball(number(allowed, "allowed")) * abs(enclosure))

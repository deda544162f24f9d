"""Deterministic equivalents of ridge regression in balls: the fixed point enclosed, then the risks."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb

from theory.exact_numbers import BITS, Exact, ball, number, precision, rational

GUARD = 64  # bits beyond those of the ball for kappa
STEPS = 200  # Newton needs some ten from within a factor 2, and one per factor 2 before that


@dataclass(frozen=True)
class RidgeRisk:
    """Balls for the quantities of `theory.risk.RidgeRisk` at one penalty."""

    kappa: arb
    bias: arb
    variance: arb
    norm_signal: arb
    norm_noise: arb
    train: arb


def fixed_point(levels: Any, counts: Any, n: Any, lam: Any) -> arb:
    """The kappa ≥ 0 with lam/kappa + (1/n) Σ c s/(s + kappa) = 1, levels s with counts c; 0 if there is none.

    The left side falls in kappa, so that its signs at the two ends prove that the root lies between them.

    Errors: relative radius 2^−200.
    Raises:
        ValueError: on bad input.
        ArithmeticError: if the signs cannot be told, next to p = n at lam = 0.
    Source: Marchenko & Pastur 1967; Silverstein 1995.
    """
    s, c, lam = _positive(levels, counts, n, lam)
    if lam == 0 and sum(c) <= 1:
        return arb(0)
    with precision(BITS + GUARD):
        s_balls, c_balls = [ball(v) for v in s], [ball(v) for v in c]
        kappa = ball(max(lam, min(s) * (sum(c) - 1)))  # the left side is at least 1 here, and convex
        for _ in range(STEPS):
            excess, slope = _sides(s_balls, c_balls, ball(lam), kappa)
            step = (excess / slope).mid()
            kappa = (kappa + step).mid()
            if abs(step) < kappa * arb(2) ** -(BITS - 8):
                break
        spread = arb(2) ** -(BITS - 40)
        low, high = (kappa * (1 - spread)).mid(), (kappa * (1 + spread)).mid()
        if not (_sides(s_balls, c_balls, ball(lam), low)[0] > 0 > _sides(s_balls, c_balls, ball(lam), high)[0]):
            raise ArithmeticError("the fixed point is not enclosed: p and n are too close for this lam")
        return low.union(high)


def ridge_risk(levels: Any, counts: Any, theta_squared: Any, n: Any, lam: Any, noise: Any) -> RidgeRisk:
    """The formulas of `theory.risk.ridge_risk` in balls; levels > 0, p ≠ n at lam = 0.

    Raises:
        ValueError: on bad input.
        ArithmeticError: as for `fixed_point`.
    Source: Hastie, Montanari, Rosset & Tibshirani 2022; Cheng & Montanari 2022.
    """
    s, c, exact = _positive(levels, counts, n, lam)
    mass, sigma = rational(theta_squared, "theta_squared", 1), number(noise, "noise")
    if len(mass) != len(s) or min(mass) < 0 or sigma < 0:
        raise ValueError("theta_squared must hold one mass ≥ 0 for each level, and the noise must be ≥ 0")
    kappa = fixed_point(levels, counts, n, lam)
    with precision(BITS + GUARD):
        part = [ball(v) / (ball(v) + kappa) for v in s]
        miss = [kappa / (ball(v) + kappa) for v in s]
        weights, masses = [ball(v) for v in c], [ball(v) for v in mass]
        left = 1 - _dot(weights, [v * v for v in part])
        usable = _dot(weights, [v / (ball(u) + kappa) for v, u in zip(part, s, strict=True)])
        bias = _dot(masses, [ball(u) * v * v for u, v in zip(s, miss, strict=True)]) / left
        slack = ball(exact) / kappa if exact else ball(max(Fraction(0), 1 - sum(c)))
        level = ball(sigma) / left
        return RidgeRisk(
            kappa=kappa,
            bias=bias,
            variance=ball(sigma) * (1 - left) / left,
            norm_signal=_dot(masses, [v * v for v in part]) + bias * usable,
            norm_noise=level * usable,
            train=slack * slack * (bias + level),
        )


def _positive(levels: Any, counts: Any, n: Any, lam: Any) -> tuple[Exact, Exact, Fraction]:
    """Levels, counts over n, and the penalty, checked."""
    s, c, size, exact = (
        rational(levels, "levels", 1),
        rational(counts, "counts", 1),
        number(n, "n"),
        number(lam, "lam"),
    )
    if len(s) != len(c) or min(s) <= 0 or min(c) <= 0 or size <= 0 or exact < 0:
        raise ValueError("levels, counts and n must be > 0, lam ≥ 0, and each level needs one count")
    return s, c / size, exact


def _sides(s: list[arb], c: list[arb], lam: arb, kappa: arb) -> tuple[arb, arb]:
    """lam/kappa + Σ c s/(s + kappa) − 1, and minus its derivative."""
    part = [u / (u + kappa) for u in s]
    fall = [v / (u + kappa) for u, v in zip(s, part, strict=True)]
    return lam / kappa + _dot(c, part) - 1, lam / (kappa * kappa) + _dot(c, fall)


def _dot(u: list[arb], v: list[arb]) -> arb:
    """Σ u v."""
    return sum((a * b for a, b in zip(u, v, strict=True)), arb(0))

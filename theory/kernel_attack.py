"""The worst error of a kernel predictor under ℓp attacks: to first order, and certified from both sides.

To first order the attack raises |r|, r = f(x) − y, by eps‖∇f(x)‖_q, q dual to p: exactly, if f is linear. What
is left out is bounded by the curvature of the sections k(·, x_j) on the ball, or by that of all functions of unit
norm: the upper end of a bracket. Its lower end is the error at points that a deterministic ascent finds.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import checks, norms
from theory.checks import amount, count
from theory.kernel_regression import Predictor

STEPS = 20  # of the ascent


@dataclass(frozen=True)
class Curvature:
    """How far the functions of a kernel are from linear.

    Attributes:
        sections: sections(Z, X, rho) ≥ |k(z + delta, x) − k(z, x) − ⟨∇k(z, x), delta⟩| for ‖delta‖₂ ≤ rho, of
            shape (k, n).
        whole: |f(z + delta) − f(z) − ⟨∇f(z), delta⟩| ≤ whole ‖f‖ rho²/2 for every f of the kernel's space.
    """

    sections: Callable[[Array, Array, float], Array]
    whole: float


@dataclass(frozen=True)
class Bracket:
    """lower ≤ max over the ball of |f(x + delta) − y| ≤ upper, a row for each fit of the path.

    `first` is the first-order value |f(x) − y| + eps‖∇f(x)‖_q; it need not lie in between.
    """

    lower: Float[Array, "r k"]
    first: Float[Array, "r k"]
    upper: Float[Array, "r k"]


def first_order(
    residual: Float[Array, "r k"], gradient: Float[Array, "r k d"], eps: float, attack: float = math.inf
) -> Float[Array, "r k"]:
    """|r| + eps‖∇f‖_q, the worst error to first order in eps, for residuals r and gradients of f.

    Errors: O(eps²) where f has second derivatives; none if f is linear.
    Raises:
        ValueError: if shapes disagree, eps < 0 or attack < 1, or on bad input.
    Source: Hölder's inequality; Simon-Gabriel et al., ICML 2019.
    """
    eps, q = checks.radius(eps), norms.dual(checks.exponent(attack, "attack"))
    residual, gradient = checks.real(residual, "residual", 2), checks.real(gradient, "gradient", 3)
    if gradient.shape[:2] != residual.shape:
        raise ValueError(f"residual {residual.shape} and gradient {gradient.shape} must agree: one vector each")
    return np.asarray(np.abs(residual) + eps * np.linalg.norm(gradient, q, axis=2))


def bracket(
    fit: Predictor,
    Z: Float[Array, "k d"],
    targets: Float[Array, " k"],
    eps: float,
    attack: float = math.inf,
    *,
    curvature: Curvature,
    steps: int = STEPS,
) -> Bracket:
    """Bounds on max over ‖delta‖ₚ ≤ eps of |f(z_i + delta) − targets_i|, p = attack, for each fit of a path.

    `curvature` is that of the kernel of the fit: `linear_curvature`, `gaussian_curvature` or `tangent_curvature`.
    The ball lies in that of radius rho = eps d^{max(0, 1/2 − 1/p)} of ℓ2, so that upper − first is the lesser of
    Σ_j |a_j| sections_j and whole ‖f‖ rho²/2.

    Errors: upper and lower are bounds up to the rounding of f; they are O(eps²) apart, but for points on a kink.
    Raises:
        ValueError: if targets and Z disagree in length, eps < 0, attack < 1, steps < 0, or on bad input.
    Source: Taylor's theorem; the ascent is conditional gradient, Frank & Wolfe 1956, its step
        halved on failure.
    """
    eps, attack = checks.radius(eps), checks.exponent(attack, "attack")
    Z, targets = checks.regression(Z, targets)
    residual = fit.predict(Z) - targets
    first = first_order(residual, fit.gradient(Z), eps, attack)
    rho = eps * Z.shape[1] ** max(0.0, 0.5 - 1 / attack)
    rest = np.abs(fit.A) @ curvature.sections(Z, fit.X, rho).T
    if curvature.whole < math.inf:
        norm = np.sqrt(np.maximum(np.sum((fit.A @ fit.kernel.value(fit.X, None)) * fit.A, axis=1), 0.0))
        rest = np.minimum(rest, curvature.whole * rho**2 / 2 * norm[:, None])
    lower = np.abs(residual)
    for sign in (1.0, -1.0):
        lower = np.maximum(lower, _ascent(fit, Z, targets, eps, attack, sign, count(steps, "steps", 0)))
    return Bracket(lower, first, first + rest)


def _ascent(
    fit: Predictor, Z: Array, targets: Array, eps: float, attack: float, sign: float, steps: int
) -> Float[Array, "r k"]:
    """The largest sign·(f(z + delta) − target) found from 0, each step to where the gradient points."""
    best = np.empty((len(fit.A), len(Z)))
    for r, a in enumerate(fit.A):
        one = Predictor(fit.kernel, fit.X, a[None])
        delta, value = np.zeros_like(Z), sign * (one.predict(Z)[0] - targets)
        share = np.ones(len(Z))
        for _ in range(steps):
            gradient = sign * one.gradient(Z + delta)[0]
            vertex = eps * np.stack([norms.align(g, norms.dual(attack)) for g in gradient])
            trial = delta + share[:, None] * (vertex - delta)
            seen = sign * (one.predict(Z + trial)[0] - targets)
            better = seen > value
            value, delta = np.where(better, seen, value), np.where(better[:, None], trial, delta)
            share = np.where(better, np.minimum(2 * share, 1.0), share / 2)
        best[r] = value
    return best


def linear_curvature() -> Curvature:
    """None: for `polynomial(1)`."""
    return Curvature(lambda Z, X, rho: np.zeros((len(Z), len(X))), 0.0)


def gaussian_curvature(width: float) -> Curvature:
    """For exp(−|z − x|²/(2 width²)): rho²/2 times the largest curvature on the ball.

    At distance t·width the Hessian has the eigenvalues e^{−t²/2}(t² − 1) and −e^{−t²/2}, over width²: in size at
    most g(t²) = e^{−t²/2} max(1, t² − 1), which falls up to t² = 2, rises up to 3 and falls from there. As the
    fourth derivative of e^{−t²/2} at 0 is 3, whole = √3/width².

    Raises:
        ValueError: if width is not positive.
    Source: differentiation; the reproducing property for derivatives, Zhou 2008.
    """
    width = amount(width, "width", positive=True)
    if width < checks.SMALL:
        raise ValueError(f"width must be at least {checks.SMALL:g}, got {width}; rescale the points")

    def sections(Z: Array, X: Array, rho: float) -> Array:
        t, turn = np.linalg.norm(Z[:, None] - X, axis=2) / width, rho / width
        low, high = np.maximum(t - turn, 0.0) ** 2, (t + turn) ** 2
        size = [np.exp(-s / 2) * np.maximum(1.0, s - 1) for s in (low, np.clip(3.0, low, high))]
        return np.asarray(turn**2 / 2 * np.maximum(*size))

    return Curvature(sections, math.sqrt(3) / width**2)


def tangent_curvature(*, gain: float = 2.0, fan_in: bool = False) -> Curvature:
    """For the tangent kernel |z||x| h(θ) of one hidden layer: curvature off the line of x, slopes on it.

    With h = (2(π − θ) cos θ + sin θ)/π the Hessian in z has the eigenvalues 0 along z, |x|/|z| (h + h″) =
    4|x|/(π|z|) sin θ towards x, and |x|/|z| (h + h′ cot θ) = −|x|/(π|z|) cos 2θ/sin θ across both. On the ball,
    θ moves by at most asin(rho/|z|). Where it may reach 0 or π, the kinks on the line of x, the remainder is
    at most rho (|∇k(z)| + max |∇k|), with |∇k|² = |x|²(h² + h′²); the lesser of the two bounds counts. The space
    of the kernel holds functions with kinks, so that whole = ∞.

    Raises:
        ValueError: if gain is not positive.
    Source: differentiation.
    """
    gain = amount(gain, "gain", positive=True)

    def sections(Z: Array, X: Array, rho: float) -> Array:
        size, other = np.linalg.norm(Z, axis=1)[:, None], np.linalg.norm(X, axis=1)
        unit, unit_x = Z / np.where(size > 0, size, 1.0), X / np.where(other > 0, other, 1.0)[:, None]
        near = np.linalg.norm(unit[:, None] - unit_x, axis=2)
        theta = 2 * np.arctan2(near, np.linalg.norm(unit[:, None] + unit_x, axis=2))
        inside = rho < size
        turn = np.where(inside, np.arcsin(np.where(inside, rho / np.where(inside, size, 1.0), 0.0)), np.pi)
        low, high = np.maximum(theta - turn, 0.0), np.minimum(theta + turn, np.pi)
        smooth = inside & (low > 0) & (high < np.pi)
        towards = 4 * np.sin(np.clip(np.pi / 2, low, high))
        across = 1 / np.where(smooth, np.minimum(np.sin(low), np.sin(high)), 1.0)
        bent = rho**2 / (2 * np.pi) * np.maximum(towards, across) / np.where(smooth, size - rho, 1.0)
        steep = rho * (_slope(theta) + np.maximum(_slope(low), _slope(high)))  # |∇k| falls in θ, then rises
        factor = gain / 2 / (Z.shape[1] if fan_in else 1)
        return np.asarray(factor * other * np.where(smooth, np.minimum(bent, steep), steep))

    return Curvature(sections, math.inf)


def _slope(theta: Float[Array, "k n"]) -> Float[Array, "k n"]:
    """√(h² + h′²) of the tangent kernel's h."""
    phi = np.pi - theta
    h = 2 * phi * np.cos(theta) + np.sin(theta)
    return np.asarray(np.hypot(h, np.cos(theta) + 2 * phi * np.sin(theta)) / np.pi)

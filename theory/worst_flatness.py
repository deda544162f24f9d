"""Worst-case flatness of linear models: the largest growth of the (robust) loss on a ball of weights, in brackets.

R(w) = mean_i ψ_i is the mean worst loss of `theory.linear_flatness`, and the flatness max R(w + ν) − R(w) over
‖ν‖₂ ≤ xi‖w‖₂. R is convex, so that steps to the point of the ball in the direction of the gradient never lower it:
they give the value, reached at a ν that is returned. For the bound let the adversary be frozen at w. A new one
adds eps·kappa to a score at most, kappa = max ‖w + ν‖_q − ⟨u, w + ν⟩ with u aligned with w: of order xi² for
q = 2, and 0 for q = 1 until a sign changes. The frozen loss lies below a quadratic, whose maximum is known.
"""

import math

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy import special

from theory import checks, norms
from theory.linear_flatness import frozen_points, worst_losses
from theory.solution import Solution
from theory.trust_region import maximise_quadratic

STEPS = 1000  # of the ascent; it ends when the loss stops growing
STARTS = 5  # of the principal directions of the frozen points, besides the maximiser of the quadratic
ANGLES = 4096  # of the circle on which the least margin of one point is sought


def worst_flatness(
    w: Float[Array, " d"],
    X: Float[Array, "n d"],
    y: Float[Array, " n"],
    eps: float,
    xi: float,
    *,
    attack: float = 2.0,
    loss: str = "logistic",
) -> Solution:
    """The maximum of R(w + ν) − R(w) over ‖ν‖₂ ≤ xi‖w‖₂, in a `Solution`: a ν, what it reaches, and a bound.

    Exact, to rounding, for the squared loss without attack, and to 1e-6 for the logistic loss of a single point
    under attack 2. Otherwise the gap is O(xi) as long as no sign of a weight or residual changes.

    Errors: read `Solution.gap`; value and bound are each off by roundings of the loss.
    Raises:
        ValueError: if attack is neither 2 nor ∞, xi ≥ 1, the loss is unknown, w = 0, or on bad input.
    Source: the measure is that of Stutz, Hein & Schiele 2021, §3; its brackets are worked out here.
    """
    Z = frozen_points(w, X, y, eps, attack=attack, loss=loss)
    w, (X, y), eps = checks.real(w, "w", 1), checks.regression(X, y), checks.radius(eps)
    if attack not in (2, math.inf):
        raise ValueError(f"attack must be 2 or inf, got {attack}")
    xi = checks.amount(xi, "xi")
    if not xi < 1:
        raise ValueError(f"xi must be in [0, 1), got {xi}: from 1 on the ball holds w = 0")
    radius = xi * norms.norm(w, 2)
    now = float(worst_losses(w, X, y, eps, attack, loss).mean())
    extra = eps * norm_excess(w, xi, attack)
    if loss == "squared":
        largest_norm = norms.norm(w, norms.dual(attack)) + radius * (1 if attack == 2 else math.sqrt(len(w)))
        bound, start = _squared_bound(w, X, y, Z, eps, radius, extra, largest_norm)
    else:
        bound, start = _logistic_bound(w, y[:, None] * Z, radius, extra)
        bound = min(bound, float(np.logaddexp(0, -_least_margins(w, X, y, Z, eps, xi, attack, extra)).mean()))
    directions = np.linalg.svd(Z, full_matrices=False)[2][:STARTS]
    starts = [start, *(sign * radius * v for v in directions for sign in (-1.0, 1.0))]
    best = max((_ascend(w, X, y, eps, radius, attack, loss, v) for v in starts), key=lambda found: found[1])
    return Solution(best[0], np.zeros(len(y)), best[1] - now, bound - now)


def norm_excess(w: Float[Array, " d"], xi: float, attack: float) -> float:
    """A bound of ‖w + ν‖_q − ⟨u, w + ν⟩ on ‖ν‖₂ ≤ xi‖w‖₂ < ‖w‖₂, u aligned with w, for attack 2 or ∞.

    In one dimension it is 0. For q = 2 it is xi²‖w‖/(2(1 − xi)). For q = 1 the terms 2(|ν_j| − |w_j|)₊ bound it;
    over the k weights smallest in size they sum to at most 2(√k xi‖w‖ − Σ|w_j|), for the best k.

    Raises:
        ValueError: if xi is not in [0, 1), attack is neither 2 nor ∞, or on bad input.
    """
    w, xi, attack = checks.real(w, "w", 1), checks.amount(xi, "xi"), checks.exponent(attack, "attack")
    if attack not in (2, math.inf) or not xi < 1:
        raise ValueError(f"attack must be 2 or inf and xi in [0, 1), got {attack} and {xi}")
    if len(w) == 1:
        return 0.0
    if attack == 2:
        return float(xi**2 * norms.norm(w, 2) / (2 * (1 - xi)))
    k = np.arange(1.0, len(w) + 1)
    return float(2 * max(0.0, np.max(np.sqrt(k) * xi * norms.norm(w, 2) - np.cumsum(np.sort(np.abs(w))))))


def _logistic_bound(
    w: Float[Array, " d"], Z: Float[Array, "n d"], radius: float, extra: float
) -> tuple[float, Float[Array, " d"]]:
    """The quadratic above the frozen loss, its curvature the largest of each point's on the ball, and its ν."""
    c = Z @ w
    near = np.maximum(0, np.abs(c) - radius * np.linalg.norm(Z, axis=1))
    curve = special.expit(near) * special.expit(-near)
    n = len(Z)
    found = maximise_quadratic((Z.T * curve) @ Z / n, -Z.T @ special.expit(-c) / n, radius)
    return float(np.logaddexp(0, -c).mean()) + found.bound + extra, found.w


def _least_margins(
    w: Float[Array, " d"],
    X: Float[Array, "n d"],
    y: Float[Array, " n"],
    Z: Float[Array, "n d"],
    eps: float,
    xi: float,
    attack: float,
    extra: float,
) -> Float[Array, " n"]:
    """A number below the worst margin of each point on the ball, as if each had the ball to itself."""
    size = norms.norm(w, 2)
    straight = y * (Z @ w) - xi * size * np.linalg.norm(Z, axis=1) - extra
    if attack != 2 or eps == 0 or len(w) == 1:
        return np.asarray(straight)
    along = y * (X @ w) / size
    across = np.sqrt(np.maximum((X**2).sum(1) - along**2, 0))
    angle, step = np.linspace(np.pi, 2 * np.pi, ANGLES, retstep=True)  # a concave function is least on the sphere
    cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
    turned = along + xi * (cos * along + sin * across) - eps * np.sqrt(1 + xi**2 + 2 * xi * cos)
    bend = xi * np.linalg.norm(X, axis=1) + eps * xi * (1 + xi / (1 - xi)) / (1 - xi)
    return np.asarray(np.maximum(straight, size * (turned.min(axis=0) - bend * step**2 / 8)))


def _squared_bound(
    w: Float[Array, " d"],
    X: Float[Array, "n d"],
    y: Float[Array, " n"],
    Z: Float[Array, "n d"],
    eps: float,
    radius: float,
    extra: float,
    largest_norm: float,
) -> tuple[float, Float[Array, " d"]]:
    """The smaller of two: ½(√(mean r²) + √(mean k²))² at its largest, with r the frozen residuals and k what a new
    attack may add to each, or with r the clean residuals and k = eps times the largest norm.
    """
    n, r = len(y), y - Z @ w
    found = maximise_quadratic(Z.T @ Z / n, -Z.T @ r / n, radius)
    crossing = np.maximum(0, radius * np.linalg.norm(X, axis=1) - np.abs(y - X @ w)) if eps > 0 else np.zeros(n)
    frozen = math.sqrt(float(r @ r) / n + 2 * found.bound) + math.sqrt(float(np.mean((2 * crossing + extra) ** 2)))
    if eps == 0:
        return frozen**2 / 2, found.w
    r = y - X @ w
    clean = math.sqrt(float(r @ r) / n + 2 * maximise_quadratic(X.T @ X / n, -X.T @ r / n, radius).bound)
    return min(frozen, clean + eps * largest_norm) ** 2 / 2, found.w


def _ascend(
    w: Float[Array, " d"],
    X: Float[Array, "n d"],
    y: Float[Array, " n"],
    eps: float,
    radius: float,
    attack: float,
    loss: str,
    start: Float[Array, " d"],
) -> tuple[Float[Array, " d"], float]:
    """Steps to radius·∇R/‖∇R‖ from a start, each of which raises a convex R, and the loss reached."""
    q = norms.dual(attack)
    v, value = start, float(worst_losses(w + start, X, y, eps, attack, loss).mean())
    for _ in range(STEPS):
        s, N = X @ (w + v), eps * norms.norm(w + v, q)
        slope = -y * special.expit(N - y * s) if loss == "logistic" else (s - y) + N * np.sign(s - y)
        push = special.expit(N - y * s) if loss == "logistic" else np.abs(s - y) + N
        g = (X.T @ slope + push.sum() * eps * norms.align(w + v, q)) / len(y)
        length = float(np.linalg.norm(g))
        step = v if length == 0 else g * (radius / length)
        reached = float(worst_losses(w + step, X, y, eps, attack, loss).mean())
        if reached <= value:
            break
        v, value = step, reached
    return v, value

"""An adversary that searches: projected gradient ascent on the loss over an ℓp ball around each point.

Every loss that falls with the margin has the same worst case, so the search lowers the margin itself.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from sims.descent import conjugate, lengths
from sims.loops import compiled

Array = npt.NDArray[np.float64]
Score = Callable[[Array], tuple[Array, Array]]

LONGEST = 1e6  # the longest step in units of the radius: from there on a step sees the direction alone


@dataclass(frozen=True)
class Attacked:
    """The lowest margins found, one per point, and the perturbations that reach them."""

    margins: Float[Array, " n"]
    perturbations: Float[Array, "n d"]


def search(
    score: Score,
    X: Float[Array, "n d"],
    eps: float,
    attack: float = math.inf,
    *,
    rng: np.random.Generator,
    steps: int = 100,
    restarts: int = 1,
) -> Attacked:
    """The best of `restarts` projected descents on the margin over ‖δ‖_attack ≤ eps, point by point.

    `score` maps perturbed points (n, d) to their margins (n,) and the gradients of these (n, d). The first
    descent starts at δ = 0, the others at random points of the ball. Each point has its own step length,
    eps at first; it doubles when the margin falls and is halved, and the best δ taken up again, when not.

    Errors: on a linear score the worst case is reached to 1e-8 of eps‖w‖; otherwise a local one at best.
    Raises:
        ValueError: if eps < 0, attack < 1, or steps or restarts are below 1.
    Source: Madry et al. 2018; step lengths in the spirit of Croce & Hein 2020.
    """
    X = np.asarray(X, dtype=np.float64)
    if X.ndim != 2 or not np.isfinite(X).all():
        raise ValueError(f"X must be a finite (n, d) matrix, got shape {X.shape}")
    if steps < 1 or restarts < 1:
        raise ValueError(f"steps and restarts must be at least 1, got {steps} and {restarts}")
    check_ball(eps, attack)
    best = np.zeros_like(X)
    margins = np.array(score(X)[0], dtype=np.float64)
    for restart in range(restarts):
        start = np.zeros_like(X) if restart == 0 else project(spread(rng, X, eps, attack), eps, attack)
        found, where = descent(score, X, start, eps, attack, steps)
        better = found < margins
        margins = np.where(better, found, margins)
        best[better] = where[better]
    return Attacked(margins, best)


def descent(
    score: Score, X: Array, start: Array, eps: float, attack: float, steps: int
) -> tuple[Float[Array, " n"], Float[Array, "n d"]]:
    """The lowest margins on one projected descent, and where."""
    best = start
    lowest, gradient = score(X + best)
    length = np.full(len(X), eps)
    for _ in range(steps):
        size = np.linalg.norm(gradient, axis=1)
        unit = gradient / np.where(size > 0, size, 1.0)[:, None]
        trial = project(best - length[:, None] * unit, eps, attack)
        margin, slope = score(X + trial)
        better = margin < lowest
        lowest = np.where(better, margin, lowest)
        best = np.where(better[:, None], trial, best)
        gradient = np.where(better[:, None], slope, gradient)
        length = np.where(better, np.minimum(2 * length, LONGEST * eps), length / 2)
    return lowest, best


def spread(rng: np.random.Generator, X: Array, eps: float, attack: float) -> Float[Array, "n d"]:
    """Gaussian directions, at random distances within the ball."""
    delta = rng.standard_normal(X.shape)
    delta /= lengths(delta, attack)[:, None]
    return np.asarray(eps * rng.random((len(X), 1)) * delta)


def linear(w: Float[Array, " d"], y: Float[Array, " n"]) -> Score:
    """The score of a linear model: margins y_i⟨w, x_i⟩, gradients y_i w."""
    w, y = np.asarray(w, dtype=np.float64), np.asarray(y, dtype=np.float64)
    return lambda X: (y * (X @ w), y[:, None] * w)


def project(delta: Float[Array, "*B d"], radius: float, p: float) -> Float[Array, "*B d"]:
    """The point of {‖x‖ₚ ≤ radius} nearest to delta in ‖·‖₂, for each row.

    Closed forms for p = 1 (sorting), 2, ∞. Otherwise x_j + c x_j^{p−1} = |δ_j| entrywise (lengths in units of
    the radius), by Newton steps that descend monotonically, and c from a bracketed Newton on ‖x(c)‖ₚ = 1.

    Errors: ‖x‖ₚ exceeds the radius by at most a few units in the last place; rows within it come back as given.
    Raises:
        ValueError: if radius < 0, p < 1, or delta is not finite.
    Source: Duchi et al. 2008 (p = 1); stationarity of ‖x − δ‖²/2 + (c/p)‖x‖ₚᵖ for other p.
    """
    check_ball(radius, p)
    delta = np.asarray(delta, dtype=np.float64)
    if not np.isfinite(delta).all():
        raise ValueError("the points to project must be finite: they hold NaN or infinity")
    if radius == 0:
        return np.zeros_like(delta)
    if p == math.inf:
        return np.clip(delta, -radius, radius)
    x = delta.reshape(-1, delta.shape[-1]).copy()
    outside = np.flatnonzero(lengths(x, p) > radius)
    if outside.size:
        rows = np.abs(x[outside]) / radius
        if p == 1:
            u = onto_simplex(rows)
        elif p == 2:
            u = rows / lengths(rows, 2)[:, None]
        else:
            u = onto_ball(rows, float(p), conjugate(p))
        u /= np.maximum(1.0, lengths(u, p))[:, None]
        x[outside] = np.copysign(radius * u, x[outside])
    return x.reshape(delta.shape)


def onto_simplex(rows: Float[Array, "n d"]) -> Float[Array, "n d"]:
    """(a − c)₊ with c such that the entries sum to 1, for rows a ≥ 0 of sum above 1."""
    ordered = -np.sort(-rows, axis=1)
    excess = (np.cumsum(ordered, axis=1) - 1) / np.arange(1, rows.shape[1] + 1)
    kept = np.count_nonzero(ordered > excess, axis=1)
    kept = np.maximum(kept, 1)  # at huge entries rounding hides the 1
    x = np.maximum(rows - np.take_along_axis(excess, kept[:, None] - 1, axis=1), 0.0)
    total = x.sum(axis=1, keepdims=True)
    return np.where(total > 0, x / np.where(total > 0, total, 1.0), rows == ordered[:, :1])


@compiled
def onto_ball(rows: Float[Array, "n d"], p: float, q: float) -> Float[Array, "n d"]:
    """The nearest points with ‖x‖ₚ = 1, 1 < p < ∞, for rows a ≥ 0 of ‖a‖ₚ > 1.

    Summing x + c x^{p−1} = a in ‖·‖_q puts c between ‖a‖_q − max ‖x‖_q and ‖a‖_q.
    """
    n, d = rows.shape
    x = np.empty((n, d))
    for i in range(n):
        a = rows[i]
        top = np.max(a)
        length = top * np.sum((a / top) ** q) ** (1 / q)
        low, high = max(0.0, length - float(d) ** max(0.0, 1 / q - 1 / p)), length
        c = high
        for _ in range(200):
            total = 0.0
            change = 0.0  # of ‖x‖ₚᵖ/p with c
            for j in range(d):
                x[i, j] = root(a[j], c, p)
                if x[i, j] > 0:
                    v = x[i, j] ** (p - 1)
                    total += v * x[i, j]
                    change -= v * v * x[i, j] / (x[i, j] + c * (p - 1) * v)
            if total > 1:
                low = c
            else:
                high = c
            if abs(total - 1) <= 1e-15 or high - low <= 4e-16 * high:
                break
            newton = c - (total - 1) / (p * change) if change < 0 else high
            c = newton if low < newton < high else (low + high) / 2
    return x


@compiled
def root(a: float, c: float, p: float) -> float:
    """The x ≥ 0 with x + c x^{p−1} = a, by Newton from above on a convex increasing function."""
    if a == 0 or c == 0:
        return a
    k = p - 1 if p > 2 else 1 / (p - 1)
    z = min(a, (a / c) ** (1 / k)) if p > 2 else min(a / c, a ** (1 / k))
    for _ in range(100):
        v = z**k  # p > 2: f(x) = x + c x^k; else f(z) = z^k + c z with z = x^{p−1}
        if z == 0:
            break
        fall = (z + c * v - a) / (1 + c * k * v / z) if p > 2 else (v + c * z - a) / (k * v / z + c)
        if not fall > 2e-16 * z:
            break
        z -= fall
    return z if p > 2 else float(z**k)


def check_ball(radius: float, p: float) -> None:
    """Refuse a negative radius or an exponent below 1."""
    if not 0 <= radius < math.inf:
        raise ValueError(f"eps must be finite and ≥ 0, got {radius}: 0 leaves the points where they are")
    if not p >= 1:
        raise ValueError(f"attack is the exponent of a norm and must be in [1, ∞], got {p}")

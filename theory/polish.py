"""Newton's method on the optimality conditions of the maximum margin, from a nearly optimal point."""

import math
from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory.norms import aligned as align
from theory.norms import length as norm

STEPS = 5


def polish(
    Z: Float[Array, "n d"],
    w: Float[Array, " d"],
    a: Float[Array, " n"],
    p: float,
    eps: float,
    r: float,
    tol: float,
) -> tuple[Float[Array, " d"], Float[Array, " n"]]:
    """The pair (w, a) that solves the optimality conditions on the face guessed from (w, a) and tol.

    The face: margins are tight where a exceeds the relative slack; entries of w with a share of the margin below
    tol vanish if an exponent is 1; entries within tol of the largest are tied if an exponent is ∞. On the face

        z_i·w − eps‖w‖ᵣ = t where a > 0,   Zᵀa = t ∇‖w‖ₚ + eps ∇‖w‖ᵣ,   Σa = 1

    is a square smooth system in (w, a, t). Powers |w|^(p−1) with p < 2 have no derivative at 0, so Newton moves
    θ = sign(w)|w|^(1/k), with k so large that w, |w|^(p−1) and |w|^(r−1) are all differentiable in θ.
    Residuals are taken in extended precision, so that the steps also refine the linear algebra. A wrong guess of
    the face gives a poor pair, and nothing worse: the caller certifies what it gets.

    Source: Nocedal & Wright, Numerical Optimization, §18.1.
    """
    exponents = {p, r} if eps > 0 else {p}
    margins = Z @ w
    t = float(margins.min()) - eps * norm(w, r)
    tight = a > (margins - margins.min()) / margins.min()
    # Features are turned so that w ≥ 0 to begin with.
    turn = np.where(w < 0, -1.0, 1.0)
    Z, w, a = Z[tight] * turn, w * turn, a[tight]
    if 1 in exponents:
        share = w * np.abs(Z).max(axis=0)
        w[share <= tol * share.max()] = 0
    largest = norm(w, math.inf)
    tied = (w >= (1 - tol) * largest) & (math.inf in exponents)
    free = (w != 0) & ~tied

    def fold(u: Array) -> Array:
        """One column for each free entry of w, and their sum for the tied ones."""
        together = [u[..., tied].sum(axis=-1, keepdims=True)] if tied.any() else []
        return np.concatenate([u[..., free], *together], axis=-1)

    # w in terms of m: the free entries, then the common size of the tied ones.
    m = np.append(w[free], largest) if tied.any() else w[free]
    k = max([1.0] + [1 / (e - 1) for e in exponents if e > 1])
    Zm = fold(Z.astype(np.longdouble))
    with np.errstate(all="ignore"):  # a wrong face may run off to infinity
        for _ in range(STEPS):
            w[free], w[tied] = m[: free.sum()], m[-1]
            g, h = fold(align(w, p)), fold(align(w, r))
            residual = np.concatenate([Zm @ m - eps * norm(w, r) - t, a @ Zm - t * g - eps * h, [a.sum() - 1]])
            slope = k * np.abs(m) ** (1 - 1 / k)  # dm/dθ
            H = t * _curvature(w, p, g, fold) + eps * _curvature(w, r, h, fold)
            J = np.block(
                [
                    [(np.float64(Zm) - eps * h) * slope, np.zeros((len(a), len(a))), -np.ones((len(a), 1))],
                    [-H * slope, np.float64(Zm).T, -g[:, None]],
                    [np.zeros(len(m)), np.ones(len(a)), 0.0],
                ]
            )
            step = _solve(J, residual)
            if not np.isfinite(step).all():
                break
            theta = np.sign(m) * np.abs(m) ** (1 / k) - step[: len(m)]
            m = np.sign(theta) * np.abs(theta) ** k
            a, t = a - step[len(m) : -1], t - step[-1]
        w[free], w[tied] = m[: free.sum()], m[-1]
    multipliers = np.zeros(len(margins))
    multipliers[tight] = a
    return w * turn, multipliers


def _curvature(
    w: Float[Array, " d"], p: float, g: Float[Array, " k"], fold: Callable[[Array], Array]
) -> Float[Array, "k k"]:
    """The folded Hessian of ‖w‖ₚ, 0 for polyhedral norms: (p − 1)(diag(|ŵ|^(p−2)) − ggᵀ)/‖w‖ₚ, ŵ = w/‖w‖ₚ."""
    if p in (1, math.inf):
        return np.zeros((len(g), len(g)))
    length = norm(w, p)
    size = np.maximum(np.abs(w) / length, 1e-150)
    return np.asarray((p - 1) / length * (np.diag(fold(size ** (p - 2))) - np.outer(g, g)))


def _solve(J: Float[Array, "k k"], residual: Float[Array, " k"]) -> Float[Array, " k"]:
    """J⁻¹ residual after rows and columns are brought to unit size; not finite where J is singular."""
    column = np.abs(J).max(axis=0)
    column[column == 0] = 1.0
    row = np.abs(J / column).max(axis=1)
    row[row == 0] = 1.0
    try:
        return np.asarray(
            np.linalg.solve(J / column / row[:, None], np.asarray(residual / row, dtype=np.float64)) / column
        )
    except np.linalg.LinAlgError:
        return np.full(len(J), np.nan)

"""Robust regression: the mean squared or absolute worst residual, minimised, with a dual point that proves it."""

import contextlib
import math

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy import sparse

from theory import interpolation, norms, program, ridge
from theory.solution import Solution

LOSSES = ("squared", "absolute")
UNIT = float(np.finfo(np.float64).eps)
ENOUGH = 1e-11  # the gap at which no further pass is made
PASSES = 3


def fit(X: Float[Array, "n d"], y: Float[Array, " n"], eps: float, attack: float, loss: str) -> Solution:
    """The w of least mean loss of |y − Xw| + eps‖w‖_q; see `theory.adversarial.fit` for the dual."""
    size, height = float(np.abs(X).max()) or 1.0, float(np.abs(y).max()) or 1.0
    X, y, eps = X / size, y / height, eps / size
    column = np.abs(X).max(axis=0)
    column[column == 0] = 1.0
    best = certify(X, y, np.zeros(X.shape[1]), np.sign(y), eps, attack, loss)
    if eps == 0:
        w = ridge.ridge_path(X, y, np.zeros(1))[0]
        best = _better(best, certify(X, y, w, np.zeros(len(y)), eps, attack, loss))
    unit, level = 1 / column, 1.0
    for _ in range(PASSES):
        if best.gap <= ENOUGH:
            break
        w, a = _solve(X, y / level, eps, attack, loss, unit)
        best = _better(best, certify(X, y, w * level, a * level if loss == "squared" else a, eps, attack, loss))
        unit = program.units(np.abs(best.w) * column, column)
        level = (math.sqrt(best.value) if loss == "squared" else best.value) or 1.0  # next losses: near 1
    if eps > 0 and best.gap > ENOUGH:
        best = _better(best, _interpolator(X, y, eps, attack, loss))
    bend = height if loss == "squared" else 1.0
    return Solution(
        best.w * (height / size), best.dual * bend, best.value * height * bend, best.bound * height * bend
    )


def _interpolator(X: Float[Array, "n d"], y: Float[Array, " n"], eps: float, attack: float, loss: str) -> Solution:
    """What the interpolator of least ‖w‖_q proves: it is the minimiser under weak attacks; w = 0 if there is none.

    Source: Ribeiro, Zachariah, Bach & Schön, NeurIPS 2023, on the range of such attacks.
    """
    w, a = np.zeros(X.shape[1]), np.zeros(len(y))
    with contextlib.suppress(ValueError):
        least = interpolation.min_norm(X, y, norms.dual(attack))
        w, a = least.w, least.dual
    return certify(X, y, w, a, eps, attack, loss)


def certify(
    X: Float[Array, "n d"],
    y: Float[Array, " n"],
    w: Float[Array, " d"],
    a: Float[Array, " n"],
    eps: float,
    attack: float,
    loss: str,
) -> Solution:
    """The proof that any w and a amount to: a made feasible, or the slopes at w if those prove more."""
    w, a = (u if np.isfinite(u).all() else np.zeros_like(u) for u in (w, a))
    proofs = [_bound(X, y, u, eps, attack, loss) for u in (a, _slopes(X, y, w, eps, attack, loss))]
    bound, a = max(proofs, key=lambda pair: pair[0])
    return Solution(w, a, _value(X, y, w, eps, attack, loss), bound)


def _better(one: Solution, other: Solution) -> Solution:
    """The smaller value and the larger bound of two proofs of the same problem."""
    down, up = min(one, other, key=lambda s: s.value), max(one, other, key=lambda s: s.bound)
    return Solution(down.w, up.dual, down.value, up.bound)


def _residuals(
    X: Float[Array, "n d"], y: Float[Array, " n"], w: Float[Array, " d"], eps: float
) -> Float[Array, " n"]:
    """The residuals y − Xw; without an attack, entries below their own rounding are 0."""
    residuals = y - X @ w
    if eps > 0:
        return np.asarray(residuals)
    rounding = max(X.shape) * UNIT * (np.abs(X) @ np.abs(w) + np.abs(y))
    return np.where(np.abs(residuals) <= rounding, 0.0, residuals)


def _value(
    X: Float[Array, "n d"], y: Float[Array, " n"], w: Float[Array, " d"], eps: float, attack: float, loss: str
) -> float:
    """The mean worst-case loss."""
    u = np.abs(_residuals(X, y, w, eps)) + eps * norms.norm(w, norms.dual(attack))
    return float(np.mean(u**2) / 2 if loss == "squared" else np.mean(u))


def _slopes(
    X: Float[Array, "n d"], y: Float[Array, " n"], w: Float[Array, " d"], eps: float, attack: float, loss: str
) -> Float[Array, " n"]:
    """The derivative of each loss in its residual: the dual point that would be optimal if w were."""
    residuals = _residuals(X, y, w, eps)
    if loss == "absolute":
        return np.asarray(np.sign(residuals))
    return np.asarray(np.sign(residuals) * (np.abs(residuals) + eps * norms.norm(w, norms.dual(attack))))


def _bound(
    X: Float[Array, "n d"], y: Float[Array, " n"], a: Float[Array, " n"], eps: float, attack: float, loss: str
) -> tuple[float, Float[Array, " n"]]:
    """What a proves, after it was made feasible and given its best length."""
    if eps == 0:
        U, s, _ = np.linalg.svd(X, full_matrices=False)
        U = U[:, s > max(X.shape) * UNIT * s[0]]
        a = a - U @ (U.T @ a) if U.shape[1] < len(y) else 0 * a
    pull = norms.norm(X.T @ a, attack)
    if loss == "absolute":
        a = a / max(1.0, norms.norm(a, math.inf), pull / (eps * len(y)) if eps > 0 else 1.0)
        return max(0.0, float(a @ y / len(y))), a if a @ y > 0 else 0 * a
    b = cover(np.abs(a), pull / eps if eps > 0 else 0.0)
    if a @ y <= 0:
        return 0.0, 0 * a
    length = float(a @ y) / float(b @ b)
    return length * float(a @ y) / (2 * len(y)), length * a


def cover(low: Float[Array, " n"], total: float) -> Float[Array, " n"]:
    """The b of least ‖b‖₂ with b ≥ low ≥ 0 and Σb ≥ total: max(low, level)."""
    if low.sum() >= total:
        return low
    ordered = np.sort(low)[::-1]
    above = np.append(0.0, np.cumsum(ordered))
    for k in range(len(low)):
        level = (total - above[k]) / (len(low) - k)
        if level >= ordered[k]:
            break
    return np.asarray(np.maximum(low, level))


def _solve(
    X: Float[Array, "n d"], y: Float[Array, " n"], eps: float, attack: float, loss: str, unit: Float[Array, " d"]
) -> tuple[Float[Array, " d"], Float[Array, " n"]]:
    """Nearly the minimiser, and nearly its dual: min Σu (or Σu²/2) over u ≥ ±(y − Xw) + eps N, N ≥ ‖w‖_q."""
    n, d = X.shape
    q = norms.dual(attack)
    w, extra, N, u = program.variables(d, program.helpers(d, q), 1, n)
    rise = u - (eps * program.ones(n)) @ N
    fall = sparse.csr_matrix(X * unit) @ w
    blocks = [program.positive(rise + fall, -y), program.positive(rise - fall, y)]
    if eps > 0:
        blocks += program.ball(sparse.diags_array(unit, format="csr") @ w, extra, N, q)
    total = np.asarray(u.sum(axis=0)).ravel()
    if loss == "absolute":
        x, (above, below, *_) = program.solve(total, blocks)
    else:
        x, (above, below, *_) = program.solve(0 * total, blocks, u.T @ u)
    return x[:d] * unit, above - below

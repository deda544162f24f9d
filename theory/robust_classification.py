"""Robust classification: the mean hinge, logistic or exponential loss of the worst margin, with its dual proof."""

from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy import sparse
from scipy.optimize import linprog
from scipy.special import expit, xlogy

from theory import norms, program
from theory.margin import NotSeparable, largest_radius
from theory.solution import Solution

LOSSES = ("hinge", "logistic", "exponential")
UNIT = float(np.finfo(np.float64).eps)
ENOUGH = 1e-11  # the gap at which no further pass is made
PASSES = 3
CLOSE = 1e-9  # relative: the radius of separability is not known better than this


def fit(X: Float[Array, "n d"], y: Float[Array, " n"], eps: float, attack: float, loss: str) -> Solution:
    """The w of least mean loss of the worst margin; see `theory.adversarial.fit` for the dual."""
    n, d = X.shape
    size = float(np.abs(X).max()) or 1.0
    Z, radius = y[:, None] * X / size, eps / size
    centre = _centre(Z, y, attack) if eps > 0 else np.zeros(n)
    if loss != "hinge":
        _refuse_if_unattained(Z, centre, radius, attack, size, loss)
    column = np.abs(Z).max(axis=0)
    column[column == 0] = 1.0
    best = certify(Z, np.zeros(d), np.zeros(n), centre, radius, attack, loss)
    unit = 1 / column
    for _ in range(PASSES):
        if best.gap <= ENOUGH:
            break
        w, a = _solve(Z, radius, attack, loss, unit)
        other = certify(Z, w, a, centre, radius, attack, loss)
        down, up = min(best, other, key=lambda s: s.value), max(best, other, key=lambda s: s.bound)
        best = Solution(down.w, up.dual, down.value, up.bound)
        unit = program.units(np.abs(best.w) * column, column)
    return replace(best, w=best.w / size)


def certify(
    Z: Float[Array, "n d"],
    w: Float[Array, " d"],
    a: Float[Array, " n"],
    centre: Float[Array, " n"],
    eps: float,
    attack: float,
    loss: str,
) -> Solution:
    """The proof that any w and a amount to: a made feasible, or the slopes at w if those prove more.

    A separator is lengthened until its hinge loss is exactly 0.
    """
    w, a = (u if np.isfinite(u).all() else np.zeros_like(u) for u in (w, a))
    least = float(_margins(Z, w, eps, attack).min())
    if loss == "hinge" and 0 < least < 1:
        longer = w * ((1 + 1e-12) / least)
        w = min(w, longer, key=lambda w: _value(_margins(Z, w, eps, attack), loss))
    c = _margins(Z, w, eps, attack)
    tries = [_repair(Z, u, centre, eps, attack, loss) for u in (np.maximum(a, 0), _slopes(c, loss))]
    bound, a = max(((_bound(u, loss), u) for u in tries), key=lambda pair: pair[0])
    return Solution(w, a, _value(c, loss), bound)


def _margins(Z: Float[Array, "n d"], w: Float[Array, " d"], eps: float, attack: float) -> Float[Array, " n"]:
    """Z w − eps‖w‖_q."""
    return np.asarray(Z @ w - eps * norms.norm(w, norms.dual(attack)))


def _value(c: Float[Array, " n"], loss: str) -> float:
    """The mean loss of the worst margins c."""
    if loss == "hinge":
        return float(np.mean(np.maximum(0, 1 - c)))
    with np.errstate(over="ignore"):
        return float(np.mean(np.logaddexp(0, -c) if loss == "logistic" else np.exp(-c)))


def _slopes(c: Float[Array, " n"], loss: str) -> Float[Array, " n"]:
    """Minus the derivative of each loss: the dual point that would be optimal if the margins were."""
    if loss == "hinge":
        return np.where(c < 1, 1.0, 0.0)
    return np.asarray(expit(-c) if loss == "logistic" else np.exp(-c))


def _bound(a: Float[Array, " n"], loss: str) -> float:
    """The dual objective, the mean of minus the conjugate loss."""
    if loss == "hinge":
        return float(np.mean(a))
    other = xlogy(1 - a, 1 - a) if loss == "logistic" else -a
    return float(np.mean(-xlogy(a, a) - other))


def _repair(
    Z: Float[Array, "n d"],
    a: Float[Array, " n"],
    centre: Float[Array, " n"],
    eps: float,
    attack: float,
    loss: str,
) -> Float[Array, " n"]:
    """A point near a ≥ 0 with ‖Zᵀa‖ₚ ≤ eps Σa: towards the centre, or into the null space where eps = 0."""

    def excess(a: Float[Array, " n"]) -> float:
        return norms.norm(Z.T @ a, attack) - eps * float(a.sum())

    if eps == 0:
        a = _cancelling(Z, a)
    elif (over := excess(a)) > 0:
        anchor = centre * a.sum()
        under = -excess(anchor)
        if under <= 0:
            return np.zeros_like(a)
        share = over / (over + under)  # enough, because the excess is convex
        a = (1 - share) * a + share * anchor
    return a if loss == "exponential" else a / max(1.0, float(a.max()))


def _cancelling(Z: Float[Array, "n d"], a: Float[Array, " n"]) -> Float[Array, " n"]:
    """A point near a ≥ 0 with Zᵀa = 0 to rounding, or 0: projected on fewer entries until all are ≥ 0."""
    free = a > 1e-9 * np.max(a, initial=0.0)
    while free.any():
        U, s, _ = np.linalg.svd(Z[free], full_matrices=False)
        U = U[:, s > max(Z.shape) * UNIT * s[0]]
        inside = np.zeros_like(a)
        inside[free] = a[free] - U @ (U.T @ a[free])
        if (inside >= 0).all():
            rounding = max(Z.shape) * UNIT * (np.abs(Z).T @ inside)
            return inside if (np.abs(Z.T @ inside) <= rounding).all() else np.zeros_like(a)
        free = inside > 0
    return np.zeros_like(a)


def _centre(Z: Float[Array, "n d"], y: Float[Array, " n"], attack: float) -> Float[Array, " n"]:
    """Weights in the simplex with nearly the least ‖Zᵀa‖ₚ, which is the largest radius of separability."""
    try:
        return largest_radius(y[:, None] * Z, y, attack).dual
    except NotSeparable as proof:
        return proof.dual


def _refuse_if_unattained(
    Z: Float[Array, "n d"], centre: Float[Array, " n"], eps: float, attack: float, size: float, loss: str
) -> None:
    """Raise if some direction never increases any loss and decreases one."""
    if eps == 0:
        if _separates_something(Z):
            raise ValueError(
                f"the {loss} loss needs data that no hyperplane separates, not even with points on it, but here "
                "some direction lowers it for ever: use theory.margin.max_margin, the limit of its descent"
            )
        return
    radius = norms.norm(Z.T @ centre, attack)
    if eps <= radius * (1 + CLOSE):
        raise ValueError(
            f"the {loss} loss has a minimiser only for eps above the radius of separability, {radius * size:.9g}, "
            f"but eps={eps * size:.9g}: use theory.margin.max_margin, the limit of its descent, or a larger eps"
        )


def _separates_something(Z: Float[Array, "n d"]) -> bool:
    """Whether some w has Zw ≥ 0 and not Zw = 0: the largest Σs over Zw ≥ s, 0 ≤ s ≤ 1, is then 1 or more."""
    length = np.abs(Z).max(axis=1)
    Z = Z[length > 0] / length[length > 0, None]
    n, d = Z.shape
    if n == 0:
        return False
    cost, rows = np.append(np.zeros(d), -np.ones(n)), np.hstack([-Z, np.eye(n)])
    bounds = [(None, None)] * d + [(0, 1)] * n
    result: Any = linprog(cost, rows, np.zeros(n), bounds=bounds, method="highs-ds")
    return bool(-result.fun > 0.5)


def _solve(
    Z: Float[Array, "n d"], eps: float, attack: float, loss: str, unit: Float[Array, " d"]
) -> tuple[Float[Array, " d"], Float[Array, " n"]]:
    """Nearly the minimiser and its dual: min Σt over t ≥ loss(c), c ≤ Zw − eps N, N ≥ ‖w‖_q."""
    n, d = Z.shape
    q = norms.dual(attack)
    w, extra, N, c, t, g, h = program.variables(d, program.helpers(d, q), 1, n, n, n, n)
    each = program.ones(n)
    blocks = [program.positive(sparse.csr_matrix(Z * unit) @ w - (eps * each) @ N - c)]
    if eps > 0:
        blocks += program.ball(sparse.diags_array(unit, format="csr") @ w, extra, N, q)
    middle = np.tile([0.0, 1.0, 0.0], n)
    if loss == "hinge":
        blocks += [program.positive(t + c, -1.0), program.positive(t)]
    elif loss == "exponential":
        blocks += [program.Block("exponential", -program.triples(-c, 0 * c, t), middle)]
    else:  # exp(−c − t) + exp(−t) ≤ g + h ≤ 1
        blocks += [
            program.Block("exponential", -program.triples(-c - t, 0 * c, g), middle),
            program.Block("exponential", -program.triples(-t, 0 * c, h), middle),
            program.positive(-g - h, 1.0),
        ]
    x, (a, *_) = program.solve(np.asarray(t.sum(axis=0)).ravel(), blocks)
    return x[:d] * unit, a

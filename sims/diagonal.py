"""Gradient descent on the factors of a diagonal linear network, seen as a Trajectory of its predictor w."""

import math

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from sims import loops
from sims.descent import (
    Trajectory,
    checked,
    conjugate,
    reach,
    record_grid,
    records,
    shaped,
    signed_rows,
    threshold,
)

Array = npt.NDArray[np.float64]


def descend_powers(
    X: Float[Array, "*B n d"],
    y: Float[Array, "*B n"],
    *,
    depth: int = 2,
    scale: float = 0.1,
    eps: float | Float[Array, " B"] = 0.0,
    attack: float = math.inf,
    step: float = 0.1,
    steps: int = 100_000,
    until: float | None = None,
) -> Trajectory:
    """Descent on (u, v) for w = u^depth − v^depth, entrywise, from u = v = scale, so from w = 0.

    The loss is L(w) = Σ exp(−y_i⟨w, x_i⟩ + eps‖w‖_{attack*}), its subgradient that of `sims.descent`. A step is
    (u, v) ← (u, v) − eta ∇ log L with eta = min{step B^{−1/depth}/‖∇ log L‖₂, 1/(2h)}: a step of fixed length,
    in the unit B = max ‖x_i‖_∞ + eps that makes rescaled data give rescaled runs; and with
    h = depth max_j |∂ log L/∂w_j| max(u_j, v_j)^{depth − 2} never so long that a factor changes by more than
    half of itself, so that all stay positive. ‖w‖ grows like t^depth.

    Batches, `until` and the Trajectory are as in `sims.descent.descend`; slopes are ‖∂ log L/∂w‖_∞.

    Raises:
        ValueError: on labels other than ±1, NaN, shapes that do not fit, or an option out of its range.
    Source: Gunasekar et al. 2018; Tsilivis et al. 2024 (robust); the steps are normalised gradient descent.
    """
    if int(depth) != depth or depth < 2:
        raise ValueError(f"depth must be a whole number ≥ 2, got {depth}: depth 1 is descent on w itself")
    return factors(X, y, (scale, scale), False, int(depth), eps, attack, step, steps, until)


def descend_product(
    X: Float[Array, "*B n d"],
    y: Float[Array, "*B n"],
    *,
    scale: float = 0.1,
    eps: float | Float[Array, " B"] = 0.0,
    attack: float = math.inf,
    step: float = 0.1,
    steps: int = 100_000,
    until: float | None = None,
) -> Trajectory:
    """Descent on (u, v) for w = u∘v, entrywise, from u = scale, v = 0, whence w can take either sign.

    As `descend_powers`, with h = max |∂ log L/∂w_j|. In exact arithmetic w is that of `descend_powers` at depth 2
    from half the scale with step/√2: u ± v are twice its factors.
    """
    return factors(X, y, (scale, 0.0), True, 2, eps, attack, step, steps, until)


def factors(
    X: Array,
    y: Array,
    start: tuple[float, float],
    product: bool,
    depth: int,
    eps: float | Array,
    attack: float,
    step: float,
    steps: int,
    until: float | None,
) -> Trajectory:
    """One run after the other on the compiled loop."""
    batch, X, y, eps = checked(X, y, eps)
    if not 0 < start[0] < math.inf:
        raise ValueError(f"scale must be positive and finite, got {start[0]}: at 0 the gradient vanishes")
    if not 0 < step < math.inf:
        raise ValueError(f"step must be positive and finite, got {step}: try 0.1")
    if not attack >= 1:
        raise ValueError(f"attack is the exponent of a norm and must be in [1, ∞], got {attack}")
    grid, d = record_grid(steps), X.shape[-1]
    points, slopes, losses, taken = records(len(eps), len(grid), d)
    rates = step * reach(X, eps, 1.0, attack, "theorem") ** (-1 / depth)
    q = conjugate(attack)
    for b in range(len(eps)):
        taken[b] = loops.descend_factors(
            signed_rows(X[b % len(X)], y[b % len(y)]),
            np.full(d, start[0]),
            np.full(d, start[1]),
            product,
            depth,
            float(eps[b]),
            q,
            float(rates[b]),
            threshold(until),
            grid,
            points[b],
            slopes[b],
            losses[b],
        )
    return shaped(batch, grid, points, slopes, losses, taken)

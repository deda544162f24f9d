"""Homogeneous models, linear, diagonal and two-layer, and their steepest descent in ℓ1, ℓ2 and ℓ∞ on log L.

The loss is L = Σ e^(−m_i) over margins m_i that are homogeneous in the parameters. Steps follow g = ∇ log 1/L,
which has softmax weights: L is never formed, and log 1/L may be as large as float64 can tell margins apart.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Float
from scipy.integrate import solve_ivp

from sims import homogeneous_loops as loops

Array = npt.NDArray[np.float64]

GEOMETRIES = (1.0, 2.0, math.inf)
CAREFUL = (
    0.02  # how far margins move per step before log 1/L = BEGUN, from where the flow is integrated implicitly
)
BEGUN = 0.9
TOLERANCE = 1e-8  # of the implicit integration, relative
BISECTIONS = 40
FARTHEST = 100.0  # d log‖theta‖ is at most the unit of time, so that no flow takes this long


@dataclass(frozen=True)
class Model:
    """Margins of one training set: which form, which degree of homogeneity, which attack; make one below."""

    form: int
    power: int
    degree: int
    X: Float[Array, "n d"]
    y: Float[Array, " n"]
    eps: float
    q: float


@dataclass(frozen=True)
class Path:
    """A steepest flow, seen when log 1/L first reached each level.

    Attributes:
        levels: of log 1/L.
        points: the parameters there; NaN where the flow did not come.
        falls: the largest fall, from the first level on, of log(log 1/L) − degree·log‖theta‖ in ℓ1, ℓ2, ℓ∞, and of
            the logarithm of the least margin over ‖theta‖^degree in the flow's own norm.
        taken: the number of steps.
    """

    levels: Float[Array, " T"]
    points: Float[Array, "T k"]
    falls: Float[Array, "4"]
    taken: int


def linear(X: Float[Array, "n d"], y: Float[Array, " n"], eps: float = 0.0, attack: float = 2.0) -> Model:
    """Margins y_i⟨theta, x_i⟩ − eps‖theta‖_{attack*}, of degree 1."""
    return _model(loops.LINEAR, 1, 1, X, y, eps, attack)


def diagonal(X: Float[Array, "n d"], y: Float[Array, " n"], eps: float = 0.0, attack: float = 2.0) -> Model:
    """The same of w = u∘u − v∘v, theta = (u, v), of degree 2."""
    return _model(loops.DIAGONAL, 2, 2, X, y, eps, attack)


def two_layer(X: Float[Array, "n d"], y: Float[Array, " n"], power: int) -> Model:
    """Margins of f = Σ a_j max(⟨w_j, x⟩, 0)^power, theta = (a, w_1, …, w_m), of degree power + 1."""
    if power not in (1, 2, 3):
        raise ValueError(f"power must be 1 (ReLU), 2 or 3, got {power}")
    return _model(loops.NETWORK, power, power + 1, X, y, 0.0, 2.0)


def start(rng: np.random.Generator, model: Model, m: int, scale: float = 0.5) -> Float[Array, " k"]:
    """Normal parameters of m hidden units, drawn again until each point makes a unit of its own sign active.

    A point that no such unit sees has no gradient, and its margin can stay 0 for ever.
    """
    d = model.X.shape[1]
    while True:
        theta = scale * rng.standard_normal(m * (d + 1))
        seen = (model.X @ theta[m:].reshape(m, d).T > 0) & (model.y[:, None] * theta[:m] > 0)
        if seen.any(axis=1).all():
            return np.asarray(theta)


def look(model: Model, theta: Float[Array, " k"]) -> tuple[Float[Array, " n"], Float[Array, "n k"]]:
    """The margins and their gradients, one row each; on a kink the one-sided derivative 0 of max(h, 0)."""
    s, G = np.zeros(len(model.X)), np.zeros((len(model.X), len(theta)))
    theta = np.asarray(theta, dtype=np.float64)
    loops.differentiate(model.form, model.power, model.X, model.y, theta, model.eps, model.q, s, G)
    return s, G


def level(model: Model, theta: Float[Array, " k"]) -> float:
    """The level log 1/L."""
    s, G = look(model, theta)
    return float(loops.weigh(s, G, np.zeros(len(theta))))


def steepest_flow(
    model: Model,
    theta: Float[Array, " k"],
    geometry: float,
    levels: Float[Array, " T"],
    *,
    step: float = 0.1,
    limit: int = 1_000_000,
) -> Path:
    """The flow of steepest ascent of log 1/L in ℓ_r, by explicit steps of unit direction and adaptive length.

    A step is eta v with ‖v‖_r = 1, ⟨g, v⟩ = ‖g‖_{r*} and eta = step/max{max_i ‖∇m_i‖_{r*}, 1/‖theta‖_r}: to first
    order no margin moves by more than `step`, nor theta by more than that share of itself. It ends at the last
    level, at a stationary point, or after `limit` steps.

    Errors: first order in `step`; where the steepest direction jumps, the steps chatter about the flow.
    Raises:
        ValueError: if the geometry is not 1, 2 or ∞, levels do not increase from above 0, or step is not positive.
    Source: Tsilivis, Gronich, Kempe & Vardi 2025 (the flow).
    """
    levels = _rising(levels)
    if geometry not in GEOMETRIES:
        raise ValueError(f"geometry must be 1, 2 or ∞, got {geometry}")
    if not 0 < step < math.inf:
        raise ValueError(f"step must be positive and finite, got {step}")
    theta = np.array(theta, dtype=np.float64)
    points, falls = np.full((len(levels), len(theta)), np.nan), np.zeros(4)
    taken = loops.flow(
        model.form,
        model.power,
        model.degree,
        model.X,
        model.y,
        theta,
        float(geometry),
        model.eps,
        model.q,
        float(step),
        levels,
        limit,
        points,
        falls,
    )
    return Path(levels, points, falls, int(taken))


def gradient_flow(model: Model, theta: Float[Array, " k"], levels: Float[Array, " T"]) -> Float[Array, "T k"]:
    """The parameters of the gradient flow at these levels of log 1/L ≥ 1, by an implicit integrator.

    In the time of dtheta/ds = g‖theta‖₂²/⟨theta, g⟩ the norm grows like e^s. Explicit steps chatter, as soon as a
    margin moves by more than about 1; implicit ones reach log 1/L = 10⁸ in a few hundred.

    Errors: 1e-8 relative per step, growing with log 1/L: margins of 10⁸ are known to a few units.
    Raises:
        ValueError: if the levels do not increase from 1 or above, or the flow does not reach them.
    Source: Hairer & Wanner, Solving ODEs II (backward differentiation).
    """
    levels = _rising(levels)
    if levels[0] < 1:
        raise ValueError(f"levels start at 1, got {levels[0]}: steepest_flow covers what comes before")
    begun = steepest_flow(model, theta, 2.0, np.array([BEGUN]), step=CAREFUL)
    if not np.isfinite(begun.points).all():
        raise ValueError("the flow did not separate the data: start where each point makes some unit active")

    def drift(_: float, theta: Array) -> Array:
        s, G = look(model, theta)
        g = np.zeros(len(theta))
        loops.weigh(s, G, g)
        return np.asarray(g * (theta @ theta) / (theta @ g))

    def arrival(_: float, theta: Array) -> float:
        return float(level(model, theta) - levels[-1])

    arrival.terminal = True  # type: ignore[attr-defined]
    run = solve_ivp(
        drift,
        (0.0, FARTHEST),
        begun.points[0],
        method="BDF",
        rtol=TOLERANCE,
        atol=TOLERANCE * 1e-2,
        events=arrival,
        dense_output=True,
    )
    if run.status != 1:
        raise ValueError(f"the flow did not reach log 1/L = {levels[-1]}: {run.message}")
    seen = np.array([level(model, point) for point in run.y.T])
    return np.array([_crossing(model, run, seen, value) for value in levels])


def normalised_descent(
    model: Model, geometry: float, eta: float, steps: npt.NDArray[np.int64]
) -> Float[Array, "T k"]:
    """The parameters after so many steps theta ← theta + eta v from 0, v steepest with ‖v‖_r = 1."""
    if geometry not in GEOMETRIES or not 0 < eta < math.inf:
        raise ValueError(f"geometry must be 1, 2 or ∞ and eta positive, got {geometry} and {eta}")
    points = np.zeros((len(steps), model.X.shape[1]))
    attack = (model.eps, model.q)
    loops.walk(model.form, model.power, model.X, model.y, float(geometry), *attack, float(eta), steps, points)
    return points


def _crossing(model: Model, run: Any, seen: Array, value: float) -> Array:
    """The point of a flow at which log 1/L has this value, by bisection between two of the times it was seen."""
    k = min(max(int(np.searchsorted(seen, value)), 1), len(seen) - 1)
    low, high = run.t[k - 1], run.t[k]
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        low, high = (middle, high) if level(model, run.sol(middle)) < value else (low, middle)
    return np.asarray(run.sol(high))


def _model(form: int, power: int, degree: int, X: Array, y: Array, eps: float, attack: float) -> Model:
    """A model with its data checked."""
    X, y = np.array(X, dtype=np.float64), np.array(y, dtype=np.float64)
    if X.ndim != 2 or y.shape != X.shape[:1] or not np.isfinite(X).all() or not np.isin(y, (-1, 1)).all():
        raise ValueError(f"X must be finite (n, d) and y (n,) labels ±1, got {X.shape} and {y.shape}")
    if not (0 <= eps < math.inf and attack in (2.0, math.inf)):
        raise ValueError(f"eps must be finite and ≥ 0 and attack 2 or ∞, got {eps} and {attack}")
    return Model(form, power, degree, X, y, float(eps), 1.0 if attack == math.inf else 2.0)


def _rising(levels: Array) -> Array:
    """Levels as an array that increases from above 0."""
    levels = np.asarray(levels, dtype=np.float64)
    if levels.ndim != 1 or levels.size == 0 or not levels[0] > 0 or not (np.diff(levels) > 0).all():
        raise ValueError(f"levels of log 1/L must increase from above 0, got {levels}")
    return levels

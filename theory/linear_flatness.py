"""Average-case flatness of linear models: how much the (robust) loss grows when the weights are moved at random.

R(w) = mean_i ψ_i(⟨w, x_i⟩, ‖w‖_q) is the mean worst loss, ψ(s, N) = log(1 + exp(−y s + eps N)) or
(|y − s| + eps N)²/2, with 1/attack + 1/q = 1. The flatness is E R(w + ν) − R(w), with ν uniform on the sphere of
radius xi‖w‖₂ and the attack made anew for each ν. Two projections of a uniform direction decide: on x_i, and on
the direction e along which ‖w + ν‖_q varies, w/‖w‖₂ for q = 2 and sign(w)/√d for q = 1 as long as no sign changes.
"""

import math
from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy import special

from theory import checks, norms
from theory.projection import direction_mean, mean_abs, projection_rule

LOSSES = ("logistic", "squared")
NODES, PER_UNIT, MOST = 24, 6, 1500  # of Gauss's rule, its length by the distance π/slope of the loss's poles
FAR = 1e5  # how far scores may move
LENGTHS = 5  # radii of the ball, besides those that its density asks for


def sphere_flatness(
    w: Float[Array, " d"],
    X: Float[Array, "n d"],
    y: Float[Array, " n"],
    eps: float,
    xi: float,
    *,
    attack: float = 2.0,
    loss: str = "logistic",
) -> float:
    """E R(w + ν) − R(w) with ν uniform on the sphere of radius xi‖w‖₂, for attack 2 or ∞.

    In closed form for the squared loss without attack, xi²‖w‖² mean‖x_i‖²/(2d); by quadrature otherwise.

    Errors: 1e-9 of the loss, if xi‖w‖‖x_i‖ ≤ 200.
    Raises:
        ValueError: if eps > 0 and the attack is neither 2 nor ∞, or is ∞ and xi‖w‖₂ > min_j |w_j|, so that a
            weight may change its sign (see `attacked_bounds`); if the loss is unknown, w = 0, or on bad input.
    Source: the measure is that of Stutz, Hein & Schiele 2021, §3; its value for linear models is worked out here.
    """
    w, X, y, eps, xi, q = _checked(w, X, y, eps, xi, attack, loss)
    d, radius = len(w), xi * norms.norm(w, 2)
    _refuse_if_far(radius * float(np.linalg.norm(X, axis=1).max()), xi, eps, loss)
    now = worst_losses(w, X, y, eps, attack, loss)
    if eps == 0:
        return float(np.mean(_mean(y, X @ w, radius * np.linalg.norm(X, axis=1), 0.0, d, loss) - now))
    e, size = _varying(w, xi, radius, q)
    along = X @ e
    across = np.sqrt(np.maximum((X**2).sum(1) - along**2, 0))

    def at(t: float) -> Float[Array, " n"]:
        B = radius * math.sqrt(max(0.0, 1 - t**2)) * across
        return np.asarray(_mean(y, X @ w + radius * t * along, B, eps * size(t), max(1, d - 1), loss) - now)

    return float(direction_mean(at, d).mean())


def ball_flatness(
    w: Float[Array, " d"],
    X: Float[Array, "n d"],
    y: Float[Array, " n"],
    eps: float,
    xi: float,
    *,
    attack: float = 2.0,
    loss: str = "logistic",
) -> float:
    """The same with ν uniform in the ball: ∫ d s^(d−1) F(s·xi) ds over [0, 1], F the flatness on the sphere.

    Errors: as for `sphere_flatness`.
    Raises:
        ValueError: as for `sphere_flatness`.
    """
    d, xi = len(checks.real(w, "w", 1)), checks.amount(xi, "xi")
    nodes, weights = np.polynomial.legendre.leggauss(LENGTHS + d // 2)
    s = (nodes + 1) / 2
    spheres = [sphere_flatness(w, X, y, eps, xi * share, attack=attack, loss=loss) for share in s]
    return float(weights / 2 * d * s ** (d - 1) @ np.array(spheres))


def frozen_points(
    w: Float[Array, " d"],
    X: Float[Array, "n d"],
    y: Float[Array, " n"],
    eps: float,
    *,
    attack: float = 2.0,
    loss: str = "logistic",
) -> Float[Array, "n d"]:
    """The worst points x_i − s_i eps u, u aligned with w, s_i = y_i or the sign of the residual y_i − ⟨w, x_i⟩.

    The loss at w + ν on these points, without a further attack, is the flatness with a frozen adversary.

    Raises:
        ValueError: as for `sphere_flatness`.
    """
    w, X, y, eps, _, q = _checked(w, X, y, eps, 0.0, attack, loss)
    s = y if loss == "logistic" else np.where(y - X @ w >= 0, 1.0, -1.0)
    return np.asarray(X - eps * s[:, None] * norms.align(w, q))


def attacked_bounds(
    w: Float[Array, " d"], X: Float[Array, "n d"], y: Float[Array, " n"], eps: float, xi: float
) -> tuple[float, float]:
    """Two numbers between which the flatness of the logistic loss lies under any ℓ∞ attack, signs changing or not.

    F ≤ flatness ≤ F + eps(E‖w + ν‖₁ − ‖w‖₁), F that with a frozen adversary: a new attack is at least as bad, and
    the loss is 1-Lipschitz in eps‖w + ν‖₁. They agree as long as no sign changes.

    Errors: 1e-9 of the loss.
    Raises:
        ValueError: as for `sphere_flatness`.
    """
    eps, xi = checks.radius(eps), checks.amount(xi, "xi")
    low = sphere_flatness(w, frozen_points(w, X, y, eps, attack=math.inf), y, 0.0, xi)
    w = checks.real(w, "w", 1)
    moved = mean_abs(w, np.full(len(w), xi * norms.norm(w, 2)), len(w))
    return low, low + eps * float((moved - np.abs(w)).sum())


def small_radius_law(
    w: Float[Array, " d"],
    X: Float[Array, "n d"],
    y: Float[Array, " n"],
    eps: float,
    xi: float,
    *,
    attack: float = 2.0,
    loss: str = "logistic",
) -> float:
    """xi²‖w‖²/(2d) tr ∇²R, the flatness with a frozen adversary up to O(xi⁴).

    Raises:
        ValueError: as for `sphere_flatness`.
    """
    Z = frozen_points(w, X, y, eps, attack=attack, loss=loss)
    w, X, y, eps, xi, _ = _checked(w, X, y, eps, xi, attack, loss)
    c = Z @ w
    second = special.expit(c) * special.expit(-c) if loss == "logistic" else np.ones(len(y))
    return float((xi * norms.norm(w, 2)) ** 2 / (2 * len(w)) * np.mean(second * (Z**2).sum(1)))


def worst_losses(
    w: Float[Array, " d"], X: Float[Array, "n d"], y: Float[Array, " n"], eps: float, attack: float, loss: str
) -> Float[Array, " n"]:
    """ψ_i(⟨w, x_i⟩, ‖w‖_q): the loss of each point at its worst.

    Raises:
        ValueError: as for `sphere_flatness`.
    """
    w, X, y, eps, _, _ = _checked(w, X, y, eps, 0.0, attack, loss)
    return _mean(y, X @ w, np.zeros(len(y)), eps * norms.norm(w, norms.dual(attack)), 1, loss)


def _refuse_if_far(reach: float, xi: float, eps: float, loss: str) -> None:
    """Raise where quadrature would not end: scores that move by more than FAR, or radii above it."""
    if loss == "logistic" and reach > FAR:
        raise ValueError(f"xi‖w‖‖x_i‖ must be at most {FAR:g} for the quadrature, got {reach:.4g}; lower xi")
    if eps > 0 and xi > FAR:
        raise ValueError(f"xi must be at most {FAR:g} under attack, got {xi}: quadrature would not end")


def _mean(
    y: Float[Array, " n"], s: Float[Array, " n"], B: Float[Array, " n"], push: float, k: int, loss: str
) -> Float[Array, " n"]:
    """E ψ at the score s + B r and eps‖w‖_q = push, r one coordinate of the unit sphere of R^k."""
    if loss == "squared":
        return np.asarray(((y - s) ** 2 + B**2 / k + 2 * push * mean_abs(y - s, B, k) + push**2) / 2)
    if not B.any():
        return np.asarray(np.logaddexp(0, push - y * s))
    r, chance = projection_rule(k, min(MOST, NODES + PER_UNIT * math.ceil(B.max())))
    return np.asarray(np.logaddexp(0, push - (y * s)[:, None] + B[:, None] * r) @ chance)


def _varying(
    w: Float[Array, " d"], xi: float, radius: float, q: float
) -> tuple[Float[Array, " d"], Callable[[float], float]]:
    """The unit vector e and ‖w + radius u‖_q as a function of t = ⟨u, e⟩."""
    size = norms.norm(w, q)
    if q == 2:
        return w / size, lambda t: size * math.sqrt(max(0.0, 1 + xi**2 + 2 * xi * t))
    if q == 1 and radius <= np.abs(w).min():
        root = math.sqrt(len(w))
        return np.sign(w) / root, lambda t: size + radius * root * t
    if q == 1:
        raise ValueError(
            f"xi·‖w‖₂ must be at most the smallest |w_j| = {np.abs(w).min():g} under attack ∞, got {radius:g}: "
            "signs change and attacked_bounds is what is known"
        )
    raise ValueError(f"attack must be 2 or inf where eps > 0, got the dual of {q:g}; eps=0 takes any")


def _checked(
    w: Float[Array, " d"],
    X: Float[Array, "n d"],
    y: Float[Array, " n"],
    eps: float,
    xi: float,
    attack: float,
    loss: str,
) -> tuple[Float[Array, " d"], Float[Array, "n d"], Float[Array, " n"], float, float, float]:
    """The arguments, and the dual exponent of the attack in its place."""
    w = checks.real(w, "w", 1, reach=checks.CUBE)
    X, y = checks.regression(X, y, reach=checks.CUBE)
    if len(w) != X.shape[1] or not w.any():
        raise ValueError(f"w must be {X.shape[1]} numbers, not all 0, to match X, got {w}")
    if loss not in LOSSES:
        raise ValueError(f"loss must be one of {', '.join(LOSSES)}; got {loss!r}")
    if loss == "logistic" and not np.isin(y, (-1.0, 1.0)).all():
        raise ValueError(f"y must hold the labels -1 and +1, got {np.unique(y)[:5]}; map your classes to them")
    q = norms.dual(checks.exponent(attack, "attack"))
    return w, X, y, checks.radius(eps), checks.amount(xi, "xi"), q

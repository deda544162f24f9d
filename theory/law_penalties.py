"""Laws about penalties: what happens along the path of a strength or of an adversary's radius."""

from collections.abc import Callable
from typing import Any

import numpy as np

from theory import law_instances as draw
from theory.checks import Array
from theory.law import Gap, Law, worst
from theory.law_fits import (
    ROUNDINGS,
    STRENGTHS,
    UNIT,
    coefficients,
    fit,
    has_coefficients,
    is_regressor,
    parameters,
    rounding,
    score,
    target,
    with_parameters,
)
from theory.law_instances import CLEAR, Instance, condition, instances
from theory.norms import dual, norm


def strength(estimator: Any) -> str | None:
    """The name of the parameter that is a penalty's strength, a number or a path of them, if there is one."""
    known = parameters(estimator)
    names = [name for name in STRENGTHS if isinstance(known.get(name), (int, float, tuple, list))]
    return names[0] if names else None


def penalised(estimator: Any, value: float) -> Any:
    """The estimator with this strength."""
    name = strength(estimator)
    return with_parameters(estimator, **{str(name): (value,) if name == "lams" else value})


def has_strength(estimator: Any) -> bool:
    """A regressor with a penalty."""
    return is_regressor(estimator) and strength(estimator) is not None


def _path(estimator: Any, case: Instance) -> tuple[Any, Any]:
    """The fits with the weaker and with the stronger penalty."""
    weak, strong = sorted(case.more["strengths"])
    return tuple(fit(penalised(estimator, value), case.X, case.y) for value in (weak, strong))


def _residuals(estimator: Any, case: Instance) -> Gap:
    weak, strong = (float(np.linalg.norm(case.y - score(f, case.X))) for f in _path(estimator, case))
    allowed, size = rounding(case.y, (case.X, case.X))
    return Gap(weak - strong, float(np.linalg.norm(allowed)), float(np.linalg.norm(size)))


RESIDUAL_GROWS = Law(
    name="residual_grows",
    statement="‖y − f(X)‖ does not decrease in the strength of the penalty",
    kinds=("least squares with any penalty: ridge, lasso, elastic net, kernel ridge",),
    source="add the inequalities L(u) + aR(u) ≤ L(v) + aR(v) and L(v) + bR(v) ≤ L(u) + bR(u), a < b",
    instances=instances({"strengths": lambda n, d: draw.factors(2)}),
    applies=has_strength,
    relation=_residuals,
)


def _norms(estimator: Any, case: Instance) -> Gap:
    weak, strong = (float(np.linalg.norm(coefficients(f))) for f in _path(estimator, case))
    allowed, size = rounding(case.y, (case.X, np.eye(case.X.shape[1])))
    return Gap(strong - weak, float(np.linalg.norm(allowed)), float(np.linalg.norm(size)))


NORM_FALLS = Law(
    name="norm_falls",
    statement="‖w‖₂ does not increase in the strength of the penalty",
    kinds=("ridge",),
    source="the same two inequalities, R(w) = ‖w‖₂²; for another R it is R that falls, not ‖w‖₂",
    instances=instances({"strengths": lambda n, d: draw.factors(2)}),
    applies=lambda estimator: has_strength(estimator) and has_coefficients(estimator),
    relation=_norms,
)


def _limit(estimator: Any, case: Instance) -> Gap:
    free = bool(parameters(estimator).get("fit_intercept", False))
    shift, level = (case.X.mean(axis=0), case.y.mean()) if free else (np.zeros(case.X.shape[1]), 0.0)
    X, y, Z, n = case.X - shift, case.y - level, case.Z - shift, len(case.y)
    s = np.linalg.svd(X, compute_uv=False)
    if s[0] <= CLEAR * np.abs(case.X).max():
        raise ValueError("every point is the same: nothing is left of X without its mean")
    least = s[s > CLEAR * s[0]][-1]
    small = 2.0**-20 * least**2 / n
    inverse = np.linalg.pinv(X, CLEAR)
    reach = np.linalg.norm(y) * np.linalg.norm(Z @ inverse, axis=1)
    allowed, size = rounding(case.y, (case.X, case.Z))
    noise = ROUNDINGS * n * UNIT * condition(X) ** 2 * 2**20  # also where X has no direction
    allowed += n * small / least**2 * reach + noise * np.linalg.norm(y) * np.linalg.norm(Z, axis=1) / least
    reached = score(fit(penalised(estimator, small), case.X, case.y), case.Z)
    return worst(reached, Z @ (inverse @ y) + level, allowed, size)


VANISHING_PENALTY = Law(
    name="vanishing_penalty",
    statement="|f_lam(z) − f₀(z)| ≤ (n lam/σ²) ‖y‖ ‖z X⁺‖, f₀ the least squares fit of least ‖w‖₂, σ the least "
    "singular value that is not 0",
    kinds=("ridge, lam beside a mean or a sum of losses",),
    source="s/(s² + n lam) = (1/s)(1 − n lam/(s² + n lam)), singular value by singular value",
    instances=instances(),
    applies=lambda estimator: has_strength(estimator) and has_coefficients(estimator),
    relation=_limit,
)


def _parallel(estimator: Any, case: Instance) -> Gap:
    model = fit(estimator, case.X, case.y)
    w, fitted = coefficients(model), score(model, case.X)
    left = case.X.T @ (case.y - fitted)
    beside = left - w * (left @ w) / (w @ w) if w.any() else left
    terms = np.abs(case.X).T @ (np.abs(case.y) + np.abs(fitted) + np.abs(case.X) @ np.abs(w))
    size = float(terms.max())
    return Gap(float(np.abs(beside).max()), ROUNDINGS * max(case.X.shape) * UNIT * size, size)


TIKHONOV = Law(
    name="tikhonov",
    statement="Xᵀ(y − f(X)) is a multiple of w",
    kinds=("ridge of any strength, chosen in any way", "least squares", "minimum l2-norm"),
    source="stationarity: Xᵀ(y − Xw − b1) = n lam w",
    instances=instances(features=(2, 4)),
    applies=lambda estimator: is_regressor(estimator) and has_coefficients(estimator),
    relation=_parallel,
)


def has_radius(estimator: Any) -> bool:
    """A linear estimator that minimises a loss under an attack of radius eps and exponent attack."""
    known = parameters(estimator)
    return {"eps", "attack", "loss"} <= set(known) and known["loss"] in LOSSES


LOSSES: dict[str, Callable[[Array], Array]] = {
    "squared": lambda u: u**2 / 2,
    "absolute": lambda u: u,
    "hinge": lambda c: np.maximum(0.0, 1 - c),
    "logistic": lambda c: np.logaddexp(0.0, -c),
    "exponential": lambda c: np.exp(-c),
}


def _fitted(estimator: Any, case: Instance, eps: float) -> Array:
    """The coefficients of the fit at radius eps."""
    return coefficients(fit(with_parameters(estimator, eps=eps), case.X, target(estimator, case)))


def _robust_loss(estimator: Any, case: Instance, eps: float, w: Array) -> float:
    """The mean worst-case loss of w at radius eps."""
    y, known = target(estimator, case), parameters(estimator)
    clean, reach = case.X @ w, eps * norm(w, dual(known["attack"]))
    robust = np.abs(y - clean) + reach if is_regressor(estimator) else y * clean - reach
    return float(np.mean(LOSSES[known["loss"]](robust)))


def _radii(estimator: Any, case: Instance) -> Gap:
    radii = sorted(case.more["radii"] / 8)
    small, large = (_robust_loss(estimator, case, eps, _fitted(estimator, case, eps)) for eps in radii)
    n, size = len(case.y), max(small, large)
    return Gap(small - large, ROUNDINGS * n * UNIT * size, size)


ROBUST_LOSS_GROWS = Law(
    name="robust_loss_grows",
    statement="the least mean worst-case loss does not decrease in eps",
    kinds=("adversarial training to the minimum",),
    source="a larger ball holds the smaller one",
    instances=instances({"radii": lambda n, d: draw.counts(2, 0, 8)}),
    applies=has_radius,
    relation=_radii,
)


def _still(estimator: Any, case: Instance) -> Gap:
    """The excess of the robust loss over that of perturbed coefficients."""
    eps = float(case.more["radii"][0]) / 8
    w = _fitted(estimator, case, eps)
    moves = [t * w for t in (0.5, 0.99, 1.01, 2.0)]
    moves += [w + case.more["step"] * t * (np.linalg.norm(w) + 1.0) for t in (2.0**-3, 2.0**-9)]
    own, *others = (_robust_loss(estimator, case, eps, v) for v in (w, *moves))
    return Gap(own - min(others), ROUNDINGS * len(case.y) * UNIT * own, own)


ROBUST_OPTIMUM = Law(
    name="robust_optimum",
    statement="no step from w along itself or a drawn direction lowers the mean worst-case loss",
    kinds=("adversarial training to the minimum",),
    source="definition of the minimum; the worst case of a linear score is eps‖w‖_{attack*} (Hölder)",
    instances=instances({"radii": lambda n, d: draw.counts(1, 0, 8), "step": lambda n, d: draw.integers((d,))}),
    applies=has_radius,
    relation=_still,
)

PENALTIES = (RESIDUAL_GROWS, NORM_FALLS, VANISHING_PENALTY, TIKHONOV, ROBUST_LOSS_GROWS, ROBUST_OPTIMUM)

"""Laws about margins: labels, separation, scale, what supports a separator, and the adversary's radius."""

from typing import Any

import numpy as np

from theory import law_instances as draw
from theory.checks import Array
from theory.law import Gap, Law, worst
from theory.law_fits import (
    ROUNDINGS,
    UNIT,
    coefficients,
    fit,
    has_coefficients,
    is_classifier,
    parameters,
    same,
    score,
    with_parameters,
)
from theory.law_instances import Instance, instances
from theory.norms import dual, norm


def has_margin(estimator: Any) -> bool:
    """A linear classifier with a decision function."""
    return is_classifier(estimator) and hasattr(estimator, "decision_function") and has_coefficients(estimator)


def has_attack(estimator: Any) -> bool:
    """A linear classifier that maximises a margin under an attack of radius eps and exponent attack."""
    known = parameters(estimator)
    return has_margin(estimator) and {"eps", "attack"} <= set(known) and "loss" not in known


def _unit(model: Any, X: Array, Z: Array) -> Array:
    """Scores at Z in units of the length of those at X."""
    return np.asarray(score(model, Z) / np.linalg.norm(score(model, X)))


def _flipped(estimator: Any, case: Instance) -> Gap:
    plain, flipped = (score(fit(estimator, case.X, y), case.Z) for y in (case.labels, -case.labels))
    return same(estimator, flipped, -plain, case.labels, (case.X, case.Z))


LABEL_FLIP = Law(
    name="label_flip",
    statement="f[X, −y] = −f[X, y]",
    kinds=("any loss of the margin y f(x) with an even penalty",),
    source="(f, y) ↦ (−f, −y) leaves every margin alone",
    instances=instances(),
    applies=is_classifier,
    relation=_flipped,
)


def _named(estimator: Any, case: Instance) -> Gap:
    Z = np.vstack([case.Z, case.X])
    plain = np.asarray(fit(estimator, case.X, case.labels).predict(Z), dtype=np.float64)
    named = np.asarray(fit(estimator, case.X, (case.labels + 7) / 2).predict(Z), dtype=np.float64)
    return Gap(float(np.abs(2 * named - 7 - plain).max()), 0.0, 0.0)


LABEL_NAMES = Law(
    name="label_names",
    statement="the predicted class does not depend on what the two classes are called, in the same order",
    kinds=("every classifier",),
    source="labels are names",
    instances=instances(),
    applies=is_classifier,
    relation=_named,
)


def _separated(estimator: Any, case: Instance) -> Gap:
    margins = case.labels * score(fit(estimator, case.X, case.labels), case.X)
    size = float(np.abs(margins).max())
    return Gap(-float(margins.min()) + UNIT * size, 0.0, 0.0)


SEPARATION = Law(
    name="separation",
    statement="y_i f(x_i) > 0 for every sample, if some ⟨w, x⟩ separates the classes",
    kinds=("maximum margin", "perceptron run to its end", "unpenalised losses of the margin"),
    source="a separator has a positive margin, and the largest is no smaller; Novikoff 1962 for the perceptron",
    instances=instances(separable=True),
    applies=is_classifier,
    relation=_separated,
)


def _scaled(estimator: Any, case: Instance) -> Gap:
    c = float(case.more["c"])
    plain = fit(estimator, case.X, case.labels)
    known = parameters(estimator)
    larger = with_parameters(estimator, eps=c * known["eps"]) if "eps" in known else estimator
    scaled = fit(larger, c * case.X, case.labels)
    left, right = _unit(scaled, c * case.X, c * case.Z), _unit(plain, case.X, case.Z)
    return same(estimator, left, right, case.labels, (case.X, case.Z))


MARGIN_SCALING = Law(
    name="margin_scaling",
    statement="f[cX, y](cz) is a multiple of f[X, y](z) for c > 0, the attack's radius scaled too",
    kinds=("maximum margin without intercept", "hard-margin machines"),
    source="⟨w, cz⟩ = c⟨w, z⟩: the margin of every w is multiplied by c",
    instances=instances({"c": lambda n, d: draw.powers(5)}, separable=True),
    applies=has_margin,
    relation=_scaled,
)


def _beyond(estimator: Any, case: Instance) -> Gap:
    y, i = case.labels, int(case.more["index"])
    plain = fit(estimator, case.X, y)
    w, margins = coefficients(plain), y * score(plain, case.X)
    far = 2 * max(1.0, float(margins.max()))
    added = case.X[i] + y[i] * (far - margins[i]) * w / (w @ w)
    more = fit(estimator, np.vstack([case.X, added]), np.r_[y, y[i]])
    before, after = (_unit(model, case.X, case.Z) for model in (plain, more))
    return same(estimator, after, before, y, (case.X, case.Z))


FAR_POINT = Law(
    name="far_point",
    statement="a sample added where y f(x) ≥ 2 max(1, the largest margin) leaves the direction of f alone",
    kinds=("maximum margin", "support vector machines of hinge loss summed over samples"),
    source="its constraint is slack and its multiplier 0: the old solution and multipliers stay optimal",
    instances=instances({"index": lambda n, d: draw.counts(1, 0, n - 1).map(lambda c: c[0])}, separable=True),
    applies=has_margin,
    relation=_beyond,
)


def _supported(estimator: Any, case: Instance) -> Gap:
    y = case.labels
    plain = fit(estimator, case.X, y)
    margins = y * score(plain, case.X)
    keep = margins <= 1.001 * max(1.0, float(margins.min()))  # more samples than those with multipliers do no harm
    fewer = fit(estimator, case.X[keep], y[keep])
    before, after = (_unit(model, case.X, case.Z) for model in (plain, fewer))
    return same(estimator, after, before, y, (case.X, case.Z))


SUPPORT = Law(
    name="support",
    statement="the samples with y f(x) ≤ max(1, the least margin) alone give the direction of f",
    kinds=("maximum margin", "support vector machines of hinge loss summed over samples"),
    source="complementary slackness: the others have multiplier 0",
    instances=instances(separable=True),
    applies=has_margin,
    relation=_supported,
)


def _least(estimator: Any, case: Instance, eps: float) -> tuple[float, Array]:
    """The least clean margin of the fit at radius eps, and its w."""
    w = coefficients(fit(with_parameters(estimator, eps=eps), case.X, case.labels))
    return float(np.min(case.labels * (case.X @ w))), w


def _margin(estimator: Any, case: Instance, eps: float) -> float:
    """The least margin under attack of the fit at radius eps, over ‖w‖ₚ."""
    known = parameters(estimator)
    clean, w = _least(estimator, case, eps)
    return (clean - eps * norm(w, dual(known["attack"]))) / norm(w, known.get("p", 2.0))


def _shares(estimator: Any, case: Instance) -> list[float]:
    """Two radii, smaller first, at which the clean separator still separates."""
    clean, w = _least(estimator, case, 0.0)
    safe = clean / norm(w, dual(parameters(estimator)["attack"]))
    return [share * safe / 8 for share in sorted(case.more["shares"])]


def _slack(case: Instance, p: float) -> tuple[float, float]:
    """What rounding allows of a margin over ‖w‖ₚ, and its size."""
    size = max(norm(x, dual(p)) for x in case.X)
    return ROUNDINGS * max(case.X.shape) * UNIT * size, size


def _falls(estimator: Any, case: Instance) -> Gap:
    low, high = _shares(estimator, case)
    small, large = _margin(estimator, case, low), _margin(estimator, case, high)
    return Gap(large - small, *_slack(case, parameters(estimator).get("p", 2.0)))


MARGIN_FALLS = Law(
    name="margin_falls",
    statement="the largest margin under attack does not increase in eps",
    kinds=("maximum margin under attack",),
    source="γ(eps) = max over ‖w‖ₚ ≤ 1 of min y⟨w, x⟩ − eps‖w‖_{attack*}, each term falling in eps",
    instances=instances({"shares": lambda n, d: draw.counts(2, 0, 7)}, separable=True),
    applies=has_attack,
    relation=_falls,
)


def _convex(estimator: Any, case: Instance) -> Gap:
    low, high = _shares(estimator, case)
    ends = (_margin(estimator, case, low) + _margin(estimator, case, high)) / 2
    middle = _margin(estimator, case, (low + high) / 2)
    return Gap(middle - ends, *_slack(case, parameters(estimator).get("p", 2.0)))


MARGIN_CONVEX = Law(
    name="margin_convex",
    statement="the largest margin under attack is convex in eps: γ((a + b)/2) ≤ (γ(a) + γ(b))/2",
    kinds=("maximum margin under attack",),
    source="a maximum over w of functions that are affine in eps",
    instances=instances({"shares": lambda n, d: draw.counts(2, 0, 7)}, separable=True),
    applies=has_attack,
    relation=_convex,
)


def _dual_attack(estimator: Any, case: Instance) -> Gap:
    p = parameters(estimator).get("p", 2.0)
    facing = with_parameters(estimator, attack=dual(p))
    _, eps = _shares(facing, case)
    clean, robust = (_margin(facing, case, e) for e in (0.0, eps))
    return worst(robust, clean - eps, *_slack(case, p))


DUAL_ATTACK = Law(
    name="dual_attack",
    statement="under an attack in the norm dual to ‖w‖ₚ, γ(eps) = γ(0) − eps",
    kinds=("maximum margin under attack",),
    source="the penalty eps‖w‖ₚ is constant on the sphere ‖w‖ₚ = 1; the dual of the dual norm is the norm",
    instances=instances({"shares": lambda n, d: draw.counts(2, 0, 7)}, separable=True),
    applies=has_attack,
    relation=_dual_attack,
)

MARGINS = (
    LABEL_FLIP,
    LABEL_NAMES,
    SEPARATION,
    MARGIN_SCALING,
    FAR_POINT,
    SUPPORT,
    MARGIN_FALLS,
    MARGIN_CONVEX,
    DUAL_ATTACK,
)

"""Laws about targets: scale, sums, shifts, and targets that are fitted values."""

from typing import Any

import numpy as np

from theory import law_instances as draw
from theory.checks import Array
from theory.law import Gap, Law
from theory.law_fits import (
    fit,
    has_intercept,
    is_regressor,
    rounding,
    same,
    score,
)
from theory.law_instances import Instance, instances

LINEAR = ("least squares", "ridge of fixed strength", "minimum l2-norm", "kernel ridge of fixed strength")


def centres(estimator: Any) -> bool:
    """A regressor that has an intercept, as far as its parameters say."""
    return is_regressor(estimator) and has_intercept(estimator)


def _predict(estimator: Any, case: Instance, y: Array) -> Array:
    return score(fit(estimator, case.X, y), case.Z)


def _combination(estimator: Any, case: Instance, terms: list[tuple[float, Array]]) -> Gap:
    """f[X, Σ c y] = Σ c f[X, y]."""
    whole = _predict(estimator, case, np.sum([c * y for c, y in terms], axis=0))
    parts = np.sum([c * _predict(estimator, case, y) for c, y in terms], axis=0)
    most = np.sum([np.abs(c * y) for c, y in terms], axis=0)
    return same(estimator, whole, parts, most, (case.X, case.Z))


TARGET_SCALING = Law(
    name="target_scaling",
    statement="f[X, cy] = c f[X, y] for c > 0",
    kinds=(*LINEAR, "minimum norm", "robust least squares", "nearest points", "trees"),
    source="(w, y) ↦ (cw, cy) multiplies a homogeneous objective by a constant",
    instances=instances({"c": lambda n, d: draw.powers(6)}),
    applies=is_regressor,
    relation=lambda estimator, case: _combination(estimator, case, [(float(case.more["c"]), case.y)]),
)

TARGET_SIGN = Law(
    name="target_sign",
    statement="f[X, −y] = −f[X, y]",
    kinds=(*LINEAR, "any convex loss of |y − ⟨w, x⟩| with a penalty ‖w‖", "nearest points", "trees"),
    source="(w, y) ↦ (−w, −y) leaves the objective alone",
    instances=instances(),
    applies=is_regressor,
    relation=lambda estimator, case: _combination(estimator, case, [(-1.0, case.y)]),
)

ADDITIVITY = Law(
    name="additivity",
    statement="f[X, y + cv] = f[X, y] + c f[X, v]",
    kinds=(*LINEAR, "nearest points"),
    source="the minimiser of a quadratic is linear in y",
    instances=instances({"v": lambda n, d: draw.integers((n,), 5), "c": lambda n, d: draw.numbers()}),
    applies=is_regressor,
    relation=lambda estimator, case: _combination(
        estimator, case, [(1.0, case.y), (float(case.more["c"]), case.more["v"])]
    ),
)


def _lifted(estimator: Any, case: Instance) -> Gap:
    shift = float(case.more["shift"]) * max(1.0, np.abs(case.y).max())
    lifted, plain = _predict(estimator, case, case.y + shift), _predict(estimator, case, case.y)
    return same(estimator, lifted, plain + shift, np.abs(case.y) + abs(shift), (case.X, case.Z))


TARGET_TRANSLATION = Law(
    name="target_translation",
    statement="f[X, y + c1] = f[X, y] + c",
    kinds=("any fit of y − f(x) with a free intercept", "nearest points", "trees"),
    source="b ↦ b + c absorbs the shift and is not penalised",
    instances=instances({"shift": lambda n, d: draw.numbers()}),
    applies=centres,
    relation=_lifted,
)


def _constant(estimator: Any, case: Instance) -> Gap:
    y = np.full(len(case.X), float(case.more["c"]))
    return same(estimator, _predict(estimator, case, y), np.full(len(case.Z), y[0]), y, (case.X, case.Z))


CONSTANTS = Law(
    name="constants",
    statement="f[X, c1] = c",
    kinds=("any penalised fit of y − f(x) with a free intercept", "nearest points", "trees"),
    source="w = 0, b = c has neither loss nor penalty",
    instances=instances({"c": lambda n, d: draw.numbers()}),
    applies=centres,
    relation=_constant,
)


def _twice(estimator: Any, case: Instance) -> Gap:
    model = fit(estimator, case.X, case.y)
    again = _predict(estimator, case, score(model, case.X))
    return same(estimator, again, score(model, case.Z), case.y, (case.X, case.Z))


IDEMPOTENCE = Law(
    name="idempotence",
    statement="f[X, f[X, y](X)] = f[X, y]: refitting on fitted values changes nothing",
    kinds=("least squares", "minimum norm", "interpolating kernels"),
    source="the fitted values are a projection of y, and a projection is its own square",
    instances=instances(),
    applies=is_regressor,
    relation=_twice,
)


def _contraction(estimator: Any, case: Instance) -> Gap:
    v = case.more["v"] * max(1.0, np.abs(case.y).max())
    one, other = (score(fit(estimator, case.X, y), case.X) for y in (case.y, v))
    moved, fitted = case.y - v, one - other
    most = np.abs(case.y) + np.abs(v)
    allowed, size = rounding(most, (case.X, case.X))
    length = np.linalg.norm(most)
    return Gap(
        float(fitted @ fitted - fitted @ moved), float(4 * length * allowed.sum()), float(length * size.sum())
    )


FIRM_CONTRACTION = Law(
    name="firm_contraction",
    statement="‖Δf‖² ≤ ⟨Δf, Δy⟩ for the differences of two targets and of their fitted values",
    kinds=("least squares with any convex penalty: ridge, lasso, elastic net", "minimum norm", "kernel ridge"),
    source="fitted values are a proximal point of y (Moreau, 1965); Rockafellar, Convex Analysis, §31",
    instances=instances({"v": lambda n, d: draw.integers((n,))}),
    applies=is_regressor,
    relation=_contraction,
)


TARGETS = (
    TARGET_SCALING,
    TARGET_SIGN,
    ADDITIVITY,
    TARGET_TRANSLATION,
    CONSTANTS,
    IDEMPOTENCE,
    FIRM_CONTRACTION,
)

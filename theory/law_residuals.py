"""Laws about residuals: what a fit leaves over, where it interpolates, and leaving one out."""

from typing import Any

import numpy as np

from theory.checks import Array
from theory.law import Gap, Law, worst
from theory.law_fits import (
    ROUNDINGS,
    UNIT,
    coefficients,
    fit,
    has_coefficients,
    is_regressor,
    parameters,
    rounding,
    same,
    score,
    target,
    with_parameters,
)
from theory.law_instances import Instance, instances
from theory.law_targets import LINEAR, centres


def _sum(estimator: Any, case: Instance) -> Gap:
    residual = case.y - score(fit(estimator, case.X, case.y), case.X)
    allowed, size = rounding(case.y, (case.X, case.X))
    return Gap(abs(float(residual.sum())), float(allowed.sum()), float(size.sum()))


RESIDUALS_SUM = Law(
    name="residuals_sum",
    statement="Σ (y_i − f(x_i)) = 0",
    kinds=("penalised least squares with a free intercept", "trees"),
    source="the derivative of the squared loss in b",
    instances=instances(),
    applies=centres,
    relation=_sum,
)


def _missed(estimator: Any, case: Instance) -> Gap:
    model = fit(estimator, case.X, case.y)
    fitted = score(model, case.X)
    terms = np.abs(case.X).max() * np.linalg.norm(np.linalg.pinv(case.X) @ case.y, 1) + np.abs(case.y).max()
    return worst(fitted, case.y, ROUNDINGS * max(case.X.shape) * UNIT * terms, np.abs(case.y).max())


INTERPOLATION = Law(
    name="interpolation",
    statement="f[X, y](x_i) = y_i, if the rows of X are independent",
    kinds=("least squares", "minimum norm", "kernels without penalty", "trees without limits"),
    source="then Xw = y has solutions, whose residual a stable solver leaves at rounding, whatever cond(X)",
    instances=instances(wide=True, samples=(2, 5), grades=12, worst=1e10),
    applies=is_regressor,
    relation=_missed,
)


def _correlation(model: Any, case: Instance) -> tuple[Array, float]:
    """The vector Xᵀ(y − f(X)) and the size of its terms, ‖X‖(‖y‖ + ‖X‖‖w‖)."""
    length = float(np.linalg.norm(case.X))
    size = length * (np.linalg.norm(case.y) + length * np.linalg.norm(coefficients(model)))
    return case.X.T @ (case.y - score(model, case.X)), float(size)


def _normal(estimator: Any, case: Instance) -> Gap:
    left, size = _correlation(fit(estimator, case.X, case.y), case)
    return Gap(float(np.abs(left).max()), ROUNDINGS * max(case.X.shape) * UNIT * size, size)


NORMAL_EQUATIONS = Law(
    name="normal_equations",
    statement="Xᵀ(y − f(X)) = 0",
    kinds=("least squares", "minimum norm"),
    source="the gradient of ‖Xw − y‖²/2; Higham, Accuracy and Stability of Numerical Algorithms, §20.1",
    instances=instances(grades=12, worst=1e10),
    applies=lambda estimator: is_regressor(estimator) and has_coefficients(estimator),
    relation=_normal,
)


def _held_out(estimator: Any, case: Instance) -> Gap:
    X, y, x = case.X, case.y, case.X[:1]
    n, bump = len(y), np.zeros(len(y))
    bump[0] = np.abs(y).max() or 1.0
    (one,), (other,) = (score(fit(estimator, X, values), x) for values in (y, y + bump))
    leverage = (other - one) / bump[0]
    if 1 - leverage < 1e-3:
        raise ValueError(f"sample 0 has leverage {leverage}: the fit without it is not determined by the others")
    without = fit(_same_penalty(estimator, n / (n - 1)), X[1:], y[1:])
    gap = same(
        estimator,
        score(without, x),
        np.array([(one - leverage * y[0]) / (1 - leverage)]),
        np.abs(y) + bump,
        (X, x),
        (X[1:], x),
    )
    return Gap(gap.excess, gap.rounding / (1 - leverage) ** 2, gap.size / (1 - leverage) ** 2)


def _same_penalty(estimator: Any, factor: float) -> Any:
    """An estimator whose mean loss over fewer samples is beside the same sum of penalties: lam times factor."""
    known = parameters(estimator)
    if "lams" in known:
        return with_parameters(estimator, lams=tuple(factor * lam for lam in known["lams"]))
    return with_parameters(estimator, lam=factor * known["lam"]) if "lam" in known else estimator


LEAVE_ONE_OUT = Law(
    name="leave_one_out",
    statement="f₍₋ᵢ₎(x_i) = (f(x_i) − h y_i)/(1 − h), h = ∂f(x_i)/∂y_i; lam of a mean loss becomes lam n/(n − 1)",
    kinds=LINEAR,
    source="Craven & Wahba 1979, Lemma 3.1: y_i replaced by f₍₋ᵢ₎(x_i) gives the fit without sample i",
    instances=instances(samples=(3, 7)),
    applies=is_regressor,
    relation=_held_out,
)


def _range(estimator: Any, case: Instance) -> Gap:
    values = score(fit(estimator, case.X, case.y), case.Z)
    beyond = max(float(values.max() - case.y.max()), float(case.y.min() - values.min()))
    size = float(np.abs(case.y).max())
    return Gap(beyond, ROUNDINGS * UNIT * size, size)


RANGE = Law(
    name="range",
    statement="min y ≤ f[X, y](z) ≤ max y",
    kinds=("nearest points", "trees", "every weighted average"),
    source="a convex combination",
    instances=instances(),
    applies=is_regressor,
    relation=_range,
)


def _affine(estimator: Any, case: Instance) -> Gap:
    model = fit(estimator, case.X, target(estimator, case))
    w, b = coefficients(model), float(np.ravel(getattr(model, "intercept_", 0.0))[0])
    terms = np.abs(case.Z) @ np.abs(w) + abs(b)
    return worst(score(model, case.Z), case.Z @ w + b, ROUNDINGS * len(w) * UNIT * terms, terms)


COEFFICIENTS = Law(
    name="coefficients",
    statement="f(z) = ⟨w, z⟩ + b with the w, b that the fit reports",
    kinds=("every linear estimator",),
    source="definition of coef_ and intercept_",
    instances=instances(),
    applies=has_coefficients,
    relation=_affine,
)

RESIDUALS = (RESIDUALS_SUM, INTERPOLATION, NORMAL_EQUATIONS, LEAVE_ONE_OUT, RANGE, COEFFICIENTS)

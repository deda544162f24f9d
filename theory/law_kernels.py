"""Laws about kernels: the kernel is all that a fit sees, and its homogeneity is the fit's."""

from typing import Any

import numpy as np

from theory import law_instances as draw
from theory.law import Gap, Law
from theory.law_fits import fit, is_regressor, parameters, same, score, target, with_parameters
from theory.law_instances import Instance, instances


def _precomputed(estimator: Any, case: Instance) -> Gap:
    X, Z, y = case.X, case.Z, target(estimator, case)
    named, given = (with_parameters(estimator, kernel=kernel) for kernel in ("linear", "precomputed"))
    left = score(fit(given, X @ X.T, y), Z @ X.T)
    return same(estimator, left, score(fit(named, X, y), Z), y, (X, Z))


PRECOMPUTED = Law(
    name="precomputed_kernel",
    statement="the fit to points with the kernel ⟨x, z⟩ is the fit to the precomputed matrix XXᵀ",
    kinds=("kernel ridge", "support vector machines"),
    source="representer theorem: f = Σ a_j k(·, x_j), and the objective is a function of K and a",
    instances=instances(),
    applies=lambda estimator: isinstance(parameters(estimator).get("kernel"), str),
    relation=_precomputed,
)


def _homogeneous(estimator: Any, case: Instance) -> Gap:
    c = float(case.more["c"])
    model = fit(estimator, case.X, case.y)
    left, right = score(model, c * case.Z), c * score(model, case.Z)
    return same(estimator, left, right, case.y, (case.X, case.Z), (case.X, c * case.Z))


HOMOGENEITY = Law(
    name="homogeneity",
    statement="f(cz) = c f(z) for c > 0",
    kinds=("linear without intercept", "tangent and Gaussian-process kernels of ReLU networks without biases"),
    source="k(cz, x) = c k(z, x), since relu(cu) = c relu(u)",
    instances=instances({"c": lambda n, d: draw.powers(5)}),
    applies=lambda estimator: is_regressor(estimator) and not parameters(estimator).get("fit_intercept", False),
    relation=_homogeneous,
)


def _swapped(estimator: Any, case: Instance) -> Gap:
    """The influence of sample i on the prediction at x_j, and of j at x_i."""
    X, y = case.X, case.y
    size = np.abs(y).max() or 1.0
    base, first, last = (
        score(fit(estimator, X, y + bump), X) for bump in (0 * y, *(size * np.eye(len(y))[[0, -1]]))
    )
    here, there = np.array([last[0] - base[0]]), np.array([first[-1] - base[-1]])
    return same(estimator, here, there, np.abs(y) + size, (X, X[:1]), (X, X[-1:]))


SYMMETRIC_INFLUENCE = Law(
    name="symmetric_influence",
    statement="∂f(x_i)/∂y_j = ∂f(x_j)/∂y_i",
    kinds=("least squares", "ridge of fixed strength", "kernel ridge of fixed strength"),
    source="the hat matrix K(K + n lam I)⁻¹ is symmetric with K",
    instances=instances(samples=(2, 6)),
    applies=is_regressor,
    relation=_swapped,
)

KERNELS = (PRECOMPUTED, HOMOGENEITY, SYMMETRIC_INFLUENCE)

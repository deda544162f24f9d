"""Laws about features: what a change of coordinates does to a fit."""

from typing import Any

import numpy as np

from theory import law_instances as draw
from theory.checks import Array
from theory.law import Gap, Law, worst
from theory.law_fits import (
    coefficients,
    fit,
    has_coefficients,
    has_intercept,
    is_regressor,
    rounding,
    target,
    unchanged,
)
from theory.law_instances import Instance, instances

EUCLIDEAN = ("least squares", "ridge", "minimum l2-norm", "maximum l2-margin", "isotropic kernels")


def anything(estimator: Any) -> bool:
    """Every estimator."""
    return True


def _mapped(estimator: Any, case: Instance, A: Array) -> Gap:
    """f[XA, y](zA) = f[X, y](z)."""
    return unchanged(estimator, case, case.X @ A, case.Z @ A, target(estimator, case))


ROTATION = Law(
    name="rotation",
    statement="f[XQ, y](zQ) = f[X, y](z) for orthogonal Q",
    kinds=(*EUCLIDEAN, "nearest points"),
    source="(XQ)(Qᵀw) = Xw and ‖Qᵀw‖₂ = ‖w‖₂: the objective is the same function of Qᵀw",
    instances=instances({"Q": lambda n, d: draw.orthogonal(d)}),
    applies=anything,
    relation=lambda estimator, case: _mapped(estimator, case, case.more["Q"]),
)


def _coefficients_turn(estimator: Any, case: Instance) -> Gap:
    y, Q = target(estimator, case), case.more["Q"]
    w, v = (coefficients(fit(estimator, X, y)) for X in (case.X, case.X @ Q))
    allowed, size = rounding(y, (case.X, np.eye(len(w))), (case.X @ Q, Q))
    if not is_regressor(estimator):
        length = max(float(np.linalg.norm(w)), 1 / np.abs(case.X).max())  # scores are of the order of 1
        allowed, size = length * allowed / size.max(), np.full_like(size, length)
    return worst(Q @ v, w, allowed.max(), size.max())


ORTHOGONAL_REPARAMETRISATION = Law(
    name="orthogonal_reparametrisation",
    statement="w[XQ, y] = Qᵀ w[X, y] for orthogonal Q",
    kinds=EUCLIDEAN[:4],
    source="as for rotation, read off the coefficients",
    instances=instances({"Q": lambda n, d: draw.orthogonal(d)}),
    applies=has_coefficients,
    relation=_coefficients_turn,
)

SIGN_FLIPS = Law(
    name="sign_flips",
    statement="f[XS, y](zS) = f[X, y](z) for diagonal S with entries ±1",
    kinds=(*EUCLIDEAN, "any penalty ‖w‖ₚ", "nearest points"),
    source="‖Sw‖ₚ = ‖w‖ₚ for every p",
    instances=instances({"signs": lambda n, d: draw.natural((d,), 2).map(lambda c: 1 - 2 * c)}),
    applies=anything,
    relation=lambda estimator, case: _mapped(estimator, case, np.diag(case.more["signs"])),
)

FEATURE_PERMUTATION = Law(
    name="feature_permutation",
    statement="f[XP, y](zP) = f[X, y](z) for a permutation P of the features",
    kinds=(*EUCLIDEAN, "any penalty ‖w‖ₚ", "nearest points", "trees without ties"),
    source="‖Pw‖ₚ = ‖w‖ₚ for every p",
    instances=instances({"order": lambda n, d: draw.permutations(d)}, features=(2, 4)),
    applies=anything,
    relation=lambda estimator, case: _mapped(
        estimator, case, np.eye(case.X.shape[1])[:, case.more["order"].astype(int)]
    ),
)

FEATURE_SCALING = Law(
    name="feature_scaling",
    statement="f[XD, y](zD) = f[X, y](z) for positive diagonal D, if the columns of X are independent",
    kinds=("least squares", "trees without ties"),
    source="w ↦ D⁻¹w maps minimisers of ‖Xw − y‖ to those of ‖XDw − y‖",
    instances=instances({"scales": lambda n, d: draw.factors(d)}, tall=True),
    applies=anything,
    relation=lambda estimator, case: _mapped(estimator, case, np.diag(case.more["scales"])),
)

LINEAR_REPARAMETRISATION = Law(
    name="linear_reparametrisation",
    statement="f[XA, y](zA) = f[X, y](z) for invertible A, if the columns of X are independent",
    kinds=("least squares",),
    source="XA has the range of X, and the fitted values are the projection of y on it",
    instances=instances({"A": lambda n, d: draw.unimodular(d)}, tall=True, features=(2, 3)),
    applies=anything,
    relation=lambda estimator, case: _mapped(estimator, case, case.more["A"]),
)

COMMON_SCALING = Law(
    name="common_scaling",
    statement="f[cX, y](cz) = f[X, y](z) for c > 0",
    kinds=("least squares", "minimum norm", "homogeneous kernels without penalty", "nearest points", "trees"),
    source="w ↦ w/c multiplies every norm by the same factor",
    instances=instances({"c": lambda n, d: draw.powers(6)}),
    applies=is_regressor,
    relation=lambda estimator, case: _mapped(estimator, case, case.more["c"] * np.eye(case.X.shape[1])),
)

ISOMETRIC_EMBEDDING = Law(
    name="isometric_embedding",
    statement="f[XB, y](zB) = f[X, y](z) for B with BBᵀ = I: inner products are all that a fit sees",
    kinds=(*EUCLIDEAN, "nearest points"),
    source="kernel congruence: (XB)(XB)ᵀ = XXᵀ, and a representer's predictions are functions of these",
    instances=instances({"B": lambda n, d: draw.embedding(d)}, features=(1, 3)),
    applies=anything,
    relation=lambda estimator, case: _mapped(estimator, case, case.more["B"]),
)


def _null(estimator: Any, case: Instance) -> Gap:
    X, Z = (np.hstack([A, np.zeros((len(A), 1))]) for A in (case.X, case.Z))
    return unchanged(estimator, case, X, Z, target(estimator, case))


NULL_FEATURE = Law(
    name="null_feature",
    statement="f[[X, 0], y]([z, 0]) = f[X, y](z): a feature that is always 0 changes nothing",
    kinds=(*EUCLIDEAN, "any penalty ‖w‖ₚ", "nearest points", "trees without ties"),
    source="the new coefficient enters the penalty alone",
    instances=instances(),
    applies=anything,
    relation=_null,
)


def _repeated(estimator: Any, case: Instance) -> Gap:
    X, Z = (np.hstack([A, A[:, :1]]) for A in (case.X, case.Z))
    return unchanged(estimator, case, X, Z, target(estimator, case))


DUPLICATE_FEATURE = Law(
    name="duplicate_feature",
    statement="f[[X, x₁], y]([z, z₁]) = f[X, y](z), if the columns of X are independent",
    kinds=("least squares", "penalty ‖w‖₁", "trees without ties"),
    source="the range of X is the same, and |u| + |v| ≥ |u + v| with equality for a split of one sign",
    instances=instances(tall=True),
    applies=anything,
    relation=_repeated,
)


def _unseen(estimator: Any, case: Instance) -> Gap:
    X, Z, y = case.X, case.Z, target(estimator, case)
    _, s, Vt = np.linalg.svd(X)
    unseen = Vt[np.sum(s > draw.CLEAR * s[0]) :]
    away = Z + np.abs(Z).max(initial=1.0) * np.sum(unseen, axis=0)
    return unchanged(estimator, case, X, away, y)


UNSEEN_DIRECTIONS = Law(
    name="unseen_directions",
    statement="f[X, y](z + v) = f[X, y](z) if Xv = 0: the coefficients lie in the span of the points",
    kinds=EUCLIDEAN[:4],
    source="representer theorem: the part of w outside the span of the rows costs norm and fits nothing",
    instances=instances(features=(2, 4)),
    applies=anything,
    relation=_unseen,
)


def _translated(estimator: Any, case: Instance) -> Gap:
    shift = case.more["shift"] * np.abs(case.X).max()
    return unchanged(estimator, case, case.X + shift, case.Z + shift, target(estimator, case))


FEATURE_TRANSLATION = Law(
    name="feature_translation",
    statement="f[X + 1tᵀ, y](z + t) = f[X, y](z)",
    kinds=("any linear fit with a free intercept", "shift-invariant kernels", "nearest points", "trees"),
    source="b ↦ b − ⟨t, w⟩ absorbs the shift and is not penalised",
    instances=instances({"shift": lambda n, d: draw.integers((d,))}),
    applies=has_intercept,
    relation=_translated,
)

FEATURES = (
    ROTATION,
    ORTHOGONAL_REPARAMETRISATION,
    SIGN_FLIPS,
    FEATURE_PERMUTATION,
    FEATURE_SCALING,
    LINEAR_REPARAMETRISATION,
    COMMON_SCALING,
    ISOMETRIC_EMBEDDING,
    NULL_FEATURE,
    DUPLICATE_FEATURE,
    UNSEEN_DIRECTIONS,
    FEATURE_TRANSLATION,
)

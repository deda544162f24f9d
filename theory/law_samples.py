"""Laws about samples and storage: order, repetition, weights, refitting, batches."""

from copy import deepcopy
from typing import Any

import numpy as np

from theory import law_instances as draw
from theory.law import Gap, Law
from theory.law_features import anything
from theory.law_fits import fit, has_weights, same, score, target, unchanged
from theory.law_instances import Instance, instances


def _permuted(estimator: Any, case: Instance) -> Gap:
    order = case.more["order"].astype(int)
    return unchanged(estimator, case, case.X[order], case.Z, target(estimator, case)[order])


SAMPLE_PERMUTATION = Law(
    name="sample_permutation",
    statement="f[PX, Py] = f[X, y] for a permutation P of the samples",
    kinds=("any minimiser of a sum over samples that is unique", "nearest points without ties"),
    source="a sum does not depend on the order of its terms",
    instances=instances({"order": lambda n, d: draw.permutations(n)}),
    applies=anything,
    relation=_permuted,
)


def _doubled(estimator: Any, case: Instance) -> Gap:
    y = target(estimator, case)
    return unchanged(estimator, case, np.vstack([case.X, case.X]), case.Z, np.r_[y, y])


DUPLICATED_DATA = Law(
    name="duplicated_data",
    statement="f[[X; X], [y; y]] = f[X, y]",
    kinds=("least squares", "minimum norm", "maximum margin", "any penalised mean loss"),
    source="the mean over samples does not change; a penalty beside a sum of losses is halved in weight instead",
    instances=instances(samples=(2, 6)),
    applies=anything,
    relation=_doubled,
)


def _repeated(estimator: Any, case: Instance) -> Gap:
    y, counts = target(estimator, case), case.more["counts"].astype(int)
    weighted = fit(estimator, case.X, y, counts.astype(np.float64))
    X = np.repeat(case.X, counts, axis=0)
    repeated = fit(estimator, X, np.repeat(y, counts))
    return same(estimator, score(weighted, case.Z), score(repeated, case.Z), y, (case.X, case.Z), (X, case.Z))


WEIGHTS_REPEAT = Law(
    name="weights_repeat",
    statement="f[X, y; weights k] = f[each sample k_i times] for whole k_i ≥ 1",
    kinds=("any minimiser of a weighted sum or mean of losses",),
    source="k_i equal terms of a sum are k_i times one of them",
    instances=instances({"counts": lambda n, d: draw.counts(n)}, samples=(2, 5)),
    applies=has_weights,
    relation=_repeated,
)


def _removed(estimator: Any, case: Instance) -> Gap:
    y, keep = target(estimator, case), np.arange(len(case.X)) != 1
    weighted, removed = fit(estimator, case.X, y, keep.astype(np.float64)), fit(estimator, case.X[keep], y[keep])
    fits = ((case.X, case.Z), (case.X[keep], case.Z))
    return same(estimator, score(weighted, case.Z), score(removed, case.Z), y, *fits)


ZERO_WEIGHT = Law(
    name="zero_weight",
    statement="f[X, y; weight 0 of sample i] = f[X, y without sample i]",
    kinds=("any minimiser of a weighted sum or mean of losses",),
    source="a term times 0 is no term",
    instances=instances(samples=(3, 6)),
    applies=has_weights,
    relation=_removed,
)


def _common(estimator: Any, case: Instance) -> Gap:
    weights = np.full(len(case.X), float(case.more["c"]))
    return unchanged(estimator, case, case.X, case.Z, target(estimator, case), weights)


COMMON_WEIGHT = Law(
    name="common_weight",
    statement="f[X, y; every weight c] = f[X, y] for c > 0",
    kinds=("least squares", "any penalised weighted mean of losses"),
    source="the mean does not change; a penalty beside a sum of losses is divided by c instead",
    instances=instances({"c": lambda n, d: draw.powers(4)}),
    applies=has_weights,
    relation=_common,
)


def _batches(estimator: Any, case: Instance) -> Gap:
    y = target(estimator, case)
    model = fit(estimator, case.X, y)
    Z = np.vstack([case.Z, case.X])
    return same(estimator, np.concatenate([score(model, z[None, :]) for z in Z]), score(model, Z), y, (case.X, Z))


BATCHES = Law(
    name="batches",
    statement="f(z₁), …, f(z_k) are the same predicted together or one by one",
    kinds=("every estimator",),
    source="a prediction is a function of one point",
    instances=instances(),
    applies=anything,
    relation=_batches,
)


def _refitted(estimator: Any, case: Instance) -> Gap:
    X, y = case.X, target(estimator, case)
    fresh, used = fit(estimator, X, y), deepcopy(estimator)
    for points, targets in ((-2 * X[::-1], y[::-1]), (X, y)):
        used.fit(points.copy(), targets.copy())
    return same(estimator, score(used, case.Z), score(fresh, case.Z), y, (X, case.Z))


REFIT = Law(
    name="refit",
    statement="fit(X₁, y₁) then fit(X, y) gives f[X, y]: a fit is a function of its data and forgets earlier ones",
    kinds=("every estimator without a warm start or unseeded randomness",),
    source="definition of fit in scikit-learn's developer guide",
    instances=instances(),
    applies=anything,
    relation=_refitted,
)


def _untouched(estimator: Any, case: Instance) -> Gap:
    model, X, y = deepcopy(estimator), case.X.copy(), target(estimator, case).copy()
    model.fit(X, y)
    Z = case.Z.copy()
    model.predict(Z)
    pairs = ((X, case.X), (y, target(estimator, case)), (Z, case.Z))
    return Gap(max(float(np.abs(after - before).max()) for after, before in pairs), 0.0, 0.0)


ARGUMENTS_UNTOUCHED = Law(
    name="arguments_untouched",
    statement="fit(X, y) and predict(Z) leave X, y and Z as they were",
    kinds=("every estimator that copies",),
    source="arguments are values",
    instances=instances(),
    applies=anything,
    relation=_untouched,
)


def _stored(estimator: Any, case: Instance) -> Gap:
    y = target(estimator, case)
    wide = np.repeat(case.X, 2, axis=1)
    strided = deepcopy(estimator)
    strided.fit(wide[:, ::2], np.repeat(y, 2)[::2])
    plain, Z = fit(estimator, case.X, y), np.asfortranarray(case.Z)
    judge = score(plain, case.Z)
    return same(estimator, score(strided, Z), judge, y, (case.X, case.Z))


STORAGE = Law(
    name="storage",
    statement="f[X, y](z) does not depend on the strides in which X, y and z are stored",
    kinds=("every estimator",),
    source="a matrix is its entries",
    instances=instances(),
    applies=anything,
    relation=_stored,
)

SAMPLES = (
    SAMPLE_PERMUTATION,
    DUPLICATED_DATA,
    WEIGHTS_REPEAT,
    ZERO_WEIGHT,
    COMMON_WEIGHT,
    BATCHES,
    REFIT,
    ARGUMENTS_UNTOUCHED,
    STORAGE,
)

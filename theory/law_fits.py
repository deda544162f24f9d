"""What laws ask of an estimator: fits, scores, coefficients, parameters, and what rounding allows between two."""

import inspect
import warnings
from contextlib import suppress
from copy import deepcopy
from typing import Any

import numpy as np

from theory.checks import Array
from theory.law import Gap, worst
from theory.law_instances import CLEAR, Instance, condition

UNIT = float(np.finfo(np.float64).eps)
ROUNDINGS = 64.0  # how many roundings, times max(n, d), a stable fit may lose before its condition multiplies them
STRENGTHS = ("lam", "lams", "alpha")  # names of a ridge strength; of these, ours multiply a mean loss
PROBE = np.array([[0.0, 1.0], [1.0, 0.0], [3.0, 1.0], [2.0, 5.0]])


def usable(estimator: Any) -> None:
    """Refuse what laws cannot be tried on.

    Raises:
        ValueError: if it is a class, or lacks fit or predict.
    """
    if isinstance(estimator, type):
        name = estimator.__name__
        raise ValueError(f"an estimator must be an object, got the class {name}; make one: {name}()")
    if not (hasattr(estimator, "fit") and hasattr(estimator, "predict")):
        raise ValueError(f"an estimator must have fit and predict, got {type(estimator).__name__} without")


def is_classifier(estimator: Any) -> bool:
    """Whether it predicts labels: by scikit-learn's tag, else by its having a decision function."""
    tags = getattr(estimator, "__sklearn_tags__", None)
    if tags is not None:
        return bool(tags().estimator_type == "classifier")
    return hasattr(estimator, "decision_function")


def is_regressor(estimator: Any) -> bool:
    """Whether it predicts numbers."""
    return not is_classifier(estimator)


def parameters(estimator: Any) -> dict[str, Any]:
    """Its parameters by name."""
    return dict(estimator.get_params(deep=False)) if hasattr(estimator, "get_params") else {}


def with_parameters(estimator: Any, **values: Any) -> Any:
    """An unfitted copy with other parameters."""
    return deepcopy(estimator).set_params(**values)


def has_intercept(estimator: Any) -> bool:
    """Whether it fits an intercept, as far as its parameters say."""
    return bool(parameters(estimator).get("fit_intercept", True))


def has_weights(estimator: Any) -> bool:
    """Whether `fit` takes sample_weight."""
    return "sample_weight" in inspect.signature(estimator.fit).parameters


def has_coefficients(estimator: Any) -> bool:
    """Whether fits have coef_, one number per feature; one that breaks shows it in the laws of every estimator."""
    probe = np.sign(PROBE @ [1.0, -1.0])
    with warnings.catch_warnings(), suppress(Exception):
        warnings.simplefilter("ignore")
        return bool(np.size(getattr(fit(estimator, PROBE, probe), "coef_", ())) == PROBE.shape[1])
    return False


def target(estimator: Any, instance: Instance) -> Array:
    """The labels for a classifier, y for a regressor."""
    return instance.labels if is_classifier(estimator) else instance.y


def fit(estimator: Any, X: Array, y: Array, weights: Array | None = None) -> Any:
    """A fitted copy; the estimator itself, X and y are left alone."""
    model = deepcopy(estimator)
    extra = {} if weights is None else {"sample_weight": weights.copy()}
    return model.fit(X.copy(), y.copy(), **extra) or model


def score(model: Any, Z: Array) -> Array:
    """The decision function of a classifier that has one, else the predictions.

    Raises:
        TypeError: if they are not one real number for each point; a ValueError would count as a refusal.
    """
    judge = getattr(model, "decision_function", None) if is_classifier(model) else None
    values = np.asarray((judge or model.predict)(Z))
    if values.size != len(Z) or values.dtype.kind not in "fiubO":
        raise TypeError(f"{len(Z)} points need as many real numbers, got shape {values.shape} of {values.dtype}")
    return values.astype(np.float64).reshape(len(Z))


def coefficients(model: Any) -> Array:
    """The vector w of a linear model."""
    return np.ravel(np.asarray(model.coef_, dtype=np.float64))


def rounding(y: Array, *fits: tuple[Array, Array]) -> tuple[Array, Array]:
    """What rounding allows predictions to differ by between `fits`, pairs of X and the points Z, and their size.

    The size is ‖y‖(1 + ‖z X⁺‖), the largest that a least squares prediction can be; rounding is u · cond² of
    it (Higham, Accuracy and Stability of Numerical Algorithms, Theorem 20.1), over X with and without its means.
    """
    rate, reach = 0.0, np.zeros(len(fits[0][1]))
    for X, Z in fits:
        for shift in (np.zeros(X.shape[1]), X.mean(axis=0)):
            centred = X - shift
            lost = np.abs(X).max(initial=0.0) / (np.abs(centred).max(initial=0.0) or 1.0)
            rate = max(rate, max(X.shape) * condition(centred) ** 2, max(X.shape) * max(1.0, float(lost)))
            reach = np.maximum(reach, np.linalg.norm((Z - shift) @ np.linalg.pinv(centred, CLEAR), axis=1))
    size = np.linalg.norm(y) * (1 + reach)
    return ROUNDINGS * UNIT * rate * size, size


def same(estimator: Any, left: Array, right: Array, y: Array, *fits: tuple[Array, Array]) -> Gap:
    """The gap of left = right, scores of fits to points with targets y at points Z, by `rounding`.

    Scores of a classifier are measured in margins of 1, or by the largest of them if that is more.
    """
    allowed, size = rounding(y, *fits)
    if is_classifier(estimator):
        largest = np.abs([left, right]).max(initial=1.0)
        allowed, size = largest * allowed / size, np.full_like(size, largest)
    return worst(left, right, allowed, size)


def unchanged(estimator: Any, case: Instance, X: Array, Z: Array, y: Array, weights: Array | None = None) -> Gap:
    """The gap of f[X, y](Z), weighted if weights are given, = f(Z) of the instance as it was drawn."""
    plain = target(estimator, case)
    before, after = fit(estimator, case.X, plain), fit(estimator, X, y, weights)
    return same(estimator, score(after, Z), score(before, case.Z), plain, (case.X, case.Z), (X, Z))

"""scikit-learn's own checks on every estimator, its ways of using one, refusals, and the page about them."""

import contextlib
import io
import math
import pickle
import re
from pathlib import Path

import numpy as np
import pytest
from sklearn.base import clone, is_classifier
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

from theory.estimators import (
    AdversarialClassifier,
    AdversarialRegressor,
    MaxMarginClassifier,
    MinNormRegressor,
    NTKRegressor,
    RidgePathRegressor,
)

PAGE = Path(__file__).parents[2] / "docs" / "estimators.md"
GAP = 1e-8  # what the functions promise
DEFAULTS = [
    MinNormRegressor(),
    RidgePathRegressor(),
    MaxMarginClassifier(),
    AdversarialRegressor(),
    AdversarialClassifier(),
    NTKRegressor(),
]
OTHERS = [
    MinNormRegressor(1, fit_intercept=True),
    MinNormRegressor(math.inf),
    RidgePathRegressor([0.0, 0.1], fit_intercept=True),
    MaxMarginClassifier(1, eps=0.01, attack=2),
    AdversarialRegressor(0.05, attack=2, loss="absolute"),
    AdversarialClassifier(0, attack=1),
    NTKRegressor(0.01, depth=2, gain=1, fan_in=True),
]
GRIDS = [
    (MinNormRegressor(), {"p": [1, 2], "fit_intercept": [True, False]}),
    (RidgePathRegressor(), {"lams": [[1e-3], [1e-2, 1.0]]}),
    (MaxMarginClassifier(), {"eps": [0.0, 0.1]}),
    (AdversarialRegressor(), {"eps": [0.0, 0.1], "loss": ["squared", "absolute"]}),
    (AdversarialClassifier(), {"attack": [2, math.inf]}),
    (NTKRegressor(), {"lam": [0.0, 0.1], "depth": [1, 2]}),
]


def draw(n, d, seed=0, separable=True):
    """Points with targets and labels of a linear teacher, or with random ones."""
    g = np.random.default_rng(seed)
    X, w, noise = g.standard_normal((n, d)), g.standard_normal(d), g.standard_normal(n)
    return X, X @ w + 0.1 * noise, np.where((X @ w if separable else noise) > 0, 1.0, -1.0)


def fitted(estimator, X, y, labels):
    return clone(estimator).fit(X, labels if is_classifier(estimator) else y)


@parametrize_with_checks(DEFAULTS + OTHERS)
def test_scikit_learn_has_no_complaint(estimator, check):
    check(estimator)


@pytest.mark.parametrize("estimator", DEFAULTS + OTHERS, ids=repr)
def test_each_fit_is_proved_and_survives_pickling_and_cloning(estimator):
    X, y, labels = draw(25, 4)
    m = fitted(estimator, X, y, labels)
    assert 0 <= m.gap_ < GAP
    assert m.dual_.shape == (25,)
    again = pickle.loads(pickle.dumps(m))
    assert np.array_equal(again.predict(X), m.predict(X))
    assert repr(clone(m).get_params()) == repr(estimator.get_params())


@pytest.mark.parametrize("estimator", DEFAULTS, ids=repr)
def test_a_second_fit_leaves_nothing_of_the_first(estimator):
    wide, y, labels = draw(6, 12)
    tall, height, mixed = draw(40, 3, separable=False)
    m = fitted(estimator, wide, y, labels)
    names = set(vars(m))
    m.fit(tall, mixed if is_classifier(m) else height)
    assert set(vars(m)) == names
    assert m.n_features_in_ == 3
    assert np.array_equal(m.dual_, fitted(estimator, tall, height, mixed).dual_)
    assert not getattr(m, "separable_", False)
    assert not getattr(m, "interpolates_", False)


@pytest.mark.parametrize(("estimator", "grid"), GRIDS, ids=lambda value: type(value).__name__)
def test_pipelines_cross_validation_and_grid_search(estimator, grid):
    X, y, labels = draw(40, 3)
    target = labels if is_classifier(estimator) else y
    scores = cross_val_score(make_pipeline(StandardScaler(), estimator), X, target, cv=4)
    assert scores.min() > 0.7
    search = GridSearchCV(estimator, grid, cv=3, error_score="raise").fit(X, target)
    assert search.best_score_ > 0.8
    assert search.best_estimator_.gap_ < GAP


def test_more_than_two_classes_come_from_one_against_the_rest():
    X, y = load_iris(return_X_y=True)
    with pytest.raises(ValueError, match=r"Only binary classification is supported.*OneVsRestClassifier"):
        AdversarialClassifier().fit(X, y)
    m = OneVsRestClassifier(AdversarialClassifier(0.05)).fit(StandardScaler().fit_transform(X), y)
    assert m.score(StandardScaler().fit_transform(X), y) > 0.7


REFUSED = [
    (MinNormRegressor(0.5), r"p must be in \[1, inf\], got 0.5"),
    (MinNormRegressor("2"), r"p must be a number in \[1, inf\], got '2'"),
    (RidgePathRegressor([-1.0]), "lams must be ≥ 0, got -1.0"),
    (RidgePathRegressor([-1.0], fit_intercept=True), "lams must be ≥ 0, got -1.0"),
    (RidgePathRegressor(1.0), r"lams must have 1 dimension\(s\), got shape \(\)"),
    (RidgePathRegressor([]), "lams must not be empty"),
    (MinNormRegressor(fit_intercept="no"), "fit_intercept must be True or False, got 'no'"),
    (RidgePathRegressor(fit_intercept=None), "fit_intercept must be True or False, got None"),
    (MaxMarginClassifier(separable_only="no"), "separable_only must be True or False, got 'no'"),
    (NTKRegressor(fan_in="no"), "fan_in must be True or False, got 'no'"),
    (MaxMarginClassifier(eps=-1), "eps must be a finite number ≥ 0, got -1"),
    (MaxMarginClassifier(attack=0), r"attack must be in \[1, inf\], got 0"),
    (AdversarialRegressor(loss="hinge"), "loss must be one of squared, absolute; got 'hinge'"),
    (AdversarialClassifier(loss="squared"), "loss must be one of hinge, logistic, exponential; got 'squared'"),
    (AdversarialClassifier(loss=np.array(["hinge", "logistic"])), "loss must be one of hinge, logistic"),
    (AdversarialClassifier(0, loss="logistic"), "use theory.margin.max_margin"),
    (NTKRegressor(-1), "lam must be a finite number ≥ 0, got -1"),
    (NTKRegressor(depth=0), "depth must be ≥ 1, got 0"),
]


@pytest.mark.parametrize(("estimator", "message"), REFUSED, ids=lambda value: repr(value)[:40])
def test_a_refusal_states_the_rule_and_the_value(estimator, message):
    with pytest.raises(ValueError, match=message):
        fitted(estimator, *draw(10, 3))


@pytest.mark.parametrize("estimator", DEFAULTS, ids=repr)
def test_bad_data_are_refused_before_any_mathematics(estimator):
    X, y, labels = draw(10, 3)
    target = labels if is_classifier(estimator) else y
    with pytest.raises(NotFittedError):
        clone(estimator).predict(X)
    with pytest.raises(ValueError, match="X contains NaN"):
        clone(estimator).fit(np.where(X > 1, np.nan, X), target)
    with pytest.raises(ValueError, match="inconsistent numbers of samples"):
        clone(estimator).fit(X[1:], target)
    with pytest.raises(ValueError, match=r"X has 2 features, but .* is expecting 3 features"):
        clone(estimator).fit(X, target).predict(X[:, :2])
    with pytest.raises(TypeError, match="sample_weight"):
        clone(estimator).fit(X, target, sample_weight=np.ones(10))


def test_the_page_prints_what_it_says():
    page = PAGE.read_text()
    block, printed = re.search(r"```python\n(.*?)```\n\n```text\n(.*?)```", page, flags=re.DOTALL).groups()
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(block, {})
    assert out.getvalue() == printed

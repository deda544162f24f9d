"""Each estimator is its function, to the bit; beyond its reach it is what its page says, by another route."""

import math

import numpy as np
import pytest
from scipy.optimize import linprog
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, RidgeCV

from theory import adversarial, norms
from theory.estimators import (
    AdversarialClassifier,
    AdversarialRegressor,
    MaxMarginClassifier,
    MinNormRegressor,
    NTKRegressor,
    RidgePathRegressor,
)
from theory.interpolation import min_norm
from theory.kernel_regression import ntk_regression
from theory.margin import NotSeparable, max_margin
from theory.ridge import leave_one_out, ridge_path

GAP = 1e-8  # what the functions promise
CLOSE = 1e-9  # two routes to well-conditioned problems


def draw(n, d, seed=0, separable=True):
    """Points with targets and labels of a linear teacher, or with random ones."""
    g = np.random.default_rng(seed)
    X, w, noise = g.standard_normal((n, d)), g.standard_normal(d), g.standard_normal(n)
    return X, X @ w + 0.1 * noise, np.where((X @ w if separable else noise) > 0, 1.0, -1.0)


@pytest.mark.parametrize("p", [1, 1.5, 2, math.inf])
def test_the_interpolator_is_that_of_the_function(p):
    X, y, _ = draw(6, 15)
    m, solution = MinNormRegressor(p).fit(X, y), min_norm(X, y, p)
    assert m.interpolates_
    assert m.rank_ == 6
    assert m.intercept_ == 0
    assert (m.coef_ == solution.w).all()
    assert (m.dual_ == solution.dual).all()
    assert m.gap_ == solution.gap < GAP


@pytest.mark.parametrize("p", [1, 2, math.inf])
def test_without_an_interpolator_it_is_the_least_of_the_least_squares_solutions(p):
    X, y, _ = draw(20, 4)
    only = MinNormRegressor(p).fit(X, y)
    assert not only.interpolates_
    assert np.allclose(only.coef_, np.linalg.lstsq(X, y, rcond=None)[0], rtol=CLOSE)
    wide = np.hstack([X, X @ np.array([[1.0, 2, 0, 0], [0, 1, -1, 0]]).T])  # rank 4 in 6 dimensions
    m = MinNormRegressor(p).fit(wide, y)
    assert m.rank_ == 4
    assert not m.interpolates_
    assert m.gap_ < GAP
    w = np.linalg.pinv(wide) @ y
    assert np.allclose(wide @ m.coef_, wide @ w, atol=CLOSE)
    if p == 1:
        halves = linprog(np.ones(12), A_eq=np.hstack([wide, -wide]), b_eq=wide @ w)
        assert abs(m.norm_ - halves.fun) < 1e-7 * halves.fun
    if p == 2:
        assert np.allclose(m.coef_, w, rtol=CLOSE)


def test_least_squares_keeps_its_digits_when_features_have_their_own_units():
    X, y, _ = draw(30, 6)
    unit = np.geomspace(1e-5, 1e5, 6)
    assert np.allclose(
        MinNormRegressor(1).fit(X * unit, y).coef_ * unit, MinNormRegressor().fit(X, y).coef_, rtol=CLOSE
    )


@pytest.mark.parametrize("offset", [0.0, 1e6])
def test_an_intercept_costs_the_norm_nothing(offset):
    X, y, _ = draw(5, 12)
    m = MinNormRegressor(1, fit_intercept=True).fit(X + offset, y - offset)
    rounding = 1e-12 * (1 + offset)
    assert m.interpolates_
    assert np.abs(m.predict(X + offset) - y + offset).max() < rounding
    centred = (X - X.mean(axis=0), y - y.mean())
    assert abs(m.norm_ - min_norm(*centred, 1).value) < rounding
    assert norms.norm(centred[0].T @ m.dual_, math.inf) < 1 + rounding
    assert abs(m.dual_ @ centred[1] - m.norm_) < (rounding + GAP) * m.norm_
    tall, y, _ = draw(30, 4)
    ours, theirs = MinNormRegressor(fit_intercept=True).fit(tall + 3, y), LinearRegression().fit(tall + 3, y)
    assert np.allclose(ours.coef_, theirs.coef_, rtol=CLOSE)
    assert abs(ours.intercept_ - theirs.intercept_) < CLOSE


def test_the_ridge_path_is_that_of_the_function_and_its_choice_is_that_of_another_library():
    X, y, _ = draw(20, 8)
    lams = [1e-3, 3e-2, 0.5]
    m = RidgePathRegressor(lams).fit(X, y)
    assert (m.coef_path_ == ridge_path(X, y, lams)).all()
    assert (m.held_out_ == leave_one_out(X, y, lams)).all()
    for offset, intercept in [(0.0, False), (2.0, True)]:
        ours = RidgePathRegressor(lams, fit_intercept=intercept).fit(X + offset, y + offset)
        theirs = RidgeCV(20 * np.array(lams), fit_intercept=intercept).fit(X + offset, y + offset)
        assert ours.gap_ < GAP
        assert ours.lam_ == pytest.approx(theirs.alpha_ / 20)
        assert ours.loo_mse_.min() == pytest.approx(-theirs.best_score_)
        assert np.allclose(ours.coef_, theirs.coef_, rtol=CLOSE)
        assert ours.intercept_ == pytest.approx(theirs.intercept_)
        k = lams.index(ours.lam_)
        assert np.array_equal(ours.predict(X), X @ ours.coef_path_[k] + ours.intercept_path_[k])


def test_a_path_of_one_and_a_tie_take_the_first():
    X, y, _ = draw(9, 3)
    assert RidgePathRegressor([0.3]).fit(X, y).lam_ == 0.3
    assert RidgePathRegressor([0.3, 0.2]).fit(X, 0 * y).lam_ == 0.3


@pytest.mark.parametrize(("p", "eps", "attack"), [(1, 0.0, math.inf), (2, 0.01, math.inf), (math.inf, 0.01, 2)])
def test_the_separator_is_that_of_the_function_whatever_the_labels_are_called(p, eps, attack):
    X, _, y = draw(12, 20)
    names = np.where(y > 0, "spam", "ham")
    m, solution = (
        MaxMarginClassifier(p, eps=eps, attack=attack).fit(X, names),
        max_margin(X, y, p, eps=eps, attack=attack),
    )
    assert m.separable_
    assert list(m.classes_) == ["ham", "spam"]
    assert (m.coef_ == solution.w[None, :]).all()
    assert m.margin_ == pytest.approx(solution.value)
    assert m.gap_ == solution.gap < GAP
    assert (m.predict(X) == names).all()
    assert (m.decision_function(X) == X @ solution.w).all()


def test_without_a_separator_the_hinge_loss_is_least_or_the_refusal_is_proved():
    X, _, y = draw(40, 3, separable=False)
    m = MaxMarginClassifier().fit(X, y)
    assert not m.separable_
    assert m.margin_ <= 0
    assert m.gap_ < GAP
    Z, n = y[:, None] * X, len(y)  # least Σt over t ≥ 1 − Zw, t ≥ 0
    other = linprog(
        np.append(np.zeros(3), np.ones(n)),
        np.hstack([-Z, -np.eye(n)]),
        -np.ones(n),
        bounds=[(None, None)] * 3 + [(0, None)] * n,
    )
    assert np.maximum(0, 1 - Z @ m.coef_[0]).sum() == pytest.approx(other.fun, rel=GAP)
    attacked, fit = (
        MaxMarginClassifier(eps=0.01, attack=2).fit(X, y),
        adversarial.fit(X, y, 0.01, attack=2, loss="hinge"),
    )
    assert fit.w.any()
    assert (attacked.coef_[0] == fit.w).all()
    assert attacked.margin_ == pytest.approx(adversarial.worst_case(fit.w, X, y, 0.01, 2).min())
    with pytest.raises(NotSeparable, match="no w classifies all 40 points") as refused:
        MaxMarginClassifier(separable_only=True).fit(X, y)
    assert np.abs(Z.T @ refused.value.dual).max() < CLOSE


def test_the_adversarial_fits_are_those_of_the_function():
    X, y, labels = draw(30, 4, separable=False)
    for loss in ("squared", "absolute"):
        m, solution = (
            AdversarialRegressor(0.2, attack=2, loss=loss).fit(X, y),
            adversarial.fit(X, y, 0.2, attack=2, loss=loss),
        )
        assert (m.coef_ == solution.w).all()
        assert (m.loss_, m.gap_) == (solution.value, solution.gap)
        assert m.gap_ < GAP
    for loss in ("hinge", "logistic", "exponential"):
        m = AdversarialClassifier(0.2, attack=2, loss=loss).fit(X, labels > 0)
        solution = adversarial.fit(X, labels, 0.2, attack=2, loss=loss)
        assert (m.coef_[0] == solution.w).all()
        assert (m.loss_, m.gap_) == (solution.value, solution.gap)
        assert m.gap_ < GAP


@pytest.mark.parametrize("lam", [0.0, 1e-10, 0.1])
def test_the_tangent_kernel_fit_is_that_of_the_function(lam):
    X, y, _ = draw(15, 3)
    options = {"depth": 2, "gain": 1.5, "fan_in": True}
    m, f = NTKRegressor(lam, **options).fit(X, y), ntk_regression(X, y, [lam], **options)
    assert np.array_equal(m.predict(X + 1), f.predict(X + 1)[0])
    assert np.array_equal(m.gradient(X), f.gradient(X)[0])
    assert np.array_equal(m.held_out_, f.held_out[0])
    assert m.gap_ < GAP


def test_points_seen_twice_are_fitted_by_the_mean_of_their_targets():
    X, y, _ = draw(15, 3)
    m = NTKRegressor().fit(np.vstack([X, X[:1]]), np.append(y, y[0] + 2))
    assert np.abs(m.predict(X) - y - np.eye(15)[0]).max() < CLOSE
    assert m.gap_ < GAP


def test_a_fit_that_is_not_proved_warns():
    X, y, _ = draw(20, 40)  # interpolable: the loss at the optimum is near 0, and rounding is a large share of it
    with pytest.warns(ConvergenceWarning, match="the gap_ of this one is"):
        m = AdversarialRegressor(1e-12).fit(X, y)
    assert m.gap_ > 1e-6

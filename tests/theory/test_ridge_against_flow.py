"""The constants of flow against ridge: stationary, global, published to five digits, never exceeded on data."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.ridge import flow_path, ridge_path
from theory.ridge_against_flow import bayes_ratio, best_coupling, worst_ratio, worst_x

X = np.logspace(-5, 5, 200_001)


def test_the_published_digits():
    assert worst_x() == pytest.approx(1.7932, abs=1e-4)
    assert worst_ratio() == pytest.approx(1.68591, abs=5e-6)
    assert bayes_ratio() == pytest.approx(1.21466, abs=5e-6)
    assert best_coupling() == pytest.approx(0.4571, abs=5e-5)
    assert bayes_ratio(best_coupling()) == pytest.approx(1.07858, abs=5e-6)
    assert worst_ratio() < 1.6862  # as the paper rounds it


def test_the_worst_ratio_is_a_supremum_and_reached():
    values = (-np.expm1(-X) * (1 + X) / X) ** 2
    step = math.log(X[1] / X[0])
    assert values.max() <= worst_ratio() * (1 + 1e-15)
    assert values.max() >= worst_ratio() - step**2  # a grid misses a smooth maximum by its second order
    x = worst_x()
    assert (-math.expm1(-x) * (1 + x) / x) ** 2 == pytest.approx(worst_ratio(), rel=1e-15)


@pytest.mark.parametrize("coupling", [0.1, 0.4571, 1.0, 3.0])
def test_the_bayes_ratio_is_a_supremum_and_reached(coupling):
    values = (1 + X) * (np.exp(-2 * coupling * X) + np.expm1(-coupling * X) ** 2 / X)
    step = math.log(X[1] / X[0])
    assert values.max() <= bayes_ratio(coupling) * (1 + 1e-12)
    assert values.max() >= bayes_ratio(coupling) * (1 - 10 * step**2)


def test_no_coupling_beats_the_best_one():
    least = bayes_ratio(best_coupling())
    assert all(bayes_ratio(c) >= least - 1e-12 for c in np.linspace(0.05, 3, 60))


@settings(deadline=None, max_examples=60, derandomize=True)
@given(
    n=st.integers(2, 8),
    d=st.integers(1, 8),
    seed=st.integers(0, 10**6),
    noise=st.floats(0, 1e3),
    t=st.floats(1e-3, 1e3),
)
def test_no_drawn_problem_exceeds_the_worst_ratio(n, d, seed, noise, t):
    """Both fits are linear in the targets: fitted to Xw_star and to unit vectors they give bias and variance."""
    rng = np.random.default_rng(seed)
    A, w_star = rng.standard_normal((n, d)), rng.standard_normal(d)

    def risk(fit):
        spread = sum(np.sum(fit(e) ** 2) for e in np.eye(n))
        return np.sum((fit(A @ w_star) - w_star) ** 2), np.sum((fit(A @ w_star) - w_star) ** 2) + noise * spread

    flow = risk(lambda y: flow_path(A, y, np.array([t]))[0])
    ridge = risk(lambda y: ridge_path(A, y, np.array([1 / t]))[0])
    rounding = 1e-12 * (w_star @ w_star)
    assert flow[0] <= ridge[0] + rounding
    assert flow[1] <= worst_ratio() * ridge[1] + rounding


def test_pure_noise_on_a_line_reaches_the_worst_ratio():
    A, y, t = np.array([[1.0], [1.0]]), np.ones(2), np.array([worst_x()])
    ratio = (flow_path(A, y, t) / ridge_path(A, y, 1 / t)) ** 2
    assert ratio[0, 0] == pytest.approx(worst_ratio(), rel=1e-14)


@pytest.mark.parametrize("bad", [0.0, -1.0, math.inf, math.nan, "1"])
def test_bad_input_is_refused(bad):
    with pytest.raises(ValueError, match="coupling must be a finite number > 0"):
        bayes_ratio(bad)

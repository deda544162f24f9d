"""The float paths of linear regression against fits without rounding, on drawn instances; the oracle itself."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import exact
from theory.interpolation import min_norm
from theory.least_squares import least_squares
from theory.ridge import flow_path, leave_one_out, ridge_path

UNIT = np.finfo(float).eps
RATIO = 30.0  # LAPACK's threshold for errors in units of dimension · rounding · condition


@st.composite
def problems(draw, tall=None, worst=4.0):
    """X with singular values from 1 to 10^−worst and columns or rows in other units; y."""
    k, extra = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    tall = draw(st.booleans()) if tall is None else tall
    g = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n, d = (k + extra, k) if tall else (k, k + extra)
    U, V = (np.linalg.qr(g.standard_normal((size, k)))[0] for size in (n, d))
    return U * np.logspace(0, -draw(st.floats(0, worst)), k) @ V.T, g.standard_normal(n)


def distance(w, exact_w):
    """‖w − exact‖/‖exact‖, the difference formed without rounding."""
    missed = np.array([Fraction(float(v)) for v in w]) - exact_w
    return exact.root(missed @ missed) / exact.root(exact_w @ exact_w)


drawn = settings(deadline=None, max_examples=30, derandomize=True)


@drawn
@given(problems(tall=True))
def test_least_squares_to_its_own_bound_and_the_bound_is_tight(problem):
    X, y = problem
    fit, truth = least_squares(X, y), exact.least_squares(X, y)
    off = np.array([float(abs(Fraction(float(v)) - t)) for v, t in zip(fit.w, truth.w, strict=True)])
    assert np.all(off <= fit.error)
    assert np.all(fit.error <= 8 * UNIT * np.abs(fit.w) + UNIT * np.abs(fit.w).max())
    n, d = X.shape
    condition = np.linalg.cond(X)
    assert fit.standard_errors == pytest.approx(truth.standard_errors, rel=RATIO * n * UNIT * condition)
    assert fit.deviation == pytest.approx(exact.root(truth.rest / (n - d)), rel=RATIO * n * UNIT)


@drawn
@given(problems(tall=True, worst=9.0))
def test_rounding_the_data_moves_no_coefficient_further_than_said(problem):
    X, y = problem
    fit, truth = least_squares(X, y), exact.least_squares(X, y)
    g = np.random.default_rng(0)
    for _ in range(3):  # half a unit in the last place, up or down
        A = [[Fraction(float(v)) * (1 + s * Fraction(1, 2**53)) for v, s in zip(row, signs, strict=True)]
             for row, signs in zip(X, g.choice([-1, 1], X.shape).tolist(), strict=True)]  # fmt: skip
        b = [
            Fraction(float(v)) * (1 + s * Fraction(1, 2**53))
            for v, s in zip(y, g.choice([-1, 1], len(y)).tolist(), strict=True)
        ]
        moved = np.array([float(abs(v)) for v in exact.least_squares(A, b).w - truth.w])
        assert np.all(moved <= fit.rounding * (1 + 1e-3))  # the bound is of first order, at most 1e-6 off here


@drawn
@given(problems(), st.sampled_from([1e-6, 1e-2, 1.0]))
def test_ridge_path(problem, lam):
    X, y = problem
    s = np.linalg.svd(X, compute_uv=False)
    squared = (s[0] ** 2 + len(y) * lam) / (s[-1] ** 2 + len(y) * lam)
    assert distance(ridge_path(X, y, np.array([lam]))[0], exact.ridge(X, y, lam)) <= (
        RATIO * max(X.shape) * UNIT * squared
    )


@drawn
@given(problems(worst=3.0))
def test_the_limits_of_the_paths_are_the_fit_of_least_norm(problem):
    X, y = problem
    allowed = RATIO * max(X.shape) * UNIT * np.linalg.cond(X) ** 2
    truth = exact.ridge(X, y, 0)
    assert distance(ridge_path(X, y, np.array([0.0]))[0], truth) <= allowed
    assert distance(flow_path(X, y, np.array([math.inf]))[0], truth) <= allowed


@drawn
@given(problems(), st.sampled_from([0.0, 1e-4, 1.0]))
def test_leave_one_out_is_n_separate_fits(problem, lam):
    X, y = problem
    if len(y) < 2:
        return
    n = len(y)
    seen, truth = leave_one_out(X, y, np.array([lam]))[0], exact.leave_one_out(X, y, lam)
    s = np.linalg.svd(X, compute_uv=False)
    condition = (s[0] ** 2 + n * lam) / (s[-1] ** 2 + n * lam)
    U = np.linalg.svd(X, full_matrices=False)[0]
    beyond = 1.0 if n <= X.shape[1] else 1 / np.min(1 - np.sum(U**2, axis=1))
    assert distance(seen, truth) <= RATIO * n * UNIT * (condition + beyond)


@drawn
@given(problems(tall=False))
def test_the_interpolator_of_least_norm(problem):
    X, y = problem
    s, truth = min_norm(X, y), exact.min_norm(X, y)
    allowed = RATIO * max(X.shape) * UNIT * np.linalg.cond(X)
    assert distance(s.w, truth) <= allowed
    assert abs(s.value / exact.root(truth @ truth) - 1) <= allowed


def test_dependent_rows_and_columns_by_hand():
    X = [["1", "2"], ["2", "4"]]
    assert exact.rank(X) == 1
    assert list(exact.ridge(X, [1, 1], 0)) == [Fraction(3, 25), Fraction(6, 25)]
    assert list(exact.min_norm(X, ["1/2", 1])) == [Fraction(1, 10), Fraction(1, 5)]
    assert list(exact.ridge([[0, 0]], [1], 0)) == [0, 0]
    with pytest.raises(ValueError, match="equation 0 cannot be met"):
        exact.min_norm([[1, 1], [1, 1]], [0, 1])
    with pytest.raises(ValueError, match="rank 1 < d=2"):
        exact.least_squares(X, [1, 1])


def test_a_small_fit_by_hand():
    fit = exact.least_squares([[1, 0], [1, 1], [1, 2]], [0, 1, 1])
    assert list(fit.w) == [Fraction(1, 6), Fraction(1, 2)]
    assert fit.rest == Fraction(1, 6)
    assert list(fit.variances) == [Fraction(5, 36), Fraction(1, 12)]
    assert exact.least_squares([[2]], [1]).variances.size == 0


def test_floats_count_as_the_binary_fractions_that_they_are():
    assert exact.ridge([[0.1]], ["0.1"], 0)[0] != 1
    assert exact.ridge([["0.1"]], ["0.1"], 0)[0] == 1


def test_a_rank_that_floats_cannot_decide_is_decided_and_the_float_path_says_so():
    hilbert = [[Fraction(1, i + j + 1) for j in range(14)] for i in range(14)]
    assert exact.rank(hilbert) == 14
    X = np.array(hilbert, dtype=float)
    with pytest.raises(ValueError, match="rank"):
        least_squares(X, X.sum(axis=1))


def test_dependent_columns_are_refused():
    with pytest.raises(ValueError, match=r"rank 1 < d=2.*ridge_path"):
        least_squares(np.ones((5, 2)), np.ones(5))
    with pytest.raises(ValueError, match=r"rank 1 < d=2"):
        least_squares(np.array([[1.0, 0], [2, 0]]), np.ones(2))
    with pytest.raises(ValueError, match=r"rank 1 < d=2"):
        least_squares(np.array([[1.0, 2]]), np.ones(1))


@pytest.mark.parametrize("unit", [1e-150, 1e-5, 1e150])
def test_units_cost_nothing(unit):
    g = np.random.default_rng(0)
    X, y = g.standard_normal((9, 3)), g.standard_normal(9)
    stretch = np.array([1.0, unit, 1.0])
    here, there = least_squares(X, y), least_squares(X * stretch, y * unit)
    assert there.w * stretch / unit == pytest.approx(here.w, rel=30 * UNIT * np.linalg.cond(X))
    assert np.all(there.digits >= here.digits - 0.5)


def test_as_many_points_as_coefficients_leave_no_standard_errors():
    fit = least_squares(np.array([[2.0, 0], [0, 4]]), np.array([1.0, 0]))
    assert list(fit.w) == [0.5, 0]
    assert np.isnan(fit.standard_errors).all()
    assert fit.digits[1] == pytest.approx(-np.log10(UNIT))


@pytest.mark.parametrize(
    ("X", "y", "lam"),
    [([[math.nan]], [1], 0), ([["a"]], [1], 0), ([1, 2], [1], 0), ([[1], [2, 3]], [1, 2], 0), ([[1]], [1, 2], 0),
     ([[1]], [1], -1), ([[1j]], [1], 0), ([[1]], [math.inf], 0), ([], [], 0)],
)  # fmt: skip
def test_bad_input(X, y, lam):
    with pytest.raises(ValueError, match=r"must|agree"):
        exact.ridge(X, y, lam)
    with pytest.raises(ValueError, match="at least 2"):
        exact.leave_one_out([[1]], [1], 0)

"""Minimum-norm interpolators: certificates recomputed, laws, second routes, limits, refusals."""

import math

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.interpolation import min_norm
from theory.norms import dual, norm

UNIT = np.finfo(float).eps
RATIO = 30.0  # LAPACK's threshold for residuals in units of rounding
GAP = 1e-8  # what is promised for p ≠ 2
CONIC = 1e-6  # Clarabel's default tolerance 1e-8, loosened for conditioning
EXPONENTS = [1.0, 1.05, 1.5, 2.0, 3.0, 20.0, math.inf]


def draw(n, d, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)), rng.standard_normal(n)


def assert_certified(X, y, p, solution, gap):
    n, d = X.shape
    size = np.linalg.norm(X, axis=1) * np.linalg.norm(solution.w) + np.abs(y)
    assert np.all(np.abs(X @ solution.w - y) <= RATIO * max(n, d) * UNIT * size)
    assert norm(X.T @ solution.dual, dual(p)) <= 1 + RATIO * max(n, d) * UNIT
    bound, value = solution.dual @ y, norm(solution.w, p)
    assert solution.value == pytest.approx(value, rel=RATIO * UNIT)
    assert solution.bound == pytest.approx(bound, rel=RATIO * n * UNIT)
    assert abs(value - bound) <= gap * value


@pytest.mark.parametrize("p", EXPONENTS)
@pytest.mark.parametrize(("n", "d"), [(1, 1), (1, 7), (5, 5), (12, 30), (40, 100)])
def test_the_certificate_holds_as_recomputed(n, d, p):
    X, y = draw(n, d)
    assert_certified(X, y, p, min_norm(X, y, p), 1e-12 if p == 2 and n < d else GAP)


@pytest.mark.parametrize("p", EXPONENTS)
def test_rows_of_very_different_length_cost_nothing(p):
    X, y = draw(10, 25)
    stretch = np.logspace(-6, 6, 10)
    X = X * stretch[:, None]
    assert_certified(X, y, p, min_norm(X, y, p), GAP)


@pytest.mark.parametrize("scale", [1e-150, 1e150])
def test_tiny_and_huge_entries(scale):
    X, y = draw(6, 15)
    for p in EXPONENTS:
        assert_certified(X * scale, y, p, min_norm(X * scale, y, p), GAP)


@settings(deadline=None, max_examples=40, derandomize=True)
@given(
    n=st.integers(1, 8),
    extra=st.integers(0, 8),
    log_cond=st.floats(0, 3),
    seed=st.integers(0, 2**32 - 1),
)
def test_closed_form_gap_below_the_promise_up_to_condition_1e3(n, extra, log_cond, seed):
    rng = np.random.default_rng(seed)
    U = np.linalg.qr(rng.standard_normal((n, n)))[0]
    V = np.linalg.qr(rng.standard_normal((n + extra, n)))[0]
    X = U * np.logspace(0, -log_cond, n) @ V.T
    y = rng.standard_normal(n)
    assert_certified(X, y, 2.0, min_norm(X, y), 1e-12)


@pytest.mark.parametrize("p", [1.0, 1.5, 3.0, math.inf])
def test_agrees_with_cvxpy(p):
    X, y = draw(8, 20, seed=3)
    w = cp.Variable(20)
    problem = cp.Problem(cp.Minimize(cp.pnorm(w, p)), [X @ w == y])
    problem.solve(solver=cp.CLARABEL)
    assert min_norm(X, y, p).value == pytest.approx(problem.value, rel=CONIC)


def test_the_closed_form_is_the_pseudo_inverse():
    X, y = draw(10, 25)
    error = np.linalg.norm(min_norm(X, y).w - np.linalg.pinv(X) @ y)
    assert error <= RATIO * np.linalg.cond(X) * UNIT * np.linalg.norm(y)


def test_rotating_the_features_rotates_the_least_euclidean_norm_only():
    X, y = draw(6, 9)
    Q = np.linalg.qr(np.random.default_rng(1).standard_normal((9, 9)))[0]
    w, turned = min_norm(X, y).w, min_norm(X @ Q, y).w
    assert np.linalg.norm(turned - Q.T @ w) <= RATIO * np.linalg.cond(X) * UNIT * np.linalg.norm(w)
    assert abs(min_norm(X @ Q, y, 1.0).value - min_norm(X, y, 1.0).value) > 0.01


@pytest.mark.parametrize("p", EXPONENTS)
def test_scaling_and_permutation(p):
    X, y = draw(6, 15)
    s = min_norm(X, y, p)
    order = np.random.default_rng(2).permutation(15)
    for other, factor in [
        (min_norm(X, -7 * y, p), 7),
        (min_norm(3 * X, y, p), 1 / 3),
        (min_norm(X[:, order], y, p), 1),
        (min_norm(X[::-1], y[::-1], p), 1),
    ]:
        # Two values of the same optimum, each within its certified gap above it.
        assert other.value == pytest.approx(factor * s.value, rel=s.gap + other.gap + RATIO * UNIT)


def test_least_l1_norm_is_sparse():
    X, y = draw(10, 40)
    assert np.count_nonzero(min_norm(X, y, 1.0).w) <= 10


def test_the_exponent_two_is_approached_from_both_sides():
    X, y = draw(6, 15)
    w = min_norm(X, y).w
    for p in (2 - 1e-4, 2 + 1e-4):
        # The gradient of ‖w‖ₚ moves by O(|p − 2| log d), and the minimum is strongly convex.
        assert np.linalg.norm(min_norm(X, y, p).w - w) <= 1e-4 * np.log(15) * np.linalg.cond(X) * np.linalg.norm(w)


def test_wampler_with_certified_coefficients():
    x = np.arange(21.0)
    X = np.stack([x**j for j in range(6)], axis=1)
    s = min_norm(X, X.sum(axis=1))
    assert s.rank == 6
    assert np.max(np.abs(s.w - 1)) <= 1e-9  # NIST's nine digits


@pytest.mark.parametrize("p", EXPONENTS)
def test_dependent_rows_with_consistent_targets_are_solved_and_reported(p):
    X, y = draw(5, 12)
    X, y = np.vstack([X, 2 * X[:2], 0 * X[:1]]), np.concatenate([y, 2 * y[:2], [0]])
    s = min_norm(X, y, p)
    assert s.rank == 5
    assert_certified(X, y, p, s, GAP)


def test_unreachable_targets_are_refused_with_the_rank():
    X, y = draw(5, 12)
    with pytest.raises(ValueError, match="rank 5 < n=6"):
        min_norm(np.vstack([X, X[:1]]), np.append(y, y[0] + 1e-9))
    with pytest.raises(ValueError, match="rank 2 < n=4"):
        min_norm(np.random.default_rng(0).standard_normal((4, 2)), np.ones(4))
    with pytest.raises(ValueError, match="rank 0"):
        min_norm(np.zeros((2, 3)), np.ones(2))


def test_a_rank_without_a_gap_is_refused():
    Q = np.linalg.qr(np.random.default_rng(0).standard_normal((6, 6)))[0]
    with pytest.raises(ValueError, match="rank must be decidable"):
        min_norm(Q * np.array([1, 1, 1, 1, 1e-14, 1e-16]) @ Q.T, np.ones(6))


def test_zero_targets():
    s = min_norm(np.ones((1, 3)), np.zeros(1), 1.0)
    assert s.value == s.bound == s.gap == 0
    assert not s.w.any()


@pytest.mark.parametrize(
    ("X", "y", "p"),
    [
        ([[np.nan, 1]], [1], 2),
        ([[1, 1]], [1, 2], 2),
        ([1, 2], [1], 2),
        ([[1, 1]], [1], 0.5),
        ([[1, 1]], [1], np.nan),
        ([[1j, 1]], [1], 2),
        (np.zeros((0, 2)), [], 2),
    ],
)
def test_bad_input(X, y, p):
    with pytest.raises(ValueError, match=r"must|agree"):
        min_norm(X, y, p)

"""Ridge, flow and leave-one-out: stationarity recomputed, second routes, limits, certified data, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from theory.interpolation import min_norm
from theory.ridge import flow_path, leave_one_out, ridge_path

UNIT = np.finfo(float).eps
FACTOR = 100.0  # roundings allowed on top of dimension and condition
SHAPES = [(12, 5), (5, 12), (8, 8), (2, 1), (30, 20)]


def draw(n, d, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)), rng.standard_normal(n)


def augmented(X, y, lam):
    """Ridge as least squares with √(n lam) I below X."""
    n, d = X.shape
    A = np.vstack([X, math.sqrt(n * lam) * np.eye(d)])
    return np.linalg.lstsq(A, np.append(y, np.zeros(d)), rcond=None)[0]


def refits(X, y, lam):
    """Held-out residuals by n fits; without a penalty, of least norm."""
    n, d = X.shape
    out = np.empty(n)
    for i in range(n):
        k = np.arange(n) != i
        if lam > 0:
            A = np.vstack([X[k], math.sqrt(n * lam) * np.eye(d)])
            w = np.linalg.lstsq(A, np.append(y[k], np.zeros(d)), rcond=None)[0]
        else:
            w = np.linalg.pinv(X[k]) @ y[k]
        out[i] = y[i] - X[i] @ w
    return out


@pytest.mark.parametrize(("n", "d"), SHAPES)
def test_two_routes_to_ridge(n, d):
    X, y = draw(n, d)
    lams = np.array([1e-3, 0.1, 1, 100])
    for lam, w in zip(lams, ridge_path(X, y, lams), strict=True):
        condition = (np.linalg.norm(X, 2) ** 2 + n * lam) / (n * lam)
        assert np.linalg.norm(w - augmented(X, y, lam)) <= FACTOR * UNIT * condition * np.linalg.norm(w)


@settings(deadline=None, max_examples=40, derandomize=True)
@given(
    n=st.integers(1, 12),
    d=st.integers(1, 12),
    rank=st.integers(1, 12),
    lam=st.floats(1e-6, 1e3),
    seed=st.integers(0, 2**32 - 1),
)
def test_the_gradient_vanishes(n, d, rank, lam, seed):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, rank)) @ rng.standard_normal((rank, d))
    y = rng.standard_normal(n)
    w = ridge_path(X, y, np.array([lam]))[0]
    size = np.linalg.norm(X, 2)
    terms = size * (size * np.linalg.norm(w) + np.linalg.norm(y)) / n + lam * np.linalg.norm(w)
    assert np.linalg.norm(X.T @ (X @ w - y) / n + lam * w) <= FACTOR * UNIT * (n + d) * terms


@pytest.mark.parametrize(("n", "d"), SHAPES)
def test_no_penalty_is_the_least_norm_limit(n, d):
    X, y = draw(n, d)
    zero, tiny = ridge_path(X, y, np.array([0, 1e-12]))
    condition = np.linalg.cond(X) ** 2
    assert np.linalg.norm(zero - np.linalg.pinv(X) @ y) <= FACTOR * UNIT * condition * np.linalg.norm(zero)
    # The first-order change is n lam / s² with s the least singular value.
    change = n * 1e-12 / np.linalg.svd(X, compute_uv=False)[-1] ** 2
    assert np.linalg.norm(zero - tiny) <= (2 * change + FACTOR * UNIT * condition) * np.linalg.norm(zero)
    if n <= d:
        assert np.linalg.norm(zero - min_norm(X, y).w) <= FACTOR * UNIT * condition * np.linalg.norm(zero)


def test_rank_deficient_limit():
    X, y = draw(10, 3)
    X = np.hstack([X, X[:, :2]])
    w = ridge_path(X, y, np.zeros(1))[0]
    assert np.linalg.norm(w - np.linalg.pinv(X) @ y) <= FACTOR * UNIT * 10 * np.linalg.norm(w)
    close = ridge_path(X, y, np.array([1e-13, 1e-30, 1e-300]))
    assert np.max(np.abs(close - w)) <= 1e-11 + FACTOR * UNIT


def test_rotating_the_features_rotates_both_paths():
    X, y = draw(9, 6)
    Q = np.linalg.qr(np.random.default_rng(1).standard_normal((6, 6)))[0]
    grid = np.array([0.1, 1, 10])
    limit = FACTOR * UNIT * np.linalg.cond(X) ** 2
    assert np.max(np.abs(ridge_path(X @ Q, y, grid) - ridge_path(X, y, grid) @ Q)) <= limit
    assert np.max(np.abs(flow_path(X @ Q, y, grid) - flow_path(X, y, grid) @ Q)) <= limit


def test_scaling_the_features_scales_the_penalty_and_the_time():
    X, y = draw(9, 6)
    grid = np.array([0.1, 1, 10])
    for c in (1e-100, 3.0, 1e100):
        assert ridge_path(c * X, y, c * grid * c) * c == pytest.approx(ridge_path(X, y, grid), rel=1e-12)
        assert flow_path(c * X, y, grid / c / c) * c == pytest.approx(flow_path(X, y, grid), rel=1e-12)


@pytest.mark.parametrize(("n", "d"), [(6, 4), (4, 6)])
def test_flow_solves_its_differential_equation(n, d):
    X, y = draw(n, d)
    times = np.array([0.0, 0.3, 2.0, 10.0])
    tolerance = 1e-10  # of the integrator, per step
    path = solve_ivp(
        lambda t, w: -X.T @ (X @ w - y) / n, (0, 10), np.zeros(d), "DOP853", times, rtol=tolerance, atol=tolerance
    ).y.T
    assert np.max(np.abs(flow_path(X, y, times) - path)) <= 100 * tolerance


@pytest.mark.parametrize(("n", "d"), SHAPES)
def test_flow_starts_at_zero_and_ends_at_the_least_norm_solution(n, d):
    X, y = draw(n, d)
    start, late, end = flow_path(X, y, np.array([0, 1e8, math.inf]))
    zero = ridge_path(X, y, np.zeros(1))[0]
    assert not start.any()
    assert np.array_equal(end, zero)
    assert np.linalg.norm(late - zero) <= FACTOR * UNIT * np.linalg.cond(X) ** 2 * np.linalg.norm(zero)


@pytest.mark.parametrize(("n", "d"), SHAPES)
def test_leave_one_out_equals_n_refits(n, d):
    X, y = draw(n, d)
    lams = np.array([0, 1e-4, 1e-2, 1, 100])
    for lam, residuals in zip(lams, leave_one_out(X, y, lams), strict=True):
        assert np.max(np.abs(residuals - refits(X, y, lam))) <= 1e-10 * np.max(np.abs(residuals))


def test_leave_one_out_keeps_the_whole_penalty_when_a_sample_goes():
    X, y = draw(4, 3)
    n, lam = 4, 0.5
    smaller = refits(X, y, lam * (n - 1) / n)  # what a penalty (n − 1) lam would give
    assert np.max(np.abs(leave_one_out(X, y, np.array([lam]))[0] - smaller)) > 1e-3


@pytest.mark.parametrize("copies", [0, 2])
def test_leave_one_out_of_a_sample_with_leverage_one(copies):
    X, y = draw(10, 3)
    X = np.vstack([np.hstack([X, np.zeros((10, 1))]), [0, 0, 0, 2.0]])
    X, y = np.hstack([X, X[:, :copies]]), np.append(y, 5.0)
    for lam, residuals in zip([0, 1e-3], leave_one_out(X, y, np.array([0, 1e-3])), strict=True):
        assert np.max(np.abs(residuals - refits(X, y, lam))) <= 1e-10 * np.max(np.abs(residuals))


NOISE = [759, -2048, 2048, -2048, 2523, -2048, 2048, -2048, 1838, -2048, 2048]
NOISE = np.array(NOISE + NOISE[-2::-1], dtype=float)


@pytest.mark.parametrize(("s", "digits"), [(0, 9), (1, 9), (100, 7), (10000, 7)])
def test_wampler_to_certified_digits(s, digits):
    x = np.arange(21.0)
    X = np.stack([x**j for j in range(6)], axis=1)
    w = ridge_path(X, X.sum(axis=1) + s * NOISE, np.zeros(1))[0]
    assert np.max(np.abs(w - 1)) <= 10.0**-digits


def test_no_features_at_all():
    X, y = np.zeros((3, 2)), np.ones(3)
    assert not ridge_path(X, y, np.array([0, 1])).any()
    assert not flow_path(X, y, np.array([1, math.inf])).any()
    assert np.array_equal(leave_one_out(X, y, np.array([0, 1])), np.ones((2, 3)))


def test_a_rank_without_a_gap_is_refused_only_when_it_matters():
    Q = np.linalg.qr(np.random.default_rng(0).standard_normal((6, 6)))[0]
    X = Q * np.array([1, 1, 1, 1, 1e-14, 1e-16]) @ Q.T
    assert np.isfinite(ridge_path(X, np.ones(6), np.array([1e-3]))).all()
    with pytest.raises(ValueError, match="rank must be decidable"):
        ridge_path(X, np.ones(6), np.zeros(1))


@pytest.mark.parametrize("function", [ridge_path, leave_one_out, flow_path])
@pytest.mark.parametrize("grid", [[-1.0], [np.nan], [], [[1.0]], "a", None])
def test_bad_grids(function, grid):
    X, y = draw(4, 3)
    with pytest.raises(ValueError, match="must"):
        function(X, y, grid)


def test_infinite_penalty_and_a_single_sample_are_refused():
    X, y = draw(4, 3)
    with pytest.raises(ValueError, match="finite"):
        ridge_path(X, y, [math.inf])
    with pytest.raises(ValueError, match="at least 2 samples"):
        leave_one_out(X[:1], y[:1], [1.0])

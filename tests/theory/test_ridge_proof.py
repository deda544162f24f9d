"""Proofs of ridge fits: no point is below the bound, the right point reaches it, a wrong one is found out."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import ridge_proof
from theory.kernels import ntk_relu
from theory.ridge import ridge_path

UNIT = np.finfo(float).eps


def draw(n, d, seed=0):
    g = np.random.default_rng(seed)
    return g.standard_normal((n, d)), g.standard_normal(n), g.standard_normal(d)


def linear_value(X, y, w, lam):
    return np.sum((X @ w - y) ** 2) / (2 * len(y)) + lam * w @ w / 2


def kernel_value(K, y, w, lam):
    return np.sum((K @ w - y) ** 2) / (2 * len(y)) + lam * w @ K @ w / 2


@settings(deadline=None, max_examples=100, derandomize=True)
@given(
    n=st.integers(1, 9),
    d=st.integers(1, 9),
    lam=st.floats(1e-3, 1e3),
    near=st.floats(0, 2),
    seed=st.integers(0, 10**6),
)
def test_any_point_proves_a_bound_below_every_value_and_equal_to_the_dual(n, d, lam, near, seed):
    X, y, w = draw(n, d, seed)
    best = ridge_path(X, y, [lam])[0]
    least = linear_value(X, y, best, lam)
    proof = ridge_proof.linear(X, y, best + near * w, lam)
    a = proof.dual
    dual = a @ y / n - a @ a / (2 * n) - np.sum((X.T @ a) ** 2) / (2 * n**2 * lam)
    terms = np.sum(y**2) / n + a @ a / n + np.sum((X.T @ a) ** 2) / (n**2 * lam) + proof.value
    assert abs(proof.bound - dual) <= 100 * UNIT * terms
    assert proof.bound <= least + 100 * UNIT * terms
    assert proof.value == pytest.approx(linear_value(X, y, best + near * w, lam), rel=1e-12)


@settings(deadline=None, max_examples=60, derandomize=True)
@given(n=st.integers(1, 9), lam=st.floats(1e-6, 1e3), near=st.floats(0, 2), seed=st.integers(0, 10**6))
def test_the_same_for_kernels(n, lam, near, seed):
    X, y, _ = draw(n, 3, seed)
    K = ntk_relu(X)
    best = np.linalg.solve(K + n * lam * np.eye(n), y)
    off = best + near * np.random.default_rng(seed).standard_normal(n)
    proof = ridge_proof.kernel(K, y, off, lam)
    a = proof.dual
    dual = a @ y / n - a @ a / (2 * n) - a @ K @ a / (2 * n**2 * lam)
    terms = abs(a @ y) / n + a @ a / n + a @ K @ a / (n**2 * lam) + proof.value
    assert abs(proof.bound - dual) <= 100 * n * UNIT * terms
    assert proof.bound <= kernel_value(K, y, best, lam) + 100 * n * UNIT * terms
    assert proof.value == pytest.approx(kernel_value(K, y, off, lam), rel=1e-10)


@pytest.mark.parametrize(("n", "d"), [(20, 5), (5, 20), (6, 6)])
@pytest.mark.parametrize("lam", [0.0, 1e-3, 1.0])
def test_the_right_point_is_proved_and_a_wrong_one_is_found_out(n, d, lam):
    X, y, w = draw(n, d)
    best = ridge_path(X, y, [lam])[0]
    assert ridge_proof.linear(X, y, best, lam).gap < 1e-12
    assert ridge_proof.linear(X, y, best + 1e-3 * w, lam).gap > 1e-8


@pytest.mark.parametrize(("n", "d"), [(20, 5), (5, 20)])
@pytest.mark.parametrize("scale", [1e-100, 1e-6, 1.0, 1e6, 1e100])
@pytest.mark.parametrize("share", [1e-18, 1e-12, 1e-6])
def test_penalties_near_the_rounding_of_the_data_are_proved_in_any_units(n, d, scale, share):
    X, y, _ = draw(n, d)
    lam = share * scale * scale  # relative to the entries of X
    proof = ridge_proof.linear(scale * X, y / scale, ridge_path(scale * X, y / scale, [lam])[0], lam)
    assert proof.gap < 1e-10
    assert np.abs((scale * X).T @ proof.dual / n - lam * proof.w).max() <= 1e-14 * np.abs(y).max()


def test_without_a_penalty_the_kernel_fit_of_least_norm_is_proved():
    X, y, _ = draw(8, 3)
    K = ntk_relu(X)
    w = np.linalg.solve(K, y)
    proof = ridge_proof.kernel(K, y, w, 0.0)
    assert proof.dual @ K @ proof.dual == pytest.approx(1)
    assert proof.value == pytest.approx(np.sqrt(y @ w))
    assert proof.gap < 1e-12
    assert ridge_proof.kernel(K, 0 * y, 0 * w, 0.0).gap == 0
    assert ridge_proof.kernel(K, y, 1.1 * w, 0.0).gap > 0.05


@pytest.mark.parametrize("prove", [ridge_proof.linear, ridge_proof.kernel])
def test_bad_input_is_refused(prove):
    with pytest.raises(ValueError, match=re.escape("lam must be a finite number ≥ 0, got -1")):
        prove(np.eye(3), np.ones(3), np.ones(3), -1)
    with pytest.raises(ValueError, match="w must be finite"):
        prove(np.eye(3), np.ones(3), np.full(3, np.nan), 1.0)
    with pytest.raises(ValueError, match="X has 3 rows but y has 2 entries"):
        prove(np.eye(3), np.ones(2), np.ones(3), 1.0)
    with pytest.raises(ValueError, match="w has 2 entries for 3 columns"):
        prove(np.eye(3), np.ones(3), np.ones(2), 1.0)


def test_a_kernel_is_square():
    with pytest.raises(ValueError, match=re.escape("K must be square, got shape (3, 2)")):
        ridge_proof.kernel(np.ones((3, 2)), np.ones(3), np.ones(2), 1.0)

"""Leave-one-out with an intercept against as many fits; centring that no offset can spoil; refusals."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory import intercept, ridge

UNIT = np.finfo(float).eps
FACTOR = 100.0  # roundings allowed on top of dimension and condition
SHAPES = [(12, 4), (6, 12), (5, 4), (5, 5), (2, 3), (3, 1), (2, 1)]


def draw(n, d, seed=0, offset=3.0):
    g = np.random.default_rng(seed)
    return g.standard_normal((n, d)) + offset, g.standard_normal(n) + offset


def refits(X, y, lam):
    """Held-out residuals by n fits with a column of ones that costs nothing; without a penalty, of least ‖w‖."""
    n, d = X.shape
    out = np.empty(n)
    for i in range(n):
        k = np.arange(n) != i
        if lam > 0:
            A = np.block([[X[k], np.ones((n - 1, 1))], [math.sqrt(n * lam) * np.eye(d), np.zeros((d, 1))]])
            w = np.linalg.lstsq(A, np.append(y[k], np.zeros(d)), rcond=None)[0]
            w, b = w[:-1], w[-1]
        else:
            w = np.linalg.pinv(X[k] - X[k].mean(axis=0), rcond=1e-12) @ (y[k] - y[k].mean())
            b = y[k].mean() - X[k].mean(axis=0) @ w
        out[i] = y[i] - X[i] @ w - b
    return out


@pytest.mark.parametrize(("n", "d"), SHAPES)
@pytest.mark.parametrize("lam", [0.0, 1e-4, 0.1, 10.0])
def test_the_identity_is_what_refits_say(n, d, lam):
    X, y = draw(n, d)
    want = refits(X, y, lam)
    s = np.linalg.svd(X - X.mean(axis=0), compute_uv=False)
    condition = (
        (s[0] ** 2 + n * lam) / (s[s > 1e-9][-1] ** 2 + n * lam) * np.abs(X).max() ** 2
    )  # the offset's digits
    assert (
        np.abs(intercept.leave_one_out(X, y, [lam])[0] - want).max()
        <= FACTOR * n * UNIT * condition * np.abs(want).max()
    )


@settings(deadline=None, max_examples=60, derandomize=True)
@given(n=st.integers(2, 10), d=st.integers(1, 10), shift=st.floats(-1e3, 1e3), seed=st.integers(0, 2**32 - 1))
def test_offsets_move_no_residual(n, d, shift, seed):
    X, y = draw(n, d, seed, offset=0.0)
    lams = [1e-2, 1.0]
    moved = intercept.leave_one_out(X + shift, y - shift, lams) - intercept.leave_one_out(X, y, lams)
    assert np.abs(moved).max() <= FACTOR * n * d * UNIT * (1 + abs(shift)) * 1e2 * np.abs(y).max()  # 1/lam


def test_small_penalties_end_in_the_limit_on_both_sides_of_interpolation():
    for n, d in SHAPES:
        X, y = draw(n, d)
        at, near = intercept.leave_one_out(X, y, [0.0, 1e-11])
        assert np.abs(at - near).max() < 1e-7 * np.abs(at).max()


def test_a_constant_feature_and_dependent_columns_change_nothing():
    X, y = draw(8, 3)
    lams = [0.0, 0.1]
    want = intercept.leave_one_out(X, y, lams)
    assert np.allclose(intercept.leave_one_out(np.hstack([X, np.full((8, 1), 7.0)]), y, lams), want, rtol=1e-11)
    double = intercept.leave_one_out(np.hstack([X, X]), y, [0.05])
    assert np.allclose(double, intercept.leave_one_out(X, y, [0.025]), rtol=1e-11)


def test_a_mean_of_any_size_leaves_sums_that_are_rounding():
    X, y = draw(50, 3, offset=1e12)
    A, b, centre, level = intercept.remove(X, y)
    assert np.abs(A.sum(axis=0)).max() < 50 * UNIT * np.abs(A).max()
    assert abs(b.sum()) < 50 * UNIT * np.abs(b).max()
    assert np.abs(A + centre - X).max() <= 2 * UNIT * 1e12
    assert np.abs(b + level - y).max() <= 2 * UNIT * 1e12
    flat = intercept.remove(np.ones((4, 2)), np.full(4, 0.1))
    assert not flat[0].any()
    assert not flat[1].any()


def test_all_features_constant_leave_the_mean():
    y = np.array([1.0, 2.0, 6.0])
    left_out = [y[i] - np.delete(y, i).mean() for i in range(3)]
    for lam in (0.0, 1.0):
        assert np.allclose(intercept.leave_one_out(np.ones((3, 2)), y, [lam])[0], left_out, rtol=1e-14)


@pytest.mark.parametrize(
    ("X", "y", "lams", "message"),
    [
        (np.ones((1, 2)), np.ones(1), [1.0], "leaving one out needs at least 2 samples, got n=1"),
        (np.ones((3, 2)), np.ones(3), [1.0, -2.0], "lams must be ≥ 0, got -2.0 at 1"),
        (np.ones((3, 2)), np.ones(3), [math.inf], "lams must be finite"),
        (np.ones((3, 2)), np.ones(2), [1.0], "X has 3 rows but y has 2 entries"),
        (np.full((3, 2), math.nan), np.ones(3), [1.0], "X must be finite"),
    ],
)
def test_bad_input_is_refused(X, y, lams, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        intercept.leave_one_out(X, y, lams)


def test_without_an_offset_to_remove_it_is_the_other_function_on_turned_data():
    """One sample left out of n with an intercept: the kernel of centred data, inverted by hand."""
    X, y = draw(7, 9, seed=4)
    P = np.eye(7) - 1 / 7
    G = P @ X @ X.T @ P + 7 * 0.2 * np.eye(7)
    M = np.linalg.inv(G) - np.full((7, 7), 1 / 7) / (7 * 0.2)  # the direction of ones taken out
    assert np.allclose(intercept.leave_one_out(X, y, [0.2])[0], (M @ y) / np.diag(M), rtol=1e-10)
    Xc, yc, *_ = intercept.remove(X, y)
    assert not np.allclose(ridge.leave_one_out(Xc, yc, [0.2])[0], (M @ y) / np.diag(M), rtol=1e-2)

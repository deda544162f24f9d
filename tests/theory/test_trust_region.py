"""The largest value of a quadratic on a ball: reached, proved, and in the hard case too."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.trust_region import maximise_quadratic


@given(d=st.integers(1, 12), rank=st.integers(0, 12), radius=st.floats(1e-3, 1e3), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=80, deadline=None)
def test_the_point_is_feasible_and_proved_optimal(d, rank, radius, seed):
    rng = np.random.default_rng(seed)
    A, g = rng.standard_normal((d, min(d, rank))), rng.standard_normal(d)
    H = A @ A.T
    found = maximise_quadratic(H, g, radius)
    assert np.linalg.norm(found.w) <= radius * (1 + 1e-12)
    assert found.value == pytest.approx(g @ found.w + found.w @ H @ found.w / 2, rel=1e-9)
    assert found.gap < 1e-11


@given(d=st.integers(2, 10), copies=st.integers(1, 3), radius=st.floats(0.1, 100), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=60, deadline=None)
def test_gradients_that_miss_the_top_eigenvectors_are_no_harder(d, copies, radius, seed):
    rng = np.random.default_rng(seed)
    Q = np.linalg.qr(rng.standard_normal((d, d)))[0]
    eigenvalues = np.sort(rng.random(d))
    eigenvalues[-copies:] = 2.0
    H, g = (Q * eigenvalues) @ Q.T, Q[:, : max(0, d - copies)] @ rng.standard_normal(max(0, d - copies))
    found = maximise_quadratic((H + H.T) / 2, g, radius)
    assert found.gap < 1e-11


@pytest.mark.parametrize("H, g, top", [([[0.0]], [0.0], 0), ([[2.0]], [0.0], 9), ([[0.0]], [-2.0], 6)])
def test_one_dimension_by_hand(H, g, top):
    found = maximise_quadratic(np.array(H), np.array(g), 3.0)
    assert found.value == pytest.approx(top) and found.bound == pytest.approx(top)
    assert maximise_quadratic(np.array(H), np.array(g), 0.0).value == 0


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: maximise_quadratic(np.array([[0.0, 1.0], [0.0, 0.0]]), np.ones(2), 1.0), "symmetric"),
        (lambda: maximise_quadratic(np.eye(2), np.ones(3), 1.0), "3 rows"),
        (lambda: maximise_quadratic(-np.eye(2), np.ones(2), 1.0), "positive semi-definite"),
        (lambda: maximise_quadratic(np.eye(2), np.ones(2), -1.0), "radius must be"),
    ],
)
def test_bad_input_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()

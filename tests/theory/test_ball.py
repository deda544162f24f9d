"""The nearest point of a ball lies in it, and a separating functional proves that no other point is nearer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from theory.ball import nearest
from theory.norms import align, dual, norm


@given(
    seed=st.integers(0, 2**32 - 1),
    k=st.sampled_from([1.0, np.inf]) | st.floats(1.05, 20),
    q=st.floats(1.5, 20),
    share=st.floats(1e-3, 0.99),
    scale=st.sampled_from([1e-100, 1.0, 1e100]),
)
def test_no_point_of_the_ball_is_nearer(seed, k, q, share, scale):
    u = np.random.default_rng(seed).standard_normal(8) * scale
    eps = share * norm(u, k)
    v = nearest(u, eps, k, q)
    assert norm(v, k) <= eps * (1 + 1e-14)
    # Any w with ‖w‖_{q*} = 1 proves ‖u − v‖_q ≥ ⟨w, u⟩ − eps‖w‖_{k*} for all v of the ball.
    w = align(u - v, q)
    rounding = 8 * max(np.finfo(float).eps ** (q - 1), 1e-9)  # of |u − v|^(q−1) at entries that cancel
    assert norm(u - v, q) <= (w @ u - eps * norm(w, dual(k))) + rounding * norm(u, q)


@pytest.mark.parametrize("k", [1, 1.5, 2, np.inf])
@pytest.mark.parametrize("q", [1, 1.5, 2, np.inf])
def test_points_inside_stay_and_a_ball_of_radius_zero_is_the_origin(k, q):
    u = np.array([3.0, -4.0, 0.0])
    assert np.array_equal(nearest(u, 10.0, k, q), u)
    assert np.array_equal(nearest(u, 0.0, k, q), np.zeros(3))


def test_closed_forms():
    u = np.array([3.0, -1.0, 0.5])
    assert np.allclose(nearest(u, 1.0, np.inf, 3), [1, -1, 0.5], rtol=0, atol=1e-15)  # clipped
    assert np.allclose(nearest(u, 2.5, 1, 2), [2.25, -0.25, 0], rtol=0, atol=1e-14)  # soft thresholded
    assert np.allclose(nearest(u, np.sqrt(10.25) / 2, 2, 2), u / 2, rtol=0, atol=1e-15)  # scaled
    assert np.allclose(nearest(u, 1.5, 2, 1), [np.sqrt(1.0), -1, 0.5], rtol=0, atol=1e-14)  # capped

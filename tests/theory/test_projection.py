"""The law of a projection: Gauss's rule against moments, and means against numerical integration."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special

from theory.projection import direction_mean, mean_abs, projection_rule


def moment(k, j):
    """E r^(2j) = (1/2)_j / (k/2)_j."""
    return special.poch(0.5, j) / special.poch(k / 2, j)


@pytest.mark.parametrize("k", [1, 2, 3, 4, 7, 100, 5000])
def test_the_rule_has_the_moments_of_the_law(k):
    r, chance = projection_rule(k, 12)
    assert chance.sum() == pytest.approx(1)
    for j in range(1, 12):
        assert chance @ r ** (2 * j) == pytest.approx(moment(k, j), rel=1e-11)
        assert abs(chance @ r ** (2 * j - 1)) < 1e-14


@given(k=st.integers(2, 40), A=st.floats(-3, 3), B=st.floats(-3, 3))
@settings(max_examples=40, deadline=None)
def test_mean_absolute_value_is_its_integral_over_the_angle(k, A, B):
    kink = [math.acos(-A / B)] if abs(A) < abs(B) else []
    whole = integrate.quad(lambda t: math.sin(t) ** (k - 2), 0, math.pi)[0]
    part = integrate.quad(
        lambda t: abs(A + B * math.cos(t)) * math.sin(t) ** (k - 2), 0, math.pi, points=kink or None
    )[0]
    assert mean_abs(np.array([A]), np.array([B]), k)[0] == pytest.approx(part / whole, rel=1e-6, abs=1e-8)


def test_mean_absolute_value_in_one_dimension_is_the_larger_part():
    assert np.array_equal(mean_abs(np.array([1.0, -3.0, 0.0]), np.array([2.0, 1.0, 0.0]), 1), [2.0, 3.0, 0.0])


@pytest.mark.parametrize("d", [1, 2, 3, 10, 400, 10_000])
def test_the_adaptive_mean_is_that_of_the_rule(d):
    found = direction_mean(lambda t: np.array([1.0, t, d * t**2, math.exp(t)]), d)
    r, chance = projection_rule(d, 30)
    assert found == pytest.approx([1, 0, 1, chance @ np.exp(r)], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("call", [lambda: projection_rule(0, 3), lambda: mean_abs(np.ones(1), np.ones(1), 0)])
def test_bad_input_is_refused(call):
    with pytest.raises(ValueError, match="k must be"):
        call()

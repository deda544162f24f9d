"""The smoothed margin: bracket, Euler, its growth against finite differences, KKT points by hand, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.margin import max_margin
from theory.norms import align, dual, norm
from theory.smoothed_margin import (
    alignment_rates,
    descent_margin,
    growth,
    kkt_residual,
    largest_fall,
    least_misalignment,
    log_inverse_loss,
    smoothed_margin,
)

NORMS = [1.0, 1.5, 2.0, 3.0, math.inf]


def polynomial(theta, A):
    """Homogeneous margins of degree 3, ⟨a_i, theta⟩³, and their gradients."""
    h = A @ theta
    return h**3, 3 * (h**2)[:, None] * A


def separated(seed, n=7, k=5):
    """Random directions, and parameters at which every margin is positive and the loss below 1."""
    stream = np.random.default_rng(seed)
    theta = stream.standard_normal(k)
    A = stream.standard_normal((n, k))
    A *= np.sign(A @ theta)[:, None]
    A += 0.3 * theta / (theta @ theta)
    scale = (2 * math.log(n) / np.min(A @ theta) ** 3) ** (1 / 3)
    return A, scale * theta


@settings(deadline=None, max_examples=200, derandomize=True)
@given(seed=st.integers(0, 10**6), n=st.integers(1, 40), scale=st.floats(1e-3, 1e6), r=st.sampled_from(NORMS))
def test_the_smoothed_margin_brackets_the_margin(seed, n, scale, r):
    stream = np.random.default_rng(seed)
    margins, theta = scale * stream.standard_normal(n), stream.standard_normal(4)
    low = smoothed_margin(margins, norm(theta, r), 2.0)
    high = low + math.log(n) / norm(theta, r) ** 2
    seen = margins.min() / norm(theta, r) ** 2
    rounding = 1e-13 * max(1.0, abs(low), abs(seen))
    assert low - rounding <= seen <= high + rounding


def test_huge_margins_neither_overflow_nor_vanish():
    assert log_inverse_loss(np.array([1e9, 1e9])) == pytest.approx(1e9 - math.log(2), rel=1e-15)
    assert log_inverse_loss(np.array([-1e9, 0.0])) == -1e9


@settings(deadline=None, max_examples=100, derandomize=True)
@given(seed=st.integers(0, 10**6), r=st.sampled_from(NORMS))
def test_the_growth_is_the_derivative_along_the_steepest_direction(seed, r):
    A, theta = separated(seed)
    margins, G = polynomial(theta, A)
    parts = growth(margins, G, theta, 3.0, r)
    q = np.exp(margins.min() - margins)
    v = align(q @ G / q.sum(), dual(r))
    assert norm(v, r) == pytest.approx(1)
    h = 1e-6 * np.abs(theta).min()

    def log_margin(point):
        return math.log(smoothed_margin(polynomial(point, A)[0], norm(point, r), 3.0))

    slope = (log_margin(theta + h * v) - log_margin(theta)) / h  # from the right: norms may have a kink at theta
    curvature = abs(log_margin(theta + h * v) - 2 * log_margin(theta) + log_margin(theta - h * v)) / h
    assert parts.total == pytest.approx(slope, rel=1e-4, abs=1e-6 + curvature)
    assert min(parts.misalignment, parts.entropy, parts.detour) >= -1e-12 * parts.total


def test_a_norm_at_its_kink_is_left_to_the_right():
    """At theta = (1, 0) the ℓ1 norm grows along e₂; at (1, 1) the ℓ∞ norm does not fall along either axis."""
    A = np.array([[1.0, 3.0]])
    theta = np.array([2.0, 0.0])
    assert growth(*polynomial(theta, A), theta, 3.0, 1.0).detour == 0
    theta = np.array([1.0, 1.0])
    parts = growth(*polynomial(theta, A), theta, 3.0, math.inf, np.array([1.0, -1.0]))
    assert parts.detour == 0


@settings(deadline=None, max_examples=100, derandomize=True)
@given(seed=st.integers(0, 10**6))
def test_euler_makes_the_parts_add_up_to_the_chain_rule(seed):
    A, theta = separated(seed)
    margins, G = polynomial(theta, A)
    q = np.exp(margins.min() - margins)
    q /= q.sum()
    g, level = q @ G, log_inverse_loss(margins)
    np.testing.assert_allclose(G @ theta, 3 * margins, rtol=1e-12)
    entropy = -(q * np.log(np.maximum(q, 1e-300))).sum()
    assert theta @ g == pytest.approx(3 * (level + entropy), rel=1e-10)
    steep = np.linalg.norm(g) / level - 3 * (theta @ g) / np.linalg.norm(g) / (theta @ theta)
    assert growth(margins, G, theta, 3.0).total == pytest.approx(steep, rel=1e-9, abs=1e-12)
    cos = 1 - kkt_residual(margins, G, theta)
    misaligned, uncertain = alignment_rates(margins, G, theta, 3.0)
    assert misaligned == pytest.approx(1 / cos**2 - 1, rel=1e-6, abs=1e-10)
    assert uncertain == pytest.approx(entropy / (level * cos**2), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("p", [1.0, 2.0, math.inf])
def test_the_residual_vanishes_where_a_maximum_margin_does_not_move(p):
    """Margins ⟨w, z_i⟩: with the dual as weights the separator is a KKT point of its own norm, and no other."""
    stream = np.random.default_rng(3)
    X = stream.standard_normal((8, 5))
    y = np.where(X @ stream.standard_normal(5) > 0, 1.0, -1.0)
    found = max_margin(X, y, p)
    on = found.dual > 1e-9
    Z = (y[:, None] * X)[on]
    margins = -np.log(found.dual[on])  # softmax weights are then the dual
    assert kkt_residual(margins, Z, found.w, p) == pytest.approx(0, abs=1e-6)
    assert kkt_residual(margins, Z, found.w, {1.0: 2.0, 2.0: 1.0, math.inf: 2.0}[p]) > 1e-3


@settings(deadline=None, max_examples=100, derandomize=True)
@given(seed=st.integers(0, 10**6), r=st.sampled_from(NORMS), s=st.sampled_from(NORMS))
def test_norms_of_any_two_points_differ_by_no_more_than_the_largest_fall(seed, r, s):
    one, other = np.random.default_rng(seed).standard_normal((2, 6)) ** 5
    ratio = (norm(one, s) * norm(other, r) / (norm(one, r) * norm(other, s))) ** 2.0
    assert ratio <= largest_fall(2.0, 6, r, s) * (1 + 1e-12)
    spike, flat = np.eye(6)[0], np.ones(6)
    ends = (norm(spike, s) * norm(flat, r) / (norm(spike, r) * norm(flat, s))) ** 2.0
    assert max(ends, 1 / ends) == pytest.approx(largest_fall(2.0, 6, r, s))


def test_one_point_is_descended_as_the_bound_says():
    """A single z: the margin is gamma = B whatever the geometry, and the bound is below it by its terms."""
    assert descent_margin(2.0, 2.0, 1, 0.1, 10) == pytest.approx(2.0 - 0.1 * 4 / 2)
    attacked = descent_margin(2.0, 2.0, 1, 0.1, 10, 0.5)
    assert attacked == pytest.approx(1.5 - 0.2 - 0.5 * 2.5 * (1 + math.log(10)) / (2 * 1.5 * 10))
    assert descent_margin(2.0, 3.0, 50, 1e-9, 10**18) == pytest.approx(2.0, abs=1e-7)


def test_no_growth_of_the_margin_leaves_no_misalignment():
    assert least_misalignment(1.0, 8.0, 1.0, 2.0, 3.0) == pytest.approx(0, abs=1e-15)
    assert least_misalignment(1.0, 16.0, 1.0, 2.0, 3.0) == pytest.approx(1 / 3)


def test_bad_input_is_refused_in_words():
    A, theta = separated(0)
    margins, G = polynomial(theta, A)
    with pytest.raises(ValueError, match="once the loss is below 1"):
        growth(*polynomial(1e-3 * theta, A), 1e-3 * theta, 3.0)
    with pytest.raises(ValueError, match="one row per margin"):
        kkt_residual(margins, G[:, 1:], theta)
    with pytest.raises(ValueError, match="theta is 0"):
        kkt_residual(margins, G, 0 * theta)
    with pytest.raises(ValueError, match="g = 0"):
        kkt_residual(margins, 0 * G, theta)
    with pytest.raises(ValueError, match="g = 0"):
        growth(margins, 0 * G, theta, 3.0)
    with pytest.raises(ValueError, match="beyond it nothing separates"):
        descent_margin(1.0, 2.0, 5, 0.1, 10, 1.0)
    with pytest.raises(ValueError, match="must be positive and grow"):
        least_misalignment(2.0, 1.0, 1.0, 2.0, 3.0)
    with pytest.raises(ValueError, match="length must be"):
        smoothed_margin(margins, 0.0, 3.0)

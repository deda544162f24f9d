"""Homogeneous models: gradients against autograd, degrees, flows against each other and against small steps."""

import math

import numpy as np
import pytest
import torch

from sims import homogeneous, sample
from sims.descent import descend
from sims.homogeneous_data import quadrants, separated

GEOMETRIES = [1.0, 2.0, math.inf]


def models():
    """One model of each kind, and parameters."""
    stream = np.random.default_rng(0)
    X, y, _ = sample.planted(stream, 6, 4)
    yield homogeneous.linear(X, y), stream.standard_normal(4)
    for attack in (2.0, math.inf):
        yield homogeneous.linear(X, y, 0.1, attack), stream.standard_normal(4)
        yield homogeneous.diagonal(X, y, 0.1, attack), stream.standard_normal(8)
    for power in (1, 2, 3):
        yield homogeneous.two_layer(X, y, power), stream.standard_normal(5 * 3)


def by_torch(model, theta):
    """The margins in torch, written from the definition."""
    X, y = torch.from_numpy(model.X), torch.from_numpy(model.y)
    d = X.shape[1]
    if model.degree - model.power == 1:
        m = len(theta) // (d + 1)
        hidden = torch.relu(X @ theta[m:].reshape(m, d).T) ** model.power
        return y * (hidden @ theta[:m])
    w = theta if model.degree == 1 else theta[:d] ** 2 - theta[d:] ** 2
    return y * (X @ w) - model.eps * torch.linalg.vector_norm(w, model.q)


@pytest.mark.parametrize(("model", "theta"), list(models()))
def test_margins_and_gradients_are_those_of_autograd(model, theta):
    margins, gradients = homogeneous.look(model, theta)
    point = torch.from_numpy(theta)
    np.testing.assert_allclose(margins, by_torch(model, point).numpy(), rtol=0, atol=1e-12)
    jacobian = torch.autograd.functional.jacobian(lambda v: by_torch(model, v), point)
    np.testing.assert_allclose(gradients, jacobian.numpy(), rtol=0, atol=1e-12)
    loss = -torch.logsumexp(-by_torch(model, point), 0)
    assert homogeneous.level(model, theta) == pytest.approx(float(loss), abs=1e-12)


@pytest.mark.parametrize(("model", "theta"), list(models()))
def test_margins_are_homogeneous_of_their_degree(model, theta):
    margins, gradients = homogeneous.look(model, theta)
    for c in (0.3, 7.0):
        scaled, slopes = homogeneous.look(model, c * theta)
        np.testing.assert_allclose(scaled, c**model.degree * margins, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(slopes, c ** (model.degree - 1) * gradients, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(gradients @ theta, model.degree * margins, atol=1e-11)  # Euler


def test_explicit_steps_near_the_implicit_flow_in_proportion_to_their_length():
    for make in (lambda g: quadrants(g, 12, 4, 16, 2), lambda g: separated(g, 8, 10, 0.5, 2.0)):
        model, theta = make(np.random.default_rng(1))
        levels = np.array([1.0, 3.0, 10.0])
        exact = homogeneous.gradient_flow(model, theta, levels)
        np.testing.assert_allclose([homogeneous.level(model, p) for p in exact], levels, rtol=1e-6)
        errors = []
        for step in (0.04, 0.01):
            seen = homogeneous.steepest_flow(model, theta, 2.0, levels, step=step).points
            errors.append(np.abs(seen - exact).max())
        assert errors[1] < 0.05 and 2 < errors[0] / errors[1] < 8


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_normalised_descent_follows_the_direction_of_the_other_instrument(geometry):
    """The first step from 0 is that of `sims.descent`, up to its length; every step has unit ℓ_r length."""
    X, y, _ = sample.planted(np.random.default_rng(2), 9, 5)
    w = homogeneous.normalised_descent(homogeneous.linear(X, y), geometry, 0.3, np.arange(4))
    other = descend(X, y, geometry=geometry, steps=1).points[0]
    np.testing.assert_allclose(w[1] / np.linalg.norm(w[1]), other / np.linalg.norm(other), atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(np.diff(w, axis=0), geometry, axis=1), 0.3, rtol=1e-12)


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_only_long_steps_let_the_smoothed_margin_of_a_smooth_network_fall(geometry):
    own = GEOMETRIES.index(geometry)
    longest = []
    for seed in range(16):
        model, theta = quadrants(np.random.default_rng(seed), 12, 4, 24, 2)
        if seed < 4:
            path = homogeneous.steepest_flow(model, theta, geometry, np.array([1.0, 20.0]), step=0.1)
            assert np.isfinite(path.points).all() and path.falls[own] == 0
        far = np.array([1.0, 300.0])
        longest.append(homogeneous.steepest_flow(model, theta, geometry, far, step=4.0, limit=5000).falls[own])
    assert max(longest) > 1e-4


@pytest.mark.parametrize("geometry", [2.0, math.inf])
def test_falls_at_the_kinks_of_relu_shrink_with_the_step(geometry):
    own, means = GEOMETRIES.index(geometry), []
    for step in (0.8, 0.05):
        seen = []
        for seed in range(12):
            model, theta = quadrants(np.random.default_rng(seed), 12, 4, 12, 1)
            path = homogeneous.steepest_flow(model, theta, geometry, np.array([1.0, 20.0]), step=step)
            seen.append(path.falls[own])
        means.append(np.mean(seen))
    assert 0 < means[1] < means[0] / 3


def test_a_flow_that_cannot_separate_says_so():
    X, y = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([1.0, -1.0])
    model = homogeneous.two_layer(X, y, 2)
    theta = np.ones(6)
    path = homogeneous.steepest_flow(model, theta, 2.0, np.array([1.0]), limit=2000)
    assert np.isnan(path.points).all() and path.taken <= 2000
    dead = homogeneous.two_layer(-np.eye(2)[:1], np.ones(1), 2)
    assert homogeneous.steepest_flow(dead, theta, 2.0, np.array([1.0])).taken == 0
    with pytest.raises(ValueError, match="did not separate"):
        homogeneous.gradient_flow(dead, theta, np.array([1.0]))


def test_bad_requests_are_refused_in_words():
    X, y = np.eye(2), np.array([1.0, -1.0])
    model = homogeneous.linear(X, y)
    with pytest.raises(ValueError, match="power must be"):
        homogeneous.two_layer(X, y, 0)
    with pytest.raises(ValueError, match="labels ±1"):
        homogeneous.linear(X, np.zeros(2))
    with pytest.raises(ValueError, match="attack 2 or ∞"):
        homogeneous.diagonal(X, y, 0.1, 3.0)
    with pytest.raises(ValueError, match="geometry must be"):
        homogeneous.steepest_flow(model, np.ones(2), 3.0, np.ones(1))
    with pytest.raises(ValueError, match="step must be"):
        homogeneous.steepest_flow(model, np.ones(2), 2.0, np.ones(1), step=0.0)
    with pytest.raises(ValueError, match="must increase"):
        homogeneous.steepest_flow(model, np.ones(2), 2.0, np.array([2.0, 1.0]))
    with pytest.raises(ValueError, match="levels start at 1"):
        homogeneous.gradient_flow(model, np.ones(2), np.array([0.5, 1.0]))
    with pytest.raises(ValueError, match="eta positive"):
        homogeneous.normalised_descent(model, 2.0, 0.0, np.arange(2))

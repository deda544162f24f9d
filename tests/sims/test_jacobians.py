"""Jacobians against finite differences, the chain rule and a linear network."""

import math

import numpy as np
import pytest
import torch

from sims import classifier, features, jacobians


def rngs(k, seed=0):
    return np.random.default_rng(seed).spawn(k)


def points(n, d, seed=3):
    return torch.from_numpy(np.random.default_rng(seed).random((n, d)))


def dense(activation="relu", bias=True):
    return classifier.fully_connected(rngs(2), (6, 5, 4, 3), activation=activation, bias=bias, scale=2.0)


def conv():
    return classifier.convolutional(rngs(2), (2, 4, 6), (3,), (4, 3), kernel=3, scale=2.0)


def linear(seed=0):
    return classifier.fully_connected(rngs(2, seed), (4, 3))


def differences(function, X, step=1e-6):
    """Central differences of a function (B, n, d) ↦ (B, n, k) in each coordinate."""
    columns = []
    for e in torch.eye(X.shape[-1], dtype=X.dtype):
        columns.append((function(X + step * e) - function(X - step * e)) / (2 * step))
    return torch.stack(columns, -1)


NETS = {"relu": dense, "tanh": lambda: dense("tanh"), "gelu": lambda: dense("gelu", bias=False), "conv": conv}


@pytest.mark.parametrize("name", NETS)
def test_the_jacobian_of_the_network_is_that_of_differences(name):
    net = NETS[name]()
    X = points(5, math.prod(net.image) if net.image else 6)
    J = jacobians.of_network(net, X)
    seen = differences(lambda Z: classifier.outputs(net, Z), classifier.stacked(net, X))
    torch.testing.assert_close(J, seen, rtol=0, atol=1e-7)


@pytest.mark.parametrize("name", NETS)
def test_the_chain_rule_joins_the_jacobians_of_the_layers(name):
    net = NETS[name]()
    X = points(5, math.prod(net.image) if net.image else 6)
    whole = jacobians.of_layer(net, X, 0)
    for i in range(1, len(net.weights)):
        whole = jacobians.of_layer(net, X, i) @ whole
    torch.testing.assert_close(whole, jacobians.of_network(net, X), rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", NETS)
def test_the_jacobian_of_the_first_layer_is_that_of_differences(name):
    net = NETS[name]()
    X = points(5, math.prod(net.image) if net.image else 6)
    seen = differences(lambda Z: features.of(net, Z)[0], classifier.stacked(net, X))
    torch.testing.assert_close(jacobians.of_layer(net, X, 0), seen, rtol=0, atol=1e-7)


def test_the_jacobian_of_a_linear_network_is_the_product_of_its_weights():
    net, X = linear(), points(3, 4)
    for J in (jacobians.of_network(net, X), jacobians.of_layer(net, X, 0)):
        torch.testing.assert_close(J, net.weights[0][:, None].expand(2, 3, 3, 4))
    with pytest.raises(ValueError, match=r"layers are 0 … 0, got 1"):
        jacobians.of_layer(net, X, 1)

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from sims import attack, network, sphere


def generator(seed=0):
    return np.random.default_rng(seed)


def points(n, d, seed=1):
    return torch.from_numpy(generator(seed).standard_normal((n, d)))


NETS = {
    "two layers": lambda: network.two_layer(generator(), 30, 4),
    "two layers of paper scaling": lambda: network.two_layer(generator(), 30, 4, gain=1.0),
    "smooth": lambda: network.two_layer(generator(), 30, 4, activation="tanh"),
    "deep": lambda: network.fully_connected(generator(), (4, 30, 20, 10)),
    "deep and smooth": lambda: network.fully_connected(generator(), (4, 30, 20, 10), activation="tanh"),
    "antisymmetric": lambda: network.antisymmetric(network.fully_connected(generator(), (4, 12, 9))),
    "scaled": lambda: network.scaled(network.two_layer(generator(), 30, 4), 7.0),
}
every_net = pytest.mark.parametrize("net", [make() for make in NETS.values()], ids=NETS)


@every_net
def test_layer_products_and_automatic_differentiation_give_one_kernel(net):
    X, Z = points(6, 4), points(5, 4, seed=2)
    for other in (None, Z):
        K = network.tangent_kernel(net, X, other)
        for entries in (1, 1000, network.ENTRIES):
            J = network.jacobian_kernel(net, X, other, entries=entries)
            assert (K - J).abs().max() <= 1e-12 * K.abs().max()


@every_net
def test_gradients_are_the_slopes_of_the_output(net):
    X, r = points(6, 4), points(1, 6, seed=3)[0]
    h = 1e-6
    G = network.input_gradient(net, X)
    for j, e in enumerate(torch.eye(4, dtype=torch.float64)):
        slope = (network.forward(net, X + h * e) - network.forward(net, X - h * e)) / (2 * h)
        assert (slope - G[:, j]).abs().max() < 1e-7 * max(1.0, float(G.abs().max()))
    pulled = network.weight_gradients(net, *network.sweep(net, X), r)
    J = network.jacobian(net, X)
    flat = torch.cat([g.flatten() for g in pulled])
    assert (flat - J.T @ r).abs().max() <= 1e-12 * J.abs().max()
    v = [torch.from_numpy(generator(4).standard_normal(W.shape)) for W in net.weights]
    up, down = (
        network.forward(replace(net, weights=tuple(W + s * d for W, d in zip(net.weights, v, strict=True))), X)
        for s in (h, -h)
    )
    along = J @ torch.cat([d.flatten() for d in v])
    assert ((up - down) / (2 * h) - along).abs().max() < 1e-6 * along.abs().max()


def test_the_formula_of_two_layers_is_the_network():
    net, X = network.two_layer(generator(), 7, 3), points(5, 3)
    W, a = net.weights[0][0], net.weights[1][0, 0]
    f = math.sqrt(2 / 7) * torch.relu(X @ W.T) @ a
    assert (network.forward(net, X) - f).abs().max() < 1e-14
    plain = network.two_layer(generator(), 7, 3, gain=1.0)
    assert (network.forward(plain, X) - f / math.sqrt(2)).abs().max() < 1e-14


@pytest.mark.parametrize("widths", [(4, 257), (4, 33, 65, 10)])
@pytest.mark.parametrize("activation", network.ACTIVATIONS)
def test_doubling_starts_at_zero_with_the_same_kernel(widths, activation):
    net = network.fully_connected(generator(), widths, activation=activation)
    doubled, X = network.antisymmetric(net), points(50, 4)
    assert torch.equal(network.forward(doubled, X), torch.zeros(50, dtype=torch.float64))
    K = network.tangent_kernel(net, X)
    assert (network.tangent_kernel(doubled, X) - K).abs().max() <= 1e-13 * K.abs().max()
    assert network.forward(network.antisymmetric(doubled), X).abs().max() == 0


def test_a_seed_decides_the_network():
    one, same, other = (network.fully_connected(generator(s), (3, 5, 4)) for s in (0, 0, 1))
    assert all(torch.equal(W, V) for W, V in zip(one.weights, same.weights, strict=True))
    assert not torch.equal(one.weights[0], other.weights[0])


@pytest.mark.parametrize("activation", network.ACTIVATIONS)
def test_a_stack_gives_the_numbers_of_its_networks(activation):
    nets = [network.fully_connected(generator(s), (4, 9, 8), activation=activation) for s in range(3)]
    stacked, X, Z = network.stack(nets), points(5, 4), points(3, 4, seed=2)
    for i, net in enumerate(nets):
        for function in (network.forward, network.input_gradient, network.tangent_kernel):
            assert (function(stacked, X)[i] - function(net, X)).abs().max() < 1e-13
        assert (network.tangent_kernel(stacked, X, Z)[i] - network.tangent_kernel(net, X, Z)).abs().max() < 1e-13
    mapped = torch.func.vmap(lambda w: network.forward(replace(nets[0], weights=w), X))(stacked.weights)
    assert (mapped - network.forward(stacked, X)).abs().max() < 1e-13
    drawn = network.two_layer(generator(), 6, 4, k=5)
    assert network.tangent_kernel(drawn, X, Z).shape == (5, 5, 3)


def test_relu_networks_are_homogeneous_and_gradients_say_so():
    net, X = network.fully_connected(generator(), (4, 20, 20)), points(5, 4)
    f = network.forward(net, X)
    assert (network.forward(net, 3 * X) - 3 * f).abs().max() < 1e-12
    assert ((X * network.input_gradient(net, X)).sum(1) - f).abs().max() < 1e-12


def test_outputs_keep_their_size_through_he_layers():
    nets = network.fully_connected(generator(), (3, 200, 200, 200), k=200)
    X = torch.from_numpy(sphere.sphere(generator(1), 4, 3))
    assert abs(float((network.forward(nets, X) ** 2).mean()) - 1) < 0.3


def test_the_search_of_margins_serves_a_network_through_its_score():
    """Minus the squared error as the margin: the search finds the worst of a fine grid of the disc."""
    net = network.two_layer(generator(5), 20, 2)
    X = generator(6).standard_normal((6, 2))
    y, eps = generator(7).standard_normal(6), 0.4

    def score(points):
        Z = torch.from_numpy(points)
        e = network.forward(net, Z).numpy() - y
        return -(e**2), -2 * e[:, None] * network.input_gradient(net, Z).numpy()

    found = attack.search(score, X, eps, 2.0, rng=generator(8), steps=60, restarts=40)
    assert (np.linalg.norm(found.perturbations, axis=1) <= eps * (1 + 1e-14)).all()
    angle = np.linspace(0, 2 * np.pi, 2001)
    ring = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    disc = np.concatenate([eps * share * ring for share in np.linspace(0, 1, 21)])
    outputs = network.forward(net, torch.from_numpy((X[:, None] + disc).reshape(-1, 2))).numpy().reshape(6, -1)
    worst = ((outputs - y[:, None]) ** 2).max(axis=1)
    assert (-found.margins >= worst * (1 - 1e-3)).all()
    assert (-found.margins <= worst * (1 + 1e-3)).all()


def test_bad_shapes_are_refused():
    with pytest.raises(ValueError, match="hidden layer"):
        network.fully_connected(generator(), (3,))
    with pytest.raises(ValueError, match="at least 1"):
        network.fully_connected(generator(), (3, 0))
    with pytest.raises(ValueError, match="activation"):
        network.two_layer(generator(), 3, 2, activation="sine")
    with pytest.raises(ValueError, match="4 dimensions"):
        network.forward(network.two_layer(generator(), 3, 4), points(2, 3))
    nets = [network.two_layer(generator(), 3, 4, gain=g) for g in (1.0, 2.0)]
    with pytest.raises(ValueError, match="share gains"):
        network.stack(nets)
    with pytest.raises(ValueError, match="one gain for each"):
        replace(nets[0], gains=(1.0,))


@pytest.mark.gpu
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_device_gives_the_same_kernel():
    X = points(20, 4)
    here = network.two_layer(generator(), 500, 4)
    there = network.two_layer(generator(), 500, 4, device="cuda")
    K = network.tangent_kernel(here, X)
    assert (network.tangent_kernel(there, X.cuda()).cpu() - K).abs().max() < 1e-11 * K.abs().max()

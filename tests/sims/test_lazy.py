from dataclasses import replace

import numpy as np
import pytest
import torch

from sims import lazy, network, sphere


def problem(n=10, d=6, k=7, seed=0):
    draw = np.random.default_rng(seed)
    X, Z = sphere.sphere(draw, n, d), sphere.sphere(draw, k, d)
    return tuple(torch.from_numpy(part) for part in (X, sphere.noisy(draw, X, 0.5), Z))


def wide(m=200, seed=0, **options):
    return network.antisymmetric(network.two_layer(np.random.default_rng(seed), m, 6, **options))


@pytest.mark.parametrize("activation", network.ACTIVATIONS)
def test_descent_is_monotone_and_interpolates(activation):
    X, y, Z = problem()
    net = wide(activation=activation)
    seen, trained = lazy.train(net, X, y, Z, steps=20_000, until=1e-10)
    assert (seen.errors.diff() < 0).all()
    assert seen.errors[-1] < 1e-10 <= seen.errors[-2]
    assert int(seen.taken) == seen.steps[-1] < 20_000
    assert torch.equal(network.forward(trained, X), seen.train[-1])
    assert torch.equal(network.forward(trained, Z), seen.test[-1])
    assert network.distance(trained, net) == seen.moved[-1]
    assert lazy.unfinished(trained, X, y, Z).max() < 1e-3


def test_a_step_is_the_gradient_of_half_the_squared_error():
    X, y, Z = problem()
    net = network.fully_connected(np.random.default_rng(1), (6, 20, 20), activation="tanh")
    seen, moved = lazy.train(net, X, y, Z, steps=1, share=0.5)
    weights = tuple(W.clone().requires_grad_() for W in net.weights)
    loss = ((network.forward(replace(net, weights=weights), X) - y) ** 2).sum() / 2
    loss.backward()
    for W, V in zip(weights, moved.weights, strict=True):
        assert (W.detach() - seen.rate * W.grad - V).abs().max() < 1e-13
    assert abs(float(seen.rate) - 0.5 / np.linalg.norm(network.jacobian_kernel(net, X), 2)) < 1e-14


@pytest.mark.parametrize("m", [20, 150])
def test_a_stack_trains_like_its_networks_one_by_one(m):
    X, y, Z = problem()
    nets = [wide(m, seed) for seed in range(3)]
    together, trained = lazy.train(network.stack(nets), X, y, Z, steps=3000, until=1e-6)
    lines = lazy.linearised(network.stack(nets), X, y, Z, steps=3000, until=1e-6)
    for i, net in enumerate(nets):
        alone, end = lazy.train(net, X, y, Z, steps=3000, until=1e-6)
        assert together.taken[i] == alone.taken
        assert (together.test[i, -1] - alone.test[-1]).abs().max() < 1e-10
        assert (trained.weights[0][i] - end.weights[0]).abs().max() < 1e-10
        line = lazy.linearised(net, X, y, Z, steps=3000, until=1e-6)
        assert lines.taken[i] == line.taken
        assert (lines.test[i, -1] - line.test[-1]).abs().max() < 1e-10


def test_training_is_decided_by_the_seed():
    X, y, Z = problem()
    one, same = (lazy.train(wide(), X, y, Z, steps=50)[0] for _ in range(2))
    assert torch.equal(one.test, same.test) and torch.equal(one.moved, same.moved)


def test_the_linearised_descent_is_descent_on_the_gradients():
    """Outputs from the kernel alone, weights step by step, and the closed form: three routes."""
    X, y, Z = problem()
    net = network.two_layer(np.random.default_rng(2), 30, 6, activation="tanh")
    seen = lazy.linearised(net, X, y, Z, steps=100)
    f, f_test = network.forward(net, X), network.forward(net, Z)
    Phi, Phi_test = network.jacobian(net, X), network.jacobian(net, Z)
    mu, V = np.linalg.eigh((Phi @ Phi.T).numpy())
    for i, t in enumerate(seen.steps.tolist()):
        w = lazy.linear_descent(Phi, y - f, float(seen.rate), t)
        assert (f + Phi @ w - seen.train[i]).abs().max() < 1e-11
        assert (f_test + Phi_test @ w - seen.test[i]).abs().max() < 1e-11
        assert abs(w.norm() - seen.moved[i]) < 1e-11
        closed = V @ ((1 - (1 - float(seen.rate) * mu) ** t) * (V.T @ (y - f).numpy()))
        assert np.abs((seen.train[i] - f).numpy() - closed).max() < 1e-11


def test_large_scales_are_lazy():
    X, y, Z = problem()
    gaps = []
    for alpha in (10.0, 100.0):
        net = network.scaled(wide(40, activation="tanh"), alpha)
        seen, _ = lazy.train(net, X, y, Z, steps=50)
        gaps.append(float((seen.test - lazy.linearised(net, X, y, Z, steps=50).test).abs().max()))
    assert 90 < gaps[0] / gaps[1] < 110


def test_bad_input_is_refused():
    X, y, Z = problem()
    with pytest.raises(ValueError, match="as many rows"):
        lazy.train(wide(20), X, y[1:], Z, steps=1)
    with pytest.raises(ValueError, match="diverges"):
        lazy.linearised(wide(20), X, y, Z, steps=1, share=2.0)
    with pytest.raises(ValueError, match="whole number"):
        lazy.train(wide(20), X, y, Z, steps=0)

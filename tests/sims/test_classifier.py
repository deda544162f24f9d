import math

import numpy as np
import pytest
import torch

from sims import classifier, convolution, losses, stack
from sims.scratch import Scratch


def rngs(k, seed=0):
    return np.random.default_rng(seed).spawn(k)


NETS = {
    "fully connected": lambda k=3, **more: classifier.fully_connected(rngs(k), (12, 9, 8, 4), **more),
    "linear": lambda k=3, **more: classifier.fully_connected(rngs(k), (12, 4), **more),
    "single output": lambda k=3, **more: classifier.fully_connected(rngs(k), (12, 9, 1), **more),
    "convolutional": lambda k=3, **more: classifier.convolutional(rngs(k), (3, 2, 2), (5,), (6, 4), **more),
    "odd image": lambda k=3, **more: classifier.convolutional(rngs(k), (1, 4, 3), (3,), (2,), kernel=3, **more),
}
every_net = pytest.mark.parametrize("make", NETS.values(), ids=NETS)
every_form = pytest.mark.parametrize(
    "form",
    [{}, {"bias": False}, *({"activation": name, "scale": 2.0} for name in classifier.ACTIVATIONS[1:])],
    ids=["ReLU", "homogeneous", *classifier.ACTIVATIONS[1:]],
)
LOSSES = {"cross-entropy": losses.cross_entropy, "exponential": losses.exponential, "margin": losses.margin}


def points(net, n=6, seed=1):
    rng = np.random.default_rng(seed)
    X = torch.from_numpy(rng.random((net.members, n, 12)))
    K = net.weights[-1].shape[1]
    y = rng.integers(0, K, (net.members, n)) if K > 1 else rng.choice([-1.0, 1.0], (net.members, n))
    return X, torch.from_numpy(y)


def by_hand(net, X, y, loss, scratch=None):
    with torch.no_grad():
        trace = classifier.sweep(net, X, scratch)
        slopes = loss.directions(trace.outputs, y) * loss.weights(trace.outputs, y)[..., None]
        deltas = classifier.backward(net, trace, slopes, scratch)
        in_x = classifier.input_gradient(net, trace, deltas, scratch)
        return [in_x, *classifier.weight_gradients(net, trace, deltas, scratch)]


def by_autograd(net, X, y, loss):
    X = X.clone().requires_grad_()
    net = stack.with_parameters(net, [W.clone().requires_grad_() for W in net.parameters])
    total = loss.values(classifier.outputs(net, X), y).sum()
    return torch.autograd.grad(total, [X, *net.parameters])


@every_net
@every_form
@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_written_gradients_are_those_of_automatic_differentiation(make, form, loss):
    net = make(**form)
    X, y = points(net)
    scratch = Scratch()
    for _ in range(2):  # memory that was used before changes nothing
        for room in (None, scratch):
            for ours, theirs in zip(by_hand(net, X, y, loss, room), by_autograd(net, X, y, loss), strict=True):
                assert (ours - theirs).abs().max() <= 1e-12 * (1 + theirs.abs().max())


@every_net
def test_the_divergence_has_the_gradient_of_automatic_differentiation(make):
    net, other = make(), make()
    X, _ = points(net)
    target = classifier.outputs(net, X) + 0.3
    target[..., 0] -= 1
    for ours, theirs in zip(
        by_hand(other, X, target, losses.divergence), by_autograd(other, X, target, losses.divergence), strict=True
    ):
        assert (ours - theirs).abs().max() <= 1e-12
    assert losses.divergence.values(target, target).abs().max() < 1e-15


@every_net
@every_form
def test_a_stack_gives_the_numbers_of_its_members(make, form):
    net = make(5, **form)
    X, y = points(net)
    together = by_hand(net, X, y, losses.cross_entropy, Scratch())
    F = classifier.outputs(net, X)
    for i in range(5):
        one = slice(i, i + 1)
        alone = stack.taken(net, one)
        assert (classifier.outputs(alone, X[one]) - F[one]).abs().max() < 1e-13
        for a, b in zip(together, by_hand(alone, X[one], y[one], losses.cross_entropy), strict=True):
            assert (a[one] - b).abs().max() < 1e-13
    again = stack.joined([stack.taken(net, slice(i, i + 1)) for i in range(5)])
    assert all(torch.equal(W, V) for W, V in zip(net.parameters, again.parameters, strict=True))


@every_net
def test_a_member_depends_on_its_own_generator_alone(make):
    few, many = make(2), make(4)
    assert all(torch.equal(W, V[:2]) for W, V in zip(few.parameters, many.parameters, strict=True))
    assert not torch.equal(many.weights[0][0], many.weights[0][1])


@every_net
def test_without_biases_relu_networks_are_homogeneous(make):
    net = make(bias=False)
    X, _ = points(net)
    F, scaled = classifier.outputs(net, X), classifier.outputs(net, 7 * X)
    assert (scaled - 7 * F).abs().max() <= 1e-13 * scaled.abs().max()
    layers = len(net.weights)
    doubled = stack.with_parameters(net, [2 * W for W in net.parameters])
    assert torch.equal(classifier.outputs(doubled, X), 2**layers * F)


def test_the_formula_of_two_layers_is_the_network():
    net = classifier.fully_connected(rngs(1), (12, 9, 4))
    X, _ = points(net)
    (W, V), (b, c) = ([layer[0] for layer in part] for part in (net.weights, net.biases))
    F = torch.relu(X[0] @ W.T + b) @ V.T + c
    assert (classifier.outputs(net, X[0])[0] - F).abs().max() < 1e-14
    assert W.abs().max() <= 1 / math.sqrt(12) and b.abs().max() <= 1 / math.sqrt(12)


@pytest.mark.parametrize("activation", convolution.SMOOTH)
def test_smooth_activations_are_pytorch_s(activation):
    net = classifier.fully_connected(rngs(2), (12, 9, 8, 4), activation=activation)
    X = points(net)[0][0]
    act = getattr(torch.nn.functional, activation)
    for i in range(2):
        (W1, W2, W3), (b1, b2, b3) = ([layer[i] for layer in part] for part in (net.weights, net.biases))
        F = act(act(X @ W1.T + b1) @ W2.T + b2) @ W3.T + b3
        assert (classifier.outputs(net, X)[i] - F).abs().max() < 1e-14


def test_a_convolutional_network_is_pytorch_s():
    net = classifier.convolutional(rngs(2), (2, 8, 6), (3, 5), (7, 4))
    X = torch.from_numpy(np.random.default_rng(1).random((6, 96)))
    for i in range(2):
        conv1, conv2, fc1, fc2 = (W[i] for W in net.weights)
        b1, b2, b3, b4 = (b[i] for b in net.biases)
        h = X.reshape(6, 2, 8, 6)
        for W, b in ((conv1, b1), (conv2, b2)):
            h = torch.nn.functional.max_pool2d(torch.relu(torch.nn.functional.conv2d(h, W, b, padding=2)), 2)
        F = torch.relu(h.flatten(1) @ fc1.T + b3) @ fc2.T + b4
        assert (classifier.outputs(net, X)[i] - F).abs().max() < 1e-14


def test_losses_are_the_textbook_ones():
    F = torch.tensor([[[2.0, -1.0, 0.5], [0.0, 3.0, 1.0]]], dtype=torch.float64)
    y = torch.tensor([[0, 2]])
    expected = torch.nn.functional.cross_entropy(F[0], y[0], reduction="none")
    assert (losses.cross_entropy.values(F, y)[0] - expected).abs().max() < 1e-15
    assert losses.margin.values(F, y).tolist() == [[-1.5, 2.0]]
    f, sign = torch.tensor([[[2.0], [-3.0]]], dtype=torch.float64), torch.tensor([[1.0, 1.0]], dtype=torch.float64)
    assert torch.equal(losses.exponential.values(f, sign), torch.exp(-f[..., 0]))
    assert torch.equal(losses.margin.values(f, sign), -f[..., 0])
    p, q = F.softmax(-1), F.flip(1).softmax(-1)
    assert (losses.divergence.values(F.flip(1), F) - (p * (p / q).log()).sum(-1)).abs().max() < 1e-15


def test_directions_survive_where_the_gradient_underflows():
    F = torch.tensor([[[900.0, 0.0, 1.0]]], dtype=torch.float64)
    y = torch.tensor([[0]])
    direction = losses.cross_entropy.directions(F, y)[0, 0]
    assert losses.cross_entropy.weights(F, y)[0, 0] == 0
    expected = torch.tensor([-1.0, 1 / (1 + math.e), math.e / (1 + math.e)], dtype=torch.float64)
    assert (direction - expected).abs().max() < 1e-15


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: classifier.fully_connected(rngs(1), (3,)), "widths must be"),
        (lambda: classifier.fully_connected([], (3, 2)), "a member or more"),
        (lambda: classifier.fully_connected(rngs(1), (3, 2), activation="sine"), "activation"),
        (lambda: classifier.convolutional(rngs(1), (1, 4, 4), (3,), (2,), kernel=4), "odd kernel"),
        (lambda: classifier.convolutional(rngs(1), (1, 4, 4), (3, 3, 3), (2,)), "cannot be halved"),
        (lambda: classifier.Classifier(()), "a layer or more"),
        (lambda: classifier.Classifier((torch.ones(1, 2, 3),), (torch.ones(1, 3),)), "biases"),
        (lambda: classifier.outputs(NETS["linear"](), torch.ones(5, 7)), r"X must be \(n, 12\)"),
        (lambda: classifier.outputs(NETS["linear"](), torch.ones(2, 5, 12)), r"or \(3, n, 12\)"),
    ],
)
def test_a_bad_request_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()

"""Residual stacks against a module of the usual kind: outputs, running means, training, invariance to scale."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from residual_module import stirred, usual
from torch import nn

from sims import classifier, flatness, normalisation, residual, stack, weight_ball
from sims.network_attack import Attack, pgd
from sims.objectives import OBJECTIVES, Objective
from sims.regularisers import Around, LocalEntropy
from sims.robustness import early_stopped, robust
from sims.train import Recipe, train
from sims.weight_ball import WeightBall

IMAGE = (2, 6, 6)
RNG = np.random.default_rng(0)
X, Y = torch.from_numpy(RNG.random((24, 72))), torch.from_numpy(RNG.integers(0, 3, 24))
RECIPE = Recipe(3, 0.1, batch=8, momentum=0.9, decay=1e-3, attack=Attack(0.05, steps=2, best=False))


def rngs(k, seed=0):
    return np.random.default_rng(seed).spawn(k)


def start(k=2, blocks=2, **more):
    return residual.residual(rngs(k), IMAGE, (3, 4), 3, blocks=blocks, dtype=torch.float64, **more)


@pytest.mark.parametrize("by_batch", [False, True])
def test_outputs_gradients_and_running_means_are_those_of_the_usual_module(by_batch):
    net = stirred(start())
    seen = net.learning() if by_batch else net
    own = torch.from_numpy(np.random.default_rng(1).random((2, 10, 72)))
    slopes = torch.from_numpy(np.random.default_rng(2).standard_normal((2, 10, 3)))
    modules = [usual(net, member) for member in range(2)]
    trace = classifier.sweep(seen, own)
    deltas = classifier.backward(seen, trace, slopes)
    in_x = classifier.input_gradient(seen, trace, deltas)
    in_w = classifier.weight_gradients(seen, trace, deltas)
    for member, (module, convolutions, norms) in enumerate(modules):
        module.train(by_batch)
        x = own[member].clone().requires_grad_()
        out = module(x)
        (out * slopes[member]).sum().backward()
        torch.testing.assert_close(trace.outputs[member], out)
        torch.testing.assert_close(in_x[member], x.grad)
        expected = [
            *(layer.weight.grad for layer in convolutions),
            module.last.weight.grad,
            module.last.bias.grad,
            *(norm.weight.grad for norm in norms),
            *(norm.bias.grad for norm in norms),
        ]
        for found, wanted in zip(in_w, expected, strict=True):
            torch.testing.assert_close(found[member], wanted)
        for i, norm in enumerate(norms):
            torch.testing.assert_close(net.means[i][member], norm.running_mean)
            torch.testing.assert_close(net.variances[i][member], norm.running_var)


def test_training_is_that_of_the_usual_module():
    net = stirred(start(1))
    module, *_ = usual(net, 0)
    recipe = Recipe(5, 0.1, momentum=0.9, nesterov=True, checkpoints=())
    trained = train(net, X, Y, recipe, rngs(1)).net
    optimiser = torch.optim.SGD(module.parameters(), lr=0.1, momentum=0.9, nesterov=True)
    for _ in range(5):
        optimiser.zero_grad()
        nn.functional.cross_entropy(module(X), Y).backward()
        optimiser.step()
    module.eval()
    torch.testing.assert_close(classifier.outputs(trained, X)[0], module(X))


@pytest.mark.parametrize("name", OBJECTIVES)
def test_members_train_as_they_would_alone_and_leave_the_start_as_it_is(name):
    outputs = 7 if name == "self-supervision" else 3
    net = residual.residual(rngs(2), IMAGE, (3, 4), outputs, dtype=torch.float64)
    before = stack.copied(net)
    around = Around(perturb=0.01, clip=0.5, average=0.5)
    recipe = replace(RECIPE, objective=Objective(name, 0.3), around=around, decay=(0.0, 1e-2))
    both = train(net, X, Y, recipe, rngs(2, 1)).net
    for tensor, kept in zip((*net.parameters, *net.running), (*before.parameters, *before.running), strict=True):
        assert torch.equal(tensor, kept)
    for i, (own, decay) in enumerate(zip(rngs(2, 1), (0.0, 1e-2), strict=True)):
        alone = train(stack.taken(net, slice(i, i + 1)), X, Y, replace(recipe, decay=decay), [own]).net
        for W, V in zip((*both.parameters, *both.running), (*alone.parameters, *alone.running), strict=True):
            torch.testing.assert_close(W[i], V[0])
        assert not torch.equal(both.means[0][i], before.means[0][i])


def test_an_adversary_leaves_running_means_alone_and_is_never_weaker_than_none():
    net = train(start(), X, Y, RECIPE, rngs(2)).net
    before = stack.copied(net)
    _, values = pgd(net, X, Y, Attack(0.1), rngs(2))
    clean = pgd(net, X, Y, Attack(0.0, steps=0, start="centre"))[1]
    assert all(torch.equal(v, kept) for v, kept in zip(net.running, before.running, strict=True))
    assert (values >= clean).all() and (values > clean).any()


def test_the_centre_of_a_local_search_has_the_running_means_of_its_weights():
    still = LocalEntropy(loops=1, share=1.0, noise=0.0, gamma=0.0)  # the search ends where its one step does
    plain = replace(RECIPE, batch=None, attack=None)
    recipes = (replace(plain, around=Around(entropy=still)), plain)
    centre, last = (train(start(), X, Y, recipe, rngs(2)).net for recipe in recipes)
    for W, V in zip((*centre.parameters, *centre.running), (*last.parameters, *last.running), strict=True):
        torch.testing.assert_close(W, V)


def test_the_early_stopped_network_is_one_of_the_checkpoints_with_its_running_means():
    nets = train(start(), X, Y, replace(RECIPE, checkpoints=(1, 2)), rngs(2)).nets
    attack = Attack(0.05, steps=2, start="centre")
    best, which = early_stopped(nets, X, Y, attack, rngs(2))
    for i, t in enumerate(which.tolist()):
        one = stack.taken(nets[t], slice(i, i + 1))
        torch.testing.assert_close(classifier.outputs(best, X)[i], classifier.outputs(one, X)[0])
    least = torch.stack([robust(net, X, Y, attack, rngs(2))[1] for net in nets]).amin(0)
    torch.testing.assert_close(robust(best, X, Y, attack, rngs(2))[1], least)


def test_flatness_moves_no_normalisation_and_does_not_see_scale():
    """W_l → c W_l, means → c means, variances + guard → c² times as much: the function is the same."""
    net = train(start(), X, Y, RECIPE, rngs(2)).net
    assert weight_ball.names(net)[-1] == "b1" and len(weight_ball.names(net)) == len(net.weights) + 1
    c = 5.0
    scaled = replace(
        net,
        weights=(*(c * W for W in net.weights[:-1]), net.weights[-1]),
        means=tuple(c * v for v in net.means),
        variances=tuple(c**2 * (v + normalisation.GUARD) - normalisation.GUARD for v in net.variances),
    )
    ball, attack = WeightBall(0.3), Attack(0.05, steps=2)
    seen = [
        flatness.average(n, X, Y, ball, weight_ball.common(np.random.default_rng(3), 2), attack, draws=2).flatness
        for n in (net, scaled)
    ]
    torch.testing.assert_close(*seen, rtol=1e-5, atol=1e-9)


def test_what_is_no_network_is_refused():
    with pytest.raises(ValueError, match="needs generators, channels"):
        residual.residual([], IMAGE, (3,), 3)
    with pytest.raises(ValueError, match="one per convolution"):
        replace(start(), shifts=())
    with pytest.raises(ValueError, match="activation must be one of"):
        start(activation="step")

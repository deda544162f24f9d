import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from sims import classifier, losses, regularisers, stack
from sims import train as training
from sims.network_attack import Attack, pgd
from sims.regularisers import Around, LocalEntropy
from sims.train import Recipe, train


def rngs(k, seed=0):
    return np.random.default_rng(seed).spawn(k)


def data(n=40, d=5, K=3, seed=3):
    rng = np.random.default_rng(seed)
    X = rng.random((n, d))
    return torch.from_numpy(X), torch.from_numpy((X @ rng.standard_normal((d, K))).argmax(1))


def numbers(*values):
    return torch.tensor(values, dtype=torch.float64)[:, None, None]


def far(net, other):
    return max(float((W - V).abs().max()) for W, V in zip(net.parameters, other.parameters, strict=True))


def epochs(k, **more):
    """Recipes whose nets at epoch t are the steps: one step an epoch, every epoch kept."""
    return Recipe(k, 0.2, checkpoints=tuple(range(1, k + 1)), **more)


def gradient(net, X, y):
    members = net.members
    return training.gradient(net, X.expand(members, *X.shape), y.expand(members, -1), losses.cross_entropy)[1]


X, Y = data()
NET = classifier.fully_connected(rngs(3), (5, 12, 8, 3))
IMAGES = classifier.convolutional(rngs(1), (1, 4, 4), (2,), (3,), kernel=3, dtype=torch.float32)


def test_the_perturbation_has_its_length_in_each_weight_and_spares_biases():
    gradients = gradient(NET, X, Y)
    radius = (0.0, 0.02, 0.5)
    above = regularisers.uphill(NET, gradients, numbers(*radius))
    for W, V, g in zip(NET.weights, above.weights, gradients, strict=False):
        step = (V - W).flatten(1)
        for i, xi in enumerate(radius):
            assert abs(step[i].norm() - xi * W[i].norm()) <= 1e-14
            if xi:
                cosine = step[i] @ g[i].flatten() / (step[i].norm() * g[i].norm())
                assert abs(cosine - 1) <= 1e-14
    assert all(torch.equal(b, c) for b, c in zip(NET.biases, above.biases, strict=True))
    still = regularisers.uphill(NET, [torch.zeros_like(g) for g in gradients], numbers(*radius))
    assert far(still, NET) == 0


def test_a_perturbed_step_starts_at_the_weights_and_follows_the_gradient_above_them():
    attack = Attack(0.1, steps=3)
    recipe = Recipe(1, 0.2, attack=attack, around=Around(perturb=(0.0, 0.02, 0.1)))
    seen = train(NET, X, Y, recipe, rngs(3))
    Z, values = pgd(NET, X, Y, attack, rngs(3))
    at = training.gradient(NET, Z, Y.expand(3, -1), losses.cross_entropy)[1]
    above = regularisers.uphill(NET, at, numbers(0.0, 0.02, 0.1))
    steps = training.gradient(above, Z, Y.expand(3, -1), losses.cross_entropy)[1]
    expected = stack.with_parameters(NET, [W - 0.2 * g for W, g in zip(NET.parameters, steps, strict=True)])
    assert far(seen.net, expected) <= 1e-14
    assert (seen.losses[:, 0] - values.mean(1)).abs().max() <= 1e-14
    plain = train(NET, X, Y, Recipe(1, 0.2, attack=attack), rngs(3)).net
    apart = (seen.net.weights[0] - plain.weights[0]).abs().amax((1, 2))
    assert apart[0] <= 1e-15 and apart[1:].min() > 1e-6


def test_clipping_bounds_every_entry_after_every_step_and_nothing_else():
    bounds = (0.1, 0.2, math.inf)
    seen = train(NET, X, Y, epochs(6, around=Around(clip=bounds)), rngs(3))
    free = train(NET, X, Y, epochs(6), rngs(3))
    for net in seen.nets[1:]:
        for W in net.parameters:
            assert W[0].abs().max() <= 0.1 and W[1].abs().max() <= 0.2
    assert (seen.net.weights[1][0].abs() == 0.1).any()
    for i, bound in enumerate(bounds):
        for W, V in zip(seen.nets[1].parameters, free.nets[1].parameters, strict=True):
            assert torch.equal(W[i], V[i].clamp(-bound, bound))
    assert all(torch.equal(W[2], V[2]) for W, V in zip(seen.net.parameters, free.net.parameters, strict=True))


def test_averages_are_geometric_means_of_the_steps_and_leave_them_alone():
    tau = (0.0, 0.5, 0.9)
    seen, free = (train(NET, X, Y, epochs(7, around=Around(average=t)), rngs(3)) for t in (tau, 0.0))
    assert far(seen.nets[0], NET) == 0 and (seen.losses - free.losses).abs().max() == 0
    for t in range(8):
        for i, share in enumerate(tau):
            weights = [share**t] + [(1 - share) * share ** (t - s) for s in range(1, t + 1)]
            for layer, W in enumerate(seen.nets[t].parameters):
                mean = sum(c * net.parameters[layer][i] for c, net in zip(weights, free.nets, strict=False))
                assert (W[i] - mean).abs().max() <= 1e-14


def test_local_entropy_is_its_inner_loop():
    """By hand, without noise: two centres of three inner steps, the pull growing from the first to the second."""
    search = LocalEntropy(loops=3, gamma=0.3, growth=0.5, noise=0.0, share=0.6)
    seen = train(NET, X, Y, epochs(7, around=Around(entropy=search)), rngs(3))
    centre = [W.clone() for W in NET.parameters]
    for outer in range(2):
        w, mu = [W.clone() for W in centre], [W.clone() for W in centre]
        for inner in range(3):
            assert far(seen.nets[3 * outer + inner], stack.with_parameters(NET, centre)) <= 1e-14
            g = gradient(stack.with_parameters(NET, w), X, Y)
            gamma = 0.3 * 1.5**outer
            w = [W - 0.2 * (G + gamma * (W - C)) for W, G, C in zip(w, g, centre, strict=True)]
            mu = [0.4 * M + 0.6 * W for M, W in zip(mu, w, strict=True)]
        centre = mu
    assert far(seen.nets[6], stack.with_parameters(NET, centre)) <= 1e-14
    assert far(seen.nets[7], seen.nets[6]) == 0 and far(seen.nets[6], seen.nets[3]) > 1e-3


def test_the_noise_of_local_entropy_has_its_variance():
    net = classifier.fully_connected(rngs(1), (5, 600, 3))
    quiet, loud = (
        train(net, X, Y, Recipe(1, 0.25, around=Around(entropy=LocalEntropy(1, noise=s, share=1.0))), rngs(1)).net
        for s in (0.0, 0.1)
    )
    noise = torch.cat([(W - V).flatten() for W, V in zip(loud.parameters, quiet.parameters, strict=True)])
    k = len(noise)
    assert abs(noise.mean()) < 5 * 0.05 / math.sqrt(k)
    assert abs(noise.std() / 0.05 - 1) < 5 / math.sqrt(2 * k)


def test_one_loop_that_keeps_all_of_its_last_weights_is_plain_descent():
    search = LocalEntropy(loops=1, noise=0.0, share=1.0)
    seen, free = (train(NET, X, Y, epochs(5, around=a), rngs(3)) for a in (Around(entropy=search), Around()))
    assert far(seen.net, free.net) <= 1e-14


AROUND = {
    "perturb": Around(perturb=(0.01, 0.02, 0.05)),
    "clip": Around(clip=(0.1, 0.3, math.inf)),
    "average": Around(average=(0.0, 0.5, 0.9)),
    "entropy": Around(entropy=LocalEntropy(loops=2, noise=0.01)),
    "together": Around(perturb=0.02, clip=0.3, average=0.8),
}


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND)
def test_a_stack_is_trained_like_its_members_and_again_the_same(around):
    recipe = Recipe(4, 0.2, batch=15, momentum=0.5, attack=Attack(0.1, steps=3), around=around)
    together, again = (train(NET, X, Y, recipe, rngs(3)) for _ in range(2))
    assert far(together.net, again.net) == 0
    for i, rng in enumerate(rngs(3)):
        own = {k: np.broadcast_to(getattr(around, k), 3)[i] for k in ("perturb", "clip", "average")}
        one = stack.taken(NET, slice(i, i + 1))
        alone = train(one, X, Y, replace(recipe, around=replace(around, **own)), [rng])
        assert far(alone.net, stack.taken(together.net, slice(i, i + 1))) <= 1e-10


def test_no_layer_exceeds_its_spectral_bound_and_layers_below_it_are_left_alone():
    bounds = (0.5, 1.5, 100.0)
    net, plain = (
        train(NET, X, Y, Recipe(6, 0.3, 8, momentum=0.9, around=around), rngs(3)).net
        for around in (Around(spectral=bounds), Around())
    )
    for W, V in zip(net.weights, plain.weights, strict=True):
        norms = torch.linalg.matrix_norm(W, 2)
        assert (norms <= torch.tensor(bounds, dtype=torch.float64) * (1 + 1e-12)).all()
        torch.testing.assert_close(W[2], V[2], rtol=1e-9, atol=1e-11)
    assert any(torch.linalg.matrix_norm(V[0], 2) > 0.5 for V in plain.weights)


def test_spectral_norms_are_largest_singular_values():
    for shape in ((3, 7, 4), (3, 4, 7), (2, 5, 5)):
        W = torch.from_numpy(np.random.default_rng(0).standard_normal(shape))
        torch.testing.assert_close(regularisers.spectral_norms(W), torch.linalg.svdvals(W)[:, :1, None])
    assert (regularisers.spectral_norms(torch.zeros(2, 3, 3)) == 0).all()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Around(perturb=-0.1), "perturb must be"),
        (lambda: Around(clip=[0.1, 0.0]), "clip must be > 0"),
        (lambda: Around(clip=math.nan), "clip must be > 0"),
        (lambda: Around(average=1.0), "average must be"),
        (lambda: Around(average=0.5, entropy=LocalEntropy()), "leave average, clip, spectral out"),
        (lambda: Around(spectral=2.0, entropy=LocalEntropy()), "leave average, clip, spectral out"),
        (lambda: Around(spectral=0.0), "spectral must be > 0"),
        (
            lambda: train(IMAGES, torch.rand(5, 16), Y[:5], Recipe(1, 0.1, around=Around(spectral=1.0)), rngs(1)),
            "convolves",
        ),
        (lambda: Around(clip=0.5, entropy=LocalEntropy()), "leave average, clip, spectral out"),
        (lambda: LocalEntropy(loops=0), "loops ≥ 1"),
        (lambda: LocalEntropy(gamma=math.inf), "finite"),
        (lambda: LocalEntropy(share=0.0), "share in"),
        (lambda: train(NET, X, Y, Recipe(1, 0.1, around=Around(clip=[0.1, 0.2])), rngs(3)), "clip must be one"),
    ],
)
def test_a_bad_request_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()

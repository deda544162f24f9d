"""On a GPU, a pretended one, stacks give the numbers of the CPU, and nothing is forgotten on the CPU."""

from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest
import torch
from pretended_gpu import PretendedGPU

from sims import (
    classifier,
    confidence,
    convolution_operator,
    curvature,
    descent,
    features,
    flatness,
    hessian,
    instance_margin,
    jacobians,
    landscape,
    lazy,
    losses,
    network,
    residual,
    spectra,
    stack,
    variants,
    weight_ball,
)
from sims.network_attack import Attack, loss_gradient, pgd
from sims.objectives import OBJECTIVES, Objective
from sims.regularisers import Around, LocalEntropy
from sims.robustness import early_stopped, robust
from sims.schedules import cyclic, drops
from sims.train import Recipe, train
from sims.weight_ball import KINDS, WeightBall
from sims.worst_flatness import Ascent, worst

IMAGE, K = (1, 4, 4), 3
ROUNDING = 1e-10  # what other orders of summation leave after so few steps, in float64
GOT = np.random.default_rng(7)
POINTS, LABELS = GOT.random((10, 16)), GOT.integers(0, K, 10)


def rngs(k=2, seed=0):
    return np.random.default_rng(seed).spawn(k)


NETS = {
    "fully connected": lambda place, more=0: classifier.fully_connected(
        rngs(), (16, 7, K + more), scale=2.0, activation="tanh", device=place
    ),
    "convolutional": lambda place, more=0: classifier.convolutional(
        rngs(), IMAGE, (2, 3), (5, K + more), kernel=3, scale=2.0, device=place
    ),
    "residual": lambda place, more=0: residual.residual(
        rngs(), IMAGE, (2, 3), K + more, dtype=torch.float64, device=place
    ),
}
every_net = pytest.mark.parametrize("make", NETS.values(), ids=NETS)


def data(place, n=10):
    return torch.from_numpy(POINTS[:n]).to(place), torch.from_numpy(LABELS[:n]).to(place)


def numbers(seen):
    """All tensors, arrays and floats in results, dataclasses and sequences opened."""
    if is_dataclass(seen):
        seen = [getattr(seen, field.name) for field in fields(seen)]
    if isinstance(seen, dict):
        seen = list(seen.values())
    if isinstance(seen, list | tuple):
        return [number for part in seen for number in numbers(part)]
    return [seen] if isinstance(seen, torch.Tensor | np.ndarray | float) else []


def agree(found):
    """What `found` gives where it is told to work is the same on both devices, and stays on the GPU."""
    here = numbers(found("cpu"))
    with PretendedGPU():
        there = numbers(found("cuda"))
        assert all(value.is_cuda for value in there if isinstance(value, torch.Tensor))
        there = [value.cpu() if isinstance(value, torch.Tensor) else value for value in there]
    assert here
    torch.testing.assert_close(there, here, rtol=ROUNDING, atol=ROUNDING)


ATTACK = Attack(0.1, steps=2)
BASE = Recipe(1, 0.1, batch=4, momentum=0.9, nesterov=True, decay=1e-3, attack=ATTACK, checkpoints=(1,))
PLAIN = replace(BASE, momentum=0.0, nesterov=False, attack=None)
RECIPES = {name: replace(BASE, objective=Objective(name, 0.5)) for name in OBJECTIVES} | {
    "all points at once": replace(PLAIN, epochs=3, batch=None, schedule=cyclic(1)),
    "its own numbers": replace(
        BASE, rate=(0.1, 0.2), momentum=(0.0, 0.9), decay=(0.0, 0.1), attack=Attack((0.0, 0.1), steps=2)
    ),
    "signs": replace(PLAIN, rate=0.01, descent="sign", attack=Attack(0.1, steps=2, start="centre")),
    "coordinates": replace(PLAIN, descent="coordinate", schedule=drops((0.5,))),
    "Adam": replace(PLAIN, descent="adam", rate=0.01, attack=Attack(0.2, 2, steps=2, best=False)),
    "perturbation, clipping, averaging": replace(BASE, around=Around(perturb=(0.0, 0.1), clip=0.3, average=0.5)),
    "spectral norms": replace(BASE, around=Around(spectral=(0.5, 1.0))),
    "local entropy": replace(BASE, around=Around(entropy=LocalEntropy(loops=2))),
}


WITH_IMAGES = ("self-supervision", "its own numbers", "perturbation, clipping, averaging", "local entropy")
PAIRS = [(kind, name) for kind in NETS for name in RECIPES if kind == "fully connected" or name in WITH_IMAGES]


@pytest.mark.parametrize(("kind", "name"), PAIRS)
def test_training_is_that_of_the_cpu(kind, name):
    more = 4 if name == "self-supervision" else 0
    agree(lambda place: train(NETS[kind](place, more), *data(place), RECIPES[name], rngs()))


def test_members_that_the_cpu_takes_in_portions_are_those_the_gpu_takes_together():
    def found(place):
        net = classifier.fully_connected(rngs(3), (16, 600, K), device=place)
        X, y = (part.repeat(6, *[1] * (part.ndim - 1)) for part in data(place))
        assert len(stack.portions(net, len(X))) == (1 if X.is_cuda else 2)
        return train(net, X, y, replace(BASE, batch=None), rngs(3)), pgd(net, X, y, ATTACK, rngs(3))

    agree(found)


@pytest.mark.parametrize("loss", [losses.exponential, losses.margin])
def test_a_single_output_with_signs_for_labels(loss):
    def found(place):
        net = classifier.fully_connected(rngs(), (16, 7, 1), bias=False, device=place)
        X, y = data(place)
        y = torch.where(y > 0, 1.0, -1.0).double()
        attack = Attack(0.1, steps=3, loss=loss)
        return train(net, X, y, replace(BASE, attack=attack, loss=loss), rngs()), robust(net, X, y, attack, rngs())

    agree(found)


def ball(kind="tensor", only=None):
    return WeightBall(0.2, kind, only)


def search(net, X, y):
    shift = weight_ball.sphere(ball(), net, rngs(seed=3))
    other = weight_ball.sphere(ball(), net, rngs(seed=4))
    return [
        landscape.along(net, X, y, shift, (-1.0, 0.5), rngs(), ATTACK),
        landscape.plane(net, X, y, (shift, other), (-1.0, 1.0), (0.5,)),
    ]


def curved(net, X, y):
    H = hessian.of_loss(net, X, y, only=("W1", "b1"))
    first = stack.taken(net, slice(0, 1))
    small = hessian.of_loss(first, X, y[None], only=("b1",))
    large = hessian.of_loss(first, X, y[None])
    ends = [curvature.ends(each, np.random.default_rng(0)) for each in (small, large)]
    return [
        hessian.dense(H) @ hessian.draw(H, rngs(), signs=False)[..., None],
        hessian.traces(H, rngs(), probes=3),
        hessian.exact_traces(H),
        curvature.density(H, rngs(), probes=1, steps=3),
        [(end.low, end.high) for end in ends],
    ]


def adversaries(net, X, y):
    attacks = [
        Attack(0.1, steps=3, restarts=2, extra=1),
        Attack((0.0, 0.3), 2, steps=3, restarts=2),
        Attack(0.1, steps=3, start="centre", best=False),
        Attack(0.3, 2, steps=3, start="centre", box=None, loss=losses.margin),
    ]
    target = classifier.outputs(net, X)
    other = Attack(0.1, steps=2, loss=losses.divergence)
    return [
        [(pgd(net, X, y, attack, rngs()), robust(net, X, y, attack, rngs())) for attack in attacks],
        pgd(net, X, target, other, rngs()),
        loss_gradient(net, X, y),
        early_stopped([net, stack.joined([stack.taken(net, slice(0, 1))] * 2)], X, y, ATTACK, rngs()),
    ]


def averages(net, X, y):
    balls = [ball(kind) for kind in KINDS] + [ball(only=("W1",))]
    return [
        [flatness.average(net, X, y, each, rngs(), draws=2, mirrored=True) for each in balls],
        flatness.average(net, X, y, ball(), rngs(), ATTACK, draws=2),
        flatness.average(net, X, y, ball(), rngs(), ATTACK, draws=2, frozen=True).flatness,
    ]


def confident(net, X, y):
    F, own = classifier.outputs(net, X), y.expand(2, -1)
    sure, lead = confidence.confidence(F), confidence.probability_margins(F, own)
    return sure, lead, confidence.mean_where(sure, losses.margins(F, own) > 0)


def spectral(net, X, y):
    values = spectra.singular_values(net)
    W = net.weights[0][0]
    convolved = []
    if W.ndim == 4:
        convolved = [
            convolution_operator.singular_values(W, (4, 5), "circular"),
            convolution_operator.leading(W, (4, 4), 2, np.random.default_rng(0)),
        ]
    return (
        values,
        [[f(s) for f in (spectra.stable_rank, spectra.peak, spectra.variation)] for s in values],
        convolved,
    )


MEASURES = {
    "attacks": adversaries,
    "average flatness": averages,
    "worst flatness": lambda net, X, y: [
        worst(net, X, y, ball(), rngs(), attack, ascent=Ascent(2, restarts=2, refresh=1))
        for attack in (None, ATTACK, replace(ATTACK, p=2))
    ],
    "landscapes": search,
    "curvature": curved,
    "features": lambda net, X, y: (features.of(net, X), features.changes(net, X, (X + 0.1).clamp(max=1))),
    "spectra": spectral,
    "Jacobians": lambda net, X, y: [
        jacobians.of_network(net, X),
        *(jacobians.of_layer(net, X, i) for i in (0, 1)),
    ],
    "margins of points": lambda net, X, y: [
        (instance_margin.linearised(net, X, p), instance_margin.boundary(net, X, p, steps=3)) for p in (2, np.inf)
    ],
    "confidence": confident,
}


@every_net
@pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)
def test_measures_are_those_of_the_cpu(make, measure):
    agree(lambda place: measure(make(place), *data(place, 5)))


@pytest.mark.parametrize("activation", network.ACTIVATIONS)
def test_tangent_kernels_and_lazy_training_are_those_of_the_cpu(activation):
    def found(place):
        net = network.antisymmetric(
            network.fully_connected(np.random.default_rng(0), (16, 9, 8), activation=activation, device=place)
        )
        both = network.stack([net, network.scaled(net, 1.0)])
        X, y = data(place)
        X, y, Z = X[:4], y[:4].double(), X[4:]
        seen, trained = lazy.train(both, X, y, Z, steps=20)
        return [
            (seen, network.distance(trained, both), lazy.linearised(both, X, y, Z, steps=20)),
            (network.tangent_kernel(both, X, Z), network.jacobian_kernel(net, X, Z, entries=1000)),
            (network.input_gradient(net, X), lazy.unfinished(both, X, y, Z)),
            lazy.linear_descent(X, y, 0.01, 5),
        ]

    agree(found)


@pytest.mark.parametrize(("geometry", "attack"), [(1.0, 2.0), (2.0, np.inf), (np.inf, 1.0)])
def test_steps_of_linear_models_are_those_of_the_cpu(geometry, attack):
    y, more = np.where(LABELS > 0, 1.0, -1.0), {"geometry": geometry, "attack": attack, "eps": [0.0, 0.01]}
    agree(lambda place: descent.descend(POINTS, y, **more, steps=20, device=place))


def test_variants_are_trained_where_their_points_are():
    chosen = {
        name: replace(variant, recipe=replace(variant.recipe, epochs=2, checkpoints=(1,)))
        for name, variant in variants.VARIANTS.items()
        if name in ("early stopping", "larger radius", "weight averaging", "self-supervision")
    }

    def found(place):
        def start(rngs, more, activation):
            return classifier.fully_connected(rngs, (16, 5, K + more), activation=activation, device=place)

        return variants.trained(chosen, *data(place), start, {name: rngs() for name in chosen}, data(place, 5))

    agree(found)

"""Training under a bound on spectral norms: without a bound it is `sims.train`, with one no layer exceeds it."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sims import classifier, spectral_bound
from sims.network_attack import Attack
from sims.regularisers import Around
from sims.schedules import drops
from sims.train import Recipe, train

RNG = np.random.default_rng(0)
X, Y = torch.from_numpy(RNG.random((30, 9))), torch.from_numpy(RNG.integers(0, 3, 30))
RECIPE = Recipe(
    6,
    0.3,
    batch=8,
    momentum=0.9,
    nesterov=True,
    decay=(1e-3, 1e-2, 0.0),
    schedule=drops((0.5,)),
    attack=Attack((0.0, 0.1, 0.2), steps=3, best=False),
)


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def rngs(k, seed=0):
    return np.random.default_rng(seed).spawn(k)


def start(k=3):
    return classifier.fully_connected(rngs(k), (9, 8, 5, 3), scale=2.0)


@pytest.mark.parametrize("recipe", [RECIPE, replace(RECIPE, batch=None), replace(RECIPE, attack=None)])
def test_without_a_bound_the_steps_are_those_of_training(recipe):
    net = spectral_bound.trained(start(), X, Y, recipe, np.inf, rngs(3, 1))
    plain = train(start(), X, Y, recipe, rngs(3, 1)).net
    for W, V in zip(net.parameters, plain.parameters, strict=True):
        torch.testing.assert_close(W, V, rtol=1e-9, atol=1e-11)


def test_no_layer_exceeds_its_bound_and_layers_below_it_are_left_alone():
    bounds = (0.5, 1.5, 100.0)
    net = spectral_bound.trained(start(), X, Y, RECIPE, bounds, rngs(3, 1))
    plain = train(start(), X, Y, RECIPE, rngs(3, 1)).net
    for W, V in zip(net.weights, plain.weights, strict=True):
        norms = torch.linalg.matrix_norm(W, 2)
        assert (norms <= torch.tensor(bounds, dtype=torch.float64) * (1 + 1e-12)).all()
        torch.testing.assert_close(W[2], V[2], rtol=1e-9, atol=1e-11)
    assert any(torch.linalg.matrix_norm(V[0], 2) > 0.5 for V in plain.weights)


def test_norms_are_those_of_the_singular_values():
    for shape in ((3, 7, 4), (3, 4, 7), (2, 5, 5)):
        W = torch.from_numpy(np.random.default_rng(0).standard_normal(shape))
        expected = torch.linalg.svdvals(W)[:, :1, None]
        torch.testing.assert_close(spectral_bound.norms(W), expected)
    assert (spectral_bound.norms(torch.zeros(2, 3, 3)) == 0).all()


def test_what_cannot_be_bounded_is_refused():
    with pytest.raises(ValueError, match="bounds must be > 0"):
        spectral_bound.trained(start(), X, Y, RECIPE, 0.0, rngs(3))
    with pytest.raises(ValueError, match="leave the recipe's around"):
        spectral_bound.trained(start(), X, Y, replace(RECIPE, around=Around(clip=1.0)), 1.0, rngs(3))
    images = classifier.convolutional(rngs(1), (1, 4, 4), (2,), (3,), kernel=3)
    with pytest.raises(ValueError, match="fully connected"):
        spectral_bound.trained(images, torch.rand(5, 16), Y[:5], replace(RECIPE, decay=0.0), 1.0, rngs(1))

from dataclasses import replace

import numpy as np
import pytest
import torch

from sims import classifier
from sims.objectives import OBJECTIVES
from sims.variants import PLAIN, VARIANTS, Variant, trained

RNG = np.random.default_rng(0)
X, Y = torch.from_numpy(RNG.random((30, 9))), torch.from_numpy(RNG.integers(0, 3, 30))
HELD = torch.from_numpy(RNG.random((20, 9))), torch.from_numpy(RNG.integers(0, 3, 20))


def rngs(k, seed=0):
    return np.random.default_rng(seed).spawn(k)


def short(variant):
    return replace(variant, recipe=replace(variant.recipe, epochs=15, checkpoints=(5,) if variant.early else None))


def made(variant):
    draws = rngs(2)

    def start(more, activation):
        return classifier.fully_connected(draws, (9, 8, 3 + more), activation=activation)

    return trained(short(variant), X, Y, start, draws, HELD)


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_trains_a_stack_of_networks_of_one_shape(name):
    net, again = (made(VARIANTS[name]) for _ in range(2))
    assert [W.shape for W in net.weights] == [(2, 8, 9), (2, 3, 8)]
    assert torch.isfinite(classifier.outputs(net, X)).all()
    assert all(torch.equal(W, V) for W, V in zip(net.parameters, again.parameters, strict=True))
    if name != "adversarial":
        plain = made(Variant(PLAIN))
        assert not torch.equal(net.weights[0], plain.weights[0])


def test_the_variants_cover_every_objective():
    assert {variant.recipe.objective.name for variant in VARIANTS.values()} == set(OBJECTIVES)
    assert len(VARIANTS) >= 18

from dataclasses import replace

import numpy as np
import pytest
import torch

from sims import classifier, stack, variants
from sims.network_attack import Attack
from sims.objectives import OBJECTIVES
from sims.variants import PLAIN, VARIANTS, Variant, stages, trained

RNG = np.random.default_rng(0)
X, Y = torch.from_numpy(RNG.random((2, 30, 9))), torch.from_numpy(RNG.integers(0, 3, (2, 30)))
HELD = torch.from_numpy(RNG.random((2, 20, 9))), torch.from_numpy(RNG.integers(0, 3, (2, 20)))
SHORT = {
    name: replace(v, recipe=replace(v.recipe, epochs=15, checkpoints=(5, 10) if v.early else None))
    for name, v in VARIANTS.items()
}


def rngs(names, k=2):
    return {name: np.random.default_rng(0).spawn(k) for name in names}


def start(draws, more, activation):
    return classifier.fully_connected(draws, (9, 8, 3 + more), activation=activation)


def made(group, X=X, Y=Y):
    return trained(group, X, Y, start, rngs(group), HELD)


def calls(monkeypatch):
    """How many networks each call to train has."""
    seen = []

    def counted(net, *rest):
        seen.append(net.members)
        return train(net, *rest)

    train = variants.train
    monkeypatch.setattr(variants, "train", counted)
    return seen


def assert_close(one, other):
    for W, V in zip(one.parameters, other.parameters, strict=True):
        torch.testing.assert_close(W, V, rtol=0, atol=1e-10)


@pytest.fixture(scope="module")
def every():
    return made(SHORT)


@pytest.mark.parametrize("name", VARIANTS)
def test_every_variant_among_all_is_what_it_is_alone(name, every):
    net = every[name]
    assert [W.shape for W in net.weights] == [(2, 8, 9), (2, 3, 8)]
    assert torch.isfinite(classifier.outputs(net, X)).all()
    assert_close(made({name: SHORT[name]})[name], net)
    if name != "adversarial":
        assert not torch.equal(net.weights[0], every["adversarial"].weights[0])


def test_shared_points_are_those_of_every_network():
    group = {name: SHORT[name] for name in ("adversarial", "early stopping", "trades 1")}
    alike = made(group, torch.stack([X[0]] * 2), torch.stack([Y[0]] * 2))
    for name, net in made(group, X[0], Y[0]).items():
        assert_close(net, alike[name])


def test_variants_that_differ_in_numbers_alone_are_one_call(monkeypatch):
    seen = calls(monkeypatch)
    plain = replace(PLAIN, epochs=2)
    numbers = {
        "eps": replace(plain, attack=replace(plain.attack, eps=(0.05, 0.1))),
        "rate": replace(plain, rate=0.05),
        "momentum": replace(plain, momentum=0.5),
        "decay": replace(plain, decay=(1e-3, 1e-2)),
        "checkpoints": replace(plain, checkpoints=(1,)),
        **{
            name: replace(plain, around=replace(plain.around, **{name: value}))
            for name, value in (("perturb", 0.1), ("clip", 0.1), ("spectral", 0.5), ("average", 0.9))
        },
    }
    group = {name: Variant(recipe) for name, recipe in numbers.items()}
    together = stages(group, X, Y, start, rngs(group))
    assert seen == [2 * len(group)]
    assert len({float(nets[-1].weights[0][0, 0, 0]) for nets in together.values()}) == len(group)
    for name, variant in group.items():
        alone = stages({name: variant}, X, Y, start, rngs([name]))[name]
        for one, other in zip(alone, together[name], strict=True):
            assert_close(one, other)


def test_what_is_no_number_is_a_call_of_its_own(monkeypatch):
    seen = calls(monkeypatch)
    other = replace(PLAIN, epochs=3)
    ways = [
        *(replace(other, epochs=2), replace(other, batch=10), replace(other, nesterov=False)),
        *(replace(other, attack=Attack(0.1, steps=2)), replace(other, attack=None)),
        *(replace(other, schedule=variants.drops((0.5,))), SHORT["trades 1"].recipe, SHORT["entropy sgd"].recipe),
    ]
    group = {str(i): Variant(recipe) for i, recipe in enumerate([other, *ways])}
    stages(group | {"silu": Variant(other, "silu")}, X, Y, start, rngs([*group, "silu"]))
    assert seen == [2] * (len(ways) + 2)
    seen.clear()
    made(SHORT)
    assert len(seen) == 18 and max(seen) == 2 * 9
    assert sum(seen) == 2 * len(VARIANTS)


def test_each_variant_has_its_own_checkpoints():
    several = {
        "early": replace(
            SHORT["early stopping"], recipe=replace(SHORT["early stopping"].recipe, checkpoints=(4, 9))
        ),
        "mean": Variant(replace(SHORT["weight averaging"].recipe, checkpoints=(9,))),
        "last": Variant(replace(SHORT["adversarial"].recipe, checkpoints=())),
    }
    seen = stages(several, X, Y, start, rngs(several))
    assert {name: len(nets) for name, nets in seen.items()} == {"early": 4, "mean": 3, "last": 2}
    assert_close(seen["early"][0], seen["last"][0])
    assert_close(seen["early"][-1], seen["last"][-1])
    assert not torch.equal(seen["mean"][-1].weights[0], seen["last"][-1].weights[0])
    chosen = trained(several, X, Y, start, rngs(several), HELD)["early"]
    for i in range(2):
        mine = [stack.taken(net, slice(i, i + 1)) for net in seen["early"]]
        one = stack.taken(chosen, slice(i, i + 1))
        assert any(torch.equal(one.weights[0], net.weights[0]) for net in mine)


def test_generators_must_be_those_of_the_variants():
    with pytest.raises(ValueError, match="generators of its own"):
        stages({"adversarial": SHORT["adversarial"]}, X, Y, start, rngs(["trades 1"]))


def test_the_variants_cover_every_objective():
    assert {variant.recipe.objective.name for variant in VARIANTS.values()} == set(OBJECTIVES)
    assert len(VARIANTS) >= 18

import numpy as np
import pytest
import torch

from sims import classifier, losses
from sims.network_attack import Attack, pgd
from sims.robustness import early_stopped, robust
from sims.train import Recipe, train


def rngs(k, seed=0):
    return np.random.default_rng(seed).spawn(k)


def data(n, seed, K=3, d=4):
    rng = np.random.default_rng(seed)
    X = rng.random((n, d))
    return torch.from_numpy(X), torch.from_numpy((X[:, :K] + 0.3 * rng.standard_normal((n, K))).argmax(1))


@pytest.mark.parametrize("best", [True, False])
def test_robust_loss_and_error_are_those_of_the_points_found(best):
    net, (X, y) = classifier.fully_connected(rngs(3), (4, 12, 3), scale=4.0), data(50, 1)
    attack = Attack(0.1, steps=5, best=best)
    loss, error = robust(net, X, y, attack, rngs(3))
    Z, _ = pgd(net, X, y, attack, rngs(3))
    F = classifier.outputs(net, Z)
    assert (loss - losses.cross_entropy.values(F, y.expand(3, 50)).mean(1)).abs().max() < 1e-14
    assert (error - (F.argmax(-1) != y).double().mean(1)).abs().max() < 1e-14
    clean, _ = robust(net, X, y, Attack(0.0, steps=0), rngs(3))
    more, _ = robust(net, X, y, Attack(0.1, steps=20), rngs(3))
    assert (more > clean).all() and (not best or (more >= loss).all())


def test_early_stopping_takes_each_member_where_its_held_out_error_is_least():
    net, (X, y), held = classifier.fully_connected(rngs(4), (4, 30, 3)), data(20, 2), data(300, 3)
    recipe = Recipe(150, 0.3, momentum=0.9, attack=Attack(0.05, steps=3), checkpoints=tuple(range(5, 151, 5)))
    seen = train(net, X, y, recipe, rngs(4))
    attack = Attack(0.05, steps=5, start="centre")
    chosen, at = early_stopped(seen.nets, *held, attack, rngs(4))
    errors = torch.stack([robust(stage, *held, attack, rngs(4))[1] for stage in seen.nets])
    assert torch.equal(robust(chosen, *held, attack, rngs(4))[1], errors.amin(0))
    assert len(at.unique()) > 1 and (errors[-1] > errors.amin(0)).all()
    for i, stage in enumerate(at.tolist()):
        assert not (errors[:stage, i] <= errors[stage, i]).any()
        for W, V in zip(chosen.parameters, seen.nets[stage].parameters, strict=True):
            assert torch.equal(W[i], V[i])


def test_a_bad_request_is_refused_in_words():
    with pytest.raises(ValueError, match="one stack or more"):
        early_stopped([], *data(5, 0), Attack(0.1), rngs(1))

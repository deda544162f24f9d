import math

import numpy as np
import pytest
import torch

from sims import classifier, images, losses, stack
from sims.network_attack import Attack, pgd
from sims.schedules import constant, cyclic, drops
from sims.train import Recipe, train


def rngs(k, seed=0):
    return np.random.default_rng(seed).spawn(k)


def data(n=60, d=5, K=3, seed=3):
    rng = np.random.default_rng(seed)
    X = rng.random((n, d))
    y = (X @ rng.standard_normal((d, K))).argmax(1) if K > 1 else np.where(X[:, 0] > X[:, 1], 1.0, -1.0)
    return torch.from_numpy(X), torch.from_numpy(y)


def far(net, other):
    return max(float((W - V).abs().max()) for W, V in zip(net.parameters, other.parameters, strict=True))


RECIPES = {
    "standard": Recipe(8, 0.3),
    "batches": Recipe(8, 0.3, batch=16),
    "momentum, decay and drops": Recipe(8, 0.1, 16, momentum=0.9, decay=1e-2, schedule=drops((0.5, 0.75))),
    "adversarial": Recipe(8, 0.3, batch=16, attack=Attack(0.1, steps=4)),
    "Euclidean adversary": Recipe(8, 0.3, batch=16, attack=Attack(0.2, 2, steps=4, best=False)),
    "signs": Recipe(8, 0.01, descent="sign", attack=Attack(0.1, steps=3, start="centre")),
    "coordinates": Recipe(8, 0.5, descent="coordinate"),
    "Adam": Recipe(8, 0.01, 16, momentum=0.9, decay=1e-2, descent="adam", attack=Attack(0.1, steps=3)),
}
every_recipe = pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)


@every_recipe
@pytest.mark.parametrize("kind", ["fully connected", "convolutional"])
def test_a_stack_is_trained_like_its_members(recipe, kind):
    if kind == "convolutional":
        net, (X, y) = classifier.convolutional(rngs(4), (1, 4, 4), (3,), (5, 3), kernel=3), data(d=16)
    else:
        net, (X, y) = classifier.fully_connected(rngs(4), (5, 600, 3)), data()  # taken two by two
        assert len(stack.portions(net, 60)) > 1 or recipe.batch
    together = train(net, X, y, recipe, rngs(4, seed=1))
    for i, rng in enumerate(rngs(4, seed=1)):
        one = slice(i, i + 1)
        alone = train(stack.taken(net, one), X, y, recipe, [rng])
        assert far(alone.net, stack.taken(together.net, one)) <= 1e-10
        assert (alone.losses - together.losses[one]).abs().max() <= 1e-10
    again = train(net, X, y, recipe, rngs(4, seed=1))
    assert far(again.net, together.net) == 0


def test_members_with_their_own_numbers_and_points_are_trained_like_alone():
    X, y = (torch.stack(part) for part in zip(*(data(seed=s) for s in range(3)), strict=True))
    net = classifier.fully_connected(rngs(3), (5, 20, 3))
    own = {"rate": (0.1, 0.2, 0.3), "momentum": (0.0, 0.5, 0.9), "decay": (0.1, 0.0, 0.01)}
    radii = (0.0, 0.05, 0.2)
    together = train(net, X, y, Recipe(5, batch=20, attack=Attack(radii), **own), rngs(3))
    for i, rng in enumerate(rngs(3)):
        numbers = {name: value[i] for name, value in own.items()}
        recipe = Recipe(5, batch=20, attack=Attack(radii[i]), **numbers)
        alone = train(stack.taken(net, slice(i, i + 1)), X[i], y[i], recipe, [rng])
        assert far(alone.net, stack.taken(together.net, slice(i, i + 1))) <= 1e-10


@pytest.mark.parametrize("nesterov", [False, True])
def test_steps_are_those_of_pytorch_s_optimiser(nesterov):
    X, y = data()
    net = classifier.fully_connected(rngs(1), (5, 20, 3))
    recipe = Recipe(30, 0.2, momentum=0.8, nesterov=nesterov, decay=0.01, schedule=drops((0.5,), 0.3))
    W = [V[0].clone().requires_grad_() for V in net.parameters]
    optimiser = torch.optim.SGD(W, 0.2, momentum=0.8, nesterov=nesterov, weight_decay=0.01)
    values = []
    for t in range(30):
        optimiser.param_groups[0]["lr"] = 0.2 * (0.3 if t >= 15 else 1)
        loss = torch.nn.functional.cross_entropy(torch.relu(X @ W[0].T + W[2]) @ W[1].T + W[3], y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        values.append(loss.item())
    seen = train(net, X, y, recipe, rngs(1))
    assert max(float((V[0] - U.detach()).abs().max()) for V, U in zip(seen.net.parameters, W, strict=True)) < 1e-13
    np.testing.assert_allclose(seen.losses[0], values, rtol=0, atol=1e-13)


@pytest.mark.parametrize("momentum", [0.0, 0.9])
def test_adam_is_pytorch_s(momentum):
    X, y = data()
    net = classifier.fully_connected(rngs(1), (5, 20, 3))
    recipe = Recipe(30, 0.02, momentum=momentum, decay=0.01, descent="adam", schedule=drops((0.5,), 0.3))
    W = [V[0].clone().requires_grad_() for V in net.parameters]
    optimiser = torch.optim.Adam(W, 0.02, betas=(momentum, 0.999), weight_decay=0.01)
    for t in range(30):
        optimiser.param_groups[0]["lr"] = 0.02 * (0.3 if t >= 15 else 1)
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(torch.relu(X @ W[0].T + W[2]) @ W[1].T + W[3], y).backward()
        optimiser.step()
    seen = train(net, X, y, recipe, rngs(1)).net
    assert max(float((V[0] - U.detach()).abs().max()) for V, U in zip(seen.parameters, W, strict=True)) < 1e-12


def test_sign_and_coordinate_steps_are_what_they_say():
    X, y = data(K=1)
    net = classifier.fully_connected(rngs(2), (5, 6, 1), bias=False)
    for descent in ("sign", "coordinate"):
        seen = train(net, X, y, Recipe(1, 0.1, descent=descent, loss=losses.exponential), rngs(2))
        for i in range(2):
            W = [V[i].clone().requires_grad_() for V in net.weights]
            loss = torch.exp(-y * (torch.relu(X @ W[0].T) @ W[1].T)[:, 0]).mean()
            g = torch.cat([part.flatten() for part in torch.autograd.grad(loss, W)])
            moved = torch.cat([(V - U)[i].flatten() for V, U in zip(seen.net.weights, net.weights, strict=True)])
            j = g.abs().argmax()
            way = g.sign() if descent == "sign" else torch.zeros_like(g).scatter(0, j, g[j])
            assert (moved + 0.1 * way).abs().max() < 1e-14


def test_the_steps_descend_the_loss_at_the_attacked_points():
    X, y = data()
    net = classifier.fully_connected(rngs(1), (5, 20, 3))
    attack = Attack(0.1, steps=5)
    Z, values = pgd(net, X, y, attack, rngs(1))
    seen = train(net, X, y, Recipe(1, 0.3, attack=attack), rngs(1))
    by_hand = train(net, Z, y, Recipe(1, 0.3), rngs(1))
    assert far(seen.net, by_hand.net) < 1e-14
    assert abs(float(seen.losses[0, 0] - values.mean())) < 1e-14


def test_checkpoints_stand_on_a_logarithmic_grid_and_the_start_is_left_alone():
    X, y = data()
    net = classifier.fully_connected(rngs(2), (5, 8, 3))
    before = [W.clone() for W in net.parameters]
    seen = train(net, X, y, Recipe(20, 0.3), rngs(2))
    assert seen.epochs.tolist() == [0, 1, 2, 3, 4, 6, 7, 10, 13, 18, 20]
    assert len(seen.nets) == len(seen.epochs) and seen.losses.shape == (2, 20)
    assert far(seen.nets[0], net) == 0 and all(
        torch.equal(W, V) for W, V in zip(before, net.parameters, strict=True)
    )
    assert seen.net is seen.nets[-1]
    shorter = train(net, X, y, Recipe(4, 0.3), rngs(2))
    assert far(shorter.net, seen.nets[4]) == 0
    chosen = train(net, X, y, Recipe(20, 0.3, checkpoints=(7, 4)), rngs(2))
    assert chosen.epochs.tolist() == [0, 4, 7, 20]
    assert far(chosen.nets[1], seen.nets[4]) == 0 and far(chosen.net, seen.net) == 0
    F = classifier.outputs(seen.nets[3], X)
    assert (losses.cross_entropy.values(F, y.expand(2, 60)).mean(1) - seen.losses[:, 3]).abs().max() < 1e-14


def test_schedules_are_factors():
    assert constant(0.3) == 1
    assert [drops((0.5, 0.75), 0.1)(s) for s in (0.0, 0.5, 0.8)] == pytest.approx([1, 0.1, 0.01])
    assert [cyclic(1)(s) for s in (0.0, 0.25, 0.5, 0.75)] == pytest.approx([0, 0.5, 1, 0.5])
    assert [cyclic(2, 4.0)(s) for s in (0.125, 0.25, 0.375, 0.5, 0.75)] == pytest.approx([2, 4, 2, 0, 4])


def test_small_floats_train_as_well():
    X, y = data()
    net = classifier.fully_connected(rngs(2), (5, 20, 3), dtype=torch.float32)
    seen = train(net, X.float(), y, Recipe(50, 0.5, batch=20, attack=Attack(0.02, steps=3)), rngs(2))
    assert seen.net.weights[0].dtype == torch.float32
    assert (seen.losses[:, -1] < 0.7 * seen.losses[:, 0]).all()


def test_adversarial_training_makes_digits_robust_and_overfits_robustly():
    """Against one adversary: fewer errors than after standard training, and hardly any on the training points."""
    digits = images.digits(np.random.default_rng(0), range(10))
    X, y = torch.from_numpy(digits.X_train[:200]), torch.from_numpy(digits.y_train[:200].astype(np.int64))
    Z, labels = torch.from_numpy(digits.X_test[:200]), torch.from_numpy(digits.y_test[:200].astype(np.int64))
    attack = Attack((0.0, 0.1), steps=5, best=False)
    net = classifier.fully_connected(rngs(2), (64, 64, 10))
    seen = train(net, X, y, Recipe(80, 0.2, batch=50, momentum=0.9, attack=attack), rngs(2))
    judge = Attack(0.1, steps=15, loss=losses.margin)
    (_, fit), (_, new) = (pgd(seen.net, P, t, judge, rngs(2)) for P, t in ((X, y), (Z, labels)))
    wrong_fit, wrong_new = ((values >= 0).double().mean(1) for values in (fit, new))
    assert wrong_new[1] < wrong_new[0] - 0.1
    assert wrong_fit[1] < 0.03 and wrong_new[1] > wrong_fit[1] + 0.15


NET, (POINTS, LABELS) = classifier.fully_connected(rngs(2), (5, 3)), data()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Recipe(0, 0.1), "at least 1"),
        (lambda: Recipe(1, 0.1, batch=0), "at least 1"),
        (lambda: Recipe(1, -0.1), "rate must be"),
        (lambda: Recipe(1, 0.1, decay=math.inf), "decay must be"),
        (lambda: Recipe(1, 0.1, descent="uphill"), "descent"),
        (lambda: Recipe(1, 0.1, descent="adam", nesterov=True), "Nesterov"),
        (lambda: Recipe(5, 0.1, checkpoints=(0, 6)), "checkpoints"),
        (lambda: cyclic(0), "whole number"),
        (lambda: cyclic(1, -1.0), "peak positive"),
        (lambda: train(NET, POINTS, LABELS, Recipe(1, 0.1), rngs(3)), "one generator for each of 2"),
        (lambda: train(NET, POINTS, LABELS, Recipe(1, [0.1] * 3), rngs(2)), "rate must be one number or 2"),
        (lambda: train(NET, POINTS.float(), LABELS, Recipe(1, 0.1), rngs(2)), "of one type"),
        (lambda: train(NET, POINTS, LABELS + 3, Recipe(1, 0.1), rngs(2)), "labels of 3 outputs"),
        (lambda: train(NET, POINTS * 2, LABELS, Recipe(1, 0.1, attack=Attack(0.1)), rngs(2)), "in the box"),
        (lambda: train(NET, POINTS[:, :4], LABELS, Recipe(1, 0.1), rngs(2)), "X must be"),
    ],
)
def test_a_bad_request_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()

import math

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy, kl_div, one_hot

from sims import classifier, losses, objectives, rotations, stack
from sims.network_attack import Attack, ascend
from sims.objectives import OBJECTIVES, Batch, Objective
from sims.scratch import Scratch
from sims.surrogates import Examples
from sims.train import Recipe, train

STRENGTHS = {"label smoothing": 0.3, "label noise": 0.4, "trades": 3.0, "mart": 5.0, "self-supervision": 2.0}
every_objective = pytest.mark.parametrize("name", OBJECTIVES)


def rngs(k, seed=0):
    return np.random.default_rng(seed).spawn(k)


def made(name, members=2, n=14, seed=3, K=3, eps=0.1, **more):
    """A stack with the outputs that the objective needs, points, labels and the batch they make."""
    rng = np.random.default_rng(seed)
    turns = rotations.TURNS * (name == "self-supervision")
    net = classifier.fully_connected(rngs(members), (9, 20, K + turns), scale=3.0, **more)
    X, y = torch.from_numpy(rng.random((members, n, 9))), torch.from_numpy(rng.integers(0, K, (members, n)))
    strength = torch.full((members, 1, 1), STRENGTHS.get(name, 0.0), dtype=torch.float64)
    return net, Batch(X, y, torch.full((members, 1, 1), eps, dtype=torch.float64), strength)


def examples(name, net, batch, attack=None, seed=7):
    attack = attack or Attack(0.1, steps=4)
    rng = rngs(net.members, seed)
    return objectives.examples(net, batch, Objective(name, STRENGTHS.get(name, 0.0)), attack, rng, Scratch())


def textbook(name, F, at, n, strength):
    """The objective of one member, as its paper writes it."""
    if name == "trades":
        return cross_entropy(F[:n], at.y) + strength * divergence(F[:n], F[n:]).mean()
    if name == "mart":
        p, q = F[:n].softmax(-1), F[n:].softmax(-1)
        others = torch.where(one_hot(at.y, F.shape[-1]).bool(), 0.0, q).amax(-1)
        right = p.gather(-1, at.y[:, None])[:, 0]
        boosted = cross_entropy(F[n:], at.y, reduction="none") - (1.0001 - others).log()
        return (boosted + strength * divergence(F[:n], F[n:]) * (1 - right)).mean()
    if name == "self-supervision":
        return cross_entropy(F[:n, :-4], at.y) + strength * cross_entropy(F[n:, -4:], at.turns)
    if name == "label smoothing":
        return cross_entropy(F, at.y, label_smoothing=strength)
    return cross_entropy(F, at.y)


def divergence(at, away):
    return kl_div(away.log_softmax(-1), at.log_softmax(-1), reduction="none", log_target=True).sum(-1)


@every_objective
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_values_and_gradients_are_those_of_automatic_differentiation(name, activation):
    net, batch = made(name, activation=activation)
    at = examples(name, net, batch)
    objective = Objective(name, STRENGTHS.get(name, 0.0))
    for scratch in (None, Scratch()):
        values, ours = objectives.gradient(net, at, objective, losses.cross_entropy, batch.strength, scratch)
        assert values.shape == batch.y.shape
        free = stack.with_parameters(net, [W.clone().requires_grad_() for W in net.parameters])
        F = classifier.outputs(free, at.X)
        for i in range(2):
            mine = Examples(at.X[i], at.y[i], None if at.turns is None else at.turns[i])
            value = textbook(name, F[i], mine, 14, STRENGTHS.get(name, 0.0))
            assert abs(values[i].mean() - value.detach()) <= 1e-10
            theirs = torch.autograd.grad(value, free.parameters, retain_graph=True)
            for g, G in zip(ours, theirs, strict=True):
                assert (g[i] - G[i]).abs().max() <= 1e-10 * (1 + G[i].abs().max())


@every_objective
def test_a_stack_is_trained_like_its_members_and_again_the_same(name):
    net, batch = made(name, members=3)
    strengths = [s * STRENGTHS.get(name, 0.0) for s in (0.5, 1.0, 2.0)]
    recipe = Recipe(5, 0.2, batch=6, attack=Attack(0.1, steps=3), objective=Objective(name, strengths))
    together = train(net, batch.X, batch.y, recipe, rngs(3))
    again = train(net, batch.X, batch.y, recipe, rngs(3))
    for i, rng in enumerate(rngs(3)):
        own = Recipe(5, 0.2, batch=6, attack=Attack(0.1, steps=3), objective=Objective(name, strengths[i]))
        alone = train(stack.taken(net, slice(i, i + 1)), batch.X[i], batch.y[i], own, [rng])
        for W, V, U in zip(alone.net.parameters, together.net.parameters, again.net.parameters, strict=True):
            assert (W[0] - V[i]).abs().max() <= 1e-10 and torch.equal(V, U)
        assert (alone.losses[0] - together.losses[i]).abs().max() <= 1e-10


def test_ignoring_incorrect_points_leaves_them_where_they_are():
    net, batch = made("ignore incorrect", n=40)
    wrong = classifier.outputs(net, batch.X).argmax(-1) != batch.y
    at, all_attacked = examples("ignore incorrect", net, batch), examples("adversarial", net, batch)
    assert 10 < wrong.sum() < 70
    assert torch.equal(at.X[wrong], batch.X[wrong]) and torch.equal(at.X[~wrong], all_attacked.X[~wrong])
    assert not torch.equal(all_attacked.X[wrong], batch.X[wrong])


def test_the_predicted_label_is_attacked_and_the_true_one_is_learned():
    net, batch = made("predicted labels", n=40)
    guess = classifier.outputs(net, batch.X).argmax(-1)
    at = examples("predicted labels", net, batch)
    Z, _ = ascend(net, batch.X, guess, Attack(0.1, steps=4), batch.eps, rngs(2, 7), Scratch())
    assert torch.equal(at.X, Z) and torch.equal(at.y, batch.y)
    at_truth = examples("adversarial", net, batch).X
    right = guess == batch.y
    assert not torch.equal(at.X[~right], at_truth[~right]) and torch.equal(at.X[right], at_truth[right])


def test_smoothing_is_the_mean_of_label_noise():
    """Over all labels with their probabilities, the loss of noisy labels is that of smoothed ones."""
    net, batch = made("label noise", n=4)
    at = Examples(batch.X, batch.y)
    tau, K = torch.full((2, 1, 1), 0.3, dtype=torch.float64), 3

    def gradient(name, y):
        return objectives.gradient(net, Examples(at.X, y), Objective(name), losses.cross_entropy, tau)[1]

    smooth = gradient("label smoothing", batch.y)
    noisy = [gradient("label noise", torch.full_like(batch.y, k)) for k in range(K)]
    true = gradient("label noise", batch.y)
    for s, t, *each in zip(smooth, true, *noisy, strict=True):
        assert (s - 0.7 * t - 0.3 * sum(each) / K).abs().max() <= 1e-12


def test_noisy_labels_are_uniform_with_their_probability_fresh_and_never_attacked():
    net, batch = made("label noise", n=4000, K=4, eps=0.0)
    generators = rngs(2, 7)
    draw = [
        objectives.examples(net, batch, Objective("label noise", 0.4), None, generators, Scratch())
        for _ in range(2)
    ]
    assert not torch.equal(draw[0].y, draw[1].y)
    changed = (draw[0].y != batch.y).double().mean(1)
    radius = 5 * math.sqrt(0.3 * 0.7 / 4000)  # of 0.4 · 3/4, five standard deviations
    assert (changed - 0.3).abs().max() < radius
    moved = draw[0].y[draw[0].y != batch.y] - batch.y[draw[0].y != batch.y]
    shares = torch.bincount(moved % 4, minlength=4)[1:] / len(moved)
    assert (shares - 1 / 3).abs().max() < 5 * math.sqrt(2 / 9 / len(moved))
    net, batch = made("label noise")
    assert torch.equal(examples("label noise", net, batch).X, examples("adversarial", net, batch).X)


def test_trades_attacks_and_descends_the_divergence_from_the_clean_prediction():
    net, batch = made("trades", n=30, eps=0.4)
    at = examples("trades", net, batch)
    X, Z = at.X.split(30, 1)
    assert torch.equal(X, batch.X) and ((Z - X).abs() <= batch.eps + 1e-15).all()
    F = classifier.outputs(net, at.X)
    forward, backward = (divergence(*pair).mean(1) for pair in (F.split(30, 1), F.split(30, 1)[::-1]))
    assert (forward / backward - 1).abs().min() > 1e-3  # else the direction could not be told
    value = objectives.gradient(net, at, Objective("trades", 1.0), losses.cross_entropy, batch.strength / 3)[0]
    clean = losses.cross_entropy.values(F[:, :30], batch.y)
    assert (value.mean(1) - clean.mean(1) - forward).abs().max() <= 1e-12
    F_plain = classifier.outputs(net, examples("adversarial", net, batch).X)
    assert (forward > divergence(F[:, :30], F_plain).mean(1)).all()


def test_mart_knows_its_best_other_class_where_probabilities_underflow():
    net = classifier.Classifier((1000 * torch.eye(3, dtype=torch.float64)[None],))
    X, y = torch.eye(3, dtype=torch.float64)[None], torch.arange(3)[None]
    at = Examples(torch.cat([X, X], 1), y)
    strength = torch.ones((1, 1, 1), dtype=torch.float64)
    values, gradients = objectives.gradient(net, at, Objective("mart"), losses.cross_entropy, strength)
    assert (values + math.log(1.0001)).abs().max() < 1e-15
    assert all(torch.isfinite(g).all() for g in gradients)


def test_turns_are_quarter_turns_to_the_left_and_half_of_the_points_are_turned():
    X = torch.arange(9.0)[None, None].expand(1, 4, 9)
    seen = rotations.turned(X, torch.arange(4)[None], 3)
    for k in range(4):
        assert torch.equal(seen[0, k].reshape(3, 3), torch.rot90(X[0, 0].reshape(3, 3), k))
    colours = torch.arange(24.0).reshape(1, 2, 12)
    seen = rotations.turned(colours, torch.tensor([[1, 0]]), 2).reshape(2, 3, 2, 2)
    assert torch.equal(seen[0], torch.rot90(colours[0, 0].reshape(3, 2, 2), 1, (1, 2)))
    net, batch = made("self-supervision", n=7, eps=0.0)
    at = examples("self-supervision", net, batch)
    assert at.X.shape == (2, 11, 9) and at.turns.shape == (2, 4)
    assert torch.equal(at.X[:, :7], batch.X)
    assert torch.equal(at.X[:, 7:], rotations.turned(batch.X[:, :4], at.turns, 3))
    K = classifier.outputs(objectives.classifying(net, Objective("self-supervision")), batch.X)
    assert (K - classifier.outputs(net, batch.X)[..., :3]).abs().max() < 1e-14


NET, BATCH = made("adversarial")
SINGLE = classifier.fully_connected(rngs(1), (9, 1))
OBLONG = classifier.fully_connected(rngs(1), (6, 7))
ATTACK = Attack(0.1)
SIGNS = torch.ones(5, dtype=torch.float64)


def attempt(name, strength=0.5, net=NET, X=BATCH.X, y=BATCH.y, attack=ATTACK, **more):
    return train(
        net, X, y, Recipe(1, 0.1, attack=attack, objective=Objective(name, strength), **more), rngs(net.members)
    )


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Objective("free"), "objective must be one of"),
        (lambda: Objective("trades", -1.0), "strength of trades"),
        (lambda: Objective("label noise", 1.5), r"in \[0, 1\]"),
        (lambda: Objective("mart", [1.0, math.nan]), "strength of mart"),
        (lambda: attempt("trades", attack=None), "give the recipe an attack"),
        (lambda: attempt("mart", loss=losses.margin), "cross-entropy in its definition"),
        (lambda: attempt("trades", attack=Attack(0.1, start="centre")), "start=uniform"),
        (lambda: attempt("trades", attack=Attack(0.1, extra=1)), "extra=None"),
        (lambda: attempt("trades", [1.0, 2.0, 3.0]), "strength must be one number or 2"),
        (lambda: attempt("mart", net=SINGLE, X=BATCH.X[0, :5], y=SIGNS), "at least 2 outputs"),
        (lambda: attempt("self-supervision"), "at least 6 outputs"),
        (lambda: attempt("self-supervision", net=OBLONG, X=BATCH.X[0, :5, :6], y=SIGNS.long()), "square images"),
    ],
)
def test_a_bad_request_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()

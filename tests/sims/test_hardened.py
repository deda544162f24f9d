"""Networks of one setting: alike in everything but the radius that they were trained against."""

from dataclasses import replace

import numpy as np
import torch

from sims import classifier, hardened
from sims.hardened import Setting
from sims.network_attack import Attack
from sims.train import Recipe, train

SETTING = Setting(n=60, fresh=50, m=8, top=0.2, radii=3, epochs=4, scale=1.0, seed=0)


def test_networks_of_a_setting_differ_in_their_radius_alone():
    made = hardened.hardened(SETTING)
    assert made is hardened.hardened(replace(SETTING))
    np.testing.assert_allclose(made.eps, [0, 0.1, 0.2])
    alone = hardened.hardened(replace(SETTING, top=0.0, radii=2))
    assert all(torch.equal(W[0], W[1]) for W in alone.net.parameters)
    for part in (made.train, made.test):
        assert all(torch.equal(values[0], values[k]) for values in part for k in (1, 2))
    assert not torch.equal(made.net.weights[0][0], made.net.weights[0][1])
    drawn = [stream.random(3) for stream in made.rngs]
    np.testing.assert_array_equal(drawn[0], drawn[2])


def test_an_attack_of_radius_0_leaves_the_points_where_they_are():
    made = hardened.hardened(SETTING)
    start = classifier.fully_connected([hardened.rng(SETTING, "start")], (64, 8, 8, 8, 10))
    recipe = Recipe(1, 0.1, batch=50, momentum=0.9)  # later epochs have another order: the attack draws numbers
    nets = [
        train(start, made.train[0][:1], made.train[1][:1], each, [hardened.rng(SETTING, "batches")]).net
        for each in (recipe, replace(recipe, attack=Attack(0.0, steps=5, best=False)))
    ]
    for W, V in zip(*(net.parameters for net in nets), strict=True):
        torch.testing.assert_close(W, V, rtol=0, atol=1e-13)


def test_a_bound_holds_for_the_networks_of_a_setting():
    made = hardened.hardened(replace(SETTING, bound=0.7))
    for W in made.net.weights:
        assert (torch.linalg.matrix_norm(W, 2) <= 0.7 * (1 + 1e-12)).all()

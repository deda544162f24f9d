"""Gradient descent against sign descent on networks: the comparison itself, where the outcome is known."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sims.claims.price_of_implicit_bias import sign_descent_generalises_worse_under_attack as claim

SMALL = replace(claim.CLAIM.quick[0], epochs=20, k=2, seed=0)


def test_both_descents_start_from_the_same_weights_on_the_same_images():
    """At rates near 0 nothing has moved yet, and no image is fitted."""
    seen = claim.simulate(replace(SMALL, gradient=1e-9, sign=1e-9))
    curves = seen.exhibit["curves"]
    assert np.allclose(curves[:, 0], curves[:, 1], atol=1e-6)
    assert not seen.exhibit["fitted"].any() and np.isnan(seen.value).all() and np.isnan(seen.doubt).all()


def test_an_excess_is_the_difference_of_two_gaps_of_networks_that_fit():
    seen = claim.simulate(replace(SMALL, k=1, epochs=200, gradient=1e-2, sign=2e-3))
    assert seen.exhibit["fitted"].all()
    curves = seen.exhibit["curves"]
    gaps = curves[..., 1] - curves[..., 2]
    assert seen.value[:2] == pytest.approx(gaps[:, 1, -1] - gaps[:, 0, -1])
    assert seen.value[2] == pytest.approx(seen.value[1] - seen.value[0])
    assert (curves[1, :, -1, 1] == 1).all() and (curves[..., 2] >= 0).all()


def test_at_equal_loss_sign_descent_is_seen_when_it_catches_up():
    """One network: the checkpoint is the first whose loss is no more than that of gradient descent at the end."""
    seen = claim.simulate(replace(SMALL, k=1, epochs=300, gradient=2e-3, sign=2e-3, seed=1))
    curves = seen.exhibit["curves"][1]
    level, gaps = curves[:, :, 0], curves[:, :, 1] - curves[:, :, 2]
    first = next(t for t, value in enumerate(level[1]) if value >= min(level[0, -1], level[1, -1]))
    assert 0 < first < level.shape[1] - 1  # it has not to wait for the end
    assert seen.value[3] == pytest.approx(gaps[1, first] - gaps[0, -1])


def test_points_are_right_where_margins_stay_positive_and_a_training_that_blows_up_proves_nothing():
    values = torch.tensor([[-1.0, 0.0, 2.0, -3.0], [-1.0, -1.0, -1.0, torch.nan]])  # minus the least margins
    right = claim.accuracy(values)
    assert right[0] == 0.5 and right[1].isnan()


def test_all_ten_digits_are_told_apart_by_convolutional_networks():
    """Each layer is as wide as it should be, and both descents fit the images and know others."""
    case = replace(SMALL, data="digits10", n=10, m=4, epochs=120, gradient=3e-2, sign=2e-3, search=2, k=1)
    net, _ = claim.networks(case, [np.random.default_rng(0)], "cpu")
    assert [tuple(W.shape[1:]) for W in net.weights] == [(4, 1, 5, 5), (8, 4, 5, 5), (128, 32), (10, 128)]
    seen = claim.simulate(case)
    curves = seen.exhibit["curves"]
    assert (curves[0, :, -1, 1] == 1).all() and (curves[0, :, -1, 2] > 0.2).all()
    assert not claim.predict(case).any()


def test_the_protocol_of_the_paper_is_among_the_cases():
    """Three training sets; each step of the ten that make an attack is a fifth of the radius."""
    rows = [case for case in claim.CLAIM.cases if case.m == 784]
    assert len(rows) == 3 and not any(claim.predict(case).any() for case in rows)
    for c in rows:
        assert (c.n, c.eps, c.epochs, c.gradient, c.sign, c.search) == (100, 0.2, 4000, 1e-4, 1e-4, 10)


def test_images_of_a_network_are_its_own():
    X, y, Z, t = claim.drawn(SMALL, np.random.default_rng(0))
    assert X.shape == (20, 64) and len(Z) == len(t) > 250 and set(y) == {-1.0, 1.0}
    assert not any((x == Z).all(1).any() for x in X)

"""Flatness of the patch network: its loss is the attacked one, its ascent never finds less, its mean is a mean."""

import numpy as np
import pytest

from sims import patch
from sims import patch_flatness as flat

SETTING = patch.paper_setting(np.random.default_rng(0), 6, 40, 5, patches=3)
DATA, LEFT = SETTING.data, SETTING.left
A = patch.signed_noise(DATA)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_margins_are_the_least_over_shifts(sign):
    W = 3 * sign * SETTING.W
    assert flat.worst_margins(W, A, DATA, 3, LEFT)[0] == pytest.approx(patch.worst_margins(W, DATA, 3, LEFT))


@pytest.mark.parametrize("power", [3.0, 4.0])
def test_the_gradient_is_that_of_the_loss(power):
    W, way = 2 * SETTING.W, np.random.default_rng(1).standard_normal(SETTING.W.shape)
    loss, gradient = flat.loss_and_gradient(W, A, DATA, power, LEFT)
    ahead, behind = (flat.robust_loss(W + h * way, A, DATA, power, LEFT) for h in (1e-6, -1e-6))
    assert loss == pytest.approx(flat.robust_loss(W, A, DATA, power, LEFT))
    assert (ahead - behind) / 2e-6 == pytest.approx(float((gradient * way).sum()), rel=1e-5)


def test_worst_is_positive_grows_with_steps_and_exceeds_average():
    found = [
        flat.worst(SETTING.W, DATA, 3, LEFT, 0.3, np.random.default_rng(2), steps=steps) for steps in (0, 5, 40)
    ]
    assert 0 <= found[0] <= found[1] <= found[2]
    assert found[2] > flat.average(SETTING.W, DATA, 3, LEFT, 0.3, np.random.default_rng(3), pairs=20)
    assert flat.worst(SETTING.W, DATA, 3, LEFT, 0.0, np.random.default_rng(2), steps=3) == 0


def test_reversed_noise_is_averaged_with_the_images_own():
    both, own, other = (
        flat.average(SETTING.W, DATA, 3, LEFT, 1.0, np.random.default_rng(4), pairs=3, signs=signs)
        for signs in ((1.0, -1.0), (1.0,), (-1.0,))
    )
    assert both == pytest.approx((own + other) / 2)

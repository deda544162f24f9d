"""Variance that random weights add to fresh margins, and the flatness that it makes."""

import numpy as np
import pytest

from theory.patch_errors import noise_variance
from theory.patch_flatness import added_variance, average_flatness
from theory.patch_model import PatchModel

MODEL = PatchModel(n=5, d=200, m=3, alpha=1.0, left=0.1, sigma=0.1, mix=0.5, eta=0.1, patches=3)
W = np.random.default_rng(0).standard_normal((3, 200)) / 5
W_STAR = np.eye(200)[0]


def test_it_is_the_mean_over_weights_of_the_variance_they_have():
    rng, radius, draws = np.random.default_rng(1), 3.0, []
    for _ in range(2000):
        change = radius / np.sqrt(W.size) * rng.standard_normal(W.shape)
        draws.append((noise_variance(MODEL, W + change, W_STAR) + noise_variance(MODEL, W - change, W_STAR)) / 2)
    seen, said = np.mean(draws) - noise_variance(MODEL, W, W_STAR), added_variance(MODEL, W, W_STAR, radius)
    assert 4 * np.std(draws) / np.sqrt(2000) < 0.05 * said
    assert seen == pytest.approx(said, rel=0.07)  # the draws, and terms of relative order 1/d


def test_small_radii_count_twice():
    small, smaller = (added_variance(MODEL, W, W_STAR, radius) for radius in (1e-3, 5e-4))
    assert small / smaller == pytest.approx(4, rel=1e-5)
    assert added_variance(MODEL, W, W_STAR, 0.0) == 0


def test_flatness_is_an_eighth_of_it_less_what_the_signal_gains():
    radius, s2 = 0.4, 0.4**2 / W.size
    gained = 3 * s2 * (W @ W_STAR).sum()  # E φ(u + ν) − φ(u), summed
    expected = added_variance(MODEL, W, W_STAR, radius) / 8 - 0.1**3 * gained / 2
    assert average_flatness(MODEL, W, W_STAR, radius) == pytest.approx(expected)


def test_other_powers_and_radii_are_refused():
    with pytest.raises(ValueError, match="cubic"):
        added_variance(PatchModel(5, 200, 3, 1.0, 0.1, 0.1, 0.5, 0.1, power=4.0), W, W_STAR, 1.0)
    with pytest.raises(ValueError, match="radius"):
        added_variance(MODEL, W, W_STAR, -1.0)

"""Exact finite-size risks: inverse Wishart moments by simulation, the limit of large n, symmetry, refusals."""

import math

import numpy as np
import pytest

from theory.isotropic_ridge import ridgeless
from theory.least_squares_risk import risk, squared_norm

Z = 5.0  # standard errors that a true mean may be off


@pytest.mark.parametrize(("n", "p"), [(12, 4), (12, 20)])
def test_both_means_by_simulation(n, p):
    rng = np.random.default_rng(0)
    used, unused, noise = 1.3, 0.4, 0.6
    X = rng.standard_normal((20_000, n, p))
    w_star = np.full(p, math.sqrt(used / p))
    y = X @ w_star + math.sqrt(noise + unused) * rng.standard_normal((20_000, n))
    turned = X.transpose(0, 2, 1)
    w = (
        np.linalg.solve(turned @ X, turned @ y[..., None])
        if p < n
        else turned @ np.linalg.solve(X @ turned, y[..., None])
    )
    w = w[..., 0]
    for draws, exact in (
        (np.sum((w - w_star) ** 2, axis=1) + unused, risk(n, p, used, unused, noise)),
        (np.sum(w**2, axis=1), squared_norm(n, p, used, unused, noise)),
    ):
        assert abs(draws.mean() - exact) < Z * draws.std() / math.sqrt(len(draws))


@pytest.mark.parametrize("gamma", [0.3, 0.8, 1.4, 5.0])
def test_the_proportional_limit(gamma):
    n = 10**7
    limit = ridgeless(np.array([gamma]), 1.7, 0.4)[0]
    assert risk(n, round(gamma * n), 1.7, 0.0, 0.4) == pytest.approx(limit, rel=10 / (n * abs(1 - gamma)))


def test_the_variance_is_symmetric_in_samples_and_features():
    assert risk(10, 30, 0.0, 0.0, 1.0) == risk(30, 10, 0.0, 0.0, 1.0) == 10 / 19


@pytest.mark.parametrize("p", [9, 10, 11])
def test_at_the_threshold_noise_makes_the_risk_infinite_and_only_noise(p):
    assert (
        risk(10, p, 1.0, 0.0, 0.1) == risk(10, p, 1.0, 0.1, 0.0) == squared_norm(10, p, 1.0, 0.0, 0.1) == math.inf
    )
    assert risk(10, p, 1.1, 0.0, 0.0) == pytest.approx(1.1 * max(0, 1 - 10 / p))
    assert squared_norm(10, p, 1.1, 0.0, 0.0) == pytest.approx(1.1 * min(1, 10 / p))


def test_without_noise_error_and_norm_share_the_signal():
    for p in (5, 25):
        assert risk(10, p, 2.0, 0.0, 0.0) + squared_norm(10, p, 2.0, 0.0, 0.0) == pytest.approx(2.0)


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        ((0, 5, 1.0, 0.0, 1.0), "n must be ≥ 1"),
        ((10, 2.5, 1.0, 0.0, 1.0), "p must be an integer"),
        ((10, True, 1.0, 0.0, 1.0), "p must be an integer"),
        ((10, 5, -1.0, 0.0, 1.0), "used must be"),
        ((10, 5, 1.0, math.nan, 1.0), "unused must be"),
        ((10, 5, 1.0, 0.0, math.inf), "noise must be"),
        ((10, 5, 1.0, 0.0, "1"), "noise must be"),
    ],
)
def test_bad_input_is_refused(bad, rule):
    for formula in (risk, squared_norm):
        with pytest.raises(ValueError, match=rule):
            formula(*bad)

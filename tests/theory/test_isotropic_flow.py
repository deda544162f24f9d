"""Isotropic flow in the limit: adaptive quadrature, both ends of time, a large draw, ridge beside it, refusals."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ive

from theory.isotropic_flow import flow
from theory.isotropic_ridge import ridge
from theory.ridge_against_flow import bayes_ratio, worst_ratio

GAMMAS = [0.1, 0.5, 0.99, 1.0, 1.5, 6.0]
TIMES = np.array([0.0, 0.1, 1.0, 30.0, 1e4])
SIGNAL, NOISE = 1.3, 0.7


@pytest.mark.parametrize("gamma", [gamma for gamma in GAMMAS if gamma != 1])
def test_averages_by_adaptive_quadrature(gamma):
    middle, half = 1 + gamma, 2 * math.sqrt(gamma)
    atom = max(0.0, 1 - 1 / gamma)

    def mean(f):
        def density(angle):
            s = middle - half * math.cos(angle)
            return f(s) * (half * math.sin(angle)) ** 2 / (2 * math.pi * gamma * s) if s > 1e-300 else 0.0

        breaks = [math.pi * 2.0**-k for k in range(20)]
        return sum(
            quad(density, low, high, epsabs=1e-13, epsrel=1e-11, limit=300)[0]
            for low, high in zip([0.0, *breaks[:0:-1]], breaks[::-1], strict=True)
        )

    limits = flow(gamma, TIMES, SIGNAL, NOISE)
    for k, t in enumerate(TIMES):
        kept = mean(lambda s, t=t: math.exp(-2 * t * s)) + atom
        spread = mean(lambda s, t=t: math.expm1(-t * s) ** 2 / s)
        assert limits.bias[k] == pytest.approx(SIGNAL * kept, rel=1e-9)
        assert limits.variance[k] == pytest.approx(NOISE * gamma * spread, rel=1e-9)


def test_at_the_threshold_the_bias_is_a_sum_of_bessel_functions():
    """For gamma = 1 the eigenvalues are 4cos² of uniform angles, and E e⁻ᵘˢ = e⁻²ᵘ(I₀(2u) + I₁(2u))."""
    times = np.logspace(-3, 6, 40)
    bias = flow(1.0, times, 1.0, 0.0).bias
    np.testing.assert_allclose(bias, ive(0, 4 * times) + ive(1, 4 * times), rtol=1e-12)


@pytest.mark.parametrize("gamma", [0.3, 4.0])
def test_the_ends_of_time(gamma):
    start, end = flow(gamma, np.zeros(1), SIGNAL, NOISE), flow(gamma, np.array([1e3]), SIGNAL, NOISE)
    assert start.risk[0] == pytest.approx(SIGNAL, rel=1e-12) and start.squared_norm == 0
    assert start.train[0] == pytest.approx(SIGNAL + NOISE, rel=1e-12)
    none = ridge(gamma, np.zeros(1), SIGNAL, NOISE)
    for field in ("bias", "variance", "squared_norm", "train"):
        np.testing.assert_allclose(getattr(end, field), getattr(none, field), rtol=1e-10, atol=1e-12)


def test_one_large_draw():
    n, d, t = 600, 300, 2.0
    X = np.random.default_rng(0).standard_normal((n, d))
    s = np.linalg.eigvalsh(X.T @ X / n)
    limits = flow(d / n, np.array([t]), SIGNAL, NOISE)
    seen = [
        SIGNAL * np.mean(np.exp(-2 * t * s)),
        NOISE * d / n * np.mean(np.expm1(-t * s) ** 2 / s),
        SIGNAL * np.mean(s * np.exp(-2 * t * s)) + NOISE * (1 - d / n + d / n * np.mean(np.exp(-2 * t * s))),
    ]
    limit = [limits.bias[0], limits.variance[0], limits.train[0]]
    assert seen == pytest.approx(limit, rel=5 / n)  # given X the fluctuations are O(1/n)


@pytest.mark.parametrize("gamma", GAMMAS)
def test_against_ridge(gamma):
    times = np.logspace(-2, 3, 30)
    early, penalised = flow(gamma, times, SIGNAL, NOISE), ridge(gamma, 1 / times, SIGNAL, NOISE)
    assert (early.bias <= penalised.bias * (1 + 1e-9)).all()
    assert (early.risk <= worst_ratio() * penalised.risk).all()
    lam = NOISE * gamma / SIGNAL
    best = ridge(gamma, np.array([lam]), SIGNAL, NOISE).risk
    ratio = flow(gamma, np.array([1 / lam]), SIGNAL, NOISE).risk / best
    assert 1 <= ratio[0] <= bayes_ratio()


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="gamma must be a finite number > 0"):
        flow(-1.0, TIMES, 1.0, 1.0)
    with pytest.raises(ValueError, match=r"times must be ≥ 0, got -1\.0 at 0"):
        flow(1.0, -np.ones(2), 1.0, 1.0)
    with pytest.raises(ValueError, match="noise must be"):
        flow(1.0, TIMES, 1.0, -1.0)

"""Isotropic ridge in the limit: the text's formulas and integrals as second routes, limits, optimum, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from theory.isotropic_ridge import optimal, ridge, ridgeless
from theory.marchenko_pastur import stieltjes
from theory.risk import ridge_risk
from theory.spectrum import Spectrum

UNIT = np.finfo(float).eps
GAMMAS = [0.2, 1.0, 3.0]
LAMS = np.array([0.01, 0.3, 1.0, 20.0])
SIGNAL, NOISE = 1.3, 0.7
FIELDS = ("bias", "variance", "squared_norm", "train", "risk")

gammas, lams = st.floats(0.01, 100), st.floats(1e-8, 1e8)


@pytest.mark.parametrize("gamma", GAMMAS)
def test_the_formulas_as_they_stand_in_the_text(gamma):
    m, slope = stieltjes(LAMS, gamma)
    limits = ridge(gamma, LAMS, SIGNAL, NOISE)
    variance = NOISE * gamma * (m - LAMS * slope)
    cancels = 1e3 * UNIT / np.min(1 - LAMS * m) ** 2  # what the text's differences lose
    np.testing.assert_allclose(limits.bias, SIGNAL * LAMS**2 * slope, rtol=cancels)
    np.testing.assert_allclose(limits.variance, variance, rtol=cancels)
    norm = SIGNAL * (1 - 2 * LAMS * m + LAMS**2 * slope) + variance
    np.testing.assert_allclose(limits.squared_norm, norm, rtol=cancels)
    train = SIGNAL * LAMS**2 * (m - LAMS * slope) + NOISE * (1 - gamma + gamma * LAMS**2 * slope)
    np.testing.assert_allclose(limits.train, train, rtol=cancels)
    np.testing.assert_allclose(limits.risk, limits.bias + limits.variance)


@pytest.mark.parametrize("gamma", GAMMAS)
def test_the_slope_by_finite_differences(gamma):
    h = 1e-5
    up, down = (stieltjes(LAMS * (1 + s * h), gamma)[0] for s in (1, -1))
    bias = ridge(gamma, LAMS, 1.0, 0.0).bias
    np.testing.assert_allclose(bias, LAMS * (down - up) / (2 * h), rtol=1e-9 + UNIT / h * 10)


@pytest.mark.parametrize("gamma", GAMMAS)
def test_averages_over_the_marchenko_pastur_law(gamma):
    middle, half = 1 + gamma, 2 * math.sqrt(gamma)
    atom = max(0.0, 1 - 1 / gamma)

    def mean(f):
        def density(angle):
            s = middle + half * math.cos(angle)
            return f(s) * (half * math.sin(angle)) ** 2 / (2 * math.pi * gamma * s) if s > 0 else 0.0

        return quad(density, 0, math.pi, epsabs=1e-12, epsrel=1e-12, limit=500)[0] + atom * f(0.0)

    for lam, *row in zip(LAMS, *vars(ridge(gamma, LAMS, SIGNAL, NOISE)).values(), strict=True):
        variance = NOISE * gamma * mean(lambda s, lam=lam: s / (s + lam) ** 2)
        bias = SIGNAL * mean(lambda s, lam=lam: (lam / (s + lam)) ** 2)
        norm = SIGNAL * mean(lambda s, lam=lam: (s / (s + lam)) ** 2) + variance
        assert row[:3] == pytest.approx([bias, variance, norm], rel=1e-9)


@pytest.mark.parametrize("gamma", GAMMAS)
def test_the_deterministic_equivalent_of_an_identity_covariance(gamma):
    n = 1000
    general = ridge_risk(Spectrum(np.ones(1), np.array([gamma * n])), np.array([SIGNAL]), n, LAMS, NOISE)
    limits = ridge(gamma, LAMS, SIGNAL, NOISE)
    for ours, theirs in (
        (limits.bias, general.bias),
        (limits.variance, general.variance),
        (limits.squared_norm, general.norm_squared),
        (limits.train, general.train),
    ):
        np.testing.assert_allclose(ours, theirs, rtol=1e-11)


def test_one_large_draw():
    n, d, lam = 600, 300, 0.4
    X = np.random.default_rng(0).standard_normal((n, d))
    s = np.linalg.eigvalsh(X.T @ X / n)
    limits = ridge(d / n, np.array([lam]), SIGNAL, NOISE)
    for seen, limit in (
        (SIGNAL * np.mean((lam / (s + lam)) ** 2), limits.bias[0]),
        (NOISE * d / n * np.mean(s / (s + lam) ** 2), limits.variance[0]),
    ):
        assert seen == pytest.approx(limit, rel=5 / n)  # given X the fluctuations are O(1/n)


@pytest.mark.parametrize("gamma", [0.05, 0.5, 0.99, 1.01, 2.0, 30.0])
def test_no_ridge_is_the_curve_that_descends_twice(gamma):
    none = ridge(gamma, np.zeros(1), SIGNAL, NOISE)
    curve = ridgeless(np.array([gamma]), SIGNAL, NOISE)
    np.testing.assert_allclose(none.risk, curve, rtol=1e-13)
    spread = NOISE * min(gamma, 1) / abs(1 - gamma)
    np.testing.assert_allclose(none.squared_norm, SIGNAL * min(1, 1 / gamma) + spread, rtol=1e-13)
    np.testing.assert_allclose(none.train, NOISE * max(0, 1 - gamma), rtol=1e-13)
    near = ridge(gamma, np.array([1e-12]), SIGNAL, NOISE)
    for field in FIELDS:
        np.testing.assert_allclose(getattr(near, field), getattr(none, field), rtol=1e-6, atol=1e-12)


def test_the_peak():
    assert ridgeless(np.ones(1), 1.0, 0.1) == ridge(1.0, np.zeros(1), 1.0, 0.1).risk == math.inf
    assert ridgeless(np.ones(1), 1.0, 0.0) == ridge(1.0, np.zeros(1), 1.0, 0.0).risk == 0
    assert ridge(1.0, np.zeros(1), 1.0, 0.0).squared_norm == 1
    lam = np.array([1e-8])
    np.testing.assert_allclose(ridge(1.0, lam, 0.0, 0.6).risk, 0.3 / np.sqrt(lam), rtol=1e-3)
    before, after = (
        ridgeless(np.linspace(0.1, 0.99, 50), 1.0, 0.5),
        ridgeless(np.linspace(1.01, 1.7, 50), 1.0, 0.5),
    )
    assert (np.diff(before) > 0).all() and (np.diff(after) < 0).all()


@settings(deadline=None, max_examples=100, derandomize=True)
@given(gamma=gammas, signal=st.floats(0.01, 100), noise=st.floats(0.01, 100))
def test_the_optimum(gamma, signal, noise):
    lam, least = optimal(gamma, signal, noise)
    assert lam == pytest.approx(noise * gamma / signal)
    assert least == pytest.approx(noise * gamma * stieltjes(np.array([lam]), gamma)[0][0], rel=1e-11)
    around = ridge(gamma, lam * np.array([0.0, 0.5, 0.99, 1.0, 1.01, 2.0]), signal, noise).risk
    assert around[3] == pytest.approx(least, rel=1e-11)
    assert (around >= least * (1 - 1e-12)).all()


@settings(deadline=None, max_examples=100, derandomize=True)
@given(gamma=gammas, lam=lams)
def test_points_and_features_change_places(gamma, lam):
    """X and Xᵀ share their spectrum: with d and n exchanged, lam is counted in units of gamma."""
    one, other = ridge(gamma, np.array([lam]), 1.0, 1.0), ridge(1 / gamma, np.array([lam / gamma]), 1.0, 1.0)
    np.testing.assert_allclose(one.variance, other.variance, rtol=1e-10)


@settings(deadline=None, max_examples=100, derandomize=True)
@given(gamma=gammas, lam=lams)
def test_signs_and_monotony(gamma, lam):
    weak, strong = ridge(gamma, np.array([lam]), 1.0, 1.0), ridge(gamma, np.array([1.1 * lam]), 1.0, 1.0)
    assert (strong.bias >= weak.bias * (1 - 1e-13)).all() and (strong.bias <= 1 + 1e-12).all()
    assert (strong.variance <= weak.variance * (1 + 1e-13)).all() and (weak.variance > 0).all()
    assert (strong.squared_norm <= weak.squared_norm * (1 + 1e-13)).all()
    assert (strong.train >= weak.train * (1 - 1e-13)).all()


def test_without_noise_the_best_ridge_is_none():
    assert optimal(0.5, 1.0, 0.0) == (0.0, 0.0)
    assert optimal(4.0, 1.0, 0.0) == (0.0, 0.75)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="gamma must be a finite number > 0"):
        ridge(0.0, LAMS, 1.0, 1.0)
    with pytest.raises(ValueError, match=r"lams must be ≥ 0, got -1\.0 at 1"):
        ridge(1.0, np.array([1.0, -1.0]), 1.0, 1.0)
    with pytest.raises(ValueError, match="lams must be finite"):
        ridge(1.0, np.array([math.nan]), 1.0, 1.0)
    with pytest.raises(ValueError, match="signal must be"):
        ridge(1.0, LAMS, -1.0, 1.0)
    with pytest.raises(ValueError, match="gammas must be > 0"):
        ridgeless(np.array([0.5, 0.0]), 1.0, 1.0)
    with pytest.raises(ValueError, match="signal must be a finite number > 0"):
        optimal(1.0, 0.0, 1.0)
    with pytest.raises(ValueError, match="noise must be"):
        optimal(1.0, 1.0, math.inf)

"""Ridge of either sign: branch and edge, the fixed point above zero, the optimum by brute force, refusals."""

import math

import numpy as np
import pytest

from theory.isotropic_ridge import optimal as isotropic
from theory.risk import ridge_risk
from theory.signed_ridge import branch_edge, error_at, optimal, ridge_of
from theory.spectrum import Spectrum, fixed_point

SPIKED = Spectrum(np.array([30.0, 1.0]), np.array([20.0, 580.0]))
MANY = Spectrum(np.arange(50, 0, -1.0), np.ones(50))
SPECTRA = [
    (SPIKED, 200),
    (SPIKED, 5000),
    (MANY, 20),
    (MANY, 50),
    (MANY, 300),
    (Spectrum(np.array([2.0, 0.0]), np.ones(2)), 5),
]
TOP, REST = np.array([1.0, 0.0]), np.array([0.0, 1.0])


def df2(spectrum, kappa):
    s = spectrum.levels[spectrum.levels > 0]
    return np.sum(spectrum.counts[spectrum.levels > 0] * (s / (s + kappa)) ** 2)


@pytest.mark.parametrize(("spectrum", "n"), SPECTRA)
def test_at_the_edge_all_degrees_of_freedom_are_spent(spectrum, n):
    edge = branch_edge(spectrum, n)
    assert df2(spectrum, edge) == pytest.approx(n, rel=1e-10)
    assert np.sign(round(edge, 12)) == np.sign(spectrum.dimension - n)
    least = spectrum.levels[spectrum.levels > 0].min()
    kappas = edge + (edge + least) * np.logspace(-6, 6, 50)
    lams = [ridge_of(spectrum, n, kappa) for kappa in kappas]
    assert (np.diff(lams) > 0).all()


@pytest.mark.parametrize(("spectrum", "n"), SPECTRA)
def test_above_zero_it_is_the_fixed_point(spectrum, n):
    for lam in (0.1, 3.0):
        kappa = float(fixed_point(spectrum, n, lam))
        assert ridge_of(spectrum, n, kappa) == pytest.approx(lam, rel=1e-11)
        mass = np.ones(len(spectrum.levels))
        clean = ridge_risk(spectrum, mass, n, lam, 0.3).standard[0]
        assert error_at(spectrum, mass, n, kappa, 0.3) == pytest.approx(clean + 0.3, rel=1e-10)


def test_a_single_level_is_the_marchenko_pastur_edge():
    """The least lam is minus the lower edge (1 − √gamma)² of the spectrum of XXᵀ/n."""
    spectrum = Spectrum(np.ones(1), np.array([300.0]))
    edge = branch_edge(spectrum, 100)
    assert ridge_of(spectrum, 100, edge * (1 + 1e-9)) == pytest.approx(-((1 - math.sqrt(3)) ** 2), rel=1e-8)


def test_the_isotropic_optimum():
    best = optimal(Spectrum(np.ones(1), np.array([300.0])), np.array([1.3]), 100, 0.7)
    lam, risk = isotropic(3.0, 1.3, 0.7)
    assert best.lam == pytest.approx(lam, rel=1e-6)
    assert best.error == pytest.approx(risk + 0.7, rel=1e-12)


def test_aligned_signals_want_a_negative_ridge_and_misaligned_ones_do_not():
    aligned, misaligned = optimal(SPIKED, TOP, 200, 0.0), optimal(SPIKED, REST, 200, 0.0)
    assert aligned.lam < -0.4
    assert misaligned.lam == pytest.approx(0.030, abs=1e-3)  # as published


@pytest.mark.parametrize("mass", [TOP, REST, TOP + REST])
@pytest.mark.parametrize("noise", [0.0, 0.5])
def test_the_optimum_by_brute_force(mass, noise):
    best, edge = optimal(SPIKED, mass, 200, noise), branch_edge(SPIKED, 200)
    kappas = edge * (1 + np.logspace(-4, 4, 1500))
    errors = [error_at(SPIKED, mass, 200, kappa, noise) for kappa in kappas]
    assert best.error <= min(errors) * (1 + 1e-13)
    assert best.error == pytest.approx(min(errors), rel=1e-4)
    assert ridge_of(SPIKED, 200, best.kappa) == best.lam


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="n must be an integer"):
        branch_edge(SPIKED, 2.5)
    with pytest.raises(ValueError, match="kappa must be finite and exceed"):
        error_at(SPIKED, TOP, 200, branch_edge(SPIKED, 200), 0.0)
    with pytest.raises(ValueError, match="kappa must be finite"):
        ridge_of(SPIKED, 200, math.nan)
    with pytest.raises(ValueError, match="one mass ≥ 0 for each of 2 levels"):
        optimal(SPIKED, np.ones(3), 200, 0.0)
    with pytest.raises(ValueError, match="noise must be"):
        optimal(SPIKED, TOP, 200, -1.0)
    with pytest.raises(ValueError, match="no ridge is best"):
        optimal(SPIKED, np.zeros(2), 200, 1.0)  # nothing to learn: the more ridge the better

"""Trade-off curves: optima against dense grids, the published orders of growth, the control, refusals."""

import numpy as np
import pytest

from theory import tradeoff
from theory.risk import ridge_risk
from theory.spectrum import Spectrum, fixed_point, isotropic
from theory.triangular_arrays import top_signal, two_signal_levels, variance_dominated

SIZES = 10.0 ** np.arange(2, 11)


def prices(design):
    return np.array([tradeoff.price(*design(n), n, 1.0, 1.0).value for n in SIZES])


@pytest.mark.parametrize(
    ("design", "notes"),
    [(two_signal_levels, [2.1, 3.2, 5.0, 7.9, 13.0]), (top_signal, [2.9, 4.7, 7.9, 13.5, 23.6])],
)
def test_the_price_grows_like_the_fourth_root(design, notes):
    M = prices(design)
    assert M[:5] == pytest.approx(notes, rel=0.04)  # the notes minimise on a coarser grid, from above
    slope = np.diff(np.log10(M))
    assert 0.18 <= (np.log10(M[4]) - np.log10(M[2])) / 2 <= 0.28
    assert slope[-1] == pytest.approx(0.25, abs=0.015)


def test_no_price_where_the_variance_dominates():
    M = prices(variance_dominated)
    assert (M < 1).all()
    assert M[:5] == pytest.approx([0.98, 0.95, 0.94, 0.94, 0.94], abs=0.01)


def test_the_mechanism():
    """Bias ratio times noise norm is sigma²/(4 kappa_0), within a factor 4, while kappa is below the signal."""
    n = 1e6
    s, theta = two_signal_levels(n)
    kappa_0 = fixed_point(s, n, 0.0)
    seen = ridge_risk(s, theta, n, np.append(0.0, np.geomspace(1e-6, 1.0, 200)), 1.0)
    inside = (seen.kappa > kappa_0) & (seen.kappa < s.levels[1])
    product = (seen.bias / seen.bias[0] * seen.norm_noise)[inside]
    assert product.min() >= 0.99 / (4 * kappa_0)
    assert product.max() <= 4.01 * product.min()


@pytest.mark.parametrize("design", [two_signal_levels, top_signal, variance_dominated])
@pytest.mark.parametrize("n", [100.0, 1e4, 1e8])
def test_optima_beat_dense_grids_and_are_ordered(design, n):
    s, theta = design(n)
    standard = tradeoff.best_standard(s, theta, n, 1.0)
    for eps in (0.1, 1.0):
        robust = tradeoff.best_adversarial(s, theta, n, 1.0, eps)
        lams = np.append(0.0, np.geomspace(1e-7, 1e3, 5000))
        seen = ridge_risk(s, theta, n, lams, 1.0)
        assert robust.value <= seen.adversarial(eps).min() * (1 + 1e-12)
        assert standard.value <= seen.standard.min() * (1 + 1e-12)
        assert robust.lam >= standard.lam
    assert (standard.lam == 0) == (design is not variance_dominated) or n < 1e4


def test_the_optima_of_the_control():
    s, theta = variance_dominated(1e4)
    assert tradeoff.best_standard(s, theta, 1e4, 1.0).lam == pytest.approx(0.055, rel=0.05)
    assert tradeoff.best_adversarial(s, theta, 1e4, 1.0, 1.0).lam == pytest.approx(1.43, rel=0.05)


def test_the_isotropic_optimum_is_known():
    n, gamma, noise = 300.0, 2.0, 0.7
    best = tradeoff.best_standard(isotropic(gamma * n), np.ones(1), n, noise)
    assert best.lam == pytest.approx(noise * gamma, rel=1e-6)
    underneath = tradeoff.best_standard(isotropic(0.5 * n), np.ones(1), n, noise)
    assert underneath.lam == pytest.approx(noise * 0.5, rel=1e-6)
    at = tradeoff.best_standard(isotropic(n), np.ones(1), n, noise)
    assert at.lam == pytest.approx(noise, rel=1e-6)


def test_the_absolute_version_is_false():
    for n in SIZES:
        risk = ridge_risk(*top_signal(n), n, n ** (-1 / 6), 1.0)
        assert risk.standard[0] <= 2 * n ** (-1 / 3)
        assert abs(risk.adversarial(1.0)[0] - 1) <= 3 * n ** (-1 / 6)


def test_the_curve_starts_at_interpolation():
    s, theta = two_signal_levels(100.0)
    path = tradeoff.curve(s, theta, 100.0, 1.0, 1.0)
    assert path.lams[0] == 0 and path.standard_ratio[0] == 1
    worse = np.maximum(path.standard_ratio, path.adversarial_ratio).min()
    assert tradeoff.price(s, theta, 100.0, 1.0, 1.0).value <= worse
    some = tradeoff.curve(s, theta, 100.0, 1.0, 1.0, np.array([0.1, 0.2]))
    assert some.adversarial_ratio == pytest.approx(some.adversarial / 2)


@pytest.mark.parametrize(
    "bad",
    [
        lambda: tradeoff.price(isotropic(50.0), np.ones(1), 100, 1.0, 1.0),
        lambda: tradeoff.price(isotropic(500.0), np.zeros(1), 100, 1.0, 1.0),
        lambda: tradeoff.price(isotropic(500.0), np.ones(1), 100, 1.0, 0.0),
        lambda: tradeoff.best_adversarial(isotropic(500.0), np.ones(1), 100, 1.0, -1.0),
        lambda: tradeoff.best_standard(Spectrum(np.ones(1), np.ones(1)), np.ones(2), 100, 1.0),
    ],
)
def test_bad_input(bad):
    with pytest.raises(ValueError, match="must"):
        bad()

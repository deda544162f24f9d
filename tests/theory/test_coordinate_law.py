"""The law of ridge's coordinates: moments and maxima against closed forms, its risks against those of ridge."""

import itertools
import math
import time

import mpmath
import numpy as np
import pytest
from scipy.special import ndtr

from theory.attacked_ridge import attacked_flow, attacked_ridge
from theory.coordinate_law import CoordinateLaw, flow_law, ridge_law
from theory.isotropic_flow import flow
from theory.isotropic_ridge import ridge
from theory.marchenko_pastur import stieltjes
from theory.risk import gaussian_worst_square, ridge_risk
from theory.spectrum import Spectrum, isotropic, power_law

UNIT = np.finfo(float).eps
INTEGRAL = 1e-10  # stated relative error of the maximum
THREE = Spectrum(np.array([1.0, 0.1, 0.01]), np.array([5.0, 100.0, 2000.0]))
MASSES = np.array([1.0, 0.5, 0.2])


def single(mean, deviation, count=1.0):
    return CoordinateLaw(np.array([mean]), np.array([deviation]), np.array([count]))


@pytest.mark.parametrize("p", [1.0, 1.5, 2.0, 3.0, 7.3, 60.0, 500.0])
@pytest.mark.parametrize(
    ("mean", "deviation"),
    [(0, 1), (1, 1), (-1, 1), (1e-3, 2), (5, 1), (11.9, 1), (12.1, 1), (40, 1), (1e3, 1e-3), (1e-200, 1e-201)],
)
def test_moments_are_hypergeometric(mean, deviation, p):
    with mpmath.workdps(40):
        x = (mpmath.mpf(mean) / deviation) ** 2 / 2
        start = mpmath.mpf(deviation) ** p * 2 ** (mpmath.mpf(p) / 2) * mpmath.gamma((p + mpmath.mpf(1)) / 2)
        moment = start / mpmath.sqrt(mpmath.pi) * mpmath.exp(-x) * mpmath.hyp1f1((p + mpmath.mpf(1)) / 2, 0.5, x)
        expected = float(moment ** (1 / mpmath.mpf(p)))
    assert single(float(mean), float(deviation)).norm(p) == pytest.approx(expected, rel=1e-13)


def test_the_first_moment_is_that_of_the_folded_normal():
    for mean, tau in itertools.product([0.0, 0.3, 2.0, 9.0], [0.1, 1.0, 3.0]):
        folded = tau * math.sqrt(2 / math.pi) * math.exp(-((mean / tau) ** 2) / 2) + mean * (
            1 - 2 * ndtr(-mean / tau)
        )
        assert single(mean, tau, 7.0).norm(1) == pytest.approx(7 * folded, rel=1e-13)


@pytest.mark.parametrize("p", [1.0, 2.5, math.inf])
def test_certain_coordinates_have_the_ordinary_norm(p):
    w = np.array([3.0, -1.0, 0.0, 0.5])
    law = CoordinateLaw(w, np.zeros(4), np.ones(4))
    assert law.norm(p) == pytest.approx(np.linalg.norm(w, p), rel=1e-14)
    assert law.cdf(np.array([-1.0, 0.0, 3.0])).tolist() == [0.25, 0.5, 1.0]
    assert single(0.0, 0.0).norm(p) == 0


def test_small_maxima_in_closed_form():
    """E max |Z_i| is √(2/π), 2/√π and 6√2 atan(1/√2)·2/π^{3/2} for one, two and three normal variables."""
    three = 12 / math.pi**1.5 * math.atan(1 / math.sqrt(2))
    for count, expected in ((1.0, math.sqrt(2 / math.pi)), (2.0, 2 / math.sqrt(math.pi)), (3.0, three)):
        assert single(0.0, 1.0, count).norm(math.inf) == pytest.approx(expected, rel=INTEGRAL)
    assert single(100.0, 1.0).norm(math.inf) == pytest.approx(100, rel=INTEGRAL)
    assert single(0.0, 1e-200, 2.0).norm(math.inf) == pytest.approx(2e-200 / math.sqrt(math.pi), rel=INTEGRAL)


def test_the_maximum_of_groups_of_different_scales():
    """One wide coordinate above 1e10 narrow ones: the integrand falls in two steps."""
    law = CoordinateLaw(np.zeros(2), np.array([1.0, 1e-3]), np.array([1.0, 1e10]))

    def integrand(u):
        narrow = mpmath.mpf(10) ** 10 * mpmath.log1p(-mpmath.erfc(1000 * u / mpmath.sqrt(2)))
        return 1 - mpmath.erf(u / mpmath.sqrt(2)) * mpmath.exp(narrow)

    with mpmath.workdps(20):
        cuts = [0, *(mpmath.mpf(i) / 4000 for i in range(20, 36)), 0.05, 0.5, 2, 4, 12]
        expected = float(mpmath.quad(integrand, cuts))
    assert law.norm(math.inf) == pytest.approx(expected, rel=INTEGRAL)


def test_the_maximum_follows_the_extreme_value_law():
    """E max of m |Z| is b + 0.5772 a + O(1/log² m), b and a from the tail at 1/m."""
    m = 1e12
    b = math.sqrt(2 * math.log(m))
    b -= (math.log(math.log(m)) + math.log(math.pi)) / (2 * b)
    assert single(0.0, 1.0, m).norm(math.inf) == pytest.approx(b + np.euler_gamma / b, abs=1 / math.log(m))


def test_splitting_a_group_changes_nothing():
    whole = CoordinateLaw(np.array([0.3, 0.0]), np.array([1.0, 0.2]), np.array([10.0, 1000.0]))
    split = CoordinateLaw(np.array([0.3, 0.3, 0.0]), np.array([1.0, 1.0, 0.2]), np.array([4.0, 6.0, 1000.0]))
    for p in (1.0, 2.0, 5.0, math.inf):
        assert split.norm(p) == pytest.approx(whole.norm(p), rel=2 * INTEGRAL)
    u = np.linspace(-1, 2, 9)
    np.testing.assert_allclose(split.cdf(u), whole.cdf(u), rtol=100 * UNIT)


@pytest.mark.parametrize("lam", [0.0, 1e-3, 0.1, 3.0])
@pytest.mark.parametrize("carriers", [None, np.array([1.0, 3.5, 100.0])])
def test_the_euclidean_norm_is_that_of_ridge_risk(lam, carriers):
    law = ridge_law(THREE, MASSES, 200, lam, 0.5, carriers=carriers)
    assert law.counts.sum() == pytest.approx(THREE.dimension)
    assert law.norm(2) ** 2 == pytest.approx(ridge_risk(THREE, MASSES, 200, lam, 0.5).norm_squared[0], rel=1e-12)


@pytest.mark.parametrize("gamma", [0.5, 2.0])
def test_the_isotropic_law_is_marchenko_pasturs(gamma):
    """Shrinkage 1 − lam m, and the rest of the squared norm spread evenly."""
    n, lam, noise = 400.0, 0.3, 0.5
    law = ridge_law(isotropic(gamma * n), np.array([2.0]), n, lam, noise)
    m, _ = stieltjes(np.array([lam]), gamma)
    shrunk = 1 - lam * m[0]
    squared = ridge(gamma, np.array([lam]), 2.0, noise).squared_norm[0]
    assert law.means[0] == pytest.approx(shrunk * math.sqrt(2 / (gamma * n)), rel=1e-11)
    assert law.deviations[0] ** 2 * gamma * n == pytest.approx(squared - 2 * shrunk**2, rel=1e-10)


def test_flow_starts_at_zero_and_ends_ridgeless():
    d, n, mass, noise = 300.0, 100.0, 2.0, 0.5
    end, start = flow_law(d, mass, n, 1e5, noise), flow_law(d, mass, n, 0.0, noise)
    limit = ridge_law(isotropic(d), np.array([mass]), n, 0.0, noise)
    assert start.norm(1) == pytest.approx(0, abs=1e-6)  # the root of a rounding
    for p in (1.0, 4.0, math.inf):
        assert end.norm(p) == pytest.approx(limit.norm(p), rel=1e-9)
    law = flow_law(d, mass, n, 1.3, noise, carriers=5.0)
    squared = flow(3.0, np.array([1.3]), mass, noise).squared_norm[0]
    assert law.norm(2) ** 2 == pytest.approx(squared, rel=1e-12)


def test_ridge_is_unbiased_where_the_data_determine_it():
    """For p < n and lam = 0: N(w*, noise/((n − p) s)), the law of ordinary least squares up to O(1/n)."""
    law = ridge_law(isotropic(50.0, 4.0), np.array([2.0]), 150, 0.0, 0.3)
    assert law.means[0] == pytest.approx(math.sqrt(2 / 50), rel=1e-14)
    assert law.deviations[0] ** 2 == pytest.approx(0.3 / (100 * 4), rel=1e-13)


def test_directions_without_variance_stay_at_zero():
    more = Spectrum(np.append(THREE.levels, 0.0), np.append(THREE.counts, 50.0))
    a, b = (ridge_law(s, t, 200, 0.1, 0.5) for s, t in ((THREE, MASSES), (more, np.append(MASSES, 3.0))))
    for p in (1.0, 2.0, math.inf):
        assert a.norm(p) == pytest.approx(b.norm(p), rel=2 * INTEGRAL)


@pytest.mark.parametrize("definition", ["D1", "D4"])
def test_l2_attacks_are_those_of_ridge_risk(definition):
    lams, noise = np.array([0.0, 0.1, 1.0]), 0.5
    risk = ridge_risk(THREE, MASSES, 200, lams, noise)
    standard = risk.standard + (noise if definition == "D4" else 0)
    expected = gaussian_worst_square(standard, np.sqrt(risk.norm_squared), 0.3)
    seen = attacked_ridge(THREE, MASSES, 200, lams, noise, 0.3, 2.0, definition=definition)
    np.testing.assert_allclose(seen, expected, rtol=1e-12)


def test_signal_on_few_coordinates_costs_less_under_a_maximum_norm_attack():
    spread = attacked_ridge(THREE, MASSES, 200, 0.1, 0.5, 0.05)
    packed = attacked_ridge(THREE, MASSES, 200, 0.1, 0.5, 0.05, carriers=np.ones(3))
    assert packed[0] < spread[0]
    assert (
        attacked_flow(100, 1.0, 50, np.array([1.0]), 0.1, 0.1, carriers=1.0)[0]
        < (attacked_flow(100, 1.0, 50, np.array([1.0]), 0.1, 0.1)[0])
    )
    without = attacked_ridge(THREE, MASSES, 200, 0.1, 0.5, 0.0)
    assert without[0] == pytest.approx(ridge_risk(THREE, MASSES, 200, 0.1, 0.5).standard[0], rel=1e-14)


@pytest.mark.parametrize("attack", [1.0, 2.0, math.inf])
def test_stopped_flow_is_attacked_like_its_law(attack):
    seen = attacked_flow(200, 1.0, 100, np.array([0.5, 5.0]), 0.3, 0.1, attack, definition="D4")
    q = {1.0: math.inf, 2.0: 2.0, math.inf: 1.0}[attack]
    for t, value in zip((0.5, 5.0), seen, strict=True):
        risk = flow(2.0, np.array([t]), 1.0, 0.3).risk[0] + 0.3
        length = flow_law(200, 1.0, 100, t, 0.3).norm(q)
        assert value == pytest.approx(risk + 0.2 * math.sqrt(2 * risk / math.pi) * length + 0.01 * length**2)


def test_huge_levels_cost_nothing():
    spectrum = Spectrum(np.array([1.0, 1e-7]), np.array([1.0, 1e10]))
    mass = np.array([1.0, 0.0])
    attacked_ridge(spectrum, mass, 1e4, 0.0, 1.0, 0.1, 1.0, carriers=np.ones(2))
    start = time.perf_counter()
    law = ridge_law(spectrum, mass, 1e4, 0.0, 1.0, carriers=np.ones(2))
    assert law.norm(1) > law.norm(2) > law.norm(math.inf) > 0
    assert time.perf_counter() - start < 0.1  # 10 milliseconds when the machine is idle
    assert law.norm(2) ** 2 == pytest.approx(ridge_risk(spectrum, mass, 1e4, 0.0, 1.0).norm_squared[0], rel=1e-12)


def test_compressed_levels_have_the_norms_of_the_list():
    d = 3000
    listed = Spectrum(np.arange(1.0, d + 1) ** -0.7, np.ones(d))
    for p in (1.0, 4.0, math.inf):
        a = ridge_law(power_law(d, 0.7), np.zeros(len(power_law(d, 0.7).levels)), 500, 0.1, 0.5)
        b = ridge_law(listed, np.zeros(d), 500, 0.1, 0.5)
        assert a.norm(p) == pytest.approx(b.norm(p), rel=1e-8)


@pytest.mark.parametrize(
    "bad",
    [
        lambda: CoordinateLaw(np.zeros(2), np.ones(1), np.ones(1)),
        lambda: CoordinateLaw(np.zeros(1), -np.ones(1), np.ones(1)),
        lambda: CoordinateLaw(np.zeros(1), np.ones(1), np.zeros(1)),
        lambda: single(0.0, 1.0).norm(0.5),
        lambda: single(0.0, 1.0).cdf(np.array([math.nan])),
        lambda: ridge_law(THREE, MASSES, 200, -0.1, 0.5),
        lambda: ridge_law(THREE, MASSES[:2], 200, 0.1, 0.5),
        lambda: ridge_law(THREE, MASSES, 200, 0.1, 0.5, carriers=np.array([6.0, 1.0, 1.0])),
        lambda: ridge_law(THREE, MASSES, 200, 0.1, 0.5, carriers=np.zeros(3)),
        lambda: flow_law(100, 1.0, 50, 1.0, 0.1, carriers=200.0),
        lambda: flow_law(100, 1.0, 50, -1.0, 0.1),
        lambda: attacked_ridge(THREE, MASSES, 200, 0.1, 0.5, 0.1, definition="D2"),
        lambda: attacked_ridge(THREE, MASSES, 200, 0.1, 0.5, -0.1),
        lambda: attacked_ridge(THREE, MASSES, 200, 0.1, 0.5, 0.1, 0.5),
        lambda: attacked_flow(100, 1.0, 50, np.array([math.nan]), 0.1, 0.1),
    ],
)
def test_bad_input(bad):
    with pytest.raises(ValueError, match="must"):
        bad()

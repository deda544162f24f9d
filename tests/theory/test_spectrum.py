"""Spectra: families against lists, ranks against definitions, fixed points against sums, refusals."""

import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import findroot, mp, mpf

from theory import spectrum as S
from theory import triangular_arrays as arrays

UNIT = np.finfo(float).eps


def residual(s, n, lam, kappa):
    """Relative failure of kappa(1 − df1/n) = lam, in units of the terms that cancel."""
    df1 = s.counts @ (s.levels / (s.levels + kappa))
    return abs(lam / kappa + df1 / n - 1)


@settings(deadline=None, max_examples=80)
@given(
    st.lists(st.floats(-12, 3), min_size=1, max_size=6),
    st.integers(0, 2**31),
    st.floats(1.5, 1e12),
    st.one_of(st.just(0.0), st.floats(-12, 6).map(lambda e: 10.0**e)),
)
def test_the_fixed_point_solves_its_equation(powers, seed, n, lam):
    counts = np.random.default_rng(seed).uniform(1, 3, len(powers)) * n
    s = S.Spectrum(np.sort(10.0 ** np.array(powers))[::-1].copy(), counts)
    kappa = S.fixed_point(s, n, lam)
    assert kappa >= lam
    assert residual(s, n, lam, kappa) <= 20 * UNIT


def test_the_fixed_point_agrees_with_fifty_digits():
    mp.dps = 50
    s = S.Spectrum(np.array([1.0, 0.1, 1e-3]), np.array([3.0, 50.0, 4000.0]))
    for lam in (0.0, 1e-9, 1e-3, 2.0):
        kappa = S.fixed_point(s, 100, lam)

        def equation(k, lam=lam):
            terms = zip(s.levels, s.counts, strict=True)
            return (
                mpf(lam) / k + sum(mpf(float(c)) * mpf(float(v)) / (mpf(float(v)) + k) for v, c in terms) / 100 - 1
            )

        exact = findroot(equation, mpf(kappa))
        assert abs(kappa / exact - 1) < 10 * UNIT


def test_isotropic_fixed_points_in_closed_form():
    n, d = 100.0, 250.0
    assert S.fixed_point(S.isotropic(d), n, 0.0) == pytest.approx(d / n - 1, rel=10 * UNIT)
    lams = np.array([1e-6, 0.1, 3.0, 1e5])
    kappa = S.fixed_point(S.isotropic(d), n, lams)
    b = lams + d / n - 1
    assert kappa == pytest.approx((b + np.sqrt(b**2 + 4 * lams)) / 2, rel=20 * UNIT)


def test_fewer_directions_than_samples_leave_no_penalty():
    assert S.fixed_point(S.isotropic(50.0), 100, 0.0) == 0
    assert S.fixed_point(S.isotropic(50.0), 100, 1e-8) == pytest.approx(2e-8, rel=1e-6)


def test_scaling_the_spectrum_scales_the_fixed_point():
    s = S.Spectrum(np.array([3.0, 0.2]), np.array([5.0, 300.0]))
    tiny = S.Spectrum(s.levels * 1e-200, s.counts)
    assert S.fixed_point(tiny, 50, 0.3e-200) == pytest.approx(1e-200 * S.fixed_point(s, 50, 0.3), rel=20 * UNIT)


def test_huge_arrays_cost_nothing():
    for n in (1e4, 1e10):
        s, _ = arrays.two_signal_levels(n)
        S.fixed_point(s, n, 0.0)
        start = time.perf_counter()
        kappa = S.fixed_point(s, n, 0.0)
        assert time.perf_counter() - start < 0.05  # a few tenths of a millisecond when the machine is idle
        assert kappa * n**0.5 == pytest.approx(1, rel=2 / n)
    s = S.power_law(10**7, 1.5)
    assert len(s.levels) < 500
    assert residual(s, 1e4, 0.0, S.fixed_point(s, 1e4, 0.0)) < 20 * UNIT


@pytest.mark.parametrize(("decay", "log_power"), [(0.5, 0.0), (1.0, 2.0), (2.5, 0.0)])
@pytest.mark.parametrize("d", [1, 40, 65, 100, 1000, 123_457])
def test_compressed_sums_are_the_sums(d, decay, log_power):
    i = np.arange(1.0, d + 1)
    lams = i**-decay * np.log(i + 1) ** -log_power
    s = S.power_law(d, decay, log_power)
    assert s.dimension == pytest.approx(d, rel=1e-13)
    for f in (lambda v: v, lambda v: v**2, lambda v: v / (v + lams[d // 2]), lambda v: (v / (v + lams[-1])) ** 2):
        assert s.counts @ f(s.levels) == pytest.approx(np.sum(f(lams)), rel=1e-12)


def test_families_hold_what_they_say():
    s = S.Spectrum.of(np.array([1.0, 3.0, 1.0, 0.0]))
    assert (s.levels.tolist(), s.counts.tolist()) == ([3, 1, 0], [1, 2, 1])
    assert (s.dimension, s.trace) == (3, 5)
    tail = S.exponential_with_tail(1000, 5.0, 0.01)
    assert tail.trace == pytest.approx(np.sum(np.exp(-np.arange(1, 1001) / 5)) + 10, rel=1e-13)
    spikes = S.spiked(np.array([1.0, 2.0]), 0.1, 10.0)
    assert spikes.levels.tolist() == [2, 1, 0.1]
    for design in (arrays.two_signal_levels, arrays.top_signal, arrays.variance_dominated, arrays.single_spike):
        s, theta = design(1e4)
        assert S.effective_ranks(s, 1e4).tail == pytest.approx(1e-2, rel=1e-12)
        assert theta[0] == 1 and theta[-1] == 0


def test_effective_ranks_are_their_definitions():
    lams = np.random.default_rng(0).permutation(1 / np.arange(1.0, 201) ** 1.1)
    ordered, n = np.sort(lams)[::-1], 20
    ranks = S.effective_ranks(lams, n)
    r = [ordered[k:].sum() / ordered[k] for k in range(200)]
    R = [ordered[k:].sum() ** 2 / (ordered[k:] ** 2).sum() for k in range(200)]
    assert ranks.r == pytest.approx(r, rel=1e-13)
    assert ranks.R == pytest.approx(R, rel=1e-13)  # noqa: SIM300
    k = next(k for k in range(200) if r[k] >= n)
    assert [ranks.k_star, ranks.r_star, ranks.R_star] == pytest.approx([k, r[k], R[k]])
    assert ranks.tail == pytest.approx(ordered[k:].sum() / n, rel=1e-13)


def test_levels_and_lists_agree_on_the_rank():
    s = S.Spectrum(np.array([1.0, 0.1, 0.001]), np.array([3.0, 30.0, 3000.0]))
    listed = S.effective_ranks(np.repeat(s.levels, s.counts.astype(int)), 40)
    levels = S.effective_ranks(s, 40)
    assert listed.k_star == levels.k_star == 3
    assert (listed.r_star, listed.R_star, listed.tail) == pytest.approx(
        (levels.r_star, levels.R_star, levels.tail)
    )


def test_isotropic_ranks_and_no_rank():
    assert S.effective_ranks(np.ones(10), 10).k_star == 0
    none = S.effective_ranks(np.ones(10), 11)
    assert none.k_star == math.inf and math.isnan(none.R_star) and none.tail == 0


@pytest.mark.parametrize(
    "bad",
    [
        lambda: S.Spectrum(np.array([1.0, 2.0]), np.ones(2)),
        lambda: S.Spectrum(np.array([1.0, -2.0]), np.ones(2)),
        lambda: S.Spectrum(np.zeros(2), np.ones(2)),
        lambda: S.Spectrum(np.ones(2), np.array([1.0, 0.0])),
        lambda: S.Spectrum(np.ones(2), np.ones(3)),
        lambda: S.power_law(2.5, 1.0),
        lambda: S.power_law(10, -1.0),
        lambda: S.exponential_with_tail(10, 0.0, 1.0),
        lambda: arrays.single_spike(100, 1.0),
        lambda: arrays.top_signal(0.5),
        lambda: S.effective_ranks(np.ones(3), 0),
        lambda: S.effective_ranks(np.array([1.0, math.nan]), 1),
        lambda: S.fixed_point(S.isotropic(3.0), 2, -1.0),
        lambda: S.fixed_point(S.isotropic(3.0), -2, 1.0),
        lambda: S.fixed_point(S.isotropic(3.0), 2, math.nan),
    ],
)
def test_bad_input(bad):
    with pytest.raises(ValueError, match=r"must|beyond"):
        bad()

"""Adversarial and ridge risks: explicit attacks, second routes, limits, closed forms, laws, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.marchenko_pastur import stieltjes
from theory.norms import align, dual, norm
from theory.risk import adversarial_risk, gaussian_worst_square, ridge_risk
from theory.spectrum import Spectrum, effective_ranks, fixed_point, isotropic, power_law
from theory.triangular_arrays import single_spike, two_signal_levels

UNIT = np.finfo(float).eps
THREE = Spectrum(np.array([1.0, 0.1, 0.01]), np.array([5.0, 100.0, 2000.0]))
MASSES = np.array([1.0, 0.5, 0.2])


def problem(seed=0, d=6):
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((d, d))
    return rng.standard_normal(d), rng.standard_normal(d), A @ A.T / d, rng


@pytest.mark.parametrize("attack", [1.0, 1.5, 2.0, math.inf])
@pytest.mark.parametrize("definition", ["D1", "D2", "D3", "D4"])
def test_explicit_attacks_agree(attack, definition):
    w, w_star, Sigma, rng = problem()
    noise = 0.3 if definition == "D4" else 0.0
    X = rng.standard_normal((200_000, 6)) @ np.linalg.cholesky(Sigma).T
    e = X @ (w - w_star) + math.sqrt(noise) * rng.standard_normal(len(X))
    mover = w - w_star if definition == "D2" else w
    delta = 0.4 * align(mover, dual(attack))
    assert norm(delta, attack) == pytest.approx(0.4)
    moved = (delta @ mover) ** 2 * np.ones(1) if definition == "D3" else (np.abs(e) + delta @ mover) ** 2
    error = moved.std() / math.sqrt(len(moved))
    exact = adversarial_risk(w, w_star, Sigma, 0.4, attack, definition=definition, noise=noise)
    assert abs(moved.mean() - exact) <= 4.5 * error + 100 * UNIT * exact


@settings(deadline=None, max_examples=50)
@given(st.integers(0, 2**31), st.floats(0, 3), st.sampled_from([1.0, 2.0, math.inf]))
def test_the_sandwich_holds(seed, eps, attack):
    w, w_star, Sigma, _ = problem(seed)
    R, size = (w - w_star) @ Sigma @ (w - w_star), eps * norm(w, dual(attack))
    risk = adversarial_risk(w, w_star, Sigma, eps, attack)
    assert R + size**2 <= risk * (1 + 1e-12)
    assert risk <= (math.sqrt(R) + size) ** 2 * (1 + 1e-12)


def test_adversarial_limits():
    w, w_star, Sigma, _ = problem()
    assert adversarial_risk(w_star, w_star, Sigma, 0.5) == pytest.approx(0.25 * w_star @ w_star)
    assert adversarial_risk(w, w_star, Sigma, 0.0) == pytest.approx((w - w_star) @ Sigma @ (w - w_star))
    diagonal = np.diag(Sigma).copy()
    assert adversarial_risk(w, w_star, diagonal, 1.0) == pytest.approx(
        adversarial_risk(w, w_star, np.diag(diagonal), 1.0), rel=10 * UNIT
    )
    assert adversarial_risk(w_star, w_star, Sigma, 3.0, definition="D2") == 0


def test_isotropic_ridge_in_closed_form():
    n, s2 = 500.0, 0.7
    for gamma in (0.5, 2.0):
        for lam in (1e-3, 0.3, 4.0):
            m, slope = (float(v[0]) for v in stieltjes(np.array([lam]), gamma))
            seen = ridge_risk(isotropic(gamma * n), np.array([1.0]), n, lam, s2)
            variance = s2 * gamma * (m - lam * slope)
            train = lam**2 * (m - lam * slope) + s2 * (1 - gamma + gamma * lam**2 * slope)
            assert seen.bias[0] == pytest.approx(lam**2 * slope, rel=1e-10)
            assert seen.variance[0] == pytest.approx(variance, rel=1e-9)
            assert seen.norm_noise[0] == pytest.approx(variance, rel=1e-9)
            assert seen.norm_signal[0] == pytest.approx(1 - 2 * lam * m + lam**2 * slope, rel=1e-9)
            assert seen.train[0] == pytest.approx(train, rel=1e-9)


def test_ridgeless_limits():
    over = ridge_risk(isotropic(300.0), np.array([2.0]), 100, 0.0, 0.5)
    assert over.bias[0] == pytest.approx(2 * (1 - 1 / 3), rel=1e-14)
    assert over.variance[0] == pytest.approx(0.5 / 2, rel=1e-14)
    assert over.norm_squared[0] == pytest.approx(2 / 3 + 0.25, rel=1e-14)
    assert over.train[0] == 0
    under = ridge_risk(isotropic(50.0), np.array([2.0]), 100, 0.0, 0.5)
    assert (under.bias[0], under.variance[0]) == pytest.approx((0, 0.5), rel=1e-14)
    assert under.norm_squared[0] == pytest.approx(2.5, rel=1e-14)
    assert under.train[0] == pytest.approx(0.25, rel=1e-14)
    near = ridge_risk(isotropic(50.0), np.array([2.0]), 100, 1e-12, 0.5)
    assert near.norm_squared[0] == pytest.approx(2.5, rel=1e-9)


def test_the_optimal_isotropic_ridge():
    n, gamma, s2 = 400.0, 1.7, 0.6
    best = s2 * gamma
    m, _ = stieltjes(np.array([best]), gamma)
    risk = ridge_risk(isotropic(gamma * n), np.array([1.0]), n, [0.99 * best, best, 1.01 * best], s2).standard
    assert risk[1] == pytest.approx(s2 * gamma * m[0], rel=1e-10)
    assert risk[1] < min(risk[0], risk[2])


def test_the_norm_falls_and_the_training_error_rises_with_the_penalty():
    seen = ridge_risk(THREE, MASSES, 200, np.append(0, np.geomspace(1e-6, 1e3, 200)), 0.5)
    assert (np.diff(seen.norm_squared) < 0).all()
    assert (np.diff(seen.train) > 0).all()
    assert (np.diff(seen.bias) > 0).all() and (np.diff(seen.variance) < 0).all()


def test_the_training_error_is_the_derivative_of_the_optimal_value():
    """d/dlam of min (train + lam‖w‖²) is ‖w‖²."""
    lam, h = 0.05, 1e-5
    risk = ridge_risk(THREE, MASSES, 200, [lam - h, lam, lam + h], 0.5)
    value = risk.train + risk.lams * risk.norm_squared
    assert (value[2] - value[0]) / (2 * h) == pytest.approx(risk.norm_squared[1], rel=1e-8)


def test_splitting_a_level_changes_nothing():
    split = Spectrum(np.array([1.0, 0.1, 0.1, 0.01]), np.array([5.0, 30.0, 70.0, 2000.0]))
    a = ridge_risk(THREE, MASSES, 200, [0.0, 0.1], 0.5)
    b = ridge_risk(split, np.array([1.0, 0.2, 0.3, 0.2]), 200, [0.0, 0.1], 0.5)
    for field in ("bias", "variance", "norm_signal", "norm_noise", "train", "kappa"):
        assert getattr(a, field) == pytest.approx(getattr(b, field), rel=100 * UNIT)


def test_null_features_are_ignored():
    more = Spectrum(np.append(THREE.levels, 0.0), np.append(THREE.counts, 50.0))
    a, b = (ridge_risk(s, t, 200, [0.0, 0.1], 0.5) for s, t in ((THREE, MASSES), (more, np.append(MASSES, 3.0))))
    assert a.norm_squared == pytest.approx(b.norm_squared, rel=100 * UNIT)
    assert a.bias == pytest.approx(b.bias, rel=100 * UNIT)


def test_no_cancellation_next_to_the_threshold():
    s = isotropic(1e6 + 1)
    seen = ridge_risk(s, np.array([1.0]), 1e6, 0.0, 1.0)
    assert fixed_point(s, 1e6, 0.0) == pytest.approx(1e-6, rel=1e-8)
    assert seen.variance[0] == pytest.approx(1e6, rel=1e-8)


def test_exploding_interpolation():
    sizes = 10.0 ** np.arange(2, 11)
    for a in (0.25, 0.5, 0.75):
        seen = [ridge_risk(*single_spike(n, a), n, 0.0, 1.0) for n in sizes]
        norm = np.log([r.norm_squared[0] for r in seen])
        slope = np.diff(norm[2:]) / np.log(10)
        assert slope[-1] == pytest.approx(1 - a, abs=0.03)
        standard = np.log([r.standard[0] for r in seen])
        assert (np.diff(standard) / np.log(10))[-1] == pytest.approx(-min(2 * (1 - a), 1), abs=0.03)
        for n, r in zip(sizes, seen, strict=True):
            tail = effective_ranks(single_spike(n, a)[0], n).tail
            assert r.norm_noise[0] * tail == pytest.approx(1, rel=0.05)


def test_the_single_spike_numbers():
    """The excess risk and the risk plus norm at n = 1e2 … 1e6, as published with the notes on this design."""
    seen = [ridge_risk(*single_spike(10.0**k), 10.0**k, 0.0, 1.0) for k in range(2, 7)]
    assert [r.standard[0] for r in seen] == pytest.approx([0.0268, 2.88e-3, 2.96e-4, 2.99e-5, 3.0e-6], rel=3e-3)
    total = [(r.standard + r.norm_squared)[0] for r in seen]
    assert total == pytest.approx([10.9, 32.6, 101, 317, 1001], rel=5e-3)


def test_no_explosion_without_noise_nor_for_isotropic_data():
    for n in (1e2, 1e6):
        assert ridge_risk(*single_spike(n), n, 0.0, 0.0).norm_squared[0] <= 1
        iso = ridge_risk(isotropic(n**1.5), np.array([1.0]), n, 0.0, 1.0)
        assert iso.norm_squared[0] < 3 / n**0.5
        assert iso.bias[0] == pytest.approx(1, abs=2 / n**0.5)


@pytest.mark.parametrize("n", [100, 1000])
def test_the_price_of_noise_is_within_constants_of_the_effective_ranks(n):
    i = np.arange(1.0, 20 * n + 1)
    slow = 1 / (i * np.log(i + 1) ** 2)
    for spectrum in (Spectrum.of(slow), power_law(20 * n, 0.5), isotropic(10.0 * n)):
        ranks = effective_ranks(spectrum, n)
        learnt = spectrum.counts[ranks.k < ranks.k_star] @ (1 / spectrum.levels[ranks.k < ranks.k_star])
        seen = ridge_risk(spectrum, np.zeros(len(spectrum.levels)), n, 0.0, 1.0)
        assert 0.3 < seen.variance[0] / (ranks.k_star / n + n / ranks.R_star) < 3
        assert 0.3 < seen.norm_noise[0] / (learnt / n + 1 / ranks.tail) < 3


def test_plug_in_adversarial_risk():
    seen = ridge_risk(*two_signal_levels(100), 100, [0.0, 0.1], 1.0)
    expected = gaussian_worst_square(seen.standard, np.sqrt(seen.norm_squared), 0.5)
    assert seen.adversarial(0.5) == pytest.approx(expected)


@pytest.mark.parametrize(
    "bad",
    [
        lambda: adversarial_risk([1.0, 2], [1.0], np.eye(2), 0.1),
        lambda: adversarial_risk([1.0, 2], [1.0, 2], np.eye(3), 0.1),
        lambda: adversarial_risk([1.0, 2], [1.0, 2], [[1.0, 1], [0, 1]], 0.1),
        lambda: adversarial_risk([1.0, 2], [1.0, 2], [[1.0, 2], [2, 1]], 0.1),
        lambda: adversarial_risk([1.0, 2], [1.0, 2], [1.0, -1], 0.1),
        lambda: adversarial_risk([1.0, 2], [1.0, 2], np.eye(2), -0.1),
        lambda: adversarial_risk([1.0, 2], [1.0, 2], np.eye(2), 0.1, 0.5),
        lambda: adversarial_risk([1.0, 2], [1.0, 2], np.eye(2), 0.1, definition="D5"),
        lambda: adversarial_risk([1.0, 2], [1.0, 2], np.eye(2), 0.1, noise=1.0),
        lambda: adversarial_risk([1.0, math.nan], [1.0, 2], np.eye(2), 0.1),
        lambda: gaussian_worst_square(-1.0, 1.0, 0.1),
        lambda: ridge_risk(THREE, MASSES[:2], 200, 0.1, 0.5),
        lambda: ridge_risk(THREE, -MASSES, 200, 0.1, 0.5),
        lambda: ridge_risk(THREE, MASSES, 200, -0.1, 0.5),
        lambda: ridge_risk(THREE, MASSES, 200, 0.1, -0.5),
        lambda: ridge_risk(isotropic(200.0), np.ones(1), 200, 0.0, 0.5),
    ],
)
def test_bad_input(bad):
    with pytest.raises(ValueError, match=r"must|belongs|threshold"):
        bad()

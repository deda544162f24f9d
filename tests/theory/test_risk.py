"""Exact robust error: simulation, quadrature, closed cases, extreme angles, refusals."""

import math

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import ndtr

from theory.norms import dual, norm
from theory.risk import robust_error

Z = 5.0  # standard errors: one comparison in 1.7 million errs by more
QUADRATURE = 1e-11
UNIT = np.finfo(float).eps


def vectors(d=8, seed=0):
    rng = np.random.default_rng(seed)
    w_star = rng.standard_normal(d)
    return w_star + rng.standard_normal(d), w_star


@pytest.mark.parametrize("attack", [1.0, 2.0, 3.0, math.inf])
@pytest.mark.parametrize("shift", [0.0, 0.2])
def test_simulation_agrees(attack, shift):
    w, w_star = vectors()
    samples = 100_000
    x = np.random.default_rng(1).standard_normal((samples, 8))
    y = np.sign(x @ w_star)
    x += shift * y[:, None] * norm(w_star, 1) * w_star / norm(w_star, 2) ** 2
    for eps in (0.0, 0.05, 0.3):
        exact = robust_error(w, w_star, eps, attack, shift)
        seen = np.mean(y * (x @ w) - eps * norm(w, dual(attack)) <= 0)
        assert abs(seen - exact) <= Z * math.sqrt(exact * (1 - exact) / samples)


@pytest.mark.parametrize("theta", [0.1, 0.7, 0.79, 1.5, 1.6, 2.5, 3.0])
@pytest.mark.parametrize("t", [0.0, 0.01, 0.5, 2.0])
def test_quadrature_agrees(theta, t):
    """P(sign(V) U ≤ t) is the integral of 2φ(u)Φ(u cot theta), the skew normal density."""

    def density(u):
        return 2 * math.exp(-u * u / 2) / math.sqrt(2 * math.pi) * ndtr(u / math.tan(theta))

    expected = quad(density, -10, 0, epsabs=1e-13)[0] + (quad(density, 0, t, epsabs=1e-13)[0] if t else 0)
    w = np.array([math.cos(theta), math.sin(theta)])
    assert robust_error(w, np.array([1.0, 0]), t, 2.0) == pytest.approx(expected, abs=QUADRATURE)


def test_without_an_attack_it_is_the_angle():
    for theta in (1e-12, 1e-6, 0.3, 1.0, 2.0, 3.1):
        w = np.array([math.cos(theta), math.sin(theta)])
        error = robust_error(w, np.array([1.0, 0]), 0.0, 2.0)
        assert error == pytest.approx(theta / math.pi, rel=20 * UNIT)


def test_parallel_and_opposite_teachers():
    w = np.array([1.0, 2.0, -2.0])
    assert robust_error(w, w, 0.0, 2.0) == 0
    assert robust_error(w, -w, 0.0, 2.0) == robust_error(w, -w, 0.7, 2.0) == 1
    assert robust_error(w, w, 0.7, 2.0) == pytest.approx(2 * ndtr(0.7) - 1, rel=10 * UNIT)
    # A shift rho moves both teachers' points by rho‖w‖₁ along w: t − rho · 5/3.
    assert robust_error(w, w, 0.7, 2.0, 0.3) == pytest.approx(2 * ndtr(0.2) - 1, rel=100 * UNIT)
    assert robust_error(w, w, 0.7, 2.0, 3.0) == 0
    assert robust_error(w, -w, 0.0, 2.0, 0.3) == 1


def test_a_shift_undoes_a_smaller_attack():
    w, w_star = vectors()
    relief = 0.1 * norm(w_star, 1) * (w @ w_star) / norm(w_star, 2) ** 2 / norm(w, 2)
    expected = robust_error(w, w_star, 0.9 - relief, 2.0)
    assert robust_error(w, w_star, 0.9, 2.0, 0.1) == pytest.approx(expected, rel=100 * UNIT)


def test_near_parallel_joins_parallel():
    t = 0.7
    error = [robust_error(np.array([1, s]), np.array([1.0, 0]), t, 2.0) for s in (0, 1e-15, 1e-9, 1e-5)]
    # Deviations are of second order in the angle, by symmetry.
    assert error[1:] == pytest.approx([error[0]] * 3, abs=1e-9)
    far = [robust_error(np.array([-1, s]), np.array([1.0, 0]), 0.0, 2.0) for s in (0, 1e-15, 1e-9)]
    assert far == pytest.approx([1.0] * 3, abs=1e-9)


@pytest.mark.parametrize("factor", [1e-200, 0.1, 1e200])
def test_lengths_do_not_matter(factor):
    w, w_star = vectors()
    expected = robust_error(w, w_star, 0.1, math.inf, 0.05)
    assert robust_error(factor * w, w_star, 0.1, math.inf, 0.05) == pytest.approx(expected, rel=100 * UNIT)
    assert robust_error(w, factor * w_star, 0.1, math.inf, 0.05) == pytest.approx(expected, rel=100 * UNIT)


def test_it_grows_with_the_radius_and_falls_with_the_shift():
    w, w_star = vectors()
    errors = [robust_error(w, w_star, eps, 2.0) for eps in (0, 0.1, 0.5, 3)]
    assert errors == sorted(errors)
    shifted = [robust_error(w, w_star, 0.1, 2.0, rho) for rho in (0, 0.1, 0.5)]
    assert shifted == sorted(shifted, reverse=True)
    assert errors[0] < errors[-1]
    assert shifted[-1] < shifted[0]


def test_nothing_learnt_is_all_wrong():
    assert robust_error(np.zeros(2), np.ones(2), 0.0, 2.0) == 1


@pytest.mark.parametrize(
    ("w", "w_star", "eps", "attack", "shift"),
    [
        ([1, 2], [0, 0], 0.1, 2, 0),
        ([1, 2], [1], 0.1, 2, 0),
        ([1, 2], [1, 1], -0.1, 2, 0),
        ([1, 2], [1, 1], 0.1, 0.9, 0),
        ([1, 2], [1, 1], 0.1, 2, math.nan),
        ([1, 2], [1, 1], 0.1, 2, -1),
        ([1, math.inf], [1, 1], 0.1, 2, 0),
    ],
)
def test_bad_input(w, w_star, eps, attack, shift):
    with pytest.raises(ValueError, match=r"must|got"):
        robust_error(w, w_star, eps, attack, shift)

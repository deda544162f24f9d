"""Where descent goes: to the largest margin of its norm where there is one, and never beyond finite numbers."""

import math

import numpy as np
import pytest
from descent_data import data
from scipy.optimize import linprog, minimize

from sims.descent import GEOMETRIES, LOSSES, SCHEDULES, descend, robust_margin


def max_margin(Z, eps):
    """The best ℓ1-margin under an ℓ∞ attack: max t with Z(a − b) − eps Σ(a + b) ≥ t, Σ(a + b) ≤ 1."""
    n, d = Z.shape
    A = np.block([[-Z + eps, Z + eps, np.ones((n, 1))], [np.ones((1, 2 * d)), np.zeros((1, 1))]])
    best = linprog(
        np.r_[np.zeros(2 * d), -1],
        A_ub=A,
        b_ub=np.r_[np.zeros(n), 1],
        bounds=[(0, None)] * (2 * d) + [(None, None)],
    )
    return -best.fun


def max_sign_margin(Z, eps):
    """The best ℓ∞-margin under an ℓ∞ attack, over 0 ≤ a, b with a + b ≤ 1 in each coordinate."""
    n, d = Z.shape
    A = np.block([[-Z + eps, Z + eps, np.ones((n, 1))], [np.eye(d), np.eye(d), np.zeros((d, 1))]])
    best = linprog(
        np.r_[np.zeros(2 * d), -1],
        A_ub=A,
        b_ub=np.r_[np.zeros(n), np.ones(d)],
        bounds=[(0, None)] * (2 * d) + [(None, None)],
    )
    return -best.fun


def max_euclidean_margin(Z):
    """1/‖w‖ for the shortest w with Zw ≥ 1, from the dual: min ‖Zᵀa‖²/2 − Σ a over a ≥ 0."""
    K = Z @ Z.T
    best = minimize(
        lambda a: (a @ K @ a / 2 - a.sum(), K @ a - 1),
        np.zeros(len(Z)),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0, None)] * len(Z),
        options={"ftol": 1e-16, "gtol": 1e-12, "maxiter": 5000, "maxls": 50},
    )
    return 1 / math.sqrt(best.x @ K @ best.x)


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_descent_converges_to_the_largest_margin_of_its_norm_at_rate_one_over_t(geometry):
    X, y = data(3)
    Z = y[:, None] * X
    eps = 0.0 if geometry == 2 else 0.1
    star = {1.0: max_margin, 2.0: lambda Z, e: max_euclidean_margin(Z), math.inf: max_sign_margin}[geometry](
        Z, eps
    )
    run = descend(X, y, geometry=geometry, eps=eps, steps=100_000)
    gap = 1 - robust_margin(run.points, X, y, eps, math.inf, geometry) / star
    assert -1e-9 < gap[-1] < 1e-2
    slope = np.polyfit(np.log(run.steps[-17:]), np.log(gap[-17:]), 1)[0]
    assert -1.2 < slope < -0.8


def test_gradient_descent_under_its_own_attack_ignores_the_radius():
    X, y = data(4)
    star = max_euclidean_margin(y[:, None] * X)
    run = descend(X, y, geometry=2, eps=0.5 * star, attack=2.0, steps=100_000)
    assert 0 < 1 - robust_margin(run.points[-1], X, y, 0.5 * star, 2.0, 2.0) / (0.5 * star) < 5e-3


def test_greedy_descent_fails_at_the_kink_of_the_sup_norm_and_smoothing_repairs_it():
    X, y = data(1)
    Z = y[:, None] * X
    eps = max_sign_margin(Z, 0.0) / 2
    plain = descend(X, y, geometry=1, eps=eps, attack=1.0, steps=20_000)
    smooth = descend(X, y, geometry=1, eps=eps, attack=1.0, steps=20_000, smoothing=5.0)
    assert robust_margin(plain.points[-1], X, y, eps, 1.0, 1.0) < 0
    assert robust_margin(smooth.points[-1], X, y, eps, 1.0, 1.0) > 0


@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_beyond_the_largest_radius_the_iterates_stay_bounded(geometry):
    X, y = data(0, 12, 20)
    eps = 1.3 * max_margin(y[:, None] * X, 0.0)
    early, late = (descend(X, y, geometry=geometry, eps=eps, steps=t).points[-1] for t in (3_000, 100_000))
    assert np.abs(late).sum() < 2 * np.abs(early).sum() + 1


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_a_million_steps_with_huge_features_stay_finite(geometry, loss):
    X, y = data(0, 6, 8)
    flipped = y * np.where(np.arange(6) == 0, -1, 1)
    for eps, scale, labels, attack in [(0.0, 1e4, y, 2.0), (1.0, 1e4, y, math.inf), (0.3, 1e-4, flipped, 2.0)]:
        run = descend(scale * X, labels, geometry=geometry, eps=eps, attack=attack, loss=loss, steps=10**6)
        for seen in (run.points, run.slopes, run.losses):
            assert np.isfinite(seen).all()
        assert run.taken == 10**6


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_steps_that_are_far_too_long_and_wild_starts_stay_finite(geometry, loss, schedule):
    X, y = data(0, 9, 5)
    y[:3] *= -1  # not separable
    X[0] *= 1e4
    start = np.array([[1e6] * 5, [-1e6] * 5, [1e-300] * 5])
    for attack, smoothing in [(1.0, 50.0), (2.0, math.inf), (math.inf, 50.0), (3.0, math.inf)]:
        for device in ("cpu", "torch:cpu"):
            run = descend(
                X,
                y,
                geometry=geometry,
                eps=0.5,
                attack=attack,
                smoothing=smoothing,
                loss=loss,
                schedule=schedule,
                step=1e4,
                steps=40,
                start=start,
                device=device,
            )
            for seen in (run.points, run.slopes, run.losses):
                assert np.isfinite(seen).all()

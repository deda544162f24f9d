"""Average-case flatness of linear models: against whole spheres, other formulas, limits and each other."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.linear_flatness import (
    LOSSES,
    attacked_bounds,
    ball_flatness,
    frozen_points,
    small_radius_law,
    sphere_flatness,
    worst_losses,
)

SEED = st.integers(0, 2**32 - 1)
ATTACKS = (2.0, math.inf)


def problem(seed, n, d):
    rng = np.random.default_rng(seed)
    w = rng.choice([-1.0, 1.0], d) * rng.uniform(1, 1.5, d)
    return w, rng.standard_normal((n, d)), rng.choice([-1.0, 1.0], n)


def risks(W, X, y, eps, attack, loss):
    """The mean worst loss of each row of W, by the formula."""
    push = eps * np.linalg.norm(W, ord=2 if attack == 2 else 1, axis=1)[:, None]
    S = W @ X.T
    return (np.logaddexp(0, push - y * S) if loss == "logistic" else (np.abs(y - S) + push) ** 2 / 2).mean(1)


def around(w, xi, k=400_000):
    """Weights evenly spread over the circle, or over the sphere by area, around w, with their probabilities."""
    size, d = np.linalg.norm(w), len(w)
    if d == 2:
        angle = 2 * np.pi * (np.arange(k) + 0.5) / k
        return w + xi * size * np.stack([np.cos(angle), np.sin(angle)], axis=1), np.full(k, 1 / k)
    z, weight = np.polynomial.legendre.leggauss(600)
    angle = 2 * np.pi * (np.arange(600) + 0.5) / 600
    z, angle = np.repeat(z, 600), np.tile(angle, 600)
    ring = np.sqrt(1 - z**2)
    U = np.stack([ring * np.cos(angle), ring * np.sin(angle), z], axis=1)
    return w + xi * size * U, np.repeat(weight / 2, 600) / 600


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("d, eps, xi", [(2, 0.0, 0.7), (2, 0.4, 0.5), (3, 0.4, 0.05), (3, 0.3, 0.4)])
def test_it_is_the_mean_over_the_whole_sphere(d, eps, xi, attack, loss):
    w, X, y = problem(d, 5, d)
    W, chance = around(w, xi)
    seen = chance @ risks(W, X, y, eps, attack, loss) - risks(w[None], X, y, eps, attack, loss)[0]
    assert sphere_flatness(w, X, y, eps, xi, attack=attack, loss=loss) == pytest.approx(seen, rel=1e-5, abs=1e-8)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("xi", [0.3, 1.0, 2.5])
def test_one_dimension_has_two_models(attack, loss, xi):
    w, X, y = problem(1, 4, 1)
    pair = risks(np.array([(1 - xi) * w, (1 + xi) * w]), X, y, 0.3, 2.0, loss)
    seen = pair.mean() - worst_losses(w, X, y, 0.3, attack, loss).mean()
    if attack == 2 or xi <= 1:
        assert sphere_flatness(w, X, y, 0.3, xi, attack=attack, loss=loss) == pytest.approx(seen, rel=1e-9)
    else:
        with pytest.raises(ValueError, match="attacked_bounds"):
            sphere_flatness(w, X, y, 0.3, xi, attack=attack, loss=loss)


@given(seed=SEED, n=st.integers(1, 8), d=st.integers(1, 60), xi=st.floats(0, 2))
@settings(max_examples=40, deadline=None)
def test_least_squares_is_a_closed_form_and_its_ball_is_d_over_d_plus_2_of_it(seed, n, d, xi):
    w, X, y = problem(seed, n, d)
    sphere = sphere_flatness(w, X, y, 0.0, xi, loss="squared")
    assert sphere == pytest.approx(xi**2 * (w @ w) * (X**2).sum() / (2 * n * d), rel=1e-9, abs=1e-12)
    assert sphere == pytest.approx(small_radius_law(w, X, y, 0.0, xi, loss="squared"), rel=1e-9, abs=1e-12)
    ball = ball_flatness(w, X, y, 0.0, xi, loss="squared")
    assert ball == pytest.approx(sphere * d / (d + 2), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("attack", ATTACKS)
def test_small_radii_follow_the_trace_of_the_hessian(attack):
    w, X, y = problem(5, 6, 8)
    Z = frozen_points(w, X, y, 0.2, attack=attack)
    misses = [
        abs(sphere_flatness(w, Z, y, 0.0, xi) - small_radius_law(w, X, y, 0.2, xi, attack=attack))
        for xi in (0.04, 0.02)
    ]
    assert misses[0] / misses[1] == pytest.approx(16, rel=0.02)


@given(seed=SEED, d=st.integers(2, 12), eps=st.floats(0, 1), share=st.floats(0.02, 0.99))
@settings(max_examples=40, deadline=None)
def test_a_new_attack_is_no_better_than_a_frozen_one(seed, d, eps, share):
    w, X, y = problem(seed, 5, d)
    xi = share * np.abs(w).min() / np.linalg.norm(w)  # up to the radius at which a sign changes
    for attack in ATTACKS:
        frozen = sphere_flatness(w, frozen_points(w, X, y, eps, attack=attack), y, 0.0, xi)
        anew = sphere_flatness(w, X, y, eps, xi, attack=attack)
        assert anew >= frozen - 1e-9
    assert anew == pytest.approx(frozen, abs=1e-9)  # ℓ∞: no sign changes, and the attack stays what it was


@pytest.mark.parametrize("xi", [0.1, 0.6, 1.5])
def test_bounds_enclose_the_mean_though_signs_change(xi):
    w, X, y = np.array([2.0, 0.1]), *problem(3, 5, 2)[1:]
    W, chance = around(w, xi)
    seen = chance @ risks(W, X, y, 0.4, math.inf, "logistic") - risks(w[None], X, y, 0.4, math.inf, "logistic")[0]
    low, high = attacked_bounds(w, X, y, 0.4, xi)
    assert low <= seen <= high
    assert high - low == pytest.approx(0.4 * (chance @ np.abs(W).sum(1) - np.abs(w).sum()), rel=1e-4)
    stable = attacked_bounds(np.array([1.0, -1.0]), X, y, 0.4, 0.5)
    assert stable[0] == pytest.approx(stable[1])


@given(seed=SEED, c=st.floats(0.01, 100))
@settings(max_examples=20, deadline=None)
def test_features_in_other_units_change_nothing(seed, c):
    w, X, y = problem(seed, 5, 4)
    for loss in LOSSES:
        here, there = (
            sphere_flatness(w * s, X / s, y, 0.2 / s, 0.3, attack=math.inf, loss=loss) for s in (1.0, c)
        )
        assert here == pytest.approx(there, rel=1e-6)


@given(seed=SEED, xi=st.floats(0.05, 1))
@settings(max_examples=20, deadline=None)
def test_rotations_change_nothing_under_euclidean_attack(seed, xi):
    w, X, y = problem(seed, 5, 4)
    Q = np.linalg.qr(np.random.default_rng(seed).standard_normal((4, 4)))[0]
    for loss in LOSSES:
        here, there = (sphere_flatness(w @ A, X @ A, y, 0.2, xi, loss=loss) for A in (np.eye(4), Q))
        assert here == pytest.approx(there, rel=1e-7)


def test_large_dimensions_and_large_steps_are_within_reach():
    w, X, y = problem(0, 3, 4000)
    assert sphere_flatness(w, X, y, 0.0, 0.5) > 0
    assert sphere_flatness(w, X, y, 0.1, 0.5, loss="squared") > 0


@pytest.mark.parametrize(
    "change, words",
    [
        ({"w": np.zeros(2)}, "not all 0"),
        ({"w": np.ones(3)}, "to match X"),
        ({"y": np.array([0.0, 1.0])}, "labels -1 and"),
        ({"eps": -1.0}, "eps must be"),
        ({"xi": -1.0}, "xi must be"),
        ({"attack": 3.0}, "attack must be 2 or inf"),
        ({"attack": 0.5}, "in \\[1, inf\\]"),
        ({"loss": "hinge"}, "loss must be one of"),
        ({"attack": math.inf, "xi": 0.9}, "attacked_bounds"),
    ],
)
def test_bad_input_is_refused(change, words):
    given = {"w": np.ones(2), "X": np.eye(2), "y": np.array([-1.0, 1.0]), "eps": 0.1, "xi": 0.1} | change
    with pytest.raises(ValueError, match=words):
        sphere_flatness(**given)

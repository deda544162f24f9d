"""Descent takes the steps of its formulas, records what it says, and refuses bad requests in words."""

import math

import numpy as np
import pytest
from descent_data import PAIR, data

from sims.descent import GEOMETRIES, LOSSES, descend, robust_error, robust_margin


def length(w, p):
    return np.linalg.norm(w, p, axis=-1)


def dual(p):
    return {1.0: math.inf, math.inf: 1.0}.get(p) or p / (p - 1)


def first(geometry, **options):
    X, y = PAIR
    return descend(X, y, geometry=geometry, steps=1, **options).points[0]


def test_the_first_gradient_step_by_hand():
    # at w = 0 the weights are 1/2 each: g = −(1, 2), B² = 9
    np.testing.assert_allclose(first(2), [1 / 9, 2 / 9], rtol=1e-15)


def test_the_first_greedy_coordinate_step_by_hand():
    # the larger entry alone, B = 3
    np.testing.assert_allclose(first(1), [0, 2 / 9], rtol=1e-15)


def test_the_first_sign_step_by_hand():
    # ‖g‖₁ = 3 in both entries, B = max ‖x‖₁ = 3
    np.testing.assert_allclose(first(math.inf), [3 / 9, 3 / 9], rtol=1e-15)


def test_a_robust_step_by_hand():
    # from w = (1, −1): margins 1, −3, weights e⁻¹, e³ over their sum; subgradient of ‖w‖₁ is (1, −1)
    a, b = np.exp([-1.0, 3.0]) / np.exp([-1.0, 3.0]).sum()
    g = -np.array([2 * a, a + 3 * b]) + 0.5 * np.array([1.0, -1.0])
    B = 3 + 0.5 * math.sqrt(2)
    np.testing.assert_allclose(first(2, eps=0.5, start=np.array([1.0, -1.0])), [1, -1] - g / B**2, rtol=1e-14)
    g = -np.array([2 * a, a + 3 * b]) + 0.5 * np.array([1.0, 0.0])  # attack 1: the first largest coordinate
    B = 3 + 0.5
    expected = np.array([1, -1]) - [0, g[1] / B**2]
    np.testing.assert_allclose(first(1, eps=0.5, attack=1, start=np.array([1.0, -1.0])), expected, rtol=1e-14)
    g = -np.array([2 * a, a + 3 * b]) + 0.5 * np.array([1.0, -1.0]) / math.sqrt(2)
    B = 3 + 0.5 * math.sqrt(2)  # sign descent, attack 2: d^(1 − 1/2)
    expected = np.array([1, -1]) - np.abs(g).sum() * np.sign(g) / B**2
    np.testing.assert_allclose(
        first(math.inf, eps=0.5, attack=2, start=np.array([1.0, -1.0])), expected, rtol=1e-14
    )


def test_the_schedules_by_hand():
    X, y = PAIR
    np.testing.assert_allclose(first(2, schedule="protocol", eps=1.0), np.array([1, 2]) / 16, rtol=1e-15)
    np.testing.assert_allclose(first(2, schedule="constant", eps=1.0), np.array([1, 2]) / 9, rtol=1e-15)
    np.testing.assert_allclose(first(2, schedule="constant", step=0.1), np.array([1, 2]) / 90, rtol=1e-15)
    w = np.array([1 / 9, 2 / 9])  # the second step: margins 4/9, 6/9
    losses = np.exp([-4 / 9, -6 / 9])
    pull = np.array([2 * losses[0], losses[0] + 3 * losses[1]])
    for schedule, factor in {
        "theorem": 1 / losses.sum(),
        "root": 1 / losses.sum() / math.sqrt(2),
        "constant": 0.5,
    }.items():
        run = descend(X, y, geometry=2, schedule=schedule, steps=2)
        assert run.steps.tolist() == [1, 2]
        np.testing.assert_allclose(run.points[1], w + factor * pull / 9, rtol=1e-14)


def test_a_logistic_step_by_hand():
    w = np.array([0.3, -0.2])
    s = np.array([0.4, -0.6]) - 0.5 * 0.5
    slope, loss = 1 / (1 + np.exp(s)), np.log1p(np.exp(-s)).sum()
    g = (-slope @ np.array([[2.0, 1.0], [0.0, 3.0]]) + 0.5 * slope.sum() * np.array([1, -1])) / loss
    B = 3 + 0.5 * math.sqrt(2)
    np.testing.assert_allclose(first(2, eps=0.5, loss="logistic", start=w), w - g / B**2, rtol=1e-14)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_slopes_and_losses_are_those_of_the_points(geometry, loss):
    X, y = data(0)
    run = descend(X, y, geometry=geometry, eps=0.1, attack=2.0, loss=loss, steps=200)
    for w, slope, value in zip(run.points, run.slopes, run.losses, strict=True):

        def log_loss(w):
            s = y * (X @ w) - 0.1 * length(w, 2)
            return np.log((np.exp(-s) if loss == "exponential" else np.log1p(np.exp(-s))).sum())

        shifts = 1e-6 * np.eye(len(w))
        g = np.array([(log_loss(w + e) - log_loss(w - e)) / 2e-6 for e in shifts])
        assert abs(log_loss(w) - value) < 1e-12
        assert abs(length(g, dual(geometry)) - slope) < 1e-7


def test_the_smoothed_loss_has_the_gradient_of_its_formula():
    X, y = data(0, 5, 4)
    w, eps, sharp = np.array([0.4, -0.3, 0.2, 0.0]), 0.7, 3.0

    def log_loss(w, attack):
        up, down = np.exp(sharp * w), np.exp(-sharp * w)
        N = np.log((up + down).sum()) if attack == 1 else (np.log1p(up) + np.log1p(down)).sum()
        return np.log(np.exp(-y * (X @ w)).sum()) + eps * N / sharp

    for attack in (1.0, math.inf):
        g = [(log_loss(w + e, attack) - log_loss(w - e, attack)) / 2e-6 for e in 1e-6 * np.eye(4)]
        B = np.linalg.norm(X, axis=1).max() + eps * 4 ** max(0, 0.5 - 1 / attack)
        step = descend(X, y, geometry=2, eps=eps, attack=attack, smoothing=sharp, start=w, steps=1).points[0]
        np.testing.assert_allclose(step, w - np.array(g) / B**2, atol=1e-8)


def test_the_grid_holds_one_and_every_power_of_ten_and_the_last_step():
    X, y = data(0)
    steps = descend(X, y, geometry=1, steps=20_000).steps
    assert {1, 10, 100, 1000, 10_000, 20_000} <= set(steps)
    assert steps[-1] == 20_000 and (np.diff(steps) > 0).all()
    assert np.count_nonzero((steps > 1000) & (steps <= 10_000)) == 8


def test_a_run_stops_below_until_and_keeps_its_last_point():
    X, y = data(0)
    for geometry in GEOMETRIES:
        run = descend(X, y, geometry=geometry, eps=0.05, until=1e-3, steps=100_000)
        full = descend(X, y, geometry=geometry, eps=0.05, steps=int(run.taken))
        assert np.array_equal(run.points[-1], full.points[-1])
        assert (
            run.losses[-1]
            < math.log(1e-3)
            <= descend(X, y, geometry=geometry, eps=0.05, steps=int(run.taken) - 1).losses[-1]
        )
        late = run.steps >= run.taken
        assert (run.points[late] == run.points[-1]).all()
        loss = np.exp(-(y * (X @ run.points[-1])) + 0.05 * np.abs(run.points[-1]).sum()).sum()
        np.testing.assert_allclose(np.log(loss), run.losses[-1], atol=1e-10)


def test_margins_and_errors_of_many_predictors_at_once():
    X, y = np.array([[3.0, 4.0], [1.0, -1.0]]), np.array([1.0, -1.0])
    w = np.array([[[3.0, 4.0], [0.0, 0.0]], [[0.0, 2.0], [-1.0, 0.0]]])
    got = robust_margin(w, X, y, 0.5, math.inf, 2.0)
    expected = [[(1 - 3.5) / 5, math.nan], [(2 - 1) / 2, -3.5]]
    np.testing.assert_allclose(got, expected, rtol=1e-15)
    assert robust_error(w, X, y, 0.5, math.inf).tolist() == [[0.5, 1.0], [0.0, 0.5]]
    assert robust_error(w[0, 0], X, y, 0.0, 2.0) == 0.0
    assert robust_margin(w[0, 0], X, y, 1.0, 1.0, 1.0) == (1 - 4) / 7


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"geometry": 3}, "coordinate, gradient or sign"),
        ({"attack": 0.5}, "exponent of a norm"),
        ({"attack": math.nan}, "exponent of a norm"),
        ({"loss": "hinge"}, "loss must be one of"),
        ({"schedule": "fast"}, "schedule must be one of"),
        ({"eps": -1.0}, "eps must be finite and ≥ 0"),
        ({"eps": math.nan}, "eps must be finite and ≥ 0"),
        ({"step": 0.0}, "step must be positive"),
        ({"steps": 0}, "whole number"),
        ({"steps": 2.5}, "whole number"),
        ({"smoothing": 0.0}, "smoothing must be positive"),
        ({"smoothing": 3.0, "attack": 2.0}, "smoothing is for attack 1"),
        ({"until": 0.0}, "until is a loss"),
        ({"start": np.zeros(3)}, "start must be finite"),
        ({"start": np.full(2, np.nan)}, "start must be finite"),
        ({"y": np.array([0.0, 1.0])}, "labels must be"),
        ({"y": np.ones(3)}, "without the d"),
        ({"X": np.full((2, 2), np.inf)}, "X must be finite"),
        ({"X": np.zeros((2, 2))}, "X is 0 throughout"),
        ({"eps": np.zeros(2), "start": np.zeros((3, 2))}, "one length"),
    ],
)
def test_a_bad_request_is_refused_in_words(changes, words):
    options = {"X": PAIR[0], "y": PAIR[1], "geometry": 2} | changes
    with pytest.raises(ValueError, match=words):
        descend(options.pop("X"), options.pop("y"), **options)
    assert np.isfinite(PAIR[0]).all()

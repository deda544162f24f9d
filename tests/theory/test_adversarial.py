"""The linear adversary and robust fits: certificates recomputed, attacks, second routes, laws, refusals."""

import itertools
import math

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import xlogy

from theory import robust_regression
from theory.adversarial import fit, perturb, worst_case
from theory.interpolation import min_norm
from theory.norms import dual, norm
from theory.ridge import ridge_path

UNIT = np.finfo(float).eps
GAP = 1e-8  # what is promised
FEASIBLE = 1e-12  # relative violation of the dual constraints: rounding of sums of up to 100 terms
CONIC = 1e-6  # Clarabel's default tolerance 1e-8, loosened for conditioning
ATTACKS = [1.0, 1.5, 2.0, 3.0, math.inf]
REGRESSION, CLASSIFICATION = ["squared", "absolute"], ["hinge", "logistic", "exponential"]


def draw(n, d, seed=0):
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((n, d)), rng.standard_normal(n)
    return X, y, np.where(np.arange(n) % 2 == 0, 1.0, -1.0)


def value(loss, w, X, y, eps, attack):
    if loss in REGRESSION:
        u = np.abs(y - X @ w) + eps * norm(w, dual(attack))
        return np.mean(u**2) / 2 if loss == "squared" else np.mean(u)
    c = y * (X @ w) - eps * norm(w, dual(attack))
    return np.mean(
        {"hinge": np.maximum(0, 1 - c), "logistic": np.logaddexp(0, -c), "exponential": np.exp(-c)}[loss]
    )


def proven(loss, a, X, y, eps, attack):
    """The dual objective at a, after its constraints are checked."""
    n = len(y)
    if loss in REGRESSION:
        pull, room = norm(X.T @ a, attack), norm(np.abs(X).T @ np.abs(a), attack)
        if loss == "absolute":
            assert np.max(np.abs(a)) <= 1 + FEASIBLE
            assert pull <= eps * n + FEASIBLE * room
            return a @ y / n
        if eps == 0:
            assert pull <= FEASIBLE * room
            return (a @ y - a @ a / 2) / n if a.any() else 0.0
        # Water-filling by bisection, not by sorting: the least ‖b‖ over b ≥ |a|, Σb ≥ pull/eps.
        low, high = 0.0, pull / eps + np.max(np.abs(a))
        for _ in range(200):
            middle = (low + high) / 2
            low, high = (middle, high) if np.maximum(np.abs(a), middle).sum() < pull / eps else (low, middle)
        b = np.maximum(np.abs(a), high)
        return (a @ y - b @ b / 2) / n
    Z = y[:, None] * X
    assert np.min(a) >= 0
    assert norm(Z.T @ a, attack) <= eps * a.sum() + FEASIBLE * norm(np.abs(Z).T @ a, attack)
    if loss == "exponential":
        return np.mean(a - xlogy(a, a))
    assert np.max(a) <= 1 + FEASIBLE
    return np.mean(a) if loss == "hinge" else np.mean(-xlogy(a, a) - xlogy(1 - a, 1 - a))


def assert_certified(loss, X, y, eps, attack, gap=GAP):
    s = fit(X, y, eps, attack=attack, loss=loss)
    upper, lower = value(loss, s.w, X, y, eps, attack), proven(loss, s.dual, X, y, eps, attack)
    noise = 100 * UNIT * np.mean(y**2)
    assert s.value == pytest.approx(upper, rel=1e-11, abs=noise)
    assert s.bound == pytest.approx(lower, rel=1e-11, abs=noise)
    assert lower <= upper + noise
    assert s.gap <= gap
    return s


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("loss", REGRESSION + CLASSIFICATION)
def test_the_certificate_holds_as_recomputed(loss, attack):
    X, y, labels = draw(40, 12)
    for eps in (0.0, 0.01, 0.1, 0.5, 3.0):
        assert_certified(loss, X, y if loss in REGRESSION else labels, eps, attack)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("loss", [*REGRESSION, "hinge"])
def test_more_features_than_samples(loss, attack):
    X, y, labels = draw(10, 25)
    for eps in (0.0, 0.01, 0.3, 3.0):
        assert_certified(loss, X, y if loss in REGRESSION else labels, eps, attack)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("loss", REGRESSION + CLASSIFICATION)
def test_features_in_different_units(loss, attack):
    X, y, labels = draw(40, 6)
    X = X * np.logspace(-1.5, 1.5, 6)
    assert_certified(loss, X, y if loss in REGRESSION else labels, 0.03, attack)


@pytest.mark.parametrize("loss", REGRESSION + CLASSIFICATION)
def test_agrees_with_cvxpy(loss):
    X, y, labels = draw(20, 5, seed=4)
    for attack in (1.0, 2.0, math.inf):
        w, eps = cp.Variable(5), 0.2
        u = cp.abs(y - X @ w) + eps * cp.pnorm(w, dual(attack))
        c = cp.multiply(labels, X @ w) - eps * cp.pnorm(w, dual(attack))
        mean = {
            "squared": cp.sum_squares(u) / 40,
            "absolute": cp.sum(u) / 20,
            "hinge": cp.sum(cp.pos(1 - c)) / 20,
            "logistic": cp.sum(cp.logistic(-c)) / 20,
            "exponential": cp.sum(cp.exp(-c)) / 20,
        }[loss]
        problem = cp.Problem(cp.Minimize(mean))
        problem.solve(solver=cp.CLARABEL)
        ours = fit(X, y if loss in REGRESSION else labels, eps, attack=attack, loss=loss)
        assert ours.value == pytest.approx(problem.value, rel=CONIC)


@pytest.mark.parametrize("attack", [1.0, 2.0, math.inf])
def test_without_an_attack_it_is_least_squares(attack):
    X, y, _ = draw(15, 4)
    s = fit(X, y, 0.0, attack=attack)
    w = ridge_path(X, y, np.zeros(1))[0]
    assert np.linalg.norm(s.w - w) <= 100 * UNIT * np.linalg.cond(X) ** 2 * np.linalg.norm(w)


def test_an_exact_fit_has_value_and_gap_zero():
    X, y, _ = draw(5, 9)
    for loss in REGRESSION:
        s = fit(X, y, 0.0, loss=loss)
        assert s.value == s.bound == s.gap == 0


@pytest.mark.parametrize("loss", robust_regression.LOSSES)
@pytest.mark.parametrize("attack", [1, 2, 3, math.inf])
@pytest.mark.parametrize("eps", [1e-10, 1e-8, 1e-6, 1e-4])
def test_a_weak_attack_leaves_interpolation(loss, attack, eps):
    """The minimiser is the interpolator of least dual norm: residuals are rounding, which eps is compared with."""
    g = np.random.default_rng(0)
    X, y = g.standard_normal((5, 100)), g.standard_normal(5)
    found, least = fit(X, y, eps, attack=attack, loss=loss), min_norm(X, y, dual(attack))
    push = eps * least.value
    rounding = 3 * np.abs(X @ least.w - y).max() / push
    assert found.value == pytest.approx(push**2 / 2 if loss == "squared" else push, rel=1e-8 + rounding)
    assert found.gap <= 1e-8 + rounding


def test_a_strong_adversary_leaves_nothing():
    X, y, labels = draw(15, 4)
    for loss in REGRESSION + CLASSIFICATION:
        assert not fit(X, y if loss in REGRESSION else labels, 100.0, loss=loss).w.any()


def test_the_optimum_grows_with_the_radius():
    X, y, labels = draw(30, 5)
    for loss in REGRESSION + CLASSIFICATION:
        solutions = [fit(X, y if loss in REGRESSION else labels, eps, loss=loss) for eps in (0.05, 0.1, 0.2)]
        for one, other in itertools.pairwise(solutions):
            assert one.value <= other.value * (1 + GAP)
        assert solutions[0].value < solutions[-1].value * (1 - 1e-4)


def test_rotation_scaling_and_permutation():
    X, y, labels = draw(25, 6)
    Q = np.linalg.qr(np.random.default_rng(1).standard_normal((6, 6)))[0]
    for loss in REGRESSION + CLASSIFICATION:
        target = y if loss in REGRESSION else labels
        optimum = fit(X, target, 0.1, attack=2.0, loss=loss).value
        for c, other in [(1, X @ Q), (1000, 1000 * X), (1e-4, 1e-4 * X), (1, X[:, ::-1])]:
            assert fit(other, target, 0.1 * c, attack=2.0, loss=loss).value == pytest.approx(optimum, rel=2 * GAP)


@settings(deadline=None, max_examples=100, derandomize=True)
@given(
    n=st.integers(1, 6),
    d=st.integers(1, 8),
    attack=st.sampled_from([1.0, 1.2, 2.0, 5.0, math.inf]),
    log_eps=st.floats(-8, 8),
    zeros=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
)
def test_perturbations_stay_in_the_ball_and_reach_the_worst_margin(n, d, attack, log_eps, zeros, seed):
    rng = np.random.default_rng(seed)
    X, w, y, eps = rng.standard_normal((n, d)), rng.standard_normal(d), rng.choice([-1.0, 1.0], n), 10**log_eps
    w[rng.random(d) < 0.5 * zeros] = 0
    delta, worst = perturb(w, X, y, eps, attack), worst_case(w, X, y, eps, attack)
    rounding = 100 * d * UNIT * (np.abs(X) @ np.abs(w) + eps * norm(w, dual(attack)))
    assert all(norm(row, attack) <= eps for row in delta)
    assert np.all(np.abs(y * ((X + delta) @ w) - worst) <= rounding + 100 * UNIT * np.abs(X + delta) @ np.abs(w))
    for _ in range(5):
        other = rng.standard_normal((n, d))
        other *= eps / np.array([norm(row, attack) for row in other])[:, None]
        assert np.all(y * ((X + other) @ w) >= worst - rounding)


def test_worst_case_by_hand():
    w, X, y = np.array([3.0, -4.0]), np.array([[1.0, 0.0]]), np.array([-1.0])
    for attack, penalty in [(1.0, 4.0), (2.0, 5.0), (math.inf, 7.0)]:
        assert worst_case(w, X, y, 0.5, attack) == pytest.approx(-3 - penalty / 2, rel=4 * UNIT)
    assert perturb(w, X, y, 0.5, 1.0) == pytest.approx(np.array([[0, -0.5]]), rel=10 * UNIT)
    assert perturb(np.zeros(2), X, y, 0.5, 2.0).shape == (1, 2)


def test_water_filling_by_hand():
    assert robust_regression.cover(np.array([1.0, 0.0, 3.0]), 6.0) == pytest.approx([1.5, 1.5, 3.0])
    assert robust_regression.cover(np.array([1.0, 0.0, 3.0]), 9.0) == pytest.approx([3.0, 3.0, 3.0])
    assert robust_regression.cover(np.array([1.0, 0.0, 3.0]), 2.0) == pytest.approx([1.0, 0.0, 3.0])


@pytest.mark.parametrize("loss", ["logistic", "exponential"])
def test_a_loss_without_minimiser_is_refused(loss):
    X, _, labels = draw(8, 12)
    for eps in (0.0, 0.01):
        with pytest.raises(ValueError, match=r"theory\.margin\.max_margin"):
            fit(X, labels, eps, loss=loss)
    # One point on every separating hyperplane: no strict separator, and still no minimiser.
    X, y = np.array([[1.0, 0], [0, 1], [0, 1]]), np.array([1.0, 1, -1])
    with pytest.raises(ValueError, match=r"theory\.margin\.max_margin"):
        fit(X, y, 0.0, loss=loss)
    assert_certified(loss, X, y, 0.2, 2.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"eps": -1}, "eps"),
        ({"attack": 0.5}, "attack"),
        ({"loss": "cubic"}, "loss must be one of squared"),
        ({"loss": "hinge"}, "labels"),
        ({"X": [[np.nan, 0.0], [1, 1]]}, "finite"),
        ({"y": [1.0]}, "agree"),
    ],
)
def test_bad_input(change, message):
    arguments = {"X": np.eye(2), "y": np.array([0.5, 2]), "eps": 0.1} | change
    X, y, eps = (arguments.pop(name) for name in ("X", "y", "eps"))
    with pytest.raises(ValueError, match=message):
        fit(X, y, eps, **arguments)


def test_bad_input_of_the_adversary():
    for call in (worst_case, perturb):
        with pytest.raises(ValueError, match="agree"):
            call(np.ones(3), np.eye(2), np.ones(2), 0.1)
        with pytest.raises(ValueError, match="labels"):
            call(np.ones(2), np.eye(2), np.zeros(2), 0.1)
        with pytest.raises(ValueError, match="eps"):
            call(np.ones(2), np.eye(2), np.ones(2), math.inf)

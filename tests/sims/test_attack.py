import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize

from sims import attack

EXPONENTS = [1.0, 1.05, 1.5, 2.0, 3.0, 8.0, math.inf]


def length(x, p):
    return np.linalg.norm(x, p, axis=-1)


def dual(p):
    return {1.0: math.inf, math.inf: 1.0}.get(p) or p / (p - 1)


@pytest.mark.parametrize("p", EXPONENTS)
def test_ten_thousand_projections_stay_in_the_ball(p):
    rng = np.random.default_rng(0)
    for d in (1, 2, 7):
        delta = rng.standard_normal((3400, d)) * np.exp(rng.normal(0, 6, (3400, 1)))
        delta[::5] *= rng.random((680, d)) < 0.5
        delta[::7] = np.rint(delta[::7])  # ties
        x = attack.project(delta, 0.7, p)
        assert (length(x, p) <= 0.7 * (1 + 2e-15)).all()
        inside = length(delta, p) <= 0.7
        assert np.array_equal(x[inside], delta[inside])


@pytest.mark.parametrize("p", EXPONENTS)
def test_no_point_of_the_ball_is_nearer(p):
    """δ − x is normal to the ball at x: ⟨δ − x, x⟩ = radius·‖δ − x‖_q, the support function."""
    rng = np.random.default_rng(1)
    delta = rng.standard_normal((2000, 6)) * np.exp(rng.normal(0, 2, (2000, 1)))
    x = attack.project(delta, 0.7, p)
    left = 0.7 * length(delta - x, dual(p))
    slack = left - ((delta - x) * x).sum(axis=1)
    assert (np.abs(slack) <= 1e-13 * (1 + length(delta, 2))).all()


@given(
    delta=arrays(np.float64, st.integers(1, 6), elements=st.floats(-1e12, 1e12)),
    radius=st.floats(1e-6, 1e6),
    p=st.one_of(st.sampled_from(EXPONENTS), st.floats(1.01, 50)),
)
@settings(max_examples=300, deadline=None)
def test_projecting_stays_in_the_ball_keeps_signs_and_repeats_itself(delta, radius, p):
    x = attack.project(delta, radius, p)
    assert np.isfinite(x).all()
    assert length(x, p) <= radius * (1 + 1e-13)
    assert (x * delta >= 0).all() and (np.abs(x) <= np.abs(delta) * (1 + 1e-12) + 1e-300).all()
    np.testing.assert_allclose(attack.project(x, radius, p), x, rtol=1e-13, atol=1e-13 * radius)


def test_a_projection_agrees_with_a_solver():
    delta = np.array([2.0, -1.0, 0.5])
    for p in (1.5, 3.0):
        found = minimize(
            lambda x: ((x - delta) ** 2).sum(),
            delta / 4,
            constraints={"type": "ineq", "fun": lambda x, p=p: 1 - (np.abs(x) ** p).sum()},
            method="SLSQP",
            options={"ftol": 1e-15, "maxiter": 500},
        )
        np.testing.assert_allclose(attack.project(delta, 1.0, p), found.x, atol=1e-6)


@pytest.mark.parametrize("p", EXPONENTS)
def test_the_search_reaches_the_worst_case_of_a_linear_score(p):
    rng = np.random.default_rng(2)
    X, w, y = rng.standard_normal((20, 15)), rng.standard_normal(15), rng.choice([-1.0, 1.0], 20)
    found = attack.search(attack.linear(w, y), X, 0.3, p, rng=rng)
    worst = y * (X @ w) - 0.3 * length(w, dual(p))
    np.testing.assert_allclose(found.margins, worst, rtol=0, atol=1e-8)
    assert (length(found.perturbations, p) <= 0.3 * (1 + 2e-15)).all()
    np.testing.assert_allclose(y * ((X + found.perturbations) @ w), found.margins, rtol=0, atol=1e-14)


def test_restarts_find_the_deeper_of_two_wells():
    def score(X):  # wells at −0.8 (shallow, and downhill from 0) and at 0.9 (deep)
        x = X[:, 0]
        a, b = np.exp(-8 * (x + 0.8) ** 2), 3 * np.exp(-400 * (x - 0.93) ** 2)
        return -a - b, (16 * (x + 0.8) * a + 800 * (x - 0.93) * b)[:, None]

    X = np.zeros((5, 1))
    once = attack.search(score, X, 1.0, rng=np.random.default_rng(0), steps=30)
    often = attack.search(score, X, 1.0, rng=np.random.default_rng(0), steps=30, restarts=100)
    assert (once.margins > -2).all()
    assert (often.margins < -2.99).all()


def test_the_search_never_does_worse_than_no_perturbation():
    rng = np.random.default_rng(3)
    X = rng.standard_normal((30, 4))
    score = lambda X: (np.cos(9 * X).sum(axis=1), -9 * np.sin(9 * X))  # noqa: E731
    found = attack.search(score, X, 0.5, 2.0, rng=rng, steps=5)
    assert (found.margins <= score(X)[0]).all()
    np.testing.assert_array_equal(found.margins, score(X + found.perturbations)[0])


def test_a_ball_of_radius_zero_leaves_the_points():
    X = np.ones((3, 2))
    found = attack.search(attack.linear(np.ones(2), np.ones(3)), X, 0.0, 2.0, rng=np.random.default_rng(0))
    assert not found.perturbations.any() and (found.margins == 2).all()


def test_a_constant_score_is_left_alone():
    score = lambda X: (np.ones(len(X)), np.zeros_like(X))  # noqa: E731
    assert not attack.search(score, np.ones((3, 2)), 1.0, rng=np.random.default_rng(0)).perturbations.any()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: attack.project(np.ones(2), -1.0, 2), "eps must be finite"),
        (lambda: attack.project(np.ones(2), 1.0, 0.5), "exponent of a norm"),
        (lambda: attack.project(np.array([np.nan]), 1.0, 2), "finite"),
        (lambda: attack.search(None, np.ones((2, 2)), 1.0, rng=None, steps=0), "at least 1"),
        (lambda: attack.search(None, np.ones(2), 1.0, rng=None), "matrix"),
    ],
)
def test_a_bad_request_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()

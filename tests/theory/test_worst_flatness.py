"""Worst-case flatness of linear models: the bracket against search, closed forms, and its average-case sister."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from theory.linear_flatness import LOSSES, sphere_flatness, worst_losses
from theory.worst_flatness import norm_excess, worst_flatness

SEED = st.integers(0, 2**32 - 1)
ATTACKS = st.sampled_from([2.0, math.inf])


def problem(seed, n, d):
    rng = np.random.default_rng(seed)
    return rng.standard_normal(d), rng.standard_normal((n, d)), rng.choice([-1.0, 1.0], n)


def grown(w, v, X, y, eps, attack, loss):
    """R(w + v) − R(w)."""
    return (worst_losses(w + v, X, y, eps, attack, loss) - worst_losses(w, X, y, eps, attack, loss)).mean()


@given(
    seed=SEED,
    n=st.integers(1, 8),
    d=st.integers(1, 6),
    eps=st.sampled_from([0.0, 0.1, 1.0]),
    xi=st.floats(1e-3, 0.9),
    attack=ATTACKS,
    loss=st.sampled_from(LOSSES),
)
@settings(max_examples=80, deadline=None)
def test_the_value_is_reached_in_the_ball_and_no_search_passes_the_bound(seed, n, d, eps, xi, attack, loss):
    w, X, y = problem(seed, n, d)
    found, radius = worst_flatness(w, X, y, eps, xi, attack=attack, loss=loss), xi * np.linalg.norm(w)
    assert np.linalg.norm(found.w) <= radius * (1 + 1e-12)
    assert found.value == pytest.approx(grown(w, found.w, X, y, eps, attack, loss), abs=1e-12)
    U = np.random.default_rng(seed + 1).standard_normal((200, d))
    U *= radius / np.linalg.norm(U, axis=1, keepdims=True)
    best = max(grown(w, v, X, y, eps, attack, loss) for v in U)
    assert best <= found.bound + 1e-12
    assert -1e-12 <= found.value <= found.bound + 1e-12


@given(seed=SEED, n=st.integers(1, 30), d=st.integers(1, 30), xi=st.floats(1e-3, 0.9))
@settings(max_examples=40, deadline=None)
def test_least_squares_is_exact(seed, n, d, xi):
    found = worst_flatness(*problem(seed, n, d), 0.0, xi, loss="squared")
    assert found.gap <= 1e-10


@given(seed=SEED, d=st.integers(1, 10), eps=st.floats(0, 1), xi=st.floats(0.01, 0.8))
@example(seed=38457, d=1, eps=1.0, xi=0.5)  # the sphere of one dimension is two points, not a circle
@settings(max_examples=40, deadline=None)
def test_a_single_point_is_exact_under_euclidean_attack(seed, d, eps, xi):
    found = worst_flatness(*problem(seed, 1, d), eps, xi)
    assert abs(found.bound - found.value) <= 1e-5 * found.bound + 1e-9


@given(seed=SEED, d=st.integers(1, 10), eps=st.floats(0, 1))
@settings(max_examples=40, deadline=None)
def test_a_single_point_is_exact_under_maximum_norm_attack_until_a_sign_changes(seed, d, eps):
    w, X, y = problem(seed, 1, d)
    xi = 0.99 * np.abs(w).min() / np.linalg.norm(w) / math.sqrt(d)
    z = y[0] * X[0] - eps * np.sign(w)
    exact = np.logaddexp(0, -w @ z + xi * np.linalg.norm(w) * np.linalg.norm(z)) - np.logaddexp(0, -w @ z)
    found = worst_flatness(w, X, y, eps, xi, attack=math.inf)
    assert found.value == pytest.approx(exact, rel=1e-9, abs=1e-13)
    assert found.bound == pytest.approx(exact, rel=1e-9, abs=1e-13)


@given(seed=SEED, eps=st.floats(0, 0.5), attack=ATTACKS, loss=st.sampled_from(LOSSES))
@settings(max_examples=30, deadline=None)
def test_the_bracket_closes_on_the_gradient_as_the_ball_shrinks(seed, eps, attack, loss):
    w, X, y = problem(seed, 10, 4)
    xi = 1e-6
    found = worst_flatness(w, X, y, eps, xi, attack=attack, loss=loss)
    assert found.gap < 0.02
    steps = 1e-7 * np.linalg.norm(w) * np.eye(4)
    slopes = [grown(w, v, X, y, eps, attack, loss) - grown(w, -v, X, y, eps, attack, loss) for v in steps]
    first = xi * np.linalg.norm(w) * np.linalg.norm(slopes) / (2e-7 * np.linalg.norm(w))
    assert found.value == pytest.approx(first, rel=0.02)


@given(seed=SEED, eps=st.floats(0, 0.5), loss=st.sampled_from(LOSSES), d=st.integers(1, 6))
@settings(max_examples=20, deadline=None)
def test_the_worst_exceeds_the_average_and_grows_with_the_ball(seed, eps, loss, d):
    w, X, y = problem(seed, 5, d)
    worst = [worst_flatness(w, X, y, eps, xi, loss=loss) for xi in (0.1, 0.2, 0.4)]
    assert worst[0].value <= worst[1].bound and worst[1].value <= worst[2].bound
    for xi, found in zip((0.1, 0.2, 0.4), worst, strict=True):
        assert sphere_flatness(w, X, y, eps, xi, loss=loss) <= found.bound + 1e-9


@given(seed=SEED, d=st.integers(1, 6), xi=st.floats(0.01, 0.95), attack=ATTACKS)
@settings(max_examples=40, deadline=None)
def test_norms_grow_no_faster_than_their_excess(seed, d, xi, attack):
    w = problem(seed, 1, d)[0]
    U = np.random.default_rng(seed + 1).standard_normal((300, d))
    V = w + xi * np.linalg.norm(w) * U / np.linalg.norm(U, axis=1, keepdims=True)
    u, order = (w / np.linalg.norm(w), 2) if attack == 2 else (np.sign(w), 1)
    assert (np.linalg.norm(V, ord=order, axis=1) - V @ u).max() <= norm_excess(w, xi, attack) + 1e-12


@pytest.mark.parametrize(
    "change, words",
    [({"attack": 3.0}, "attack must be"), ({"xi": 1.0}, "in \\[0, 1\\)"), ({"loss": "x"}, "one of")],
)
def test_bad_input_is_refused(change, words):
    given = {"w": np.ones(2), "X": np.eye(2), "y": np.array([-1.0, 1.0]), "eps": 0.1, "xi": 0.1} | change
    with pytest.raises(ValueError, match=words):
        worst_flatness(**given)

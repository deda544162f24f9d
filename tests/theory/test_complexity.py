"""Adversarial Rademacher complexity: second routes for every exact form, bounds on enumerated signs, refusals."""

import itertools
import math

import cvxpy as cp
import numpy as np
import pytest

from theory import complexity
from theory.complexity import data_term, dimension_factor, margin_bound, rademacher, suprema, two_sided
from theory.norms import align, dual, norm

CONIC = 1e-5  # Clarabel's default tolerance 1e-8 on optima of order 0.1
ROUNDING = 1e-12
EXACT = [(math.inf, 1.0), (math.inf, 1.5), (math.inf, 2.0), (math.inf, 4.0), (math.inf, math.inf)]
EXACT += [(1.0, 1.0), (1.0, 1.5), (1.0, 2.0), (1.0, math.inf), (2.0, 1.0), (2.0, 2.0), (2.0, math.inf)]
EXACT += [(3.0, 1.0), (3.0, 1.5), (3.0, math.inf)]


def draw(n, d, k, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)), rng.choice([-1.0, 1.0], (k, n))


def all_signs(n):
    return np.array(list(itertools.product([-1.0, 1.0], repeat=n)))


@pytest.mark.parametrize(("attack", "r"), EXACT)
def test_a_concave_supremum_agrees_with_a_conic_solver(attack, r):
    Z, _ = draw(7, 4, 1)
    signs = np.array([[1, 1, 1, 1, 1, -1, -1.0], [1, 1, 1, 1, -1, -1, -1]])
    for eps in (0.3, 1.0):
        for row, ours in zip(signs, suprema(Z, eps, attack, r, signs, W=2.0), strict=True):
            a, b, w = row @ Z / 7, row.mean(), cp.Variable(4)
            goal = a @ w - eps * b * cp.pnorm(w, dual(attack))
            problem = cp.Problem(cp.Maximize(goal), [cp.pnorm(w, r) <= 2])
            problem.solve(solver=cp.CLARABEL)
            assert ours == pytest.approx(problem.value, abs=CONIC)


@pytest.mark.parametrize(("attack", "r"), EXACT)
def test_a_convex_supremum_is_reached_and_not_passed(attack, r):
    """For b < 0 alternating maximisation over w and v climbs to local maxima of ⟨w, a + v⟩; the best is global."""
    Z, _ = draw(7, 4, 1)
    signs, eps = np.array([[-1, -1, -1, 1, -1, 1, -1.0]]), 0.7
    a, radius = signs[0] @ Z / 7, -eps * signs.mean()
    ours = suprema(Z, eps, attack, r, signs)[0]
    starts = [np.array(s) for s in itertools.product([-1.0, 0.0, 1.0], repeat=4) if any(s)]
    rng, best = np.random.default_rng(2), 0.0
    for w in starts + list(rng.standard_normal((100, 4))):
        for _ in range(50):
            w = align(a + radius * align(w, dual(attack)), dual(r))
        reached = (w @ a + radius * norm(w, dual(attack))) / norm(w, r)
        best = max(best, reached)
    assert best == pytest.approx(ours, rel=1e-9)  # the climb stops after 50 steps
    assert best <= ours * (1 + ROUNDING)


@pytest.mark.parametrize(("attack", "r"), EXACT)
def test_bounds_hold_on_all_signs(attack, r):
    for n, d, eps in [(4, 6, 0.0), (5, 3, 0.4), (6, 10, 2.0)]:
        Z, _ = draw(n, d, 1, seed=n)
        signs = all_signs(n)
        standard, attacked = rademacher(Z, 0.0, attack, r, signs), rademacher(Z, eps, attack, r, signs)
        lower, upper = two_sided(standard, n, d, eps, attack, r)
        assert lower <= attacked * (1 + ROUNDING)
        assert attacked <= upper * (1 + ROUNDING)
        assert standard <= data_term(Z, r) * (1 + ROUNDING)


@pytest.mark.parametrize(("attack", "r"), EXACT)
def test_without_data_the_attack_alone_remains(attack, r):
    n, d, eps = 6, 9, 0.5
    signs = all_signs(n)
    expected = eps * dimension_factor(d, attack, r) * np.mean(np.abs(signs.mean(axis=1))) / 2
    assert rademacher(np.zeros((n, d)), eps, attack, r, signs) == pytest.approx(expected, rel=ROUNDING)


def test_the_standard_supremum_is_a_dual_norm_for_every_class():
    Z, signs = draw(6, 4, 20)
    for r in (1.0, 1.3, 2.0, 5.0, math.inf):
        expected = [3 * norm(s @ Z / 6, dual(r)) for s in signs]
        assert suprema(Z, 0.0, 2.0, r, signs, 3.0) == pytest.approx(expected, rel=ROUNDING)


def test_the_dimension_factor_is_the_largest_ratio_of_the_norms():
    for attack, r in itertools.product([1.0, 1.5, 2.0, 3.0, math.inf], repeat=2):
        factor = dimension_factor(16, attack, r)
        reached = max(norm(w, dual(attack)) / norm(w, r) for w in (np.ones(16), np.eye(16)[0]))
        assert factor == pytest.approx(reached, rel=ROUNDING)
        assert (factor <= 1 + ROUNDING) == (r <= dual(attack) * (1 + ROUNDING))


def test_data_terms_at_known_places():
    X = np.ones((4, 8))  # columns of length 2
    assert data_term(X, 1.0, 3.0) == pytest.approx(3 * math.sqrt(2 * math.log(16)) * 2 / 4, rel=ROUNDING)
    assert data_term(X, 2.0) == pytest.approx(2 * math.sqrt(8) / 4, rel=ROUNDING)
    assert data_term(X, math.inf) == pytest.approx(2 * 8 / 4, rel=ROUNDING)
    below, above = data_term(X, 2 - 1e-9), data_term(X, 2 + 1e-9)
    assert below == pytest.approx(above, rel=1e-7)


def test_margin_bound_by_hand():
    expected = 2 / 0.5 * (0.1 + 0.2 * 3 / (2 * 2)) + 3 * math.sqrt(math.log(20) / 8)
    assert margin_bound(0.1, 0.5, 4, 9, 0.2, math.inf, 2.0, delta=0.1) == pytest.approx(expected, rel=ROUNDING)


def test_two_sided_by_hand():
    lower, upper = two_sided(0.01, 4, 9, 0.2, math.inf, 2.0, W=5.0)
    assert lower == pytest.approx(0.2 * 5 * 3 / (4 * math.sqrt(2)), rel=ROUNDING)
    assert upper == pytest.approx(0.01 + 0.2 * 5 * 3 / 4, rel=ROUNDING)


def test_refusals():
    Z, signs = draw(5, 3, 4)
    with pytest.raises(ValueError, match="no exact form"):
        suprema(Z, 0.1, 2.0, 1.5, signs)
    with pytest.raises(ValueError, match="agree"):
        suprema(Z, 0.1, 2.0, 2.0, signs[:, :4])
    with pytest.raises(ValueError, match="-1 and"):
        suprema(Z, 0.1, 2.0, 2.0, 0.5 * signs)
    with pytest.raises(ValueError, match="W must be"):
        rademacher(Z, 0.1, 2.0, 2.0, signs, -1.0)
    with pytest.raises(ValueError, match="eps"):
        rademacher(Z, -0.1, 2.0, 2.0, signs)
    with pytest.raises(ValueError, match="margin must be"):
        margin_bound(0.1, 0.0, 4, 9, 0.2, 2.0, 2.0)
    with pytest.raises(ValueError, match="delta"):
        margin_bound(0.1, 0.1, 4, 9, 0.2, 2.0, 2.0, delta=1.0)
    with pytest.raises(ValueError, match="n must be"):
        complexity.two_sided(0.1, 0, 9, 0.2, 2.0, 2.0)
    with pytest.raises(ValueError, match="d must be"):
        dimension_factor(0, 2.0, 2.0)

"""Margins and separability against rational optima from three exact methods; proofs of what solvers return."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from theory import exact_margin
from theory.adversarial import fit
from theory.exact import root
from theory.exact_numbers import signed
from theory.exact_program import maximise
from theory.exact_proof import certify_margin, certify_min_norm, certify_regression
from theory.interpolation import min_norm
from theory.margin import largest_radius, max_margin
from theory.norms import dual, norm
from theory.separability import NotSeparable, balance, certain
from theory.solution import Solution

UNIT = np.finfo(float).eps
DIRECTION = 1e-8  # the accuracy of w that is promised at p = 2
PROMISED = 1e-8  # the relative gap that max_margin and min_norm promise
SPREAD = 1e4  # and the units up to which it promises it
NORMS = [1, 2, math.inf]


def data(seed, n=8, d=6, spread=1.0, margin=0.2):
    """Labels of a linear teacher, points pushed off its boundary, features in units from 1/spread to spread."""
    g = np.random.default_rng(seed)
    X, teacher = g.standard_normal((n, d)), g.standard_normal(d)
    teacher /= np.linalg.norm(teacher)
    y = np.where(X @ teacher > 0, 1.0, -1.0)
    y[:2] = 1, -1
    X += np.outer(y * (margin - y * (X @ teacher)) * (y * (X @ teacher) < margin), teacher)
    return X * g.permutation(np.geomspace(1 / spread, spread, d)), y


def rounding(X, w):
    """What the sums of a margin may be off by."""
    return 2 * (len(w) + 2) * UNIT * np.max(np.abs(X) @ np.abs(w))


@pytest.mark.parametrize("p", NORMS)
@pytest.mark.parametrize("spread", [1.0, 1e3, 1e6])
def test_the_margin_is_the_rational_optimum(p, spread):
    for seed in range(12):
        X, y = data(seed, 4 + seed % 6, 2 + seed % 5, spread, margin=10.0 ** -(seed % 7))
        truth, seen = exact_margin.max_margin(X, y, p), max_margin(X, y, p)
        allowed = seen.gap * seen.value + rounding(X, seen.w)
        assert abs(seen.value - truth.value) <= allowed
        assert spread > SPREAD or seen.gap <= PROMISED
        if p == 2:
            w = np.array([float(v) for v in truth.w])
            assert np.linalg.norm(seen.w - w / np.linalg.norm(w)) <= DIRECTION


@pytest.mark.parametrize("p", NORMS)
def test_the_support_of_the_float_solution_leads_to_what_slow_exact_methods_find(p):
    slow = exact_margin._euclidean if p == 2 else lambda Z: exact_margin._polyhedral(Z, p)
    for seed in range(12):
        X, y = data(seed, 10, 3 + seed)
        Z = signed(X, y)
        found, (w, a) = exact_margin._guessed(Z, p), slow(Z)
        assert found is not None
        assert exact_margin._optimal(Z, *found, p)
        assert exact_margin._optimal(Z, w, a, p)
        assert exact_margin.squared(found[0], p) == exact_margin.squared(w, p)


@pytest.mark.parametrize("p", NORMS)
def test_ties_and_copies_are_solved_without_the_support(p):
    g = np.random.default_rng(0)
    for _ in range(10):
        X = g.integers(-1, 2, (12, 5)).astype(float)
        y = np.where(X.sum(axis=1) > 0, 1.0, -1.0)
        X[:, 0] += y
        X, y = np.vstack([X, X[:3]]), np.append(y, y[:3])
        truth, seen = exact_margin.max_margin(X, y, p), max_margin(X, y, p)
        assert abs(seen.value - truth.value) <= seen.gap * seen.value + rounding(X, seen.w)


def test_margins_by_hand():
    X, y = [[3, 4], [-3, -4]], [1, -1]
    assert exact_margin.max_margin(X, y, 2).square == 25
    assert exact_margin.max_margin(X, y, 1).square == 16
    assert exact_margin.max_margin(X, y, math.inf).square == 49
    assert list(exact_margin.max_margin(X, y, 1).w) == [0, Fraction(1, 4)]
    assert exact_margin.max_margin([["1/3"], [-1]], y).value == 1 / 3


def test_separability_at_random_is_decided_as_in_rationals():
    g = np.random.default_rng(5)
    seen = set()
    for k in range(150):
        d = int(g.integers(1, 8))
        n = max(2, 2 * d + int(g.integers(-2, 3)))
        X = g.integers(-1, 2, (n, d)).astype(float) if k % 4 == 0 else g.standard_normal((n, d))
        y = g.choice([-1.0, 1.0], n)
        y[:2] = 1, -1
        try:
            truth = exact_margin.max_margin(X, y, 2)
            assert certain(y[:, None] * X, max_margin(X, y).w)
            assert min(signed(X, y) @ truth.w) == 1
            seen.add("separable")
        except NotSeparable as proof:
            assert proof.residual == 0
            assert not (signed(X, y).T @ proof.dual).any()
            with pytest.raises(NotSeparable) as other:
                max_margin(X, y)
            a = exact_margin.farkas(X, y, other.value.dual)
            assert a.sum() == 1
            assert not (signed(X, y).T @ a).any()
            seen.add("not")
    assert seen == {"separable", "not"}


@pytest.mark.parametrize("p", NORMS)
def test_every_exact_method_finds_the_weights_that_cancel(p):
    X, y = np.array([[1.0, 0], [0, 1], [1, 1]]), np.array([1.0, 1, -1])
    with pytest.raises(NotSeparable) as proof:
        exact_margin.max_margin(X, y, p)
    assert list(proof.value.dual) == [Fraction(1, 3)] * 3
    with pytest.raises(NotSeparable):
        exact_margin.max_margin([[0, 0], [1, 1]], [1, -1], p)


def test_weights_on_separable_points_are_no_proof():
    X, y = np.array([[1.0, 0], [0, 1], [1, 1]]), np.array([1.0, 1, -1])
    with pytest.raises(ValueError, match="2 points with positive weight are separable"):
        exact_margin.farkas(X, y, [1, 0, 1])
    with pytest.raises(ValueError, match="must not all be 0"):
        exact_margin.farkas(X, y, [0, 0, 0])
    assert certain(y[:, None] * X, balance(np.eye(2))[0]) is False


def test_a_program_that_cycles_under_the_plain_rule_ends():
    A = np.array([[1, -11, -5, 18], [1, -3, -1, 2], [1, 0, 0, 0]], dtype=object)  # Chvátal's, rows doubled
    vertex = maximise(A, np.array([0, 0, 1], dtype=object), np.array([10, -57, -9, -24], dtype=object))
    assert list(vertex.x) == [1, 0, 1, 0]
    assert vertex.prices @ [0, 0, 1] == 1
    with pytest.raises(ValueError, match="b must be ≥ 0"):
        maximise(A, np.array([0, -1, 1], dtype=object), np.array([1, 0, 0, 0], dtype=object))


@pytest.mark.parametrize("p", [1, 1.5, 2, 3, math.inf])
def test_a_minimum_norm_solution_is_proven(p):
    for seed in range(4):
        g = np.random.default_rng(seed)
        X, y = g.standard_normal((5, 9)) * np.logspace(-3, 3, 5)[:, None], g.standard_normal(5)
        s = min_norm(X, y, p)
        proof = certify_min_norm(s, X, y, p)
        assert proof.lower <= proof.upper
        # The point moves by the rounding of its equations, each in its own units, through X⁺.
        unit = X / np.linalg.norm(X, axis=1)[:, None]
        allowed = 30 * 9 * UNIT * np.linalg.cond(unit)
        assert proof.moved <= allowed
        assert proof.proves(s.value, s.gap + 9 * allowed)
        worse = certify_min_norm(replace(s, w=s.w + 1e-3 * g.standard_normal(9)), X, y, p)
        assert worse.lower == proof.lower
        assert worse.upper > proof.upper
        assert not certify_min_norm(replace(s, dual=g.standard_normal(5)), X, y, p).proves(s.value, 1e-3)


@pytest.mark.parametrize("attack", [1.5, 2, math.inf])
@pytest.mark.parametrize("p", [1, 2, 3, math.inf])
def test_a_margin_under_attack_is_proven(p, attack):
    X, y = data(3, 9, 7, 10.0)
    eps = 0.5 * largest_radius(X, y, attack).value
    s = max_margin(X, y, p, eps=eps, attack=attack)
    proof = certify_margin(s, X, y, p, eps=eps, attack=attack)
    allowed = s.gap + 10 * rounding(X, s.w) / s.value
    assert proof.lower <= proof.upper
    assert proof.proves(s.value, allowed)
    assert proof.gap <= PROMISED
    if s.shift is not None and s.shift.any():
        stretched = certify_margin(replace(s, shift=2 * s.shift), X, y, p, eps=eps, attack=attack)
        assert abs(float(stretched.upper / proof.upper) - 1) <= allowed  # shrunk back to the ball


@pytest.mark.parametrize("eps", [0.0, 0.1, 10.0])
@pytest.mark.parametrize("attack", [1, 2, 3, math.inf])
@pytest.mark.parametrize("loss", ["squared", "absolute"])
def test_a_robust_regression_is_proven(loss, attack, eps):
    g = np.random.default_rng(4)
    X, y = g.standard_normal((9, 4)), g.standard_normal(9)
    s = fit(X, y, eps, attack=attack, loss=loss)
    proof = certify_regression(s, X, y, eps, attack=attack, loss=loss)
    assert proof.lower <= proof.upper
    assert proof.proves(s.value, s.gap + 30 * 9 * UNIT)
    worse = certify_regression(replace(s, w=s.w + 0.1), X, y, eps, attack=attack, loss=loss)
    assert worse.lower == proof.lower
    assert worse.upper > proof.upper
    assert not certify_regression(replace(s, dual=-s.dual), X, y, eps, attack=attack, loss=loss).proves(
        s.value, 0.1
    )
    for wrong in ({"loss": "hinge"}, {"eps": -1}):
        with pytest.raises(ValueError, match="must be"):
            certify_regression(s, X, y, **{"eps": eps, "loss": loss, **wrong})


def test_a_status_of_always_optimal_a_wrong_sign_and_an_infeasible_point_are_caught():
    X, y = data(1, 8, 12)
    s = max_margin(X, y)
    lucky = Solution(s.w, s.dual, s.value * 1.1, s.value * 1.1)
    assert lucky.gap == 0
    assert not certify_margin(lucky, X, y).proves(lucky.value, 1e-3)
    assert certify_margin(replace(s, w=-s.w), X, y).lower < 0
    assert not certify_margin(replace(s, w=2 * s.w, value=2 * s.value), X, y).proves(2 * s.value, 1e-3)
    with pytest.raises(ValueError, match="nothing is proven"):
        certify_margin(replace(s, dual=-s.dual), X, y)
    t = min_norm(X, y)
    short = Solution(0.9 * t.w, t.dual, 0.9 * t.value, 0.9 * t.bound)
    assert certify_min_norm(short, X, y).moved == pytest.approx(1 / 9)
    assert not certify_min_norm(short, X, y).proves(short.value, 1e-2)
    with pytest.raises(ValueError, match="out of reach"):
        certify_min_norm(
            min_norm(np.vstack([X, X[:1]]), np.append(y, y[0])), np.vstack([X, X[:1]]), np.append(y, 3)
        )


def test_dual_exponents_pair_up_in_the_proof():
    X, y = data(2, 6, 6)
    for p in NORMS:
        truth = exact_margin.max_margin(X, y, p)
        a = np.array([float(v) for v in truth.dual])
        assert norm((y[:, None] * X).T @ a, dual(p)) == pytest.approx(root(truth.square), rel=1e-13)
    with pytest.raises(ValueError, match="p must be 1, 2 or inf"):
        exact_margin.max_margin(X, y, 3)
    with pytest.raises(ValueError, match="both labels"):
        exact_margin.max_margin(X, np.ones(6))

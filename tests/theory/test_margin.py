"""Each returned separator and multiplier is measured again here, from the data alone."""

import math
from dataclasses import replace
from fractions import Fraction

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.margin import certify, largest_radius, max_margin
from theory.norms import dual, norm

EXPONENTS = [1, 1.5, 2, 3, math.inf]
GAP = 1e-8  # the accuracy that max_margin promises


def data(seed, n, d, scale=1.0):
    """Labels of a linear teacher; scale is a factor, or "spread" for features from 1e-4 to 1e4."""
    g = np.random.default_rng(seed)
    X, teacher = g.standard_normal((n, d)), g.standard_normal(d)
    y = np.where(X @ teacher > 0, 1.0, -1.0)
    X += 0.2 * y[:, None] * teacher / np.linalg.norm(teacher)
    return (X * g.permutation(np.geomspace(1e-4, 1e4, d)) if scale == "spread" else X * scale), y


def measured(solution, X, y, p, eps, attack):
    """The relative gap between margin and bound, after checking that both points are feasible."""
    w, a, v = solution.w, solution.dual, solution.shift
    Z = y[:, None] * X
    assert abs(norm(w, p) - 1) < 1e-14
    assert a.min() >= 0
    assert abs(a.sum() - 1) < 1e-14
    assert norm(v, attack) <= eps * (1 + 1e-14)
    value, bound = np.min(Z @ w) - eps * norm(w, dual(attack)), norm(Z.T @ a - v, dual(p))
    # Rounding of the sums, in the unit of the value; nothing else may separate our numbers from theirs.
    rounding = 1e-15 * len(w) * np.max(np.abs(Z) @ np.abs(w)) / value
    assert abs(solution.value / value - 1) <= rounding
    assert bound >= value * (1 - rounding)
    return (bound - value) / bound


@pytest.mark.parametrize("attack", EXPONENTS)
@pytest.mark.parametrize("p", EXPONENTS)
def test_the_gap_is_closed_for_all_norms_attacks_and_scales(p, attack):
    for seed, (n, d) in enumerate([(20, 40), (50, 30), (50, 100)]):
        for scale in (1e-4, 1.0, 1e4, "spread") if n == 20 else ("spread",):
            X, y = data(seed, n, d, scale)
            radius = largest_radius(X, y, attack).value
            for eps in (0.0, radius / 2, 0.9 * radius):
                assert measured(max_margin(X, y, p, eps=eps, attack=attack), X, y, p, eps, attack) < GAP


@pytest.mark.parametrize(
    ("p", "attack"), [(1, 1), (1, 2), (1.5, math.inf), (2, math.inf), (3, 1.5), (math.inf, 1)]
)
def test_another_program_by_another_route_finds_the_same_margin(p, attack):
    X, y = data(5, 10, 14)
    eps = 0.6 * largest_radius(X, y, attack).value
    w = cp.Variable(14)
    margin = cp.min(cp.multiply(y, X @ w)) - eps * cp.pnorm(w, dual(attack))
    margin = cp.Problem(cp.Maximize(margin), [cp.pnorm(w, p) <= 1]).solve(cp.CLARABEL)
    doubt = 1e-6  # what the other route reaches
    assert abs(max_margin(X, y, p, eps=eps, attack=attack).value - margin) < doubt * margin


@pytest.mark.parametrize("spread", [1.0, 1e3, 1e6])
def test_the_euclidean_direction_agrees_with_exact_rationals(spread):
    for seed in range(5):
        X, y = data(seed, 8, 6)
        X = X * np.geomspace(1 / spread, spread, 6)
        Z, solution = y[:, None] * X, max_margin(X, y)
        support = np.flatnonzero(solution.dual)
        exact = [[Fraction(float(z)) for z in row] for row in Z]
        a = solve([[dot(exact[i], exact[j]) for j in support] for i in support], [Fraction(1)] * len(support))
        w = [dot(a, [exact[i][j] for i in support]) for j in range(6)]
        assert min(a) >= 0
        assert all(dot(z, w) >= 1 for z in exact)  # so w is the optimum, by the optimality conditions
        w = np.array([float(c) for c in w])
        assert np.max(np.abs(solution.w - w / np.linalg.norm(w))) < 1e-10
        assert abs(solution.value * np.linalg.norm(w) - 1) < 1e-10


def dot(u, v):
    return sum(s * t for s, t in zip(u, v, strict=True))


def solve(A, b):
    """A⁻¹b in rationals, A symmetric and positive definite."""
    M = [[*row, c] for row, c in zip(A, b, strict=True)]
    for i in range(len(M)):
        M[i] = [u / M[i][i] for u in M[i]]
        for k in range(len(M)):
            if k != i:
                M[k] = [u - M[k][i] * v for u, v in zip(M[k], M[i], strict=True)]
    return [row[-1] for row in M]


@pytest.mark.parametrize("eps", [0.0, 0.02])
def test_norms_near_two_join_the_euclidean_margin(eps):
    X, y = data(1, 15, 25)
    two = max_margin(X, y, eps=eps).value
    for step in (1e-2, 1e-4, 1e-6):
        for p in (2 - step, 2 + step):
            # ‖w‖₂ and ‖w‖ₚ differ by at most a factor d^|1/2 − 1/p|.
            assert abs(max_margin(X, y, p, eps=eps).value / two - 1) <= 25 ** abs(1 / 2 - 1 / p) - 1 + GAP


@pytest.mark.parametrize("attack", EXPONENTS)
def test_under_the_dual_attack_the_clean_separator_is_the_robust_one(attack):
    X, y = data(2, 15, 10)
    clean = largest_radius(X, y, attack)
    robust = max_margin(X, y, dual(attack), eps=0.7 * clean.value, attack=attack)
    assert abs(robust.value / (0.3 * clean.value) - 1) < GAP
    assert np.array_equal(robust.w, clean.w)
    assert np.array_equal(clean.shift, np.zeros(10))


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    n=st.integers(2, 12),
    d=st.integers(2, 15),
    p=st.sampled_from(EXPONENTS) | st.floats(1.05, 20),
    attack=st.sampled_from(EXPONENTS) | st.floats(1.05, 20),
)
def test_the_margin_is_concave_falls_with_eps_and_ignores_order_and_signs(seed, n, d, p, attack):
    g = np.random.default_rng(seed)
    X, y = g.standard_normal((n, d)), np.where(np.arange(n) % 2, 1.0, -1.0)
    X += 3 * y[:, None]
    radius = largest_radius(X, y, attack).value
    shares = np.array([0.1, 0.3, 0.5])
    low, middle, high = (max_margin(X, y, p, eps=s * radius, attack=attack) for s in shares)
    assert max(s.gap for s in (low, middle, high)) < GAP
    assert low.value > middle.value > high.value
    # A minimum over a and v of functions convex in (v, eps) is convex in eps; the maximum over w of lines too.
    assert middle.value <= (low.value + high.value) / 2 * (1 + GAP)
    order, signs = g.permutation(n), g.choice([-1.0, 1.0], d)
    same = max_margin((X * signs)[order], y[order], p, eps=shares[1] * radius, attack=attack)
    assert abs(same.value / middle.value - 1) < GAP


def test_a_deliberately_worse_point_or_multiplier_shows_in_the_gap():
    X, y = data(3, 12, 20)
    Z, good = y[:, None] * X, max_margin(X, y, 1.5, eps=0.05, attack=2)
    assert good.gap < GAP
    g = np.random.default_rng(0)
    bad = certify(Z, good.w + 1e-5 * g.standard_normal(20), good.dual, 1.5, 0.05, 2)
    assert bad.gap > GAP
    assert bad.bound >= good.value
    bad = certify(Z, good.w, good.dual + 1e-3 * g.random(12), 1.5, 0.05, 2)
    assert bad.gap > GAP
    assert bad.value <= good.bound
    useless = certify(Z, np.full(20, np.nan), np.zeros(12), 1.5, 0.05, 2)
    assert useless.value < good.value < good.bound < useless.bound
    assert useless.gap > 1
    assert replace(good, value=good.value * (1 + 1e-6)).gap > GAP


@pytest.mark.parametrize("p", EXPONENTS)
def test_small_and_degenerate_problems(p):
    line = max_margin(np.array([[1.0], [-2.0]]), np.array([1.0, -1.0]), p)
    assert line.w == [1.0]
    assert abs(line.value - 1) < 1e-11
    X, y = np.array([[1.0, 2, 0], [-2, 1, 0]]), np.array([1.0, -1.0])
    pair = max_margin(X, y, p, eps=0.1)
    copies = max_margin(np.repeat(X, 4, axis=0), np.repeat(y, 4), p, eps=0.1)
    assert abs(copies.value / pair.value - 1) < 1e-11
    assert abs(pair.w[2]) < 1e-11
    g = np.random.default_rng(0)
    X = g.integers(-1, 2, (30, 40)).astype(float)
    y = np.where(X.sum(axis=1) > 0, 1.0, -1.0)
    X[:, 0] += y
    for attack in EXPONENTS:
        eps = largest_radius(X, y, attack).value / 2
        assert measured(max_margin(X, y, p, eps=eps, attack=attack), X, y, p, eps, attack) < GAP


@pytest.mark.parametrize("factor", [1e-300, 1e-150, 1e150, 1e300])
def test_extreme_units_cost_nothing(factor):
    X, y = data(4, 10, 12)
    for p, eps in ((1, 0), (1.5, 0), (2, 0.01), (math.inf, 0.01)):
        here, there = max_margin(X, y, p, eps=eps), max_margin(X * factor, y, p, eps=eps * factor)
        assert there.gap < 1e-10
        assert abs(there.value / factor / here.value - 1) < 1e-10


def test_bad_input_is_refused_with_the_rule_the_value_and_the_way_out():
    X, y = np.array([[1.0, 2], [-1, 0]]), np.array([1.0, -1])
    for wrong, message in [
        ({"X": np.array([[np.nan, 1], [0, 1]])}, r"X must be finite, got nan at \(0, 0\); drop or impute"),
        ({"y": np.array([1.0, 1.0])}, "one class only"),
        ({"y": np.array([0.0, 1.0])}, "labels -1 and"),
        ({"y": np.array([1.0, -1, 1])}, "2 rows but y has 3"),
        ({"X": np.zeros((0, 2)), "y": np.zeros(0)}, "must not be empty"),
        ({"p": 0.5}, r"p must be in \[1, inf\], got 0.5"),
        ({"attack": 0.5}, "attack must be in"),
        ({"eps": -0.1}, "eps must be a finite number ≥ 0, got -0.1"),
        ({"eps": math.inf}, "eps must be a finite number"),
        ({"eps": 5.0}, r"eps=5.0 is not below eps\*=.*choose eps below"),
    ]:
        with pytest.raises(ValueError, match=message):
            max_margin(**{"X": X, "y": y, **wrong})
    with pytest.raises(ValueError, match="attack must be in"):
        largest_radius(X, y, 0.9)

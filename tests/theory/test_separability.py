"""Both answers to "is it separable?" are proven in exact rational arithmetic."""

import math
import pickle
from fractions import Fraction

import numpy as np
import pytest

from theory.margin import largest_radius, max_margin
from theory.norms import norm
from theory.separability import NotSeparable, balance, certain


def integers(Z):
    """Columns of Z times powers of two, as exact integers."""
    ratios = [[float(z).as_integer_ratio() for z in row] for row in Z]
    common = [max(row[j][1] for row in ratios) for j in range(Z.shape[1])]
    return [[top * (common[j] // bottom) for j, (top, bottom) in enumerate(row)] for row in ratios]


def separates(Z, w):
    """Zw > 0, exactly."""
    w = [Fraction(float(c)) for c in w]
    return all(sum(Fraction(float(z)) * c for z, c in zip(row, w, strict=True)) > 0 for row in Z)


def cancels(Z, a):
    """Whether some rational weights ≥ 0, not all 0, on the support of a make Zᵀa = 0 exactly.

    Fraction-free elimination; weights without a pivot keep their floating-point values.
    """
    support = np.flatnonzero(a)
    M = [list(column) for column in zip(*integers(Z[support]), strict=True)]
    pivots, previous = [], 1
    for j in range(len(support)):
        i = len(pivots)
        below = next((k for k in range(i, len(M)) if M[k][j] != 0), None)
        if below is None:
            continue
        M[i], M[below] = M[below], M[i]
        for k in range(i + 1, len(M)):
            M[k] = [(M[i][j] * u - M[k][j] * v) // previous for u, v in zip(M[k], M[i], strict=True)]
        pivots.append(j)
        previous = M[i][j]
    x = [Fraction(float(a[i])) for i in support]
    for row, j in reversed(list(zip(M, pivots, strict=False))):
        x[j] = -sum(row[k] * x[k] for k in range(j + 1, len(x))) / Fraction(row[j])
    return min(x) >= 0 and max(x) > 0


def draw(g, k):
    """Labels at random: few or many points for d, scaled features and points, or entries -1, 0, 1 with ties."""
    n = int(g.integers(2, 31))
    d = int(g.integers(1, 41)) if k % 2 else max(1, n // 2 + int(g.integers(-1, 2)))
    X = g.standard_normal((n, d)) * 10.0 ** g.uniform(-4, 4, d)
    if k % 3 == 0:
        X *= 10.0 ** g.uniform(-3, 3, (n, 1))
    if k % 5 == 0:
        X = g.integers(-1, 2, (n, d)).astype(float)
    y = g.choice([-1.0, 1.0], n)
    y[:2] = 1, -1
    return X, y


@pytest.mark.parametrize("block", range(10))
def test_1000_random_problems_are_decided_and_the_decision_is_proven_exactly(block):
    g = np.random.default_rng([7, block])
    seen = set()
    for k in range(100):
        X, y = draw(g, k)
        Z = y[:, None] * X
        try:
            w = max_margin(X, y, (2, 1, 1.5, 3, math.inf)[k % 5]).w
            assert separates(Z, w)
            seen.add("separable")
        except NotSeparable as proof:
            assert cancels(Z, proof.dual)
            assert proof.residual < 1e-12
            seen.add("not")
    assert seen == {"separable", "not"}


@pytest.mark.parametrize("attack", [1, 1.5, 2, 3, math.inf])
def test_a_radius_just_above_the_largest_is_refused_with_a_proof_and_one_just_below_is_not(attack):
    g = np.random.default_rng(3)
    X = g.standard_normal((12, 20)) * np.geomspace(1e-2, 1e2, 20)
    y = np.where(np.arange(12) % 2, 1.0, -1.0)
    radius = largest_radius(X, y, attack).value
    assert max_margin(X, y, eps=(1 - 1e-6) * radius, attack=attack).value > 0
    for eps in (radius, (1 + 1e-6) * radius, 10 * radius):
        with pytest.raises(NotSeparable, match=r"eps\*=.*choose eps below") as proof:
            max_margin(X, y, eps=eps, attack=attack)
        a, v = proof.value.dual, proof.value.shift
        assert a.min() >= 0
        assert abs(a.sum() - 1) < 1e-12
        assert norm(v, attack) <= eps * (1 + 1e-14)
        assert norm(X.T @ (y * a) - v, attack) <= 1e-10 * radius


@pytest.mark.parametrize(
    "X", [[[0.0, 0], [0, 0]], [[1, 1], [1, 1]], [[1, 0], [0, 0]], [[1, 2], [2, 4]], [[1e-200, 0], [3e200, 0]]]
)
def test_ties_on_the_boundary_are_not_separable(X):
    for p in (1, 1.5, 2, 3, math.inf):
        with pytest.raises(NotSeparable) as proof:
            max_margin(np.array(X, dtype=float), np.array([1.0, -1.0]), p)
        assert proof.value.residual < 1e-15


def test_the_proof_survives_the_way_back_from_a_worker_process():
    with pytest.raises(NotSeparable) as proof:
        max_margin(np.ones((2, 3)), np.array([1.0, -1.0]))
    back = pickle.loads(pickle.dumps(proof.value))
    assert str(back) == str(proof.value)
    assert np.array_equal(back.dual, proof.value.dual)


def test_balance_gives_a_separator_or_weights_that_cancel():
    Z = np.array([[1.0, 2.0], [-1.0, 3.0]])
    assert certain(Z, balance(Z)[0])
    Z = np.vstack([Z, -Z.sum(axis=0)])
    w, a = balance(Z)
    assert not certain(Z, w)
    assert np.allclose(a, 1 / 3, atol=1e-15, rtol=0)


def test_a_margin_within_rounding_of_zero_is_not_certain():
    Z = np.array([[1.0, -1.0 + 2**-53]])
    assert not certain(Z, np.ones(2))
    assert certain(Z, np.array([1.0, 0.9]))
    assert not certain(Z, np.array([1.0, 0.9]), penalty=0.2)


def test_points_whose_weights_are_rounded_away_are_refused_without_a_warning():
    X = np.array([[0.5038848872130075], [0.1071678761426449], [1.774927482425511]])
    y = np.array([1.0, 1.0, -1.0])
    with pytest.raises(NotSeparable) as proof:
        max_margin(X, y)
    assert cancels(y[:, None] * X, proof.value.dual)

"""The price of implicit bias: its parts recomputed, the aligned geometry, the limits, refusals."""

import math

import numpy as np
import pytest

from theory.margin import NotSeparable, largest_radius, max_margin
from theory.norms import dual, norm
from theory.price import GEOMETRIES, price

CERTIFIED = 1e-8  # the gap that theory.margin promises
ROUNDING = 1e-12


def draw(n=12, d=24, m=2000, seed=0):
    rng = np.random.default_rng(seed)
    w_star = rng.standard_normal(d)
    X, X_test = rng.standard_normal((n, d)), rng.standard_normal((m, d))
    return X, np.sign(X @ w_star), X_test, np.sign(X_test @ w_star)


@pytest.mark.parametrize("attack", [1.0, 2.0, 3.0, math.inf])
def test_every_part_is_what_it_says(attack):
    X, y, X_test, y_test = draw()
    radius = largest_radius(X, y, attack).value
    eps = radius * np.array([0.0, 0.25, 0.5])
    P = price(X, y, eps, X_test, y_test, attack=attack)
    assert P.radius == radius
    assert P.attack == attack
    assert P.directions.shape == (3, 3, 24)
    assert np.all(P.gaps <= CERTIFIED)
    for i, r in enumerate(GEOMETRIES):
        for k, e in enumerate(eps):
            w = P.directions[i, k]
            assert norm(w, r) == pytest.approx(1, rel=ROUNDING)
            margins = y * (X @ w) - e * norm(w, dual(attack))
            errors = np.mean(y_test * (X_test @ w) - e * norm(w, dual(attack)) <= 0)
            assert P.errors[i, k] == errors
            assert P.price[i, k] == errors - P.reference[k]
            for j, s in enumerate(GEOMETRIES):
                assert P.margins[i, j, k] == pytest.approx(margins.min() / norm(w, s), rel=1e-10)
    # Nobody beats a geometry at its own margin.
    for i, j in np.ndindex(3, 3):
        assert np.all(P.margins[j, i] <= P.margins[i, i] * (1 + CERTIFIED))


@pytest.mark.parametrize(("attack", "i"), [(math.inf, 0), (2.0, 1), (1.0, 2)])
def test_the_aligned_geometry_costs_nothing_and_loses_the_radius(attack, i):
    X, y, X_test, y_test = draw()
    radius = largest_radius(X, y, attack).value
    eps = radius * np.array([0.0, 0.3, 0.9])
    P = price(X, y, eps, X_test, y_test, attack=attack)
    assert not P.price[i].any()
    assert P.margins[i, i] == pytest.approx(radius - eps, abs=CERTIFIED * radius)
    assert np.any(P.price[(i + 1) % 3] != 0)


def test_for_another_attack_the_reference_is_the_margin_in_its_own_dual_norm():
    X, y, X_test, y_test = draw()
    eps = 0.4 * largest_radius(X, y, 3.0).value
    P = price(X, y, np.array([eps]), X_test, y_test, attack=3.0)
    w = max_margin(X, y, 1.5, eps=eps, attack=3.0).w
    assert P.reference[0] == np.mean(y_test * (X_test @ w) - eps * norm(w, 1.5) <= 0)


def test_at_the_largest_radius_all_geometries_meet():
    X, y, X_test, y_test = draw()
    radius = largest_radius(X, y).value
    P = price(X, y, np.array([0.5, 0.999]) * radius, X_test, y_test)
    apart, together = (
        min(
            P.directions[0, k] @ P.directions[i, k] / norm(P.directions[0, k], 2) / norm(P.directions[i, k], 2)
            for i in (1, 2)
        )
        for k in (0, 1)
    )
    assert apart < 0.98
    assert together > 0.99


def test_gradient_descent_pays_under_the_maximum_norm_attack():
    """Mean price over training sets, dense teacher and inputs, n = d/8: positive by over 5 standard errors."""
    paid = []
    for seed in range(8):
        X, y, X_test, y_test = draw(8, 64, 1000, seed)
        paid.append(price(X, y, np.array([0.5]) * largest_radius(X, y).value, X_test, y_test).price[1, 0])
    assert np.mean(paid) > 5 * np.std(paid, ddof=1) / math.sqrt(8)


def test_a_zero_margin_is_an_error():
    X, y = np.array([[1.0, 0], [-1, 0]]), np.array([1.0, -1])
    P = price(X, y, np.array([0.5]), np.array([[0.5, 0], [0.75, 0], [0, 0]]), np.array([1.0, 1, -1]))
    assert P.errors == pytest.approx(np.full((3, 1), 2 / 3), rel=ROUNDING)


def test_refusals():
    X, y, X_test, y_test = draw()
    with pytest.raises(NotSeparable):
        price(X, y, np.array([0.1, 1.01]) * largest_radius(X, y).value, X_test, y_test)
    with pytest.raises(NotSeparable):
        price(np.vstack([X, X[:1]]), np.append(y, -y[0]), np.zeros(1), X_test, y_test)
    for bad in ([-0.1], [np.nan], 0.1, []):
        with pytest.raises(ValueError, match=r"eps"):
            price(X, y, bad, X_test, y_test)
    with pytest.raises(ValueError, match="columns"):
        price(X, y, np.zeros(1), X_test[:, :3], y_test)
    with pytest.raises(ValueError, match="labels"):
        price(X, y, np.zeros(1), X_test, 2 * y_test)
    with pytest.raises(ValueError, match="attack"):
        price(X, y, np.zeros(1), X_test, y_test, attack=0.5)

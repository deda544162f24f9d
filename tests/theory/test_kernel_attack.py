"""Attacks on kernel predictors: exact for linear ones, brackets around a dense grid, their width, curvatures."""

import math

import numpy as np
import pytest

from theory.adversarial import worst_case
from theory.classical_kernels import gaussian, polynomial
from theory.kernel_attack import (
    bracket,
    first_order,
    gaussian_curvature,
    linear_curvature,
    tangent_curvature,
)
from theory.kernel_regression import Predictor, kernel_ridge
from theory.kernels import tangent
from theory.norms import dual

UNIT = np.finfo(float).eps
SLACK = 1e-10  # rounding of a predictor, relative to its coefficients' size, far above 1e-13
LAMS = np.array([1e-3, 0.1])
KERNELS = {
    "gaussian": (gaussian(1.5), gaussian_curvature(1.5)),
    "tangent": (tangent(), tangent_curvature()),
    "tangent, other scale": (tangent(gain=1.0, fan_in=True), tangent_curvature(gain=1.0, fan_in=True)),
}
ATTACKS = [1.0, 2.0, math.inf]


def problem(d, kernel, n=14, k=6, lams=LAMS):
    rng = np.random.default_rng(d)
    X, Z = rng.standard_normal((n, d)), rng.standard_normal((k, d))
    y = np.sin(X[:, 0]) + 0.3 * rng.standard_normal(n)
    return kernel_ridge(X, y, lams, kernel), Z, np.sin(Z[:, 0])


def ball(attack, steps=61):
    """A dense grid of the unit ball of the plane, its boundary included."""
    side = np.linspace(-1, 1, steps)
    grid = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    rim = np.stack([np.cos(a := np.linspace(0, 2 * np.pi, 721)), np.sin(a)], axis=1)
    grid = np.concatenate([grid, rim / np.linalg.norm(rim, attack, axis=1)[:, None]])
    return grid[np.linalg.norm(grid, attack, axis=1) <= 1 + 4 * UNIT]


@pytest.mark.parametrize("attack", [1.0, 1.5, 2.0, math.inf])
def test_linear_predictors_are_exact(attack):
    fit, Z, values = problem(5, polynomial())
    seen = bracket(fit, Z, values, 0.3, attack, curvature=linear_curvature())
    np.testing.assert_allclose(seen.lower, seen.upper, rtol=1e-12)
    for a, upper in zip(fit.A, seen.upper, strict=True):
        w = fit.X.T @ a
        residual = Z @ w - values
        expected = np.abs(residual) + 0.3 * np.linalg.norm(w, dual(attack))
        np.testing.assert_allclose(upper, expected, rtol=1e-12)
        sign = np.where(residual > 0, 1.0, -1.0)  # as worst margins of −sign·(f − y)
        margins = worst_case(w, Z, -sign, 0.3, attack) + sign * values
        np.testing.assert_allclose(upper, -margins, rtol=1e-12)


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("eps", [0.02, 0.1, 0.6])
def test_the_bracket_holds_a_dense_grid(name, attack, eps):
    kernel, curvature = KERNELS[name]
    fit, Z, values = problem(2, kernel)
    seen = bracket(fit, Z, values, eps, attack, curvature=curvature)
    steps = eps * ball(attack)
    grid = np.stack(
        [np.abs(fit.predict(z + steps) - v).max(axis=1) for z, v in zip(Z, values, strict=True)], axis=1
    )
    assert (grid <= seen.upper * (1 + SLACK)).all()
    assert (seen.lower <= seen.upper * (1 + SLACK)).all()
    assert (seen.lower >= np.abs(fit.predict(Z) - values)).all()
    if eps == 0.02:  # the ascent finds what the grid finds, where no kink is near
        np.testing.assert_allclose(np.median(seen.lower / grid), 1, atol=1e-3)


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("attack", ATTACKS)
def test_the_bracket_closes_like_the_square_of_the_radius(name, attack):
    kernel, curvature = KERNELS[name]
    fit, Z, values = problem(6, kernel)
    width, miss = [], []
    for eps in (0.02, 0.01, 0.005):
        seen = bracket(fit, Z, values, eps, attack, curvature=curvature)
        width.append(np.max(seen.upper - seen.lower, axis=1))
        miss.append(np.max(np.abs(seen.first - seen.lower), axis=1))
    for sizes in (np.array(width), np.array(miss)):
        slopes = np.log2(sizes[:-1] / sizes[1:])
        assert (np.abs(slopes - 2) < 0.15).all(), slopes


def test_without_an_attack_nothing_is_left_open():
    fit, Z, values = problem(3, tangent())
    seen = bracket(fit, Z, values, 0.0, curvature=tangent_curvature())
    np.testing.assert_allclose(seen.lower, np.abs(fit.predict(Z) - values))
    np.testing.assert_allclose(seen.lower, seen.upper, rtol=1e-12)


@pytest.mark.parametrize("name", KERNELS)
def test_sections_bound_their_remainders(name):
    """Pairs near and far, on a kink and around the origin, against a dense grid of the disc."""
    kernel, curvature = KERNELS[name]
    X = np.array([[1.0, 0.0], [0.3, 2.0], [-1.0, -1e-3], [0.0, 0.0]])
    Z = np.array([[1.0, 0.0], [2.0, 0.1], [-1.0, 0.05], [0.2, -0.9], [0.05, 0.0]])
    for rho in (0.01, 0.1, 0.5):
        bound, steps = curvature.sections(Z, X, rho), rho * ball(2.0, 41)
        for j in range(len(X)):
            gradient = kernel.gradient(Z, X, np.eye(len(X))[j : j + 1])[0]
            for i, z in enumerate(Z):
                moved = kernel.value(z + steps, X)[:, j] - kernel.value(z[None], X)[0, j]
                left = np.abs(moved - steps @ gradient[i]).max()
                assert left <= bound[i, j] * (1 + SLACK) + 100 * UNIT, (rho, i, j)


def test_curvatures_are_nearly_attained():
    """Small balls: the Gaussian at its centre and at √3 widths, the tangent kernel towards x in the plane."""
    rho = 1e-3
    wide, X = gaussian_curvature(2.0), np.zeros((1, 2))
    for t, size in ((0.0, 1.0), (math.sqrt(3), 2 * math.exp(-1.5))):
        seen = wide.sections(np.array([[2 * t, 0.0]]), X, rho)[0, 0]
        assert seen == pytest.approx(rho**2 / 8 * size, rel=1e-2)
    x, z = np.array([[1.0, 0.0]]), np.array([[0.0, 2.0]])
    seen = tangent_curvature().sections(z, x, rho)[0, 0]
    assert seen == pytest.approx(rho**2 / 2 * 4 / (np.pi * 2), rel=1e-2)


def test_the_norm_bounds_what_coefficients_do_not():
    """Nearly equal points with opposite coefficients: the sum over sections is large, the norm is not."""
    X = np.array([[0.0, 0.0], [1e-3, 0.0]])
    fit = Predictor(gaussian(1.0), X, np.array([[1e3, -1e3]]))
    Z = np.array([[0.5, 0.2]])
    seen = bracket(fit, Z, np.zeros(1), 0.05, 2.0, curvature=gaussian_curvature(1.0))
    sections = 1e3 * gaussian_curvature(1.0).sections(Z, X, 0.05).sum()
    assert (seen.upper - seen.first)[0, 0] < sections / 100
    steps = 0.05 * ball(2.0)
    assert np.abs(fit.predict(Z[0] + steps)).max() <= seen.upper[0, 0]


@pytest.mark.parametrize(
    "bad",
    [
        lambda: first_order(np.zeros((1, 2)), np.zeros((1, 3, 4)), 0.1),
        lambda: first_order(np.zeros((1, 2)), np.zeros((1, 2, 4)), -0.1),
        lambda: first_order(np.zeros((1, 2)), np.zeros((1, 2, 4)), 0.1, 0.5),
        lambda: gaussian_curvature(0.0),
        lambda: tangent_curvature(gain=-1.0),
        lambda: bracket(*problem(2, tangent())[:2], np.zeros(3), 0.1, curvature=tangent_curvature()),
        lambda: bracket(*problem(2, tangent()), math.inf, curvature=tangent_curvature()),
        lambda: bracket(*problem(2, tangent()), 0.1, curvature=tangent_curvature(), steps=-1),
    ],
)
def test_bad_input(bad):
    with pytest.raises(ValueError, match=r"must|agree"):
        bad()

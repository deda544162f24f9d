"""Attacks on kernel paths: exact on a linear kernel, first order at tiny radii, against a grid; refusals."""

import math

import numpy as np
import pytest

from sims import kernel_ridge, robust_kernel

LAMS = np.geomspace(1e-3, 1.0, 3)
both_balls = pytest.mark.parametrize("attack", [2.0, math.inf])


def data(n=20, d=4, k=9, seed=0):
    rng = np.random.default_rng(seed)
    X, Z = rng.standard_normal((n, d)), rng.standard_normal((k, d))
    return X, np.sign(X[:, 0]), Z, np.sign(Z[:, 0])


def fitted(kernel):
    X, y, Z, t = data()
    return kernel_ridge.ridge(X, y, LAMS, kernel), Z, t


def rng():
    return np.random.default_rng(5)


@both_balls
def test_on_a_linear_kernel_the_first_order_is_exact_and_found(attack):
    path, Z, t = fitted(kernel_ridge.linear)
    eps, target = 0.3, 0.6 * t
    f, slopes = path.predict(Z), path.gradient_norms(Z, attack)
    w = path.A @ path.X
    norms = np.linalg.norm(w, ord=2 if attack == 2 else 1, axis=1)
    np.testing.assert_allclose(slopes, np.tile(norms[:, None], len(Z)), rtol=1e-12)
    margins = robust_kernel.searched_margins(path, Z, t, eps, attack, rng=rng(), steps=40)
    np.testing.assert_allclose(margins, t * f - eps * slopes, atol=1e-7)
    away = robust_kernel.searched_errors(path, Z, target, eps, attack, rng=rng(), steps=40)
    np.testing.assert_allclose(away, np.abs(f - target) + eps * slopes, atol=1e-7)


@both_balls
@pytest.mark.parametrize("kernel", [kernel_ridge.tangent, kernel_ridge.gaussian(1.5)])
def test_a_tiny_ball_is_first_order_and_a_wide_one_is_worse_than_none(kernel, attack):
    path, Z, t = fitted(kernel)
    f, slopes = path.predict(Z), path.gradient_norms(Z, attack)
    tiny = 1e-5
    margins = robust_kernel.searched_margins(path, Z, t, tiny, attack, rng=rng(), steps=30)
    np.testing.assert_allclose((t * f - margins) / tiny, slopes, rtol=2e-3)
    wide = robust_kernel.searched_margins(path, Z, t, 0.5, attack, rng=rng(), restarts=3)
    assert (wide < t * f).all()
    twice = robust_kernel.searched_margins(path, Z, t, 1.0, attack, rng=rng(), restarts=3)
    assert (twice <= wide + 1e-9).mean() > 0.95  # a larger ball holds the smaller; a search may miss it


def test_a_grid_of_the_plane_finds_nothing_worse():
    X, y, Z, t = data(d=2)
    path = kernel_ridge.ridge(X, y, LAMS, kernel_ridge.gaussian(1.0))
    eps = 0.4
    found = robust_kernel.searched_errors(path, Z, t, eps, 2.0, rng=rng(), steps=60, restarts=8)
    radius, angle = np.meshgrid(np.linspace(0, eps, 15), np.linspace(0, 2 * math.pi, 60))
    ball = np.stack([(radius * np.cos(angle)).ravel(), (radius * np.sin(angle)).ravel()], axis=1)
    for i, (z, label) in enumerate(zip(Z, t, strict=True)):
        away = np.abs(path.predict(z + ball) - label).max(axis=1)
        assert (found[:, i] >= away - 1e-4).all()
        assert (found[:, i] <= away + 0.05 * (1 + away)).all()


def test_costs_of_a_hand_made_example():
    costs = robust_kernel.first_order(
        np.array([[0.5, -0.2, 0.0]]), np.array([[1.0, 1.0, 2.0]]), np.array([1.0, -1.0, 1.0]), 0.3, shrink=0.5
    )
    assert costs.error == pytest.approx(1 / 3) and costs.robust_error == pytest.approx(2 / 3)
    assert costs.risk == pytest.approx((0 + 0.09 + 0.25) / 3)
    assert costs.robust_risk == pytest.approx((0.09 + 0.36 + 1.21) / 3)


def test_no_attack_costs_nothing_more():
    path, Z, t = fitted(kernel_ridge.tangent)
    f, slopes = path.predict(Z), path.gradient_norms(Z)
    costs = robust_kernel.first_order(f, slopes, t, 0.0)
    assert (costs.error == costs.robust_error).all() and (costs.risk == costs.robust_risk).all()
    np.testing.assert_allclose(robust_kernel.searched_margins(path, Z, t, 0.0, 2.0, rng=rng()), t * f, atol=1e-12)


def test_flips_have_their_rate():
    y = np.ones(20_000)
    assert np.mean(robust_kernel.flipped(rng(), y, 0.2) < 0) == pytest.approx(0.2, abs=5 * 0.4 / math.sqrt(20_000))
    assert (robust_kernel.flipped(rng(), y, 0.0) == 1).all() and (robust_kernel.flipped(rng(), y, 1.0) == -1).all()


def test_the_nearest_point_of_the_other_class():
    X, y = np.array([[0.0, 0.0], [3.0, 4.0], [6.0, 0.0]]), np.array([1.0, -1.0, -1.0])
    assert robust_kernel.nearest_other(X, y, 2.0) == 5.0  # 5, 5, 6
    assert robust_kernel.nearest_other(X, y, math.inf) == 4.0  # 4, 4, 6


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (lambda X, y, path: robust_kernel.flipped(rng(), y, 1.2), r"must be in \[0, 1\], got 1\.2"),
        (lambda X, y, path: robust_kernel.nearest_other(X, y, 3.0), "attack must be 2 or inf, got 3"),
        (
            lambda X, y, path: robust_kernel.searched_margins(path, X, y, -1.0, 2.0, rng=rng()),
            "eps must be finite",
        ),
    ],
)
def test_bad_input(bad, words):
    X, y, _, _ = data()
    with pytest.raises(ValueError, match=words):
        bad(X, y, fitted(kernel_ridge.linear)[0])

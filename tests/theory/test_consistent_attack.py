"""Attacks that keep the truth: published numbers, a large draw, no attack, refusals."""

import math

import numpy as np
import pytest

from theory.consistent_attack import best_ridge, robust_risk
from theory.isotropic_ridge import optimal, ridge

LAMS = np.array([0.0, 0.1, 3.0])


def test_the_published_numbers():
    lam, risk = best_ridge(4.0, 0.4)
    assert lam == pytest.approx(3.585, abs=5e-4)
    assert risk == pytest.approx(0.95515, abs=5e-6)
    assert robust_risk(4.0, np.zeros(1), 0.4)[0] == pytest.approx(1.01937, abs=5e-6)


@pytest.mark.parametrize("gamma", [0.5, 4.0])
@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_one_large_draw(gamma, noise):
    n, lam, eps = 400, 0.5, 0.7
    d = round(gamma * n)
    rng = np.random.default_rng(0)
    X, w_star = rng.standard_normal((n, d)), np.eye(d)[0]
    y = X @ w_star + math.sqrt(noise) * rng.standard_normal(n)
    w = np.linalg.solve(X.T @ X / n + lam * np.eye(d), X.T @ y / n)
    R, free = np.sum((w - w_star) ** 2), np.linalg.norm(w[1:])
    seen = R + 2 * math.sqrt(2 / math.pi) * eps * free * math.sqrt(R) + (eps * free) ** 2
    assert seen == pytest.approx(robust_risk(gamma, np.array([lam]), eps, noise)[0], rel=3 / math.sqrt(n))


@pytest.mark.parametrize("gamma", [0.5, 1.5])
def test_without_an_attack_it_is_the_excess_risk(gamma):
    np.testing.assert_allclose(robust_risk(gamma, LAMS, 0.0, 0.2), ridge(gamma, LAMS, 1.0, 0.2).risk)
    lam, risk = best_ridge(gamma, 0.0, 0.2)
    assert (lam, risk) == pytest.approx(optimal(gamma, 1.0, 0.2), rel=1e-6)
    assert best_ridge(gamma, 0.0)[0] == 0


@pytest.mark.parametrize(("gamma", "eps", "noise"), [(4.0, 0.4, 0.0), (2.0, 0.6, 0.0), (0.5, 0.5, 1.0)])
def test_the_best_ridge_by_brute_force(gamma, eps, noise):
    lam, risk = best_ridge(gamma, eps, noise)
    others = robust_risk(gamma, np.append(0.0, lam * np.logspace(-2, 2, 2001)), eps, noise)
    assert risk <= others.min() * (1 + 1e-13)
    assert risk == pytest.approx(others.min(), rel=1e-4)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="eps must be a finite number"):
        robust_risk(2.0, LAMS, -1.0)
    with pytest.raises(ValueError, match="gamma must be a finite number > 0"):
        best_ridge(0.0, 0.1)
    with pytest.raises(ValueError, match="noise must be"):
        best_ridge(2.0, 0.1, -1.0)
    for gamma, eps, noise in ((0.9, 50.0, 10.0), (4.0, 0.7, 0.0)):
        with pytest.raises(ValueError, match="do not fit at all"):
            best_ridge(gamma, eps, noise)

"""Exact conditional risks: the ridge path itself, limits, agreement with the equivalents, refusals."""

import numpy as np
import pytest

from theory.conditional_risk import conditional_risk
from theory.ridge import ridge_path
from theory.risk import ridge_risk
from theory.spectrum import Spectrum

LAMS = np.array([0.01, 0.3, 5.0])
UNIT = np.finfo(float).eps
FIELDS = ("bias", "variance", "norm_signal", "norm_noise", "train")


def problem(n, d, seed=0):
    rng = np.random.default_rng(seed)
    A = rng.standard_normal((d, d))
    Sigma = A @ A.T / d
    return rng.standard_normal((n, d)) @ np.linalg.cholesky(Sigma).T, rng.standard_normal(d), Sigma


def by_columns(X, w_star, Sigma, lams, noise):
    """The estimator applied to the clean labels and to each unit vector of noise."""
    n = len(X)
    clean = ridge_path(X, X @ w_star, lams)
    unit = np.stack([ridge_path(X, e, lams) for e in np.eye(n)], axis=1)  # (k, n, d)
    miss = clean - w_star
    left = np.sum((X @ w_star - clean @ X.T) ** 2, axis=1)
    left = left + noise * np.sum((np.eye(n) - unit @ X.T) ** 2, axis=(1, 2))
    return (
        np.einsum("ki,ij,kj->k", miss, Sigma, miss),
        noise * np.einsum("kni,ij,knj->k", unit, Sigma, unit),
        np.sum(clean**2, axis=1),
        noise * np.sum(unit**2, axis=(1, 2)),
        left / n,
    )


@pytest.mark.parametrize("shape", [(8, 20), (20, 8), (10, 10), (1, 3)])
@pytest.mark.parametrize("lams", [LAMS, np.zeros(1)])
def test_the_estimator_itself_agrees(shape, lams):
    X, w_star, Sigma = problem(*shape)
    seen = conditional_risk(X, w_star, Sigma, lams, 0.7)
    for field, exact in zip(FIELDS, by_columns(X, w_star, Sigma, lams, 0.7), strict=True):
        scale = 1e-12 * (1 + np.abs(exact).max()) if field in ("bias", "train") else 0.0
        assert getattr(seen, field) == pytest.approx(exact, rel=1e-8, abs=scale), field


def test_a_diagonal_is_a_covariance():
    X, w_star, Sigma = problem(6, 15)
    diagonal = np.diag(Sigma).copy()
    a, b = (conditional_risk(X, w_star, S, LAMS, 0.7) for S in (diagonal, np.diag(diagonal)))
    for field in FIELDS:
        assert getattr(a, field) == pytest.approx(getattr(b, field), rel=1e-12)


def test_rotating_the_features_changes_nothing():
    X, w_star, Sigma = problem(6, 15)
    Q = np.linalg.qr(np.random.default_rng(3).standard_normal((15, 15)))[0]
    a = conditional_risk(X, w_star, Sigma, LAMS, 0.7)
    b = conditional_risk(X @ Q, Q.T @ w_star, Q.T @ Sigma @ Q, LAMS, 0.7)
    for field in FIELDS:
        assert getattr(a, field) == pytest.approx(getattr(b, field), rel=1e-10)


def test_small_penalties_join_interpolation():
    X, w_star, Sigma = problem(6, 15)
    a, b = (conditional_risk(X, w_star, Sigma, lam, 0.7) for lam in (0.0, 1e-10))
    assert a.norm_squared == pytest.approx(b.norm_squared, rel=1e-7)
    assert a.train == 0


def test_interpolation_pays_for_the_noise():
    for seed in range(20):
        X, w_star, Sigma = problem(10, 25, seed)
        seen = conditional_risk(X, w_star, Sigma, 0.0, 0.5)
        assert seen.norm_noise[0] == pytest.approx(0.5 * np.trace(np.linalg.inv(X @ X.T)), rel=1e-9)
        assert seen.norm_noise[0] >= 0.5 * 100 / np.sum(X**2)
        assert seen.norm_signal[0] <= w_star @ w_star


def test_the_norm_falls_with_the_penalty_on_every_data_set():
    for seed in range(10):
        seen = conditional_risk(*problem(12, 9, seed), np.geomspace(1e-6, 1e3, 60), 0.4)
        assert (np.diff(seen.norm_squared) < 0).all()


def test_deterministic_equivalents_agree_in_the_mean():
    n, noise = 200, 0.5
    s = Spectrum(np.array([1.0, 0.1, 0.01]), np.array([10.0, 100.0, 1500.0]))
    lams, rng = np.array([0.0, 0.05, 0.3]), np.random.default_rng(0)
    diagonal = np.repeat(s.levels, s.counts.astype(int))
    masses = np.array([1.0, 0.5, 0.0])
    w_star = np.sqrt(np.repeat(masses / s.counts, s.counts.astype(int)))
    draws = []
    for _ in range(20):
        X = rng.standard_normal((n, len(diagonal))) * np.sqrt(diagonal)
        draws.append([getattr(conditional_risk(X, w_star, diagonal, lams, noise), f) for f in FIELDS])
    exact = ridge_risk(s, masses, n, lams, noise)
    allowed = dict(zip(FIELDS, (0.08, 0.02, 0.03, 0.02, 0.03), strict=True))
    for field, mean in zip(FIELDS, np.mean(draws, axis=0), strict=True):
        assert mean == pytest.approx(getattr(exact, field), rel=allowed[field], abs=1e-14), field


@pytest.mark.parametrize(
    "bad",
    [
        lambda X, w, S: conditional_risk(X, w[:2], S, 0.1, 0.1),
        lambda X, w, S: conditional_risk(X, w, S[:2], 0.1, 0.1),
        lambda X, w, S: conditional_risk(X, w, S, -0.1, 0.1),
        lambda X, w, S: conditional_risk(X, w, S, 0.1, -0.1),
        lambda X, w, S: conditional_risk(np.vstack([X, X[:1]]), w, S, 0.0, 0.1),
        lambda X, w, S: conditional_risk(X * np.nan, w, S, 0.1, 0.1),
    ],
)
def test_bad_input(bad):
    with pytest.raises(ValueError, match=r"must|rank"):
        bad(*problem(3, 6))

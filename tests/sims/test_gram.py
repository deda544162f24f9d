"""Gram matrices of Gaussian designs: Wishart moments, fits against the estimator itself, refusals."""

import numpy as np
import pytest

from sims import gram


@pytest.mark.parametrize("m", [0, 3, 7, 9.5, 40])
def test_wishart_moments(m):
    n, k = 5, 4000
    rng = np.random.default_rng(0)
    W = np.array([gram.wishart(rng, n, m) for _ in range(k)])
    diagonal = W[:, range(n), range(n)]
    assert diagonal.mean() == pytest.approx(m, abs=5 * np.sqrt(2 * m / (n * k)) + 1e-12)
    assert (diagonal.var(axis=0) == pytest.approx(2 * m * np.ones(n), rel=0.2)) or m == 0
    assert np.square(W[:, 0, -1]).mean() == pytest.approx(m, rel=0.2)


def test_fits_are_the_estimator():
    rng = np.random.default_rng(1)
    n, d, lam, noise = 6, 15, 0.2, 0.7
    lams = np.repeat([1.0, 0.1], [5, 10])
    X = rng.standard_normal((n, d)) * np.sqrt(lams)
    rest = np.stack([X[:, 1:5] @ X[:, 1:5].T, X[:, 6:] @ X[:, 6:].T])
    design = gram.Design(np.array([1.0, 0.1]), X[:, [0, 5]], rest)
    assert np.allclose(design.K, X @ X.T, rtol=1e-13, atol=1e-13)
    assert np.allclose(design.B, (X * lams) @ X.T, rtol=1e-13, atol=1e-13)
    w_star = np.zeros(d)
    w_star[[0, 5]] = 1.0, -2.0
    seen = gram.fit(design, w_star[[0, 5]], np.array([0.0, lam]), noise)
    for k, strength in enumerate((0.0, lam)):
        solve = X.T @ np.linalg.inv(X @ X.T + n * strength * np.eye(n))
        clean = solve @ X @ w_star
        assert seen.bias[k] == pytest.approx(lams @ (clean - w_star) ** 2)
        assert seen.variance[k] == pytest.approx(noise * np.sum(lams[:, None] * solve**2))
        assert seen.norm_signal[k] == pytest.approx(clean @ clean)
        assert seen.norm_noise[k] == pytest.approx(noise * np.sum(solve**2))
    mean = gram.averaged([seen, seen])
    assert mean.bias == pytest.approx(seen.bias)
    harder = gram.attacked(seen, 0.5, gram.scores(rng, 100))
    assert (harder > seen.bias + seen.variance).all()
    assert gram.price(seen, harder, 1.0) <= max(1.0, harder[0])


def test_scores_have_unit_square():
    assert np.mean(gram.scores(np.random.default_rng(0), 7) ** 2) == pytest.approx(1)


@pytest.mark.parametrize(
    "bad",
    [
        lambda r: gram.wishart(r, 3, -1),
        lambda r: gram.wishart(r, 3, 1.5),
        lambda r: gram.gaussian(r, 3, np.ones(2), np.ones(1)),
        lambda r: gram.gaussian(r, 3, np.zeros(1), np.ones(1)),
        lambda r: gram.averaged([]),
    ],
)
def test_bad_input(bad):
    with pytest.raises(ValueError, match=r"must|needed"):
        bad(np.random.default_rng(0))

"""The linear surrogate of the tangent kernel: convergence in the design, equality with linear ridge, refusals."""

import math

import numpy as np
import pytest

from theory import ridge
from theory.kernel_regression import kernel_ridge
from theory.kernels import ntk_relu, tangent
from theory.tangent_linear import (
    SHARE,
    effective_lam,
    gradient_energy,
    spike_energy,
    surrogate,
    surrogate_gradient,
)

NOISE = 0.25


def design(n, seed=0):
    """One unit spike in a flat tail of total variance √n, p = 2 n^1.5 dimensions."""
    p = int(2 * n**1.5)
    root = np.full(p, math.sqrt(math.sqrt(n) / (p - 1)))
    root[0] = 1
    X = np.random.default_rng(seed).standard_normal((n, p)) * root
    return X, root, 1 + math.sqrt(n), 1 + n / (p - 1)


def norm(K):
    return np.linalg.norm(K, 2)


def test_surrogate_converges_to_the_tangent_kernel():
    errors = []
    for n in (50, 200):
        X, _, trace, squared = design(n)
        K = ntk_relu(X, gain=1.0)
        errors.append(norm(K - surrogate(X, trace, squared, gain=1.0)) / norm(K))
        np.testing.assert_allclose(surrogate(X, trace, squared), 2 * surrogate(X, trace, squared, gain=1.0))
    assert errors[1] < 0.6 * errors[0] < 0.6 * 0.13


def test_the_constant_matters():
    """Without tr Sigma² the rank-one part is off by more than the whole surrogate."""
    X, _, trace, squared = design(200)
    K = ntk_relu(X)
    assert norm(K - surrogate(X, trace, 1e-300)) > norm(K - surrogate(X, trace, squared))


def test_energy_of_the_tangent_kernel():
    """Same labels for both: gradients of the tangent kernel's interpolator against those of the surrogate's."""
    n, draws = 150, 20
    X, root, trace, squared = design(n)
    rng = np.random.default_rng(1)
    Y = X[:, 0] + math.sqrt(NOISE) * rng.standard_normal((draws, n))
    Z = rng.standard_normal((60, X.shape[1])) * root
    A = np.linalg.solve(ntk_relu(X), Y.T).T
    seen = np.mean(np.sum(tangent().gradient(Z, X, A) ** 2, axis=2))
    same = np.mean([np.sum(surrogate_gradient(X, y, trace, squared) ** 2) for y in Y])
    assert abs(seen / same - 1) < 0.03


def test_energy_is_an_average_over_noise():
    z, draws = 5.0, 4000
    X, _, trace, squared = design(40)
    w_star = np.eye(X.shape[1])[0]
    noise = np.random.default_rng(0).standard_normal((draws, 40))
    for lam, gain in ((0.0, 2.0), (0.3, 1.0)):
        K = surrogate(X, trace, squared, gain=gain) + 40 * lam * np.eye(40)
        a = np.linalg.solve(K, (X @ w_star + math.sqrt(NOISE) * noise).T)
        energies = (gain / 2) ** 2 * np.sum((X.T @ a) ** 2, axis=0)
        radius = z * energies.std() / math.sqrt(draws)
        energy = gradient_energy(X, w_star, NOISE, trace, squared, lam=lam, gain=gain)
        assert abs(energies.mean() - energy) <= radius


def test_effective_lam_is_linear_ridge():
    """On centred labels, at which the rank-one part says nothing, the surrogate's gradient is linear ridge."""
    X, _, trace, _ = design(30)
    y = np.random.default_rng(0).standard_normal(30)
    K = surrogate(X, trace, 1.0) - trace / math.pi - 1.5 / (math.pi * trace)
    w = X.T @ np.linalg.solve(K, y)
    np.testing.assert_allclose(w, ridge.ridge_path(X, y, [effective_lam(trace, 30)])[0], rtol=1e-9, atol=1e-12)


def test_spike_energy_is_the_limit():
    ratios = []
    for n in (50, 200):
        X, _, trace, squared = design(n)
        energy = gradient_energy(X, np.eye(X.shape[1])[0], NOISE, trace, squared)
        ratios.append(abs(spike_energy(n, trace, NOISE) / energy - 1))
    assert ratios[1] < ratios[0] < 0.08
    assert spike_energy(400, 21.0, 0.0) < 1


def test_share():
    assert effective_lam(1.0, 1) == SHARE == 1 - 1 / math.pi
    assert kernel_ridge(np.ones((2, 2)), [1.0, 1.0], [1.0], tangent()).A.shape == (1, 2)


@pytest.mark.parametrize(
    "call",
    [
        lambda: surrogate(np.ones(3), 1.0, 1.0),
        lambda: surrogate([[math.nan]], 1.0, 1.0),
        lambda: surrogate(np.ones((2, 2)), 0.0, 1.0),
        lambda: surrogate(np.ones((2, 2)), 1.0, 2.0),
        lambda: surrogate(np.ones((2, 2)), 1.0, 1.0, gain=-1.0),
        lambda: effective_lam(1.0, 0),
        lambda: effective_lam(-1.0, 3),
        lambda: gradient_energy(np.ones((2, 2)), np.ones(3), 1.0, 2.0, 1.0),
        lambda: gradient_energy(np.ones((2, 2)), np.ones(2), -1.0, 2.0, 1.0),
        lambda: gradient_energy(np.ones((2, 2)), np.ones(2), 1.0, 2.0, 1.0, lam=-1.0),
        lambda: spike_energy(3, 1.0, -1.0),
    ],
)
def test_bad_input_is_refused(call):
    with pytest.raises(ValueError, match="must"):
        call()

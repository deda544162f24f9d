"""Kernel ridge by tiles: equals the path of one eigendecomposition, tells its residual, refuses what it cannot."""

import numpy as np
import pytest

from theory import large_kernel
from theory.classical_kernels import gaussian
from theory.kernel_regression import kernel_ridge
from theory.kernels import tangent
from theory.large_kernel import large_ridge

RNG = np.random.default_rng(5)
X = RNG.standard_normal((150, 8))
y = np.sin(X[:, 0]) + 0.3 * RNG.standard_normal(150)


@pytest.fixture(autouse=True)
def small_tiles(monkeypatch):
    monkeypatch.setattr(large_kernel, "TILE", 64)


@pytest.mark.parametrize("kernel", [tangent(), tangent(3), gaussian(3.0)], ids=["tangent", "deep", "gaussian"])
@pytest.mark.parametrize("lam", [1e-1, 1e-4, 1e-7])
def test_it_is_the_fit_of_the_eigendecomposition(kernel, lam):
    fit = large_ridge(X, y, lam, kernel)
    exact = kernel_ridge(X, y, np.array([lam]), kernel)
    assert fit.dtype == np.float32
    assert fit.residual <= 1e-10
    np.testing.assert_allclose(fit.predictor.predict(X), exact.predict(X), rtol=0, atol=1e-8 * np.abs(y).max())
    assert fit.products < 40


def test_the_residual_is_the_true_one():
    fit = large_ridge(X, y, 1e-3, tangent(), dtype=np.float64, tolerance=1e-6)
    G = tangent().value(X, None) + len(y) * 1e-3 * np.eye(len(y))
    true = np.linalg.norm(y - G @ fit.predictor.A[0]) / np.linalg.norm(y)
    assert fit.residual == pytest.approx(true, rel=1e-3, abs=1e-15)


def test_no_targets_no_function():
    assert not large_ridge(X, 0 * y, 1.0, tangent()).predictor.A.any()


def test_bad_input():
    twice = np.vstack([X, X])
    for arguments in (
        (X, y, 0.0, tangent()),
        (X, y[:-1], 1.0, tangent()),
        (twice, np.append(y, -y), 1e-14, tangent()),
    ):
        with pytest.raises(ValueError, match=r"must|leaves a residual"):
            large_ridge(*arguments)
    with pytest.raises(ValueError, match="float32 or float64"):
        large_ridge(X, y, 1.0, tangent(), dtype=np.int64)

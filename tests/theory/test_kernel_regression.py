"""Kernel regression: direct solves, refits, integrated flows, linear ridge as second route, limits, refusals."""

import math

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from theory import ridge
from theory.classical_kernels import gaussian, laplace, polynomial
from theory.kernel_regression import (
    decompose,
    flow_coefficients,
    kernel_flow,
    kernel_ridge,
    leave_one_out,
    ntk_regression,
    ridge_coefficients,
)
from theory.kernels import gaussian_process, ntk_relu, tangent
from theory.linearised_gradient import linearised_gradient

UNIT = np.finfo(float).eps
FACTOR = 100.0  # roundings allowed on top of dimension and condition
LAMS = np.array([0.0, 1e-6, 1e-2, 1.0, 100.0])
DIFFERENCES = 1e-7
KERNELS = {
    "tangent": tangent(),
    "tangent 3": tangent(3),
    "process": gaussian_process(),
    "gaussian": gaussian(1.0),
    "laplace": laplace(1.0),
    "quadratic": polynomial(2, offset=1.0),
}


def draw(n=12, d=5, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)), rng.standard_normal(n)


def condition(K, lam):
    s = np.linalg.eigvalsh(K)
    return (s[-1] + len(s) * lam) / (s[0] + len(s) * lam)


@pytest.mark.parametrize("name", KERNELS)
def test_path_is_the_direct_solve(name):
    X, y = draw()
    Z = draw(7, seed=1)[0]
    path = kernel_ridge(X, y, LAMS, KERNELS[name])
    K, k = KERNELS[name].value(X, None), KERNELS[name].value(Z, X)
    for lam, a, seen in zip(LAMS, path.A, path.predict(Z), strict=True):
        direct = np.linalg.solve(K + len(y) * lam * np.eye(len(y)), y)
        assert np.linalg.norm(a - direct) <= FACTOR * UNIT * condition(K, lam) * np.linalg.norm(direct)
        np.testing.assert_allclose(seen, k @ direct, atol=FACTOR * UNIT * condition(K, lam) * np.abs(y).sum())


@pytest.mark.parametrize("name", KERNELS)
def test_leave_one_out_is_n_refits(name):
    X, y = draw()
    n = len(y)
    K = KERNELS[name].value(X, None)
    held_out = kernel_ridge(X, y, LAMS, KERNELS[name]).held_out
    for lam, residuals in zip(LAMS, held_out, strict=True):
        for i in range(n):
            k = np.arange(n) != i
            a = np.linalg.solve(K[np.ix_(k, k)] + n * lam * np.eye(n - 1), y[k])
            bound = FACTOR * n * UNIT * condition(K, lam) * (1 + abs(residuals[i]))
            assert abs(residuals[i] - (y[i] - K[i, k] @ a)) <= bound


@pytest.mark.parametrize(("n", "d"), [(12, 5), (5, 12), (8, 8)])
def test_the_linear_kernel_is_linear_ridge(n, d):
    X, y = draw(n, d)
    Z = draw(4, d, seed=1)[0]
    path, flow = (
        kernel_ridge(X, y, LAMS, polynomial()),
        kernel_flow(X, y, [0.0, 1.0, 50.0, math.inf], polynomial()),
    )
    W, V = ridge.ridge_path(X, y, LAMS), ridge.flow_path(X, y, [0.0, 1.0, 50.0, math.inf])
    np.testing.assert_allclose(path.predict(Z), W @ Z.T, atol=1e-8)
    np.testing.assert_allclose(path.gradient(Z), np.repeat(W[:, None], 4, axis=1), atol=1e-8)
    np.testing.assert_allclose(flow.predict(Z), V @ Z.T, atol=1e-10)
    np.testing.assert_allclose(path.held_out, ridge.leave_one_out(X, y, LAMS), rtol=1e-7)


def test_leave_one_out_beyond_the_range():
    """Duplicated points: the rank falls, and the limit at lam = 0 is that of small penalties."""
    X, y = draw(6)
    X[3] = X[1]
    eigen = decompose(ntk_relu(X))
    limit, near = leave_one_out(eigen, y, [0.0, 1e-9])
    np.testing.assert_allclose(limit, near, atol=1e-6)  # the slope in lam is some hundreds
    np.testing.assert_allclose(limit[[1, 3]], [y[1] - y[3], y[3] - y[1]], rtol=1e-12)
    np.testing.assert_allclose(ntk_relu(X) @ ridge_coefficients(eigen, y, [0.0])[0], means(y), rtol=1e-12)


def means(y):
    fitted = y.copy()
    fitted[[1, 3]] = (y[1] + y[3]) / 2
    return fitted


def test_flow_solves_its_equation():
    X, y = draw()
    K = ntk_relu(X)
    times = np.array([0.0, 0.1, 3.0, 40.0])
    end = solve_ivp(
        lambda t, a: (y - K @ a) / len(y), (0, times[-1]), np.zeros(len(y)), t_eval=times, rtol=1e-10, atol=1e-12
    )
    A = flow_coefficients(decompose(K), y, times)
    np.testing.assert_allclose(A, end.y.T, atol=1e-8)


def test_flow_limits():
    X, y = draw()
    eigen = decompose(ntk_relu(X))
    A = flow_coefficients(eigen, y, [0.0, 1e-9, 1e12, math.inf])
    interpolating = ridge_coefficients(eigen, y, [0.0])[0]
    assert not A[0].any()
    np.testing.assert_allclose(A[1], 1e-9 * y / len(y), rtol=1e-7)
    np.testing.assert_allclose(A[2], interpolating, rtol=1e-10)
    np.testing.assert_array_equal(A[3], interpolating)


@pytest.mark.parametrize("depth", [1, 3])
def test_tangent_regression(depth):
    X, y = draw(20)
    Z = draw(6, seed=1)[0]
    path = ntk_regression(X, y, LAMS, depth=depth)
    assert path.predict(Z).shape == (5, 6)
    assert path.gradient(Z).shape == (5, 6, 5)
    np.testing.assert_allclose(path.predict(X)[0], y, rtol=1e-11)
    np.testing.assert_allclose(np.einsum("rkd,kd->rk", path.gradient(Z), Z), path.predict(Z), atol=1e-11)
    for k in range(5):
        step = 1e-5 * np.eye(5)[k]
        slope = (path.predict(Z + step) - path.predict(Z - step)) / 2e-5
        np.testing.assert_allclose(path.gradient(Z)[:, :, k], slope, atol=DIFFERENCES * np.abs(path.A).sum())


def test_linearised_gradient_is_the_mean_over_units():
    """Derivatives of the features between their switches, at z = 5 standard errors."""
    z, m = 5.0, 100_000
    rng = np.random.default_rng(0)
    x, X, a = rng.standard_normal((1, 3)), rng.standard_normal((4, 3)), rng.standard_normal(4)
    W, u = rng.standard_normal((m, 3)), rng.standard_normal(m)
    pre = X @ W.T
    outer, inner = a @ np.maximum(pre, 0), (a[:, None] * (pre > 0)).T @ X
    samples = 2 * (W @ x[0] > 0)[:, None] * (outer[:, None] * W + (u**2)[:, None] * inner)
    seen = linearised_gradient(x, X, a[None])[0, 0]
    assert (np.abs(samples.mean(axis=0) - seen) <= z * samples.std(axis=0) / math.sqrt(m)).all()
    full = tangent().gradient(x, X, a[None])[0, 0]
    assert np.abs(full - seen).max() > 0.05
    np.testing.assert_allclose(seen @ x[0], full @ x[0], rtol=1e-12)  # the missing term is orthogonal to x


def test_normalisation_changes_only_the_penalty():
    X, y = draw()
    Z = draw(4, seed=1)[0]
    he, half = ntk_regression(X, y, LAMS), ntk_regression(X, y, LAMS / 2, gain=1.0)
    np.testing.assert_allclose(he.predict(Z), half.predict(Z), rtol=1e-10)
    np.testing.assert_allclose(he.held_out, half.held_out, rtol=1e-10)


def test_one_sample():
    path = ntk_regression([[1.0, 2.0]], [3.0], [0.0, 1.0])
    np.testing.assert_allclose(path.predict([[1.0, 2.0]])[:, 0], [3, 3 * 10 / 11])
    assert path.held_out is None


def test_zero_kernel():
    path = ntk_regression(np.zeros((3, 2)), [1.0, 2.0, 3.0], [0.0, 1.0])
    assert not path.predict(np.ones((2, 2))).any()
    np.testing.assert_array_equal(path.held_out, [[1, 2, 3], [1, 2, 3]])


BAD = [
    ({"lams": [-1.0]}, "lams must be ≥ 0"),
    ({"lams": [math.nan]}, "lams must be finite"),
    ({"lams": 1.0}, "lams must have 1 dimension"),
    ({"lams": ["a"]}, "lams must hold real numbers"),
    ({"X": [[1.0], [math.inf]]}, "X must be finite"),
    ({"X": [1.0, 2.0]}, "X must have 2 dimension"),
    ({"y": [1.0]}, "they must agree"),
    ({"depth": 0}, "depth must be"),
]


@pytest.mark.parametrize(("change", "message"), BAD)
def test_bad_input_is_refused(change, message):
    arguments = {"X": [[1.0], [2.0]], "y": [1.0, 2.0], "lams": [1.0], **change}
    with pytest.raises(ValueError, match=message):
        ntk_regression(**arguments)


def test_bad_matrices_are_refused():
    with pytest.raises(ValueError, match="square"):
        decompose(np.ones((2, 3)))
    with pytest.raises(ValueError, match="semi-definite"):
        decompose(np.diag([1.0, -1.0]))
    eigen = decompose(np.eye(3))
    with pytest.raises(ValueError, match="rows but y has"):
        ridge_coefficients(eigen, np.ones(2), [1.0])
    with pytest.raises(ValueError, match="at least 2"):
        leave_one_out(decompose(np.eye(1)), np.ones(1), [1.0])
    with pytest.raises(ValueError, match="times must be"):
        flow_coefficients(eigen, np.ones(3), [-1.0])
    with pytest.raises(ValueError, match="rank must be decidable"):
        ridge_coefficients(decompose(np.diag(10.0 ** -np.arange(20))), np.ones(20), [0.0])

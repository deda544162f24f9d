"""Gradients of kernels: differences of their values, in 120 digits near the kink, and Euler's identity."""

import math

import mpmath
import numpy as np
import pytest
from kernel_examples import KERNELS, RELATIVE, pair, recursion

from theory.kernels import gaussian_process, tangent

STEP = 1e-5

DIFFERENCES = 1e-7


@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("d", [1, 2, 7])
def test_gradients_are_differences(name, d):
    kernel, rng = KERNELS[name], np.random.default_rng(d)
    X, Z, A = rng.standard_normal((4, d)), rng.standard_normal((6, d)), rng.standard_normal((2, 6))
    seen = kernel.gradient(X, Z, A)
    assert seen.shape == (2, 4, d)
    for k in range(d):
        step = STEP * np.eye(d)[k]
        slope = (kernel.value(X + step, Z) - kernel.value(X - step, Z)) @ A.T / (2 * STEP)
        np.testing.assert_allclose(seen[:, :, k], slope.T, atol=DIFFERENCES * np.abs(A).sum())


@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("theta", [1e-7, 1e-5, 1e-3, 4e-3, 5e-3, 0.1, 2.0, 3.0, 3.0415, math.pi - 1e-6])
def test_relu_gradients_keep_their_digits_near_the_kink(depth, theta):
    x, z = pair(3, theta, 1.3, 0)
    for kernel, part in ((tangent(depth), 0), (gaussian_process(depth), 1)):
        seen = kernel.gradient(x[None], z[None], np.ones((1, 1)))[0, 0]
        for k in range(3):
            with mpmath.workdps(120):
                step = mpmath.mpf(10) ** -25

                def along(t, k=k, part=part):
                    moved = [mpmath.mpf(float(v)) + (t if i == k else 0) for i, v in enumerate(x)]
                    return recursion(moved, z, depth)[part]

                slope = (along(step) - along(-step)) / (2 * step)
            assert abs(seen[k] - slope) <= RELATIVE * np.linalg.norm(z)


@pytest.mark.parametrize("kernel", [tangent(), tangent(2), gaussian_process()])
def test_gradient_along_the_point_is_the_value(kernel):
    rng = np.random.default_rng(0)
    Z, A = rng.standard_normal((9, 4)), rng.standard_normal((2, 9))
    X = np.vstack([Z, -Z, rng.standard_normal((3, 4))])
    along = np.einsum("rnd,nd->rn", kernel.gradient(X, Z, A), X)
    np.testing.assert_allclose(along, A @ kernel.value(Z, X), atol=1e-12)


def test_gradient_at_zero_is_that_of_the_odd_part():
    rng = np.random.default_rng(0)
    Z, a = rng.standard_normal((5, 3)), rng.standard_normal((1, 5))
    kernel = tangent()
    v = rng.standard_normal((1, 3))
    odd = (kernel.value(v, Z) - kernel.value(-v, Z)) @ a[0] / 2
    np.testing.assert_allclose(kernel.gradient(np.zeros((1, 3)), Z, a)[0] @ v[0], odd, rtol=1e-12)


def test_coefficients_for_other_points_are_refused():
    with pytest.raises(ValueError, match=r"A has 2 columns but Z has 3 rows"):
        tangent().gradient(np.ones((1, 2)), np.ones((3, 2)), np.ones((1, 2)))

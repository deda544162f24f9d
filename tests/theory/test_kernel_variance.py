import numpy as np
import pytest
from scipy import integrate

from theory.kernel_variance import ntk_variance
from theory.kernels import ntk_relu


def moments(theta, fourth):
    """m Var by quadrature over the Gaussian plane in polar form: the radius has moments, the angle an integral."""

    def over_angle(power):
        low, high = theta - np.pi / 2, np.pi / 2  # both units active
        return integrate.quad(lambda a: (np.cos(a) * np.cos(a - theta)) ** power, low, high, epsabs=1e-13)[0]

    u, b, s, square = np.cos(theta), *(over_angle(k) / (2 * np.pi) for k in (0, 1, 2))
    s, square = 2 * s, 8 * square  # E r² = 2, E r⁴ = 8
    mean = 2 * s + 2 * u * b
    return 4 * square + 8 * u * s + 4 * fourth * u**2 * b - mean**2, mean


@pytest.mark.parametrize("theta", [1e-6, 0.3, 1.0, np.pi / 2, 2.0, 3.0, np.pi - 1e-3])
def test_quadrature_gives_the_same_variance_and_mean(theta):
    X = np.array([[1.0, 0.0]])
    Z = np.array([[np.cos(theta), np.sin(theta)]])
    for fourth in (1.0, 3.0):
        variance, mean = moments(theta, fourth)
        assert abs(ntk_variance(X, Z, fourth=fourth)[0, 0] - variance) < 1e-11
        assert abs(ntk_relu(X, Z)[0, 0] - mean) < 1e-11


def test_the_diagonal_and_opposite_points():
    X = np.array([[3.0, 4.0], [1.0, 0.0]])
    np.testing.assert_allclose(np.diag(ntk_variance(X, X)), [12 * 25.0**2, 12.0], rtol=1e-14)
    np.testing.assert_allclose(np.diag(ntk_variance(X, X, fourth=1.0)), [8 * 25.0**2, 8.0], rtol=1e-14)
    np.testing.assert_allclose(np.diag(ntk_variance(X, -X)), 0.0, atol=1e-11)


def test_bad_points_are_refused():
    X = np.eye(2)
    with pytest.raises(ValueError, match="must not be 0"):
        ntk_variance(X, np.zeros((1, 2)))
    with pytest.raises(ValueError, match="as many columns"):
        ntk_variance(X, np.eye(3))
    with pytest.raises(ValueError, match="finite"):
        ntk_variance(X * np.nan, X)

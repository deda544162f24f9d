"""Flipped labels: against the enumeration of all flips; limits and refusals."""

import itertools

import numpy as np
import pytest

from theory.classical_kernels import gaussian
from theory.kernel_regression import kernel_ridge
from theory.kernels import tangent
from theory.label_flips import flips

LAMS = np.array([1e-4, 1e-2, 1.0])
N = 7


def data(seed=0):
    rng = np.random.default_rng(seed)
    X, Z = rng.standard_normal((N, 3)), rng.standard_normal((5, 3))
    return X, np.where(np.arange(N) % 2, 1.0, -1.0), Z, np.array([1.0, -1.0, 1.0, 1.0, -1.0])


def enumerated(X, y, Z, t, kernel, rho, eps):
    """Risk, squared gradient and adversarial risk to first order, summed over all 2ⁿ flips."""
    total = np.zeros((3, len(LAMS)))
    for signs in itertools.product((1.0, -1.0), repeat=N):
        chance = np.prod(np.where(np.array(signs) < 0, rho, 1 - rho))
        path = kernel_ridge(X, y * signs, LAMS, kernel)
        away = np.abs(path.predict(Z) - (1 - 2 * rho) * t)
        slope = np.linalg.norm(path.gradient(Z), axis=2)
        parts = (away**2, slope**2, (away + eps * slope) ** 2)
        total += chance * np.array([part.mean(axis=1) for part in parts])
    return total


@pytest.mark.parametrize("rho", [0.1, 0.5])
@pytest.mark.parametrize("kernel", [tangent(), gaussian(1.3)], ids=["tangent", "gaussian"])
def test_all_flips_have_this_mean(kernel, rho):
    X, y, Z, t = data()
    found = flips(X, y, LAMS, kernel, Z, t)
    risk, gradient, adversarial = enumerated(X, y, Z, t, kernel, rho, 0.2)
    np.testing.assert_allclose(found.risk(rho), risk, rtol=1e-9)
    np.testing.assert_allclose(found.gradient(rho), gradient, rtol=1e-9)
    low, high = found.adversarial_risk(rho, 0.2)
    assert (low <= adversarial).all() and (adversarial <= high).all()


def test_both_are_affine_in_tau():
    X, y, Z, t = data()
    found = flips(X, y, LAMS, tangent(), Z, t)
    rates = np.array([0.0, 0.1, 0.3, 0.5])
    tau = 4 * rates * (1 - rates)
    for curve in (found.risk, found.gradient):
        seen = np.stack([curve(rho) for rho in rates])
        line = seen[0] + tau[:, None] * (seen[-1] - seen[0])
        np.testing.assert_allclose(seen, line, rtol=1e-12)
        np.testing.assert_allclose(curve(0.3), curve(0.7), rtol=1e-12)  # all labels turned round


def test_without_flips_the_errors_are_those_of_the_fit():
    X, y, Z, t = data()
    found = flips(X, y, LAMS, tangent(), Z, t)
    path = kernel_ridge(X, y, LAMS, tangent())
    margins, slopes = t * path.predict(Z), np.linalg.norm(path.gradient(Z), axis=2)
    np.testing.assert_array_equal(found.error(0.0), np.mean(margins <= 0, axis=1))
    np.testing.assert_array_equal(found.error(0.0, 0.3), np.mean(margins <= 0.3 * slopes, axis=1))
    np.testing.assert_allclose(found.risk(0.0), np.mean((margins - 1) ** 2, axis=1), rtol=1e-10)
    np.testing.assert_allclose(found.error(0.5), 0.5, rtol=1e-12)  # labels without information


def test_the_central_limit_is_near_the_enumeration():
    X, y, Z, t = data(seed=1)
    rho, chances = 0.3, np.zeros(len(LAMS))
    for signs in itertools.product((1.0, -1.0), repeat=N):
        chance = np.prod(np.where(np.array(signs) < 0, rho, 1 - rho))
        margins = t * kernel_ridge(X, y * signs, LAMS, gaussian(2.0)).predict(Z)
        chances += chance * np.mean(margins <= 0, axis=1)
    found = flips(X, y, LAMS, gaussian(2.0), Z, t).error(rho)
    assert np.abs(found - chances).max() < 0.5 / np.sqrt(N)  # Berry–Esseen, of order n^(−1/2)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (lambda X, y, Z, t: flips(X, y, np.array([0.0]), tangent(), Z, t), "lams must be > 0"),
        (lambda X, y, Z, t: flips(X, 2 * y, LAMS, tangent(), Z, t), "labels -1 and"),
        (lambda X, y, Z, t: flips(X, y, LAMS, tangent(), Z, t).risk(1.5), r"rho .* must be in \[0, 1\], got 1\.5"),
    ],
)
def test_bad_input(bad, words):
    with pytest.raises(ValueError, match=words):
        bad(*data())

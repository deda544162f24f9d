"""The Marchenko–Pastur law: density against moments, transform against density, fifty digits and fixed point."""

import math

import numpy as np
import pytest
from mpmath import mp, mpf
from scipy.integrate import quad

from theory import marchenko_pastur as law
from theory.spectrum import fixed_point, isotropic

UNIT = np.finfo(float).eps


@pytest.mark.parametrize("gamma", [0.3, 1.0, 4.0])
def test_marchenko_pastur_moments(gamma):
    lower, upper = law.edges(gamma)

    def moment(f):
        """The substitution s = c − h cos u takes the square roots off the edges."""
        c, h = (lower + upper) / 2, (upper - lower) / 2
        point = lambda u: c - h * math.cos(u)  # noqa: E731
        density = lambda s: float(law.density(np.array([s]), gamma)[0])  # noqa: E731
        return quad(lambda u: f(point(u)) * density(point(u)) * h * math.sin(u), 0, math.pi, epsabs=1e-13)[0]

    g = gamma
    moments = [1, 1 + g, 1 + 3 * g + g**2, 1 + 6 * g + 6 * g**2 + g**3]
    assert [moment(lambda s, k=k: s**k) for k in range(1, 5)] == pytest.approx(moments, rel=1e-9)
    atom = max(0.0, 1 - 1 / gamma)
    assert moment(lambda s: 1) + atom == pytest.approx(1, rel=1e-9)
    lam = 0.37
    m, slope = law.stieltjes(np.array([lam]), gamma)
    assert m[0] == pytest.approx(moment(lambda s: 1 / (s + lam)) + atom / lam, rel=1e-9)
    assert slope[0] == pytest.approx(moment(lambda s: 1 / (s + lam) ** 2) + atom / lam**2, rel=1e-9)


@pytest.mark.parametrize("gamma", [0.2, 0.99, 1.0, 1.01, 7.0])
def test_the_transform_agrees_with_fifty_digits(gamma):
    mp.dps = 50
    lams = np.array([1e-12, 1e-4, 0.5, 1.0, 1e6])
    m, slope = law.stieltjes(lams, gamma)
    for lam, a, b in zip(lams, m, slope, strict=True):
        g, x = mpf(gamma), mpf(float(lam))
        root = mp.sqrt((1 - g + x) ** 2 + 4 * g * x)
        exact = (root - (1 - g + x)) / (2 * g * x)
        assert abs(a / exact - 1) < 10 * UNIT
        assert abs(b / (exact * (1 + g * exact) / root) - 1) < 10 * UNIT


def test_the_transform_is_the_fixed_point():
    for gamma in (0.5, 3.0):
        lam, n = 0.2, 1000.0
        kappa = fixed_point(isotropic(gamma * n), n, lam)
        m, _ = law.stieltjes(np.array([lam]), gamma)
        assert 1 / (1 + kappa) == pytest.approx(1 - lam * m[0], rel=50 * UNIT)


@pytest.mark.parametrize(
    "bad",
    [
        lambda: law.stieltjes(np.zeros(1), 1.0),
        lambda: law.stieltjes(np.ones(1), math.inf),
        lambda: law.edges(0.0),
        lambda: law.density(np.ones(1), -1.0),
    ],
)
def test_bad_input(bad):
    with pytest.raises(ValueError, match="must"):
        bad()

"""Float norms, robust errors, kernels and equivalents against balls that contain the truth."""

import math

import mpmath
import numpy as np
import pytest
from flint import arb
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.exact_balls import holds, norm, owens_t, relu_kernels, robust_error
from theory.exact_equivalents import fixed_point, ridge_risk
from theory.exact_numbers import ball, between, precision
from theory.kernels import nngp_relu, ntk_relu
from theory.norms import norm as float_norm
from theory.risk import ridge_risk as float_ridge_risk
from theory.risk import robust_error as float_robust_error
from theory.spectrum import Spectrum
from theory.spectrum import fixed_point as float_fixed_point

UNIT = np.finfo(float).eps
EXPONENTS = [1.0, 1.05, 1.5, 2.0, 3.0, 20.0, math.inf]
RADIUS = 1e-60  # relative: what a ball may doubt
drawn = settings(deadline=None, max_examples=200, derandomize=True)


def sharp(enclosure):
    """The ball itself, once it is known to be small."""
    with precision():
        assert enclosure.is_finite()
        assert bool(enclosure.rad() <= arb(RADIUS) * abs(enclosure.mid())) or enclosure.rad() == 0
    return enclosure


@drawn
@given(
    p=st.sampled_from(EXPONENTS) | st.floats(1, 50),
    d=st.integers(1, 12),
    scale=st.sampled_from([1e-200, 1.0, 1e200]),
    seed=st.integers(0, 2**32 - 1),
)
def test_norms(p, d, scale, seed):
    g = np.random.default_rng(seed)
    w = scale * g.standard_normal(d) * g.integers(0, 2, d)
    # The power 1/p is of a sum in [1, d], each |w|^p has p roundings of its base.
    allowed = (4 + math.log2(d + 1) + d / 4) * UNIT
    assert holds(sharp(norm(w, p)), float_norm(w, p), allowed)


@drawn
@given(
    d=st.integers(1, 6),
    eps=st.floats(0, 3),
    near=st.floats(0, 8),
    attack=st.sampled_from([1.0, 2.0, 3.0, math.inf]),
    seed=st.integers(0, 2**32 - 1),
)
def test_robust_errors(d, eps, near, attack, seed):
    g = np.random.default_rng(seed)
    w_star = g.standard_normal(d)
    w = g.choice([-1, 1]) * w_star + 10.0**-near * g.standard_normal(d)
    truth = robust_error(w, w_star, eps, attack)
    seen = float_robust_error(w, w_star, eps, attack)
    assert holds(truth, seen, 1e-14)
    shifted = robust_error(w, w_star, eps, attack, 0.3)
    with precision():
        assert abs(ball(float_robust_error(w, w_star, eps, attack, 0.3)) - shifted) <= arb(1e-15)


def test_robust_errors_of_parallel_and_opposite_vectors():
    for sign in (1, -1):
        for shift in (0, 2):
            truth = robust_error([sign, 0], [1, 0], 0.5, 2.0, shift)
            assert float(truth) == pytest.approx(float_robust_error([sign, 0], [1, 0], 0.5, 2.0, shift), abs=1e-15)
    with pytest.raises(ValueError, match="must not be 0"):
        robust_error([0], [1], 0.5)


@pytest.mark.parametrize(("h", "a"), [(0.3, 0.7), (2.0, 1.0), (-1.5, 0.1), (0.5, 40.0), (6.0, 3.0), (0.0, 2.0)])
def test_owens_function_by_another_integral(h, a):
    with mpmath.workdps(30):
        s = mpmath.mpf(h) ** 2 / 2
        integral = mpmath.quad(lambda x: mpmath.exp(-s * (1 + x * x)) / (1 + x * x), mpmath.linspace(0, a, 9))
        other = integral / (2 * mpmath.pi)
        assert abs(mpmath.mpf(owens_t(h, a).str(40, radius=False)) / other - 1) < 1e-18


@drawn
@given(
    d=st.integers(1, 5),
    depth=st.integers(1, 4),
    near=st.floats(0, 9),
    seed=st.integers(0, 2**32 - 1),
)
def test_relu_kernels(d, depth, near, seed):
    g = np.random.default_rng(seed)
    x = g.standard_normal(d)
    z = g.choice([-1, 1]) * x + 10.0**-near * g.standard_normal(d)
    tangent, process = relu_kernels(x, z, depth)
    assert holds(process, nngp_relu(x[None], z[None], depth=depth)[0, 0], 1e-12)
    seen = ntk_relu(x[None], z[None], depth=depth)[0, 0]
    with precision():  # near the angle where the tangent kernel changes sign the error is absolute
        floor = 1e-15 * np.linalg.norm(x) * np.linalg.norm(z)
        assert abs(ball(seen) - tangent) <= arb(1e-12) * abs(tangent) + arb(floor)


def test_kernels_of_coincident_opposite_and_zero_points():
    for depth in (1, 2, 5):
        tangent, process = relu_kernels([3, 4], [6, 8], depth)
        assert (float(tangent), float(process)) == (50 * (depth + 1), 50)
        for z in ([-3.0, -4.0], [0.0, 0.0]):
            x = np.array([[3.0, 4.0]])
            tangent, process = relu_kernels(x[0], z, depth)
            assert float(tangent) == pytest.approx(ntk_relu(x, np.array([z]), depth=depth)[0, 0], rel=1e-14)
            assert float(process) == pytest.approx(nngp_relu(x, np.array([z]), depth=depth)[0, 0], rel=1e-14)


@st.composite
def spectra(draw):
    """Some levels with counts, n not at the threshold, a penalty or none, masses and a noise."""
    g = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    k = draw(st.integers(1, 6))
    levels = np.sort(10.0 ** g.uniform(-draw(st.floats(0, 6)), 0, k))[::-1].copy()
    counts = np.ceil(g.uniform(0, 40, k))
    n = counts.sum() * draw(st.floats(0.1, 0.9) | st.floats(1.1, 5))
    return levels, counts, n, draw(st.sampled_from([0.0, 1e-6, 1e-2, 1.0])), g.uniform(0, 1, k), g.uniform(0, 1)


@drawn
@given(spectra())
def test_deterministic_equivalents(problem):
    levels, counts, n, lam, mass, noise = problem
    if lam == 0 and counts.sum() <= n:
        assert fixed_point(levels, counts, n, lam) == 0
        lam = 1e-3
    kappa = sharp(fixed_point(levels, counts, n, lam))
    spectrum = Spectrum(levels, counts)
    part = levels / (levels + float(kappa))
    left = 1 - counts @ part**2 / n
    assert holds(kappa, float_fixed_point(spectrum, n, lam), (1e-15 + len(levels) * UNIT) / left)
    truth, seen = (f(*args) for f, args in (
        (ridge_risk, (levels, counts, mass, n, lam, noise)),
        (float_ridge_risk, (spectrum, mass, n, lam, noise)),
    ))  # fmt: skip
    for name in ("bias", "variance", "norm_signal", "norm_noise", "train"):
        exact = getattr(truth, name)
        allowed = 30 * (10 + len(levels)) * UNIT / left**2  # some 10 roundings, and kappa's own, over 1 − g
        if lam == 0 and name == "train":
            assert exact == 0
            assert getattr(seen, name)[0] <= allowed
        else:
            assert holds(exact, getattr(seen, name)[0], allowed), name


def test_a_level_too_many_or_a_threshold_is_refused():
    with pytest.raises(ValueError, match="must be > 0"):
        fixed_point([1, 2], [1], 3, 0)
    with pytest.raises(ValueError, match="must be > 0"):
        fixed_point([1], [1], 3, -1)
    assert fixed_point([1], [3], 3, 0) == 0


def test_balls_say_what_they_do_not_know():
    wide = arb(1, 0.5)
    assert not holds(wide, 1.0, 1e-3)
    low, high = between(wide)
    assert low <= 0.5
    assert high >= 1.5
    with pytest.raises(ArithmeticError, match="not finite"):
        between(arb("nan"))

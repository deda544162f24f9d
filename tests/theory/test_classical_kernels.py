"""The classical kernels: those of the distance to 12 digits, and refusals."""

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_examples import RELATIVE, precise

from theory.classical_kernels import gaussian, laplace, polynomial


@settings(deadline=None, max_examples=100, derandomize=True)
@given(
    d=st.integers(1, 8),
    r=st.floats(-12, 0.5).map(lambda e: 10**e),
    far=st.sampled_from([0.0, 1.0]),
    seed=st.integers(0, 999),
)
def test_distance_kernels_keep_12_digits(d, r, far, seed):
    rng = np.random.default_rng(seed)
    x, step, third = rng.standard_normal((3, d))
    z = x + r * step
    X = np.array([x, far * third])
    for kernel, formula in (
        (gaussian(0.9), lambda t: mpmath.exp(-(t**2) / (2 * mpmath.mpf(0.9) ** 2))),
        (laplace(0.9), lambda t: mpmath.exp(-t / mpmath.mpf(0.9))),
    ):
        seen = kernel.value(X, np.array([z, x]))
        with mpmath.workdps(120):
            for i, j in ((0, 0), (1, 0), (1, 1)):
                t = precise(X[i], (z, x)[j])[1]
                exact = formula(t)
                assert abs(seen[i, j] - exact) <= RELATIVE * (1 + t**2) * exact
        assert seen[0, 1] == 1


@pytest.mark.parametrize(
    ("kernel", "options", "message"),
    [
        (gaussian, {"width": 0.0}, "width must be a finite number > 0"),
        (laplace, {"width": -1.0}, "width must be a finite number > 0"),
        (polynomial, {"degree": 0}, "degree must be ≥ 1"),
        (polynomial, {"degree": 2, "offset": -1.0}, "offset must be a finite number ≥ 0"),
    ],
)
def test_a_kernel_that_is_none_is_refused(kernel, options, message):
    with pytest.raises(ValueError, match=message):
        kernel(**options)

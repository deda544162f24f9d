"""The comparison of ℓ1 and ℓ2 classes: the stated ratios, and that the bounds are bounds."""

import math

import numpy as np
import pytest

from theory.complexity import data_term, rademacher, two_sided
from theory.sparsity import class_bound

ROUNDING = 1e-12


@pytest.mark.parametrize(
    ("k_W", "k_X", "data", "worst"),
    [(512, 512, 3.7, 1.0), (4, 512, 0.33, 0.088), (512, 4, 42, 1.0), (23, 4, 8.9, 0.21)],
)
def test_ratios_in_the_four_regimes(k_W, k_X, data, worst):
    one, two = (class_bound(k_W, k_X, 64, 512, 0.1, r) for r in (1, 2))
    half_a_unit = 0.013  # of the two digits that are quoted
    assert one.data / two.data == pytest.approx(data, rel=half_a_unit)
    assert one.data / two.data == pytest.approx(math.sqrt(2 * k_W * math.log(1024) / k_X), rel=ROUNDING)
    assert one.worst_case / two.worst_case == pytest.approx(worst, rel=half_a_unit)
    assert one.worst_case / two.worst_case == pytest.approx(math.sqrt(k_W / 512), rel=ROUNDING)


def test_it_bounds_the_complexity_of_such_inputs():
    n, d, k_W, k_X, eps = 12, 32, 5, 4, 0.2
    rng = np.random.default_rng(0)
    X = np.array([rng.permutation(np.r_[rng.choice([-1.0, 1.0], k_X), np.zeros(d - k_X)]) for _ in range(n)])
    signs = rng.choice([-1.0, 1.0], (2000, n))
    for r in (1, 2):
        B = class_bound(k_W, k_X, n, d, eps, r)
        assert data_term(X, r, B.W) <= B.data * (1 + ROUNDING)
        assert rademacher(X, eps, math.inf, r, signs, B.W) <= B.total
        assert two_sided(B.data, n, d, eps, math.inf, r, B.W)[1] == pytest.approx(B.total, rel=ROUNDING)


def test_short_columns_make_the_data_terms_of_both_classes_equally_small():
    """Nonzeros spread evenly: by columns the ratio ℓ1 : ℓ2 does not depend on the sparsity of the inputs."""
    n, d = 64, 64
    for k_X in (1, 4, 64):
        X = np.array([np.roll(np.r_[np.ones(k_X), np.zeros(d - k_X)], i) for i in range(n)])
        assert data_term(X, 1.0) / data_term(X, 2.0) == pytest.approx(
            math.sqrt(2 * math.log(2 * d) / d), rel=1e-12
        )


def test_refusals():
    for arguments in [(0, 1, 5, 4, 0.1, 1), (1, 9, 5, 4, 0.1, 1), (1, 1, 0, 4, 0.1, 1), (1, 1, 5, 4, 0.1, 3)]:
        with pytest.raises(ValueError, match="must be"):
            class_bound(*arguments)

"""Counting against what networks do, and the explicit robust network against its proof."""

import itertools
import math

import numpy as np
import pytest

from theory.hypercube_network import corners, robust_network
from theory.relu_network import certified_margins, parameters
from theory.robust_capacity import (
    THRESHOLD,
    deep_patterns,
    least_parameters,
    least_width,
    points,
    two_layer_patterns,
)


@pytest.mark.parametrize("d", [1, 2, 3])
def test_threshold_functions_are_all_found(d):
    Z, grid = corners(d + 1), np.arange(-3, 4) / 2
    found = {
        tuple(Z @ np.array(w) + b > 0) for w in itertools.product(range(-2, 3), repeat=d) for b in 2 * grid + 0.25
    }
    assert len(found) == THRESHOLD[d]


@pytest.mark.parametrize("D, m", [(3, 1), (3, 2), (4, 1), (4, 2)])
def test_no_more_patterns_than_counted(D, m):
    rng = np.random.default_rng(D + m)
    k, Z = 20_000, corners(D)
    W, b = rng.normal(size=(k, m, D - 1)), rng.normal(size=(k, m, 1))
    h = np.maximum(W @ Z.T + b, 0)
    f = np.einsum("km,kmn->kn", rng.normal(size=(k, m)), h) + rng.normal(size=(k, 1))
    seen = len(np.unique(f > 0, axis=0))
    assert 4 <= seen <= 2 ** two_layer_patterns(D, m)
    assert math.log2(seen) <= deep_patterns(D, m * (D + 1) + 1, 2)


def test_bounds_grow_like_the_number_of_points_up_to_a_power():
    for least in (least_width, lambda D: least_parameters(D, 5)):
        sizes = np.array([least(D) for D in range(12, 25, 4)], dtype=float)
        assert (np.diff(np.log2(sizes)) > 2.5).all()  # four bits, less a factor polynomial in D
        assert (sizes < [points(D) for D in range(12, 25, 4)]).all()


def test_the_least_width_is_the_first_that_counting_allows():
    D, n = 9, points(9)
    m = least_width(D, chance=1.0)
    needed = math.log2(math.comb(n, n // 2))
    assert two_layer_patterns(D, m) >= needed > two_layer_patterns(D, m - 1)
    assert least_width(D, mistakes=20) < least_width(D, mistakes=0)
    assert least_width(D, chance=1e-6) <= least_width(D)


@pytest.mark.parametrize("D", [2, 3, 5, 8, 11])
@pytest.mark.parametrize("eps", [0.0, 0.45, 0.9])
def test_the_explicit_network_is_robust_and_of_the_size_stated(D, eps):
    rng = np.random.default_rng(D)
    y = rng.permutation(np.arange(points(D)) % 2 * 2.0 - 1)
    net = robust_network(y, eps)
    X = np.column_stack([0 * y, corners(D)])
    assert certified_margins(net, X, y, eps).min() > 0.99
    assert parameters(net) == 5 * D - 4 + 3 * np.count_nonzero(y[1:] != y[:-1])
    assert parameters(net) >= least_parameters(D, len(net.weights))


def test_beyond_its_radius_the_explicit_network_is_not_certified():
    y = np.array([1.0, -1.0, -1.0, 1.0])
    X = np.column_stack([0 * y, corners(3)])
    assert certified_margins(robust_network(y, 0.4), X, y, 0.9).min() < 0


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: least_width(1), "D must be"),
        (lambda: least_width(41), "at most 40"),
        (lambda: least_width(5, chance=0.0), "chance"),
        (lambda: least_width(5, mistakes=8), "mistakes"),
        (lambda: least_parameters(5, 0), "layers"),
        (lambda: robust_network(np.ones(4), 0.1), "both occur"),
        (lambda: robust_network(np.array([1.0, -1.0, 1.0]), 0.1), "2\\^\\(D−1\\)"),
        (lambda: robust_network(np.array([1.0, -1.0]), 1.0), "below 1"),
    ],
)
def test_bad_input_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()

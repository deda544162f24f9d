"""Margins of networks: the identity, the bound that holds, and the one that does not."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from theory.network_margin import least_stretch, local_margin, smallest_singular_value

SEED = st.integers(0, 2**32 - 1)


def network(rng, widths, bias=False):
    Ws = [rng.standard_normal((k, d)) for d, k in pairwise(widths)]
    return Ws, [rng.standard_normal(k) for k in widths[1:]] if bias else []


def outputs(Ws, bs, x):
    for i, W in enumerate(Ws):
        x = W @ (np.maximum(x, 0) if i else x) + (bs[i] if bs else 0)
    return x


def test_the_product_over_all_weights_exceeds_the_slope_of_the_identity_network():
    found = local_margin([np.eye(2), np.eye(2)], np.array([1.0, -1.0]))
    assert (found.margin, found.slope, found.distance, found.masked) == (1, 1, 1, 1)
    assert found.literal == pytest.approx(np.sqrt(2))


@given(seed=SEED, bias=st.booleans(), widths=st.lists(st.integers(2, 9), min_size=2, max_size=5))
@settings(max_examples=60, deadline=None)
def test_the_slope_is_the_gradient_of_the_margin_and_the_masked_product_is_below(seed, bias, widths):
    rng = np.random.default_rng(seed)
    Ws, bs = network(rng, widths, bias)
    x = rng.standard_normal(widths[0])
    found = local_margin(Ws, x, bs)
    f = outputs(Ws, bs, x)
    best, second = np.argsort(-f)[:2]
    assert found.margin == pytest.approx(f[best] - f[second])
    step = 1e-7
    moved = [outputs(Ws, bs, x + step * e) - outputs(Ws, bs, x - step * e) for e in np.eye(len(x))]
    gradient = np.array([m[best] - m[second] for m in moved]) / (2 * step)
    assert found.slope == pytest.approx(np.linalg.norm(gradient), rel=1e-5, abs=1e-5)
    assert found.masked <= found.slope * (1 + 1e-10)
    if np.isfinite(found.distance):
        assert found.margin == pytest.approx(found.slope * found.distance)


@given(seed=SEED)
@settings(max_examples=40, deadline=None)
def test_the_classes_tie_at_the_distance_where_no_unit_switches(seed):
    rng = np.random.default_rng(seed)
    Ws, bs = network(rng, [8, 6, 2], bias=True)
    x = rng.standard_normal(8)
    z = Ws[0] @ x + bs[0]
    bs[1] = np.array([1e-3, 0]) - Ws[1] @ np.maximum(z, 0)  # outputs 0.001 and 0
    found = local_margin(Ws, x, bs)
    gradient = ((z > 0) * (Ws[1][0] - Ws[1][1])) @ Ws[0]
    assume(found.distance * np.linalg.norm(Ws[0], axis=1).max() < np.abs(z).min())
    tie = outputs(Ws, bs, x - found.distance * gradient / np.linalg.norm(gradient))
    assert tie[0] - tie[1] == pytest.approx(0, abs=1e-13)


@given(seed=SEED)
@settings(max_examples=40, deadline=None)
def test_narrowing_layers_obey_the_literal_product_where_every_unit_is_active(seed):
    rng = np.random.default_rng(seed)
    Ws, _ = network(rng, [9, 6, 4, 2])
    found = local_margin(Ws, rng.standard_normal(9), [np.full(6, 1e3), np.full(4, 1e6), np.zeros(2)])
    assert found.masked == pytest.approx(found.literal)
    assert found.literal <= found.slope * (1 + 1e-10)


def test_a_tall_layer_can_hide_the_direction_that_counts():
    W = np.array([[1.0], [1.0]])  # one input, two equal units, whose difference is 0 everywhere
    found = local_margin([W, np.array([[1.0, -1.0], [0.0, 0.0]])], np.array([1.0]))
    assert found.slope == 0 and found.literal > 0 and found.masked == 0
    assert least_stretch(W) == 0 and smallest_singular_value(W) == pytest.approx(np.sqrt(2))
    assert least_stretch(np.zeros((0, 3))) == 1


@pytest.mark.parametrize(
    "weights, x, words",
    [
        ([], np.ones(2), "fit together"),
        ([np.eye(3)], np.ones(2), "fit together"),
        ([np.ones((1, 2))], np.ones(2), "2 outputs"),
        ([np.eye(2) * np.nan], np.ones(2), "finite"),
    ],
)
def test_bad_input_is_refused(weights, x, words):
    with pytest.raises(ValueError, match=words):
        local_margin(weights, x)

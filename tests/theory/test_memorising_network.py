"""The memorising network against its formula, its interval bounds against samples, its size against the count."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from theory.ball_distance import ball_gap, box_distance, box_excess
from theory.class_distance import closest_pair, covered
from theory.memorising_network import memorise, memorise_by_distance, memorise_euclidean, parameters_needed
from theory.relu_network import (
    ReluNetwork,
    affine,
    bounds,
    certified_margins,
    clipped_linear,
    compose,
    deepen,
    forward,
    parallel,
    parameters,
    stacked,
)


def drawn(rng: np.random.Generator, *widths: int) -> ReluNetwork:
    pairs = itertools.pairwise(widths)
    return stacked(*(affine(rng.normal(size=(out, fan_in)), rng.normal(size=out)) for fan_in, out in pairs))


def points(rng: np.random.Generator, n: int, d: int) -> tuple[np.ndarray, np.ndarray, float]:
    X, y = rng.random((n, d)), rng.permutation(np.arange(n) % 2 * 2.0 - 1)
    return X, y, closest_pair(X, y)[0]


@pytest.mark.parametrize("d", [1, 2, 3, 4, 5, 7, 8, 11, 16])
@pytest.mark.parametrize("eps", [0.0, 0.3])
def test_the_tree_of_maxima_is_the_distance(d, eps):
    rng = np.random.default_rng(d)
    X, Z = rng.normal(size=(7, d)), rng.normal(size=(50, d))
    apart = np.abs(Z[:, None] - X)
    distance = np.maximum(apart.max(-1) - eps, 0)
    assert np.abs(forward(box_distance(X, eps), Z) - distance).max() < 1e-12
    assert np.abs(forward(box_excess(X, eps), Z) - np.maximum(apart - eps, 0).sum(-1)).max() < 1e-12


@given(seed=st.integers(0, 2**32 - 1), depth=st.integers(1, 4), eps=st.floats(0, 2))
@settings(max_examples=30, deadline=None)
def test_interval_bounds_contain_what_is_seen(seed, depth, eps):
    rng = np.random.default_rng(seed)
    net = drawn(rng, 3, *rng.integers(1, 6, depth - 1), 2)
    x = rng.normal(size=(1, 3))
    low, high = bounds(net, x, eps)
    seen = forward(net, x + eps * rng.uniform(-1, 1, (500, 3)))
    room = 1e-12 * (1 + np.abs(seen).max())
    assert (seen >= low - room).all() and (seen <= high + room).all()


def test_bounds_of_a_clipped_linear_function_are_exact():
    rng = np.random.default_rng(0)
    w, X = rng.normal(size=5), rng.normal(size=(20, 5))
    low, high = bounds(clipped_linear(w, 0.3, 1.5), X, 0.4)
    ends = X @ w + 0.3 + np.abs(w).sum() * np.array([[-0.4], [0.4]])
    assert np.allclose(np.stack([low[:, 0], high[:, 0]]), ends.clip(-1.5, 1.5), rtol=0, atol=1e-12)


def test_putting_networks_together():
    rng = np.random.default_rng(1)
    one, two, outer, Z = drawn(rng, 3, 4, 2), drawn(rng, 3, 5, 4, 1), drawn(rng, 3, 4, 2), rng.normal(size=(70, 3))
    both = parallel(one, two)
    side = np.concatenate([forward(one, Z), forward(two, Z)], axis=1)
    assert np.allclose(forward(both, Z), side)
    assert np.allclose(forward(deepen(one, 3), Z), forward(one, Z))
    assert np.allclose(forward(compose(outer, both), Z), forward(outer, side))


@given(
    n=st.integers(2, 12),
    d=st.integers(1, 6),
    inner=st.floats(0.05, 0.4),
    band=st.floats(0.01, 0.09),
    seed=st.integers(0, 2**32 - 1),
)
@settings(max_examples=40, deadline=None)
@pytest.mark.parametrize("build", [memorise, memorise_by_distance])
def test_labels_on_the_balls_and_the_clean_network_off_them(build, n, d, inner, band, seed):
    rng = np.random.default_rng(seed)
    X, y, apart = points(rng, n, d)
    assume(apart > 1e-3)
    eps, reach = inner * apart, (inner + band) * apart
    clean = clipped_linear(rng.normal(size=d), 0.1, 2.0)
    net = build(clean, 2.0, X, y, eps, reach)
    i = rng.integers(n, size=50)
    on = X[i] + 0.999 * eps * rng.uniform(-1, 1, (50, d))
    off = rng.uniform(-1, 2, (200, d))
    off = off[np.abs(off[:, None] - X).max(-1).min(1) > 1.001 * reach]
    assert np.abs(forward(net, on)[:, 0] - y[i]).max() < 1e-9
    if len(off):
        assert np.abs(forward(net, off) - forward(clean, off)).max() < 1e-12 / (reach - eps)


@pytest.mark.parametrize("n, d", [(100, 64), (200, 64), (100, 128), (3, 1), (20, 5)])
def test_the_count_is_the_formula(n, d):
    rng = np.random.default_rng(n + d)
    X, y, apart = points(rng, n, d)
    clean = clipped_linear(rng.normal(size=d), 0.1, 2.0)
    net = memorise(clean, 2.0, X, y, 0.4 * apart, 0.45 * apart)
    assert parameters(net) == parameters_needed(n, d) == n * (6 * d + 2) + d + 25
    assert len(net.weights) == 5
    if d > 2:
        assert parameters(memorise_by_distance(clean, 2.0, X, y, 0.4 * apart, 0.45 * apart)) > parameters(net)


def test_interval_bounds_prove_the_training_balls_and_decide_the_others():
    rng = np.random.default_rng(3)
    X, y, apart = points(rng, 40, 12)
    eps, w = 0.45 * apart, rng.normal(size=12)
    net = memorise(clipped_linear(w, 0.0, 20.0), 20.0, X, y, eps, 0.49 * apart)
    low, high = bounds(net, X, eps)
    assert np.abs(low[:, 0] - y).max() < 1e-12 and np.abs(high[:, 0] - y).max() < 1e-12
    Z = rng.uniform(-1, 2, (60, 12))
    Z = Z[np.abs(Z[:, None] - X).max(-1).min(1) > eps + 0.49 * apart]
    label = np.sign(Z @ w)
    exact = label * (Z @ w) - eps * np.abs(w).sum()
    assert len(Z) > 20
    assert np.allclose(certified_margins(net, Z, label, eps), exact.clip(-20), rtol=0, atol=1e-9)


def test_euclidean_balls():
    rng = np.random.default_rng(4)
    X, y = rng.random((30, 8)), np.arange(30) % 2 * 2.0 - 1
    apart = closest_pair(X, y, 2.0)[0]
    eps, reach = 0.35 * apart, 0.45 * apart
    clean = clipped_linear(rng.normal(size=8), 0.1, 2.0)
    net = memorise_euclidean(clean, 2.0, X, y, eps, reach, 4)
    directions = rng.normal(size=(300, 8))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    i = rng.integers(30, size=300)
    assert np.abs(forward(net, X[i] + 0.999 * eps * directions)[:, 0] - y[i]).max() < 1e-9
    off = X[i] + 1.001 * reach * directions
    off = off[np.linalg.norm(off[:, None] - X, axis=-1).min(1) > reach]
    assert len(off) > 100
    assert np.abs(forward(net, off) - forward(clean, off)).max() < 1e-9
    with pytest.raises(ValueError, match="take k ≥"):
        ball_gap(8, eps, reach, 1)


def test_ten_digits():
    from sklearn.datasets import load_digits

    bunch = load_digits()
    X, y = bunch.data[:150] / 16, bunch.target[:150].astype(float)
    reach = 0.49 * closest_pair(X, y)[0]
    eps = 0.9 * reach
    rng = np.random.default_rng(5)
    clean = affine(rng.normal(size=(10, 64)) / 64, np.zeros(10))
    M = 64.0
    net = memorise(clean, M, X, y, eps, reach)
    assert certified_margins(net, X, y, eps) == pytest.approx(1.0, abs=1e-9)
    Z = rng.random((40, 64))
    assert covered(X, Z, reach) == 0
    assert np.abs(forward(net, Z) - forward(clean, Z)).max() < 1e-9


def test_classes_that_are_too_close_are_named():
    X, y = np.array([[0.0], [5.0], [0.3]]), np.array([1.0, 1.0, -1.0])
    with pytest.raises(ValueError, match=r"points 0 and 2 have labels 1 and -1 but are only 0.3 apart"):
        memorise(clipped_linear(np.ones(1), 0.0, 1.0), 1.0, X, y, 0.1, 0.15)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda net, X, y: memorise(net, 1.0, X, y, 0.2, 0.2), "reach must exceed eps"),
        (lambda net, X, y: memorise(net, 1.0, X, y + 1, 0.1, 0.2), "labels out of"),
        (lambda net, X, y: memorise(net, 0.0, X, y, 0.1, 0.2), "M must be"),
        (lambda net, X, y: certified_margins(net, X, y + 1, 0.1), "y must hold"),
        (lambda net, X, y: forward(net, X[:, :1]), "2 dimensions"),
        (lambda net, X, y: closest_pair(X, np.ones(2)), "one class only"),
        (lambda net, X, y: covered(X, X[:, :1], 0.1), "equally many columns"),
        (lambda net, X, y: ReluNetwork(net.weights, net.biases[:1]), "one bias for each"),
        (lambda net, X, y: ReluNetwork(net.weights[::-1], net.biases), "fit together"),
        (lambda net, X, y: parallel(net, affine(np.ones((1, 3)), np.zeros(1))), "same inputs"),
    ],
)
def test_bad_input_is_refused(call, words):
    X, y = np.array([[0.0, 0.0], [1.0, 1.0]]), np.array([-1.0, 1.0])
    with pytest.raises(ValueError, match=words):
        call(clipped_linear(np.ones(2), 0.0, 1.0), X, y)

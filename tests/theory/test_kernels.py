"""Kernels of ReLU networks: high precision at drawn angles, random features, second recursions, laws, refusals."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kernel_examples import KERNELS, RELATIVE, pair, recursion

from theory import arc_cosine
from theory.kernels import gaussian_process, nngp_relu, ntk_relu, tangent

UNIT = np.finfo(float).eps

SIGN_CHANGE = 1.1656  # φ at which sin φ = 2 φ cos φ, so that the tangent kernel of depth 1 vanishes

small = st.floats(-9.0, 0.0).map(lambda e: 10**e)

drawn = st.one_of(small, small.map(lambda a: math.pi - a), st.floats(0.0, math.pi))


@settings(deadline=None, max_examples=300, derandomize=True)
@given(
    d=st.integers(2, 30),
    theta=drawn,
    scale=st.sampled_from([1.0, 2.0, 0.7, 1e-6, 1e9]),
    depth=st.sampled_from([1, 2, 3, 6]),
    seed=st.integers(0, 2**16),
)
def test_relu_kernels_keep_12_digits_at_every_angle(d, theta, scale, depth, seed):
    x, z = pair(d, theta, scale, seed)
    T, S = recursion(x, z, depth)
    if depth > 1 or abs(math.pi - theta - SIGN_CHANGE) > 1e-2:
        assert abs(ntk_relu(x[None], z[None], depth=depth)[0, 0] - T) <= RELATIVE * abs(T)
    assert abs(nngp_relu(x[None], z[None], depth=depth)[0, 0] - S) <= RELATIVE * abs(S)


@pytest.mark.parametrize("epsilon", [0.0, 1e-15, 1e-12, 1e-8, 1e-4, 1e-3, 1e-2, 0.1])
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_whole_matrices_keep_12_digits_among_clusters(epsilon, sign):
    rng = np.random.default_rng(0)
    X = np.repeat(rng.standard_normal((2, 6)), 4, axis=0) + epsilon * rng.standard_normal((8, 6))
    X[::2] *= sign
    for depth in (1, 3):
        both = ntk_relu(X, depth=depth), nngp_relu(X, depth=depth)
        apart = ntk_relu(X[:5], X, depth=depth), nngp_relu(X[:5], X, depth=depth)
        for i in range(5):
            for j in range(8):
                for value, K, other in zip(recursion(X[i], X[j], depth), both, apart, strict=True):
                    bound = RELATIVE * abs(value) + 1e-30 * np.linalg.norm(X[i]) * np.linalg.norm(X[j])
                    assert abs(K[i, j] - value) <= bound
                    assert abs(other[i, j] - value) <= bound


def test_blocks_and_strips_are_seamless(monkeypatch):
    X = np.random.default_rng(0).standard_normal((30, 3))
    X[20] = X[3] * (1 + 1e-9)
    whole, apart = ntk_relu(X, depth=2), ntk_relu(X[:7], X, depth=2)
    monkeypatch.setattr("theory.kernels.BLOCK", 4)
    monkeypatch.setattr("theory.kernels.STRIP", 50)
    monkeypatch.setattr(arc_cosine, "SIZE", 5)
    np.testing.assert_allclose(ntk_relu(X, depth=2), whole, rtol=RELATIVE)
    np.testing.assert_allclose(ntk_relu(X[:7], X, depth=2), apart, rtol=RELATIVE)
    np.testing.assert_allclose(whole[:7], apart, rtol=RELATIVE)
    np.testing.assert_array_equal(whole, whole.T)


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_diagonal_zeros_and_opposites_are_exact(depth):
    X = np.random.default_rng(0).standard_normal((6, 4))
    X[2] = 0
    lengths = np.sum(X**2, axis=1)
    np.testing.assert_allclose(np.diag(ntk_relu(X, depth=depth)), (depth + 1) * lengths, rtol=4 * UNIT)
    np.testing.assert_allclose(np.diag(nngp_relu(X, X.copy(), depth=depth)), lengths, rtol=4 * UNIT)
    np.testing.assert_allclose(np.diag(ntk_relu(X, 3 * X, depth=depth)), 3 * (depth + 1) * lengths, rtol=10 * UNIT)
    assert not ntk_relu(X, depth=depth)[2].any()
    if depth == 1:
        assert not np.diag(ntk_relu(X, -X)).any()
        assert not np.diag(nngp_relu(X, -0.5 * X)).any()


def test_one_dimension():
    X, Z = np.array([[3.0], [-0.1], [0.0]]), np.array([[7.0], [-1e-3]])
    same = np.maximum(X @ Z.T, 0)
    np.testing.assert_allclose(ntk_relu(X, Z), 2 * same, rtol=4 * UNIT)
    np.testing.assert_allclose(nngp_relu(X, Z), same, rtol=4 * UNIT)


@pytest.mark.parametrize("kernel", [ntk_relu, nngp_relu])
@pytest.mark.parametrize("depth", [1, 3])
def test_homogeneous_of_degree_one(kernel, depth):
    rng = np.random.default_rng(0)
    X, Z, scale = rng.standard_normal((5, 4)), rng.standard_normal((3, 4)), 10.0 ** rng.uniform(-150, 150, 5)
    K = kernel(X, Z, depth=depth)
    np.testing.assert_allclose(kernel(scale[:, None] * X, Z, depth=depth), scale[:, None] * K, rtol=RELATIVE)


def test_normalisations_are_factors():
    X = np.random.default_rng(0).standard_normal((4, 5))
    for kernel in (ntk_relu, nngp_relu):
        np.testing.assert_allclose(kernel(X, depth=3, gain=1.0), kernel(X, depth=3) / 8, rtol=4 * UNIT)
        np.testing.assert_allclose(kernel(X, fan_in=True), kernel(X / math.sqrt(5)), rtol=RELATIVE)


def test_random_features_agree():
    z, m = 5.0, 200_000
    rng = np.random.default_rng(0)
    X = rng.standard_normal((5, 3))
    W, a = rng.standard_normal((m, 3)), rng.standard_normal(m)
    pre = X @ W.T
    on, hidden = pre > 0, np.maximum(pre, 0)
    for i in range(5):
        for j in range(i + 1):
            process = 2 * hidden[i] * hidden[j]
            tangents = process + 2 * a**2 * (on[i] & on[j]) * (X[i] @ X[j])
            for samples, kernel in ((process, nngp_relu), (tangents, ntk_relu)):
                radius = z * samples.std() / math.sqrt(m)
                assert abs(samples.mean() - kernel(X)[i, j]) <= radius


def test_depth_is_composition():
    """The process kernel of L layers is that of one layer applied to the covariance of L − 1; its slope is φ/π."""
    X = np.random.default_rng(0).standard_normal((5, 4))
    for depth in (2, 3, 5):
        feature = np.linalg.cholesky(nngp_relu(X, depth=depth - 1))
        np.testing.assert_allclose(nngp_relu(X, depth=depth), nngp_relu(feature), rtol=1e-11)
        slope = np.arccos(-cosines(feature)) / math.pi
        slope[np.diag_indices(5)] = 1
        nested = ntk_relu(X, depth=depth - 1) * slope + nngp_relu(X, depth=depth)
        np.testing.assert_allclose(ntk_relu(X, depth=depth), nested, rtol=1e-11)


def cosines(F):
    unit = F / np.linalg.norm(F, axis=1)[:, None]
    return np.clip(unit @ unit.T, -1, 1)


@pytest.mark.parametrize("kernel", [ntk_relu, nngp_relu])
def test_single_precision(kernel):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((60, 8))
    X[1] = X[0] + 1e-6
    K, exact = kernel(X, depth=2, dtype=np.float32), kernel(X, depth=2)
    lengths = np.linalg.norm(X, axis=1)
    assert K.dtype == np.float32
    assert np.abs(K - exact).max() <= 1e-5 * np.max(lengths) ** 2
    assert np.abs((K - exact) / np.outer(lengths, lengths)).max() <= 1e-5


@pytest.mark.parametrize("name", KERNELS)
def test_positive_semi_definite(name):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((40, 5))
    X[20:] = X[:20] + 1e-7 * rng.standard_normal((20, 5))
    s = np.linalg.eigvalsh(KERNELS[name].value(X, None))
    assert s[0] >= -len(s) * UNIT * s[-1]


BAD = [
    ({"X": [[np.nan]]}, "X must be finite"),
    ({"X": np.ones(3)}, "X must have 2 dimension"),
    ({"X": [["a"]]}, "X must hold real numbers"),
    ({"Z": np.ones((2, 4))}, "columns"),
    ({"depth": 0}, "depth must be"),
    ({"depth": 1.5}, "depth must be"),
    ({"depth": True}, "depth must be"),
    ({"gain": 0.0}, "gain must be a finite number > 0"),
    ({"gain": math.nan}, "gain must be a finite number > 0"),
    ({"dtype": np.int64}, "dtype must be float64 or float32"),
    ({"X": np.full((1, 3), 1e200)}, "must not overflow"),
    ({"X": np.full((1, 3), 1.7e308)}, "must not overflow"),
    ({"X": np.full((1, 3), 1e20), "dtype": np.float32}, "must not overflow"),
]


@pytest.mark.parametrize("kernel", [ntk_relu, nngp_relu])
@pytest.mark.parametrize(("change", "message"), BAD)
def test_bad_input_is_refused(kernel, change, message):
    arguments = {"X": np.ones((2, 3)), **change}
    with pytest.raises(ValueError, match=message):
        kernel(arguments.pop("X"), arguments.pop("Z", None), **arguments)


@pytest.mark.parametrize("kernel", [tangent, gaussian_process])
@pytest.mark.parametrize(
    ("options", "message"),
    [({"depth": 0}, "depth must be ≥ 1"), ({"gain": -1.0}, "gain must be a finite number > 0")],
)
def test_a_network_that_is_none_is_refused(kernel, options, message):
    with pytest.raises(ValueError, match=message):
        kernel(**options)

"""Sparse ReLU networks as data: values, number of parameters, interval bounds, and ways to put them together."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray as Array
from scipy import sparse

from theory import checks

POINTS = 64  # points sent through a network at once


@dataclass(frozen=True)
class ReluNetwork:
    """f(x) = W_L relu(… relu(W_1 x + b_1) …) + b_L with sparse W: hidden units are ReLUs, no layer is skipped.

    Attributes:
        weights: W_1, …, W_L, each (out, in), the in of one the out of the one before.
        biases: b_1, …, b_L.
    """

    weights: tuple[sparse.csr_array, ...]
    biases: tuple[Float[Array, " out"], ...]

    def __post_init__(self) -> None:
        """Refuse layers that do not fit together."""
        if not self.weights or len(self.weights) != len(self.biases):
            raise ValueError(
                f"a network has a layer or more and one bias for each, got {len(self.weights)} matrices and "
                f"{len(self.biases)} biases"
            )
        outs = [W.shape[0] for W in self.weights]
        if [W.shape[1] for W in self.weights[1:]] != outs[:-1] or [len(b) for b in self.biases] != outs:
            raise ValueError(
                f"layers must fit together, got matrices {[W.shape for W in self.weights]} and biases "
                f"{[len(b) for b in self.biases]}: each takes in what the one before gives out"
            )


def affine(W: Float[Array, "k d"], b: Float[Array, " k"]) -> ReluNetwork:
    """Wx + b: no hidden layer.

    Raises:
        ValueError: if W and b do not fit together, or on bad input.
    """
    return ReluNetwork((sparse.csr_array(checks.real(W, "W", 2)),), (checks.real(b, "b", 1),))


def stacked(*layers: ReluNetwork) -> ReluNetwork:
    """Networks one after the other with a ReLU between each two."""
    return ReluNetwork(
        tuple(W for layer in layers for W in layer.weights), tuple(b for layer in layers for b in layer.biases)
    )


def clipped_linear(w: Float[Array, " d"], b: float, M: float) -> ReluNetwork:
    """max(−M, min(M, ⟨w, x⟩ + b)) = M − relu(2M − relu(⟨w, x⟩ + b + M)), whose interval bounds are exact.

    Raises:
        ValueError: unless M > 0, or on bad input.
    """
    w, b, M = checks.real(w, "w", 1), checks.finite(b, "b"), checks.amount(M, "M", positive=True)
    turn = np.array([[-1.0]])
    return stacked(
        affine(w[None], np.array([b + M])), affine(turn, np.array([2 * M])), affine(turn, np.array([M]))
    )


def forward(net: ReluNetwork, X: Float[Array, "n d"]) -> Float[Array, "n k"]:
    """The outputs f(x_i).

    Raises:
        ValueError: if X does not fit the network, or on bad input.
    """
    X = _points(net, X)
    parts = []
    for start in range(0, len(X), POINTS):
        h = X[start : start + POINTS].T
        for W, b in zip(net.weights[:-1], net.biases[:-1], strict=True):
            h = np.maximum(W @ h + b[:, None], 0)
        parts.append((net.weights[-1] @ h + net.biases[-1][:, None]).T)
    return np.concatenate(parts)


def parameters(net: ReluNetwork) -> int:
    """How many weights and biases are not zero."""
    return sum(
        int(W.count_nonzero()) + int(np.count_nonzero(b)) for W, b in zip(net.weights, net.biases, strict=True)
    )


def bounds(
    net: ReluNetwork, X: Float[Array, "n d"], eps: float
) -> tuple[Float[Array, "n k"], Float[Array, "n k"]]:
    """Numbers below and above every output on ‖x − x_i‖_∞ ≤ eps, by interval bound propagation.

    Exact for each output that rises or falls along every path from an input to it, and wherever the two agree.

    Errors: roundings; the bounds hold in exact arithmetic.
    Raises:
        ValueError: if X does not fit the network, or on bad input.
    Source: Gowal et al. 2019.
    """
    X, eps = _points(net, X), checks.radius(eps)
    up, down = [W.maximum(0) for W in net.weights], [W.minimum(0) for W in net.weights]
    lows, highs = [], []
    for start in range(0, len(X), POINTS):
        low, high = (X[start : start + POINTS] - eps).T, (X[start : start + POINTS] + eps).T
        for i, b in enumerate(net.biases):
            if i > 0:
                low, high = np.maximum(low, 0), np.maximum(high, 0)
            low, high = up[i] @ low + down[i] @ high + b[:, None], up[i] @ high + down[i] @ low + b[:, None]
        lows.append(low.T)
        highs.append(high.T)
    return np.concatenate(lows), np.concatenate(highs)


def certified_margins(
    net: ReluNetwork, X: Float[Array, "n d"], y: Float[Array, " n"] | Int[Array, " n"], eps: float
) -> Float[Array, " n"]:
    """A number below the margin of every point of ‖x − x_i‖_∞ ≤ eps: where it is positive, no attack succeeds.

    The margin is y f(x) for one output and y = ±1, and f_y(x) − max_{c≠y} f_c(x) for several and y = 0, 1, ….

    Errors: as for `bounds`.
    Raises:
        ValueError: if X or y does not fit the network, or on bad input.
    """
    low, high = bounds(net, X, eps)
    y = checks.real(y, "y", 1)
    k = low.shape[1]
    labels = (-1.0, 1.0) if k == 1 else tuple(map(float, range(k)))
    if len(y) != len(low) or not np.isin(y, labels).all():
        raise ValueError(f"y must hold {len(low)} labels out of {labels}, got {len(y)}: {np.unique(y)[:12]}")
    if k == 1:
        return np.asarray(np.minimum(y * low[:, 0], y * high[:, 0]))
    own = y.astype(np.int64)
    others = np.where(np.arange(k) == own[:, None], -math.inf, high)
    return np.asarray(low[np.arange(len(y)), own] - others.max(axis=1))


def compose(outer: ReluNetwork, inner: ReluNetwork) -> ReluNetwork:
    """outer(inner(x)); the last layer of the inner and the first of the outer become one."""
    W, b = outer.weights[0], outer.biases[0]
    return ReluNetwork(
        (*inner.weights[:-1], (W @ inner.weights[-1]).tocsr(), *outer.weights[1:]),
        (*inner.biases[:-1], W @ inner.biases[-1] + b, *outer.biases[1:]),
    )


def deepen(net: ReluNetwork, layers: int) -> ReluNetwork:
    """The same function with so many more layers: each output passes them as its positive and negative part.

    Raises:
        ValueError: if layers is not an integer ≥ 0.
    """
    if checks.count(layers, "layers", 0) == 0:
        return net
    k = net.weights[-1].shape[0]
    both = sparse.eye_array(2 * k, format="csr")
    split = sparse.vstack([sparse.eye_array(k), -sparse.eye_array(k)], format="csr")
    carry = ReluNetwork(
        (split, *[both] * (layers - 1), split.T.tocsr()), (*[np.zeros(2 * k)] * layers, np.zeros(k))
    )
    return compose(carry, net)


def parallel(first: ReluNetwork, second: ReluNetwork) -> ReluNetwork:
    """Both networks on one input, side by side, the shallower one deepened; outputs of the first come first."""
    depth = max(len(first.weights), len(second.weights))
    one, two = (deepen(net, depth - len(net.weights)) for net in (first, second))
    if one.weights[0].shape[1] != two.weights[0].shape[1]:
        raise ValueError(
            f"both networks must take the same inputs, got {one.weights[0].shape[1]} and "
            f"{two.weights[0].shape[1]} dimensions"
        )
    pairs = list(zip(one.weights, two.weights, strict=True))
    return ReluNetwork(
        (
            sparse.vstack(pairs[0], format="csr"),
            *(sparse.block_diag(pair, format="csr") for pair in pairs[1:]),
        ),
        tuple(np.concatenate(pair) for pair in zip(one.biases, two.biases, strict=True)),
    )


def _points(net: ReluNetwork, X: Float[Array, "n d"]) -> Float[Array, "n d"]:
    X = checks.real(X, "X", 2)
    if X.shape[1] != net.weights[0].shape[1]:
        raise ValueError(f"X must be points in {net.weights[0].shape[1]} dimensions, one per row, got {X.shape}")
    return X

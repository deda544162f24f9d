"""ReLU networks that tell how far a point is outside each of many balls: 0 on the ball, positive off it."""

import math

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy import sparse

from theory import checks
from theory.relu_network import ReluNetwork, compose


def box_excess(X: Float[Array, "n d"], eps: float) -> ReluNetwork:
    """Σ_j relu(|x_j − x_ij| − eps) for each i: the ℓ1 distance of x from the ball ‖x − x_i‖_∞ ≤ eps.

    It is 0 on the ball and at least r off the ball of radius eps + r. One hidden layer; 6d parameters for each i
    if no ±x_ij − eps is 0. Its interval bounds are exact on boxes of radius eps or less.

    Raises:
        ValueError: if eps < 0 or on bad input.
    """
    X, eps = checks.real(X, "X", 2), checks.radius(eps)
    n, d = X.shape
    first, bias = _sides(X, eps)
    return ReluNetwork((first, sparse.kron(sparse.eye_array(n), np.ones((1, 2 * d)), "csr")), (bias, np.zeros(n)))


def box_distance(X: Float[Array, "n d"], eps: float = 0.0) -> ReluNetwork:
    """max_j relu(|x_j − x_ij| − eps) for each i: the ℓ∞ distance of x from the ball ‖x − x_i‖_∞ ≤ eps.

    A binary tree of max(a, b) = relu(a − b) + relu(b), a, b ≥ 0: ⌈log₂ d⌉ + 1 hidden layers.
    The interval bounds lose more at each level.

    Raises:
        ValueError: if eps < 0 or on bad input.
    """
    X, eps = checks.real(X, "X", 2), checks.radius(eps)
    n, d = X.shape
    first, bias = _sides(X, eps)
    net = ReluNetwork(
        (first, sparse.kron(sparse.eye_array(n * d), np.ones((1, 2)), "csr")), (bias, np.zeros(n * d))
    )
    while d > 1:
        net, d = compose(_larger_of_pairs(n, d), net), (d + 1) // 2
    return net


def ball_excess(X: Float[Array, "n d"], eps: float, reach: float, k: int) -> ReluNetwork:
    """relu(q_i(x) − eps² − d h²/4) for each i: 0 on ‖x − x_i‖₂ ≤ eps, h = reach/k.

    q_i sums over coordinates the interpolation of z² at −reach, −reach + h, …, reach, made linear beyond. From
    above it is within d h²/4 of ‖x − x_i‖₂² where no coordinate is further than reach, and where one is, q_i is
    at least reach²: off the ball of radius reach the output is at least `ball_gap`.

    Raises:
        ValueError: if k is too small for the error to fit between the two radii, or on bad input.
    """
    X, k = checks.real(X, "X", 2), checks.count(k, "k")
    n, d = X.shape
    gap = ball_gap(d, eps, reach, k)
    h = reach / k
    knots = np.repeat(h * np.arange(k), 2)
    slopes = np.repeat(np.where(np.arange(k) == 0, h, 2 * h), 2)
    first = sparse.kron(sparse.eye_array(d), np.tile([[1.0], [-1.0]], (k, 1)))
    signs = np.tile([1.0, -1.0], k)
    sums = sparse.kron(sparse.eye_array(n), np.tile(slopes, d)[None], "csr")
    return ReluNetwork(
        (sparse.vstack([first] * n, format="csr"), sums, sparse.eye_array(n, format="csr")),
        ((-X[:, :, None] * signs - knots).ravel(), np.full(n, gap - reach**2), np.zeros(n)),
    )


def ball_gap(d: int, eps: float, reach: float, k: int) -> float:
    """reach² − eps² − d h²/4, h = reach/k.

    Raises:
        ValueError: if it is not positive, or on bad input.
    """
    d, k, eps, reach = (
        checks.count(d, "d"),
        checks.count(k, "k"),
        checks.radius(eps),
        checks.radius(reach, "reach"),
    )
    gap = reach**2 - eps**2 - d * (reach / k) ** 2 / 4
    if not (reach > eps and gap > 0):
        least = math.floor(reach * math.sqrt(d) / 2 / math.sqrt(reach**2 - eps**2)) + 1 if reach > eps else None
        raise ValueError(
            f"{k} pieces of each square leave an error too large between the radii {eps} and {reach} in d={d}; "
            + (f"take k ≥ {least}" if least else "the second must be larger")
        )
    return gap


def _sides(X: Float[Array, "n d"], eps: float) -> tuple[sparse.csr_array, Float[Array, " m"]]:
    """The units relu(x_j − x_ij − eps) and relu(x_ij − x_j − eps), side by side: 4d parameters for each i."""
    n, d = X.shape
    pair = sparse.kron(sparse.eye_array(d), np.array([[1.0], [-1.0]]))
    return sparse.vstack([pair] * n, format="csr"), np.stack([-X - eps, X - eps], axis=-1).ravel()


def _larger_of_pairs(n: int, d: int) -> ReluNetwork:
    """From n times d numbers ≥ 0 to n times ⌈d/2⌉: the larger of each two neighbours; an odd one out passes."""
    half, odd = d // 2, d % 2
    pair, sums, one = np.array([[1.0, -1.0], [0.0, 1.0]]), np.ones((1, 2)), np.eye(odd)
    hidden = sparse.block_diag([sparse.kron(sparse.eye_array(half), pair), one])
    out = sparse.block_diag([sparse.kron(sparse.eye_array(half), sums), one])
    every = sparse.eye_array(n)
    W, V = sparse.kron(every, hidden, "csr"), sparse.kron(every, out, "csr")
    return ReluNetwork((W, V), (np.zeros(W.shape[0]), np.zeros(V.shape[0])))

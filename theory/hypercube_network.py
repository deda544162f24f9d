"""A network that is robust on the signed hypercube, whatever the labels: three parameters a point at most."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import checks
from theory.relu_network import ReluNetwork, affine, compose, stacked

LARGEST = 24  # dimensions whose corners fit into memory


def corners(D: int) -> Float[Array, "n d"]:
    """{−1, 1}^(D−1), one point per row, in the order of the binary numbers that they spell.

    Raises:
        ValueError: unless 1 ≤ D ≤ 24.
    """
    D = checks.count(D, "D")
    if D > LARGEST:
        raise ValueError(f"D must be at most {LARGEST}, got {D}: there are 2^(D−1) points")
    bits = np.arange(2 ** (D - 1))[:, None] >> np.arange(D - 1)[::-1] & 1
    return 2.0 * bits - 1


def robust_network(y: Float[Array, " n"], eps: float) -> ReluNetwork:
    """A network of sign y(z) on ‖x − (0, z)‖_∞ ≤ eps for all n = 2^(D−1) points z, in the order of `corners`.

    Each of the last D − 1 coordinates is clipped to ±1, which the attack does not change then; the number that the
    signs spell, 0 … n − 1, is one unit; and a zigzag of slopes ±2 crosses 0 halfway between unequal neighbours.
    5D − 4 + 3(changes of label) parameters that are not 0, in four hidden layers.

    Errors: none up to roundings; interval bounds prove it.
    Raises:
        ValueError: unless 0 ≤ eps < 1, the number of labels is a power of two, both occur, or on bad input.
    """
    y, eps = checks.real(y, "y", 1), checks.radius(eps)
    D = len(y).bit_length()
    if len(y) < 2 or len(y) != 2 ** (D - 1):
        raise ValueError(f"there must be one label for each of 2^(D−1) points, D ≥ 2, got {len(y)}")
    if not np.isin(y, (-1.0, 1.0)).all() or len(np.unique(y)) == 1:
        raise ValueError(f"labels must be -1 and +1 and both occur, got {np.unique(y)[:5]}")
    if eps >= 1:
        raise ValueError(f"eps must be below 1, got {eps}: boxes of different points meet")
    return compose(_zigzag(y), _number(D, eps))


def _number(D: int, eps: float) -> ReluNetwork:
    """Σ_j 2^(D−2−j) bit_j(x), where bit_j is 0 for x_j ≤ eps − 1, 1 for x_j ≥ 1 − eps, and linear between."""
    gap, k = 2 * (1 - eps), D - 1
    inputs = np.column_stack([np.zeros(k), np.eye(k)]) / gap
    layers = (  # bit = 1 − relu(1 − relu((x + 1 − eps)/gap))
        affine(inputs, np.full(k, 1 / 2)),
        affine(-np.eye(k), np.ones(k)),
        affine(-(2.0 ** np.arange(k)[None, ::-1]), np.array([2.0**k - 1])),
    )
    return stacked(*layers)


def _zigzag(y: Float[Array, " n"]) -> ReluNetwork:
    """A piecewise linear function of u ≥ 0 with the signs of y at u = 0, …, n − 1."""
    crossings = np.flatnonzero(y[1:] != y[:-1]) + 0.5
    turns = (crossings[1:] + crossings[:-1]) / 2
    slopes = 2 * y[0] * np.append(-1.0, 2.0 * (-1.0) ** np.arange(len(turns)))
    return stacked(
        affine(np.ones((1, 1)), np.zeros(1)),  # u is a unit of its own: so each turn takes three parameters
        affine(np.ones((len(slopes), 1)), -np.append(0.0, turns)),
        affine(slopes[None], np.array([2 * y[0] * crossings[0]])),
    )

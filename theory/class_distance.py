"""How far apart the classes of a data set are, and how much of another set its balls cover."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy.spatial.distance import cdist

from theory import checks


def closest_pair(X: Float[Array, "n d"], y: Float[Array, " n"], p: float = np.inf) -> tuple[float, int, int]:
    """The least ‖x_i − x_j‖ₚ over points of different classes, and i < j that reach it.

    Balls of half that radius around the points meet within a class only.

    Raises:
        ValueError: if p < 1, there is one class only, or on bad input.
    """
    X, y = checks.regression(X, y)
    classes = np.unique(y)
    if len(classes) < 2:
        raise ValueError(f"y has one class only ({y[0]:g}); the distance of classes needs two")
    best = (np.inf, 0, 0)
    for label in classes[:-1]:
        own, others = np.flatnonzero(y == label), np.flatnonzero(y > label)
        distances = _distances(X[own], X[others], p)
        row, column = np.unravel_index(int(distances.argmin()), distances.shape)
        if distances[row, column] < best[0]:
            i, j = sorted((int(own[row]), int(others[column])))
            best = (float(distances[row, column]), i, j)
    return best


def covered(X: Float[Array, "n d"], Z: Float[Array, "k d"], radius: float, p: float = np.inf) -> float:
    """The share of points z that lie in the union of the balls ‖x − x_i‖ₚ ≤ radius.

    Raises:
        ValueError: if p < 1 or radius < 0, or on bad input.
    """
    X, Z, radius = checks.real(X, "X", 2), checks.real(Z, "Z", 2), checks.radius(radius, "radius")
    if X.shape[1] != Z.shape[1]:
        raise ValueError(f"X and Z must have equally many columns, got {X.shape[1]} and {Z.shape[1]}")
    return float(np.mean(_distances(Z, X, p).min(axis=1) <= radius))


def _distances(X: Float[Array, "n d"], Z: Float[Array, "k d"], p: float) -> Float[Array, "n k"]:
    p = checks.exponent(p)
    if p == np.inf:
        return cdist(X, Z, "chebyshev")
    if p in (1, 2):
        return cdist(X, Z, "minkowski", p=p)
    out = np.empty((len(X), len(Z)))
    for row, x in zip(out, X, strict=True):  # in units of the largest difference, so that no power leaves float64
        apart = np.abs(Z - x)
        largest = apart.max(axis=1)
        unit = np.where(largest > 0, largest, 1.0)
        row[:] = largest * np.sum((apart / unit[:, None]) ** p, axis=1) ** (1 / p)
    return out

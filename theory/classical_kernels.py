"""A kernel with its gradient, and the classical ones: linear, polynomial, Gaussian, Laplace.

For the last two, the distances come from one matrix product by row blocks, about the mean of the points; where
|x − z|² is a small difference of squares, it is formed again from the two points.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import checks
from theory.checks import amount, count

BLOCK = 128  # rows of one matrix product
CLOSE = 1e-2  # share of |x|² + |z|² below which |x − z|² is formed from differences
SIZE = 1 << 19  # numbers held at a time where pairs of points are compared one by one
Profile = Callable[[Array], Array]


@dataclass(frozen=True)
class Kernel:
    """A kernel k(x, z) and its gradient in x.

    Attributes:
        value: value(X, Z) = k(x_i, z_j), of shape (n, k); Z = None stands for X.
        gradient: gradient(X, Z, A) = Σ_j A_rj ∇ₓ k(x_i, z_j), of shape (r, n, d) for coefficients A (r, k).
    """

    value: Callable[[Array, Array | None], Array]
    gradient: Callable[[Array, Array, Array], Array]


def polynomial(degree: int = 1, *, offset: float = 0.0) -> Kernel:
    """k(x, z) = (⟨x, z⟩ + offset)^degree; by default the linear kernel.

    Raises:
        ValueError: if degree is not a whole number ≥ 1, offset is negative (the matrix need then not be
            positive semi-definite), or on bad input.
    """
    degree, offset = count(degree, "degree"), amount(offset, "offset")

    def value(X: Array, Z: Array | None) -> Array:
        X, Z = points(X, Z)
        return np.asarray((X @ (X if Z is None else Z).T + offset) ** degree)

    def gradient(X: Array, Z: Array, A: Array) -> Array:
        X, Z, A = weighted(X, Z, A)
        slope = degree * (X @ Z.T + offset) ** (degree - 1)
        return np.stack([(slope * a) @ Z for a in A])

    return Kernel(value, gradient)


def gaussian(width: float) -> Kernel:
    """k(x, z) = exp(−|x − z|²/(2 width²)).

    Errors: relative error of order 1e-14 |x − z|²/width²; the same in the gradient, of
        Σ |a_j| k |z_j − x|/width².
    Raises:
        ValueError: if width is not positive, or on bad input.
    """
    width = _width(width)

    def value(X: Array, Z: Array | None) -> Array:
        return _by_blocks(X, Z, lambda squared: np.exp(-squared / (2 * width**2)))

    def gradient(X: Array, Z: Array, A: Array) -> Array:
        return _pulled(X, Z, A, lambda squared: np.exp(-squared / (2 * width**2)) / width**2)

    return Kernel(value, gradient)


def laplace(width: float) -> Kernel:
    """k(x, z) = exp(−|x − z|/width); at x = z, where it has a kink, its gradient counts as 0.

    Errors: relative error of order 1e-14 |x − z|/width; the same in the gradient, of Σ |a_j| k/width.
    Raises:
        ValueError: if width is not positive, or on bad input.
    """
    width = _width(width)

    def value(X: Array, Z: Array | None) -> Array:
        return _by_blocks(X, Z, lambda squared: np.exp(-np.sqrt(squared) / width))

    def slope(squared: Array) -> Array:
        r = np.sqrt(squared)
        return np.asarray(np.divide(np.exp(-r / width), width * r, out=np.zeros_like(r), where=r > 0))

    return Kernel(value, lambda X, Z, A: _pulled(X, Z, A, slope))


def _width(value: Any) -> float:
    """A width > 0 whose square is a number."""
    width = amount(value, "width", positive=True)
    if width < checks.SMALL:
        raise ValueError(f"width must be at least {checks.SMALL:g}, got {value}; rescale the points")
    return width


def points(X: Any, Z: Any, reach: float = checks.LARGE) -> tuple[Array, Array | None]:
    """Points (n, d) and (k, d) of the same space; None for a Z that is X."""
    X = checks.real(X, "X", 2, reach=reach)
    if Z is None:
        return X, None
    Z = checks.real(Z, "Z", 2, reach=reach)
    if X.shape[1] != Z.shape[1]:
        raise ValueError(f"X has {X.shape[1]} columns but Z has {Z.shape[1]}; they must agree")
    return X, None if np.array_equal(X, Z) else Z


def weighted(X: Any, Z: Any, A: Any) -> tuple[Array, Array, Array]:
    """Points (n, d) and (k, d), and coefficients (r, k) of the second."""
    X, other = points(X, Z)
    Z, A = X if other is None else other, checks.real(A, "A", 2)
    if A.shape[1] != len(Z):
        raise ValueError(f"A has {A.shape[1]} columns but Z has {len(Z)} rows; each point needs its coefficient")
    return X, Z, A


def _blocks(X: Array, Z: Array) -> Iterator[tuple[slice, Array, Array, Array]]:
    """Row blocks with |x_i − z_j|², and the pairs i, j for which it was formed from differences."""
    squared_z = np.sum(Z**2, axis=1)
    for start in range(0, len(X), BLOCK):
        x = X[start : start + BLOCK]
        total = np.sum(x**2, axis=1)[:, None] + squared_z
        squared = x @ Z.T
        squared *= -2
        squared += total
        i, j = np.nonzero(squared < CLOSE * total)
        for part in _parts(len(i), X.shape[1]):
            squared[i[part], j[part]] = np.sum((x[i[part]] - Z[j[part]]) ** 2, axis=1)
        yield slice(start, start + len(x)), squared, i, j


def _parts(count: int, d: int) -> Iterator[slice]:
    """Slices of that many pairs, of bounded memory."""
    size = max(1, SIZE // d)
    return (slice(start, min(start + size, count)) for start in range(0, count, size))


def _by_blocks(X: Any, Z: Any, profile: Profile) -> Float[Array, "n k"]:
    """profile(|x_i − z_j|²)."""
    X, other = points(X, Z)
    mean = X.mean(axis=0)
    X = X - mean
    Z = X if other is None else other - mean
    K = np.empty((len(X), len(Z)))
    for rows, squared, _, _ in _blocks(X, Z):
        K[rows] = profile(squared)
    return K


def _pulled(X: Any, Z: Any, A: Any, slope: Profile) -> Float[Array, "r n d"]:
    """Σ_j A_rj slope(|x_i − z_j|²)(z_j − x_i), the close pairs from their differences."""
    X, Z, A = weighted(X, Z, A)
    mean = X.mean(axis=0)
    X, Z = X - mean, Z - mean
    out = np.empty((len(A), *X.shape))
    for rows, squared, i, j in _blocks(X, Z):
        W, x = slope(squared), X[rows]
        close = W[i, j]
        W[i, j] = 0
        for r, a in enumerate(A):
            out[r, rows] = (W * a) @ Z - (W @ a)[:, None] * x
            for part in _parts(len(i), X.shape[1]):
                k, m = i[part], j[part]
                np.add.at(out[r], rows.start + k, (a[m] * close[part])[:, None] * (Z[m] - x[k]))
    return out

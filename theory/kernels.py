"""Kernels of infinitely wide ReLU networks, of any depth: tangent and Gaussian process, with their gradients.

The cosines of all pairs come from one matrix product by row blocks. Where a cosine is so near ±1 that its
rounding would show, the angle is formed again from the two points.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Float
from numpy import ndarray as Array

from theory import arc_cosine
from theory.checks import amount, count
from theory.classical_kernels import BLOCK, Kernel, points, weighted

STRIP = 1 << 15  # entries that pass through the layers together: they stay in the cache
OPPOSITE = -0.99  # cosines below this are formed again, and those within `NEAR` of 1
NEAR = {np.dtype(np.float64): 1e-5, np.dtype(np.float32): 1e-3}


def ntk_relu(
    X: Float[Array, "n d"],
    Z: Float[Array, "k d"] | None = None,
    *,
    depth: int = 1,
    gain: float = 2.0,
    fan_in: bool = False,
    dtype: npt.DTypeLike = np.float64,
) -> Float[Array, "n k"]:
    """The tangent kernel of f(x) = √(gain/m) a·relu(√(gain/m) W … relu(W x)), m → ∞, all N(0, 1), all trained.

    At one hidden layer it is |x||z| (u k0 + k1) times gain/2, with u the cosine of x and z, k0 = 1 − θ/π and
    k1 = (u (π − θ) + sin θ)/π. So k(x, x) = (depth + 1)|x|² (gain/2)^depth. With fan_in the first layer too is
    divided by the root of its fan-in, √d, and the kernel by d.

    Errors: relative error below 1e-12 for any two points, however nearly coincident or opposite (1e-13 is usual);
        but only 1e-15 |x||z| absolute where the kernel of depth 1 changes sign, near θ = 1.976. Exact zero for
        opposite points at depth 1, and for zero vectors. With dtype float32 the matrix is stored so, and its
        entries have errors up to 1e-5 |x||z|; the memory is that of the result and of a block of 128 rows.
    Raises:
        ValueError: if depth is not a whole number ≥ 1, gain is not positive, dtype is neither float64 nor float32,
            the kernel overflows, or on bad input.
    Source: Jacot, Gabriel & Hongler 2018, Theorem 1; Cho & Saul 2009, §2.1.
    """
    X, Z, factor = _network(X, Z, depth, gain, fan_in)
    return _assembled(X, Z, depth, True, factor, np.dtype(dtype))


def nngp_relu(
    X: Float[Array, "n d"],
    Z: Float[Array, "k d"] | None = None,
    *,
    depth: int = 1,
    gain: float = 2.0,
    fan_in: bool = False,
    dtype: npt.DTypeLike = np.float64,
) -> Float[Array, "n k"]:
    """The covariance of f(x) at its start, for the network of `ntk_relu`: also its kernel if a alone is trained.

    At one hidden layer it is |x||z| k1 times gain/2. So k(x, x) = |x|² (gain/2)^depth.

    Errors: relative error below 1e-12 for any two points (1e-13 is usual); otherwise as `ntk_relu`.
    Raises:
        ValueError: as `ntk_relu`.
    Source: Cho & Saul, Kernel methods for deep learning, 2009, §2.1.
    """
    X, Z, factor = _network(X, Z, depth, gain, fan_in)
    return _assembled(X, Z, depth, False, factor, np.dtype(dtype))


def tangent(depth: int = 1, *, gain: float = 2.0, fan_in: bool = False) -> Kernel:
    """`ntk_relu` with its gradient: |z| (h x̂ − h′(θ) n̂), n̂ the direction from x to z across x̂.

    On the ray of a z_j, where the kernel has a kink, the two one-sided gradients are averaged: n̂ counts as 0. At
    x = 0 there is no gradient; Σ a_j h′(u = 0) z_j is returned, which at depth 1 is that of the odd part.

    Errors: 1e-13 of Σ |a_j||z_j|, nearly coincident points included.
    Raises:
        ValueError: as `ntk_relu`.
    Source: differentiation; Tsilivis & Kempe 2022 for depth 1.
    """
    return _wide(depth, True, gain, fan_in)


def gaussian_process(depth: int = 1, *, gain: float = 2.0, fan_in: bool = False) -> Kernel:
    """`nngp_relu` with its gradient; conventions, errors and refusals as for `tangent`."""
    return _wide(depth, False, gain, fan_in)


def _network(X: Any, Z: Any, depth: Any, gain: Any, fan_in: bool) -> tuple[Array, Array | None, float]:
    """Checked points, and the factor that the normalisation puts on the kernel."""
    depth, gain = count(depth, "depth"), amount(gain, "gain", positive=True)
    X, Z = points(X, Z, np.inf)
    return X, Z, (gain / 2) ** depth / (X.shape[1] if fan_in else 1)


def _rows(X: Array) -> tuple[Array, Array, Array]:
    """The rows scaled by powers of 2, without rounding, to largest entry near 1; their directions and lengths."""
    _, exponent = np.frexp(np.abs(X).max(axis=1))
    rows = np.ldexp(X, -exponent[:, None])
    length = np.linalg.norm(rows, axis=1)
    unit = rows / np.where(length > 0, length, 1)[:, None]
    with np.errstate(over="ignore"):
        return rows, unit, np.ldexp(length, exponent)


def _assembled(X: Array, Z: Array | None, depth: int, tangent: bool, factor: float, dtype: np.dtype[Any]) -> Array:
    """The kernel matrix by row blocks; one triangle, mirrored, if Z is X."""
    if dtype not in NEAR:
        raise ValueError(f"dtype must be float64 or float32, got {dtype}")
    rows, unit, length = _rows(X)
    rows_z, unit_z, length_z = (rows, unit, length) if Z is None else _rows(Z)
    longest, longest_z = float(length.max()), float(length_z.max())
    if not longest * longest_z * factor * (depth + 1) <= float(np.finfo(dtype).max):
        raise ValueError(f"|x||z| must not overflow, got lengths up to {longest:.3g}, {longest_z:.3g}; rescale X")
    unit, unit_z = unit.astype(dtype), unit_z.astype(dtype)
    left, right = (factor * length).astype(dtype), length_z.astype(dtype)
    K = np.empty((len(X), len(right)), dtype)
    for start in range(0, len(X), BLOCK):
        first = start if Z is None else 0
        H = unit[start : start + BLOCK] @ unit_z[first:].T
        if Z is None:
            np.fill_diagonal(H, 0)
        i, j = near(H, NEAR[dtype])
        H[i, j] = 0
        height = max(1, STRIP // H.shape[1])
        for top in range(0, len(H), height):
            h = arc_cosine.from_cosines(H[top : top + height], depth, tangent)
            h *= left[start + top : start + top + len(h), None]
            np.multiply(h, right[first:], out=H[top : top + height])
        for part, theta, phi, _ in apart(rows[start:], rows_z[first:], i, j):
            k, m = i[part], j[part]
            h, _ = arc_cosine.from_angles(theta, phi, depth, tangent)
            H[k, m] = h * left[start + k] * right[first + m]
        K[start : start + BLOCK, first:] = H
        if Z is None:
            size = len(H)
            K[start + size :, start : start + size] = H[:, size:].T
            corner = np.triu(H[:, :size])
            K[start : start + size, start : start + size] = corner + corner.T
    if Z is None:
        np.fill_diagonal(K, factor * (depth + 1 if tangent else 1) * length**2)
    return K


def near(u: Float[Array, "n k"], margin: float) -> tuple[Array, Array]:
    """The pairs whose cosines u say too little of their angles."""
    if u.max() <= 1 - margin and u.min() >= OPPOSITE:
        return np.empty(0, int), np.empty(0, int)
    i, j = np.nonzero((u > 1 - margin) | (u < OPPOSITE))
    return i, j


def apart(rows: Array, rows_z: Array, i: Array, j: Array) -> Any:
    """Slices of the pairs (i, j), with their θ, φ and directions from the points themselves."""
    size = max(1, arc_cosine.SIZE // rows.shape[1])
    for start in range(0, len(i), size):
        part = slice(start, start + size)
        yield part, *arc_cosine.angles(rows[i[part]], rows_z[j[part]])


def _wide(depth: int, tangent: bool, gain: float, fan_in: bool) -> Kernel:
    """The kernel of an infinitely wide network, with its gradient."""
    assembled = ntk_relu if tangent else nngp_relu

    def value(X: Array, Z: Array | None) -> Array:
        return assembled(X, Z, depth=depth, gain=gain, fan_in=fan_in)

    def gradient(X: Array, Z: Array, A: Array) -> Array:
        X, Z, A = weighted(X, Z, A)
        _, _, factor = _network(X, Z, depth, gain, fan_in)
        rows, unit, _ = _rows(X)
        rows_z, unit_z, length = _rows(Z)
        pull = factor * A * length
        out = np.empty((len(A), *X.shape))
        for start in range(0, len(X), BLOCK):
            block = slice(start, start + BLOCK)
            u = unit[block] @ unit_z.T
            i, j = near(u, NEAR[u.dtype])
            u[i, j] = 0
            h, fall = arc_cosine.from_angles(np.arccos(u), np.arccos(-u), depth, tangent)
            slope = fall / np.sqrt((1 - u) * (1 + u))
            slope[i, j] = 0
            h -= u * slope
            across = np.zeros((len(A), *u.shape[:1], X.shape[1]))
            for part, theta, phi, direction in apart(rows[start:], rows_z, i, j):
                h[i[part], j[part]], fall = arc_cosine.from_angles(theta, phi, depth, tangent)
                for r in range(len(A)):
                    np.add.at(across[r], i[part], (pull[r, j[part]] * fall)[:, None] * direction)
            for r in range(len(A)):
                out[r, block] = (h @ pull[r])[:, None] * unit[block] + (slope * pull[r]) @ unit_z + across[r]
        return out

    _network(np.zeros((1, 1)), None, depth, gain, fan_in)
    return Kernel(value, gradient)

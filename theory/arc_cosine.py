"""Angles between points, and what the layers of an infinitely wide ReLU network make of them.

A kernel of such a network is |x||z| h(θ), with θ the angle between x and z and φ = π − θ. Each layer maps the
cosine u to k1(u) = (sin φ − φ cos φ)/π, and k0(u) = φ/π is its slope. The tangent kernel follows
Θ ← Θ k0(u) + k1(u), with Θ = u before the first layer.
"""

import math

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

FOLD = [(-1) ** (k + 1) * 2 * k / math.factorial(2 * k + 1) for k in range(9, 0, -1)]
SPLIT = 2.0**27 + 1
PARALLEL = 2.0**-100  # a component below this share of its vector is rounding: the vectors are parallel
SIZE = 1 << 19  # numbers held at a time where pairs of points are compared one by one


def from_cosines(u: Float[Array, "n k"], depth: int, tangent: bool) -> Float[Array, "n k"]:
    """H at cosines away from ±1, by the recursion in u; `u` is overwritten.

    Errors: du φ/(θ h) from an error du of the cosine near θ = 0, and du/φ² relative to h near θ = π.
    """
    pi = u.dtype.type(np.pi)
    theta = u.copy() if tangent else None
    for _ in range(depth):
        phi = np.arccos(-u)
        sine = 1 - u
        sine *= 1 + u
        np.sqrt(sine, out=sine)
        u *= phi
        u += sine
        u /= pi
        np.minimum(u, 1, out=u)
        if theta is not None:
            phi /= pi
            theta *= phi
            theta += u
    return u if theta is None else theta


def from_angles(
    theta: Float[Array, " k"], phi: Float[Array, " k"], depth: int, tangent: bool
) -> tuple[Float[Array, " k"], Float[Array, " k"]]:
    """H and −dh/dθ, from angles θ and φ = π − θ that both have a small relative error.

    The half angle carries the recursion: sin²(θ′/2) = sin²(θ/2) − (sin θ − θ cos θ)/(2π), where no digits cancel.

    Errors: relative error of order depth · u, u the machine precision, but u absolute where the tangent kernel of
        depth 1 changes sign, near θ = 1.976.
    """
    h, h_fall = np.cos(theta), np.sin(theta)
    fall, ratio = h_fall, np.ones_like(theta)  # −du/dθ₀, and its ratio to the sine of the layer's angle
    for _ in range(depth):
        k0, k1 = phi / np.pi, fold(phi) / np.pi
        h_fall = h_fall * k0 + h * ratio / np.pi + k0 * fall
        h = h * k0 + k1
        fall = k0 * fall
        near = np.sin(theta / 2) ** 2 - fold(theta) / (2 * np.pi)
        theta = 2 * np.arcsin(np.sqrt(np.where(theta < np.pi / 2, near, (1 - k1) / 2)))
        phi = np.pi - theta
        sine = np.sin(theta)
        ratio = np.divide(fall, sine, out=np.ones_like(sine), where=sine > 0)
    return (h, h_fall) if tangent else (k1, fall)


def fold(phi: Float[Array, " k"]) -> Float[Array, " k"]:
    """Sin φ − φ cos φ on [0, π], to full relative accuracy: by its series φ³/3 − φ⁵/30 + … below 1."""
    small = np.minimum(phi, 1.0)
    return np.asarray(np.where(phi < 1, small**3 * np.polyval(FOLD, small**2), np.sin(phi) - phi * np.cos(phi)))


def angles(
    x: Float[Array, "k d"], z: Float[Array, "k d"]
) -> tuple[Float[Array, " k"], Float[Array, " k"], Float[Array, "k d"]]:
    """The angle θ of each pair of rows, φ = π − θ, and the unit vector from x towards z orthogonal to x.

    The part of z orthogonal to x is formed twice, the first time from products known to twice the precision, so
    that it keeps all its digits however nearly parallel or opposite the two are. Where it vanishes, the angle is
    exactly 0 or π and the vector is zero. The largest entry of each row should be of order 1.

    Errors: relative error of order d · u in θ and in φ, if they exceed 1e-30.
    """
    squared = np.sum(x**2, axis=1)
    share = np.sum(x * z, axis=1) / squared
    high, low = _product(share[:, None], x)
    beyond = (z - high) - low
    beyond -= (np.sum(beyond * x, axis=1) / squared)[:, None] * x
    length = np.linalg.norm(beyond, axis=1)
    length = np.where(length > PARALLEL * np.linalg.norm(z, axis=1), length, 0.0)
    along = share * np.sqrt(squared)
    unit = np.divide(beyond, length[:, None], out=np.zeros_like(beyond), where=length[:, None] > 0)
    return np.arctan2(length, along), np.arctan2(length, -along), unit


def _product(a: Float[Array, "k 1"], b: Float[Array, "k d"]) -> tuple[Float[Array, "k d"], Float[Array, "k d"]]:
    """a·b as the unevaluated sum of its rounded value and the rounding.

    Source: Dekker, A floating-point technique for extending the available precision, 1971.
    """
    high = a * b
    a_high, b_high = _upper(a), _upper(b)
    a_low, b_low = a - a_high, b - b_high
    low = a_low * b_low - (((high - a_high * b_high) - a_low * b_high) - a_high * b_low)
    return high, low


def _upper(a: Float[Array, "..."]) -> Float[Array, "..."]:
    """The upper half of the digits of a."""
    shifted = SPLIT * a
    return np.asarray(shifted - (shifted - a))

"""The law of one coordinate of a uniform direction, of density ∝ (1 − r²)^((k−3)/2) on [−1, 1], and its means."""

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from numpy.typing import NDArray
from scipy import integrate, linalg, special

from theory import checks

ACCURACY = 1e-10  # asked of the adaptive rule, relative and absolute


def projection_rule(k: int, order: int) -> tuple[Float[Array, " order"], Float[Array, " order"]]:
    """Gauss's nodes and probabilities for one coordinate of the unit sphere of R^k; −1 and 1 for k = 1.

    Exact for polynomials of degree 2·order − 1.

    Raises:
        ValueError: if k or order < 1.
    Source: Golub & Welsch 1969; the recurrence of Gegenbauer's polynomials of index k/2 − 1.
    """
    return _rule(checks.count(k, "k"), checks.count(order, "order"))


@lru_cache(maxsize=64)
def _rule(k: int, order: int) -> tuple[Float[Array, " order"], Float[Array, " order"]]:
    """The same for checked arguments, computed once."""
    if k == 1:
        return np.array([-1.0, 1.0]), np.array([0.5, 0.5])
    j = np.arange(2.0, order)
    squares = np.append(1 / k, j * (j + k - 3) / ((2 * j + k - 2) * (2 * j + k - 4)))[: order - 1]
    nodes, vectors = linalg.eigh_tridiagonal(np.zeros(order), np.sqrt(squares))
    return nodes, vectors[0] ** 2


def mean_abs(A: Float[Array, "*s"], B: Float[Array, "*s"], k: int) -> Float[Array, "*s"]:
    """E|A + B r| for one coordinate r of the unit sphere of R^k.

    With s = min(1, |A/B|) it is |A| I_{s²}(1/2, (k−1)/2) + 2|B| c (1 − s²)^((k−1)/2)/(k − 1), I the regularised
    incomplete beta function and c = Γ(k/2)/(√π Γ((k−1)/2)) the density's constant; max(|A|, |B|) for k = 1.

    Raises:
        ValueError: if k < 1, or on bad input.
    """
    A, B = np.abs(checks.real(A, "A", reach=math.inf)), np.abs(checks.real(B, "B", reach=math.inf))
    if max(A.max(), B.max()) > checks.WIDE:
        raise ValueError(f"A and B must be at most {checks.WIDE:g}, got {max(A.max(), B.max()):.3g}; rescale")
    try:
        np.broadcast_shapes(A.shape, B.shape)
    except ValueError:
        raise ValueError(f"A and B must be of one shape, got {A.shape} and {B.shape}") from None
    if checks.count(k, "k") == 1:
        return np.asarray(np.maximum(A, B))
    half = (k - 1) / 2
    c = np.exp(special.gammaln(k / 2) - special.gammaln(half)) / np.sqrt(np.pi)
    s = np.divide(A, B, out=np.ones(np.broadcast(A, B).shape), where=B > A)
    return np.asarray(A * special.betainc(0.5, half, s**2) + B * c * (1 - s**2) ** half / half)


def direction_mean(f: Callable[[float], Array], d: int) -> Float[Array, " n"]:
    """E f(t) for one coordinate t of the unit sphere of R^d, adaptively over the angle whose cosine is t.

    Errors: 1e-10 in every entry, relative to the largest or absolute, where f(cos θ) is piecewise smooth.
    Raises:
        ValueError: if d < 1, or f returns anything but finite numbers.
    """
    d = checks.count(d, "d")

    def seen(t: float) -> NDArray[np.float64]:
        return checks.real(f(t), "f", 0, 1)

    if d == 1:
        return np.asarray((seen(-1.0) + seen(1.0)) / 2)
    whole = np.exp(special.gammaln((d - 1) / 2) - special.gammaln(d / 2)) * np.sqrt(np.pi)
    width = min(np.pi / 2, 6 / np.sqrt(d))  # where nearly all directions are

    def weighted(angle: float) -> NDArray[np.float64]:
        return np.asarray(seen(float(np.cos(angle))) * np.sin(angle) ** (d - 2) / whole)

    total, _ = integrate.quad_vec(
        weighted,
        0.0,
        np.pi,
        epsabs=ACCURACY,
        epsrel=ACCURACY,
        norm="max",
        points=(np.pi / 2 - width, np.pi / 2, np.pi / 2 + width),
    )
    return np.asarray(total)

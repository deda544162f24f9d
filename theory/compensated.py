"""Sums of products as accurate as if formed in twice the precision and then rounded."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

SPLIT = 2.0**27 + 1


def residual(
    b: Float[Array, " n"], A: Float[Array, "n d"], w: Float[Array, " d"], r: Float[Array, " n"]
) -> Float[Array, " n"]:
    """The vector b − r − Aw, rounded once.

    Errors: u |b − r − Aw| + d² u² (|b| + |r| + |A||w|) in each entry, u the machine precision, where no product
        overflows or falls below 1e-290.
    Source: Ogita, Rump & Oishi, Accurate sum and dot product, 2005, Algorithm 5.3.
    """
    total, rest = _sum(b, -r)
    for column, weight in zip(A.T, w, strict=True):
        product, low = _product(column, -weight)
        total, lost = _sum(total, product)
        rest = rest + (low + lost)
    return np.asarray(total + rest)


def _sum(a: Float[Array, " n"], b: Float[Array, " n"]) -> tuple[Float[Array, " n"], Float[Array, " n"]]:
    """The sum a + b as its rounded value and what the rounding lost (Knuth)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def _product(a: Float[Array, " n"], b: float) -> tuple[Float[Array, " n"], Float[Array, " n"]]:
    """The product a·b as its rounded value and what the rounding lost (Dekker)."""
    product = a * b
    a_high, b_high = _upper(a), _upper(b)
    a_low, b_low = a - a_high, b - b_high
    return product, a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)


def _upper(a: Float[Array, "..."] | float) -> Float[Array, "..."]:
    """The upper half of the digits of a."""
    shifted = SPLIT * a
    return np.asarray(shifted - (shifted - a))

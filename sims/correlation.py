"""Pearson's correlation, and its bootstrap interval when the pairs are drawn anew."""

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

Array = npt.NDArray[np.float64]

RESAMPLES = 2000


def pearson(x: Float[Array, "... n"], y: Float[Array, "... n"]) -> Float[Array, "..."]:
    """cov(x, y)/√(var x · var y) over the last axis; NaN where one of them is constant.

    Raises:
        ValueError: if x and y differ in shape, or there are fewer than three pairs.
    """
    if x.shape != y.shape or x.ndim == 0 or x.shape[-1] < 3:
        raise ValueError(f"a correlation needs three pairs or more, got shapes {x.shape} and {y.shape}")
    u, v = (z - z.mean(-1, keepdims=True) for z in (x, y))
    sizes = np.sqrt((u**2).sum(-1) * (v**2).sum(-1))
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((u * v).sum(-1) / sizes)


def interval(
    x: Float[Array, " n"], y: Float[Array, " n"], rng: np.random.Generator, confidence: float = 0.95
) -> tuple[float, float, float]:
    """The correlation of n pairs, and the ends of its bootstrap interval: quantiles over pairs drawn anew.

    Errors: those of 2000 resamples; the interval is approximate, and too short for few pairs.
    Raises:
        ValueError: if x and y differ in shape, or there are fewer than three pairs.
    Source: Efron 1979.
    """
    seen = float(pearson(x, y))
    if not np.isfinite(seen):
        return seen, np.nan, np.nan
    rows = rng.integers(len(x), size=(RESAMPLES, len(x)))
    low, high = np.nanquantile(pearson(x[rows], y[rows]), [(1 - confidence) / 2, (1 + confidence) / 2])
    return seen, float(low), float(high)

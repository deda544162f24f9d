"""Pearson's correlation with its bootstrap interval, when the pairs are drawn anew."""

import warnings

import numpy as np
import numpy.typing as npt
from jaxtyping import Float
from scipy import stats

Array = npt.NDArray[np.float64]

RESAMPLES = 2000


def interval(x: Float[Array, " n"], y: Float[Array, " n"], rng: np.random.Generator) -> tuple[float, float, float]:
    """The correlation of n pairs, and the ends of its bootstrap interval of level 0.95: quantiles over resamples.

    All are NaN where x or y is constant; resamples that are constant have no correlation and are left out.

    Errors: those of 2000 resamples; the interval is approximate, and too short for few pairs.
    Raises:
        ValueError: if x and y differ in shape, or there are fewer than three pairs.
    Source: Efron 1979.
    """
    if x.shape != y.shape or x.ndim != 1 or len(x) < 3:
        raise ValueError(f"a correlation needs three pairs or more, got shapes {x.shape} and {y.shape}")
    if not (np.ptp(x) > 0 and np.ptp(y) > 0):
        return np.nan, np.nan, np.nan
    rows = rng.integers(len(x), size=(RESAMPLES, len(x)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", stats.ConstantInputWarning)
        drawn = stats.pearsonr(x[rows], y[rows], axis=-1).statistic
    low, high = np.nanquantile(drawn, [0.025, 0.975])
    return float(stats.pearsonr(x, y).statistic), float(low), float(high)

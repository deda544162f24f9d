"""Pearson's correlation with its bootstrap interval, when the pairs are drawn anew."""

import numpy as np
import numpy.typing as npt
from jaxtyping import Float
from scipy import stats

Array = npt.NDArray[np.float64]

RESAMPLES = 2000


def interval(x: Float[Array, " n"], y: Float[Array, " n"], rng: np.random.Generator) -> tuple[float, float, float]:
    """The correlation of n pairs, and the ends of its bootstrap interval of level 0.95: quantiles over resamples.

    Errors: those of 2000 resamples; the interval is approximate, and too short for few pairs.
    Raises:
        ValueError: if x and y differ in shape, or there are fewer than three pairs.
    Source: Efron 1979; computed by `scipy.stats.pearsonr`.
    """
    if x.shape != y.shape or x.ndim != 1 or len(x) < 3:
        raise ValueError(f"a correlation needs three pairs or more, got shapes {x.shape} and {y.shape}")
    if not (np.ptp(x) > 0 and np.ptp(y) > 0):
        return np.nan, np.nan, np.nan
    found = stats.pearsonr(x, y)
    drawn = stats.BootstrapMethod(RESAMPLES, method="percentile", rng=rng)
    low, high = found.confidence_interval(0.95, method=drawn)
    return float(found.statistic), float(low), float(high)

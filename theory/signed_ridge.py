"""Ridge of either sign at general covariance: the branch of the fixed point below lam = 0, and the best ridge.

With df1 = Σ s/(s + kappa) and df2 = Σ (s/(s + kappa))² over the eigenvalues s of the covariance, the ridge is
lam = kappa (1 − df1/n). It grows with kappa where df2 < n, since dlam/dkappa = 1 − df2/n, and that branch, which
reaches below lam = 0, is all of ridge regression: at its lower end XᵀX/n + lam I ceases to be definite.
For lam ≥ 0 it is the fixed point of `theory.spectrum`.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy.optimize import brentq, minimize_scalar

from theory import checks
from theory.spectrum import Spectrum

SPAN = (1e-9, 1e9)  # of kappa − edge in units of the largest level, where the best ridge is looked for
GRID = 2000


@dataclass(frozen=True)
class Best:
    """The ridge of least test error, its kappa, and that error (label noise of the test point included)."""

    lam: float
    kappa: float
    error: float


def branch_edge(spectrum: Spectrum, n: int) -> float:
    """The kappa at which df2 = n, above −(the least positive level): ridge regression is defined above it.

    Positive if the dimension exceeds n, negative if it is less.

    Errors: relative 1e-14 in kappa + (the least positive level).
    Raises:
        ValueError: if n is not an integer ≥ 1.
    Source: Wu & Xu, NeurIPS 2020; Patil, Wei, Rinaldo & Tibshirani, AISTATS 2021.
    """
    s, c = _positive(spectrum)
    n = checks.count(n, "n")
    stretch = math.sqrt(c.sum() / n) - 1
    low = float(np.max(s * (np.sqrt(c / n) - 1)))  # there one level alone gives df2 ≥ n
    high = float(stretch * (s.max() if stretch > 0 else s.min()))  # there df2 ≤ n, as if all were that level
    if _df2(s, c, low) <= n:
        return low
    if _df2(s, c, high) >= n:
        return high
    return float(brentq(lambda kappa: _df2(s, c, kappa) - n, low, high, xtol=1e-15 * float(s.min()), rtol=1e-15))


def ridge_of(spectrum: Spectrum, n: int, kappa: float) -> float:
    """Lam = kappa (1 − df1/n), of either sign.

    Raises:
        ValueError: if kappa is not above `branch_edge`.
    Source: the inverse of `theory.spectrum.fixed_point`.
    """
    s, c = _positive(spectrum)
    _above(spectrum, n, kappa)
    return float(kappa * (1 - np.sum(c * s / (s + kappa)) / n))


def error_at(spectrum: Spectrum, theta_squared: Float[Array, " k"], n: int, kappa: float, noise: float) -> float:
    """[kappa² Σ s θ²/(s + kappa)² + noise] / (1 − df2/n): test error, label noise of the test point included.

    `theta_squared` holds the squared mass of w_star in each level.

    Errors: of the limit itself, relative O(1/√n).
    Raises:
        ValueError: if kappa is not above `branch_edge`, a mass or the noise is negative, or lengths differ.
    Source: Hastie, Montanari, Rosset & Tibshirani, Annals of Statistics 2022; Patil et al., AISTATS 2021.
    """
    _above(spectrum, n, kappa)
    return _error(spectrum, _masses(spectrum, theta_squared), n, kappa, checks.amount(noise, "noise"))


def optimal(spectrum: Spectrum, theta_squared: Float[Array, " k"], n: int, noise: float) -> Best:
    """The best ridge, of either sign: the least of `error_at` along the branch.

    Errors: relative 1e-7 in kappa − edge, 1e-14 in the error.
    Raises:
        ValueError: as for `error_at`; or if the error is least at an end of the branch, so that no ridge is best.
    Source: Kobak, Lomond & Sanchez, JMLR 2020; Wu & Xu, NeurIPS 2020.
    """
    theta_squared, noise = _masses(spectrum, theta_squared), checks.amount(noise, "noise")
    edge, unit = branch_edge(spectrum, n), float(spectrum.levels[0])

    def error(u: float) -> float:
        return _error(spectrum, theta_squared, n, edge + unit * math.exp(u), noise)

    grid = np.linspace(math.log(SPAN[0]), math.log(SPAN[1]), GRID)
    errors = [error(u) for u in grid]
    k = int(np.argmin(errors))
    if k == 0 or errors[k] == errors[-1]:
        end = edge if k == 0 else math.inf
        raise ValueError(f"the error is least at the end kappa = {end} of the branch: no ridge is best")
    found = minimize_scalar(error, bounds=(grid[k - 1], grid[k + 1]), method="bounded", options={"xatol": 1e-10})
    kappa = edge + unit * math.exp(found.x)
    return Best(ridge_of(spectrum, n, kappa), kappa, float(found.fun))


def _error(spectrum: Spectrum, theta_squared: Float[Array, " k"], n: int, kappa: float, noise: float) -> float:
    s = spectrum.levels
    bias = kappa**2 * np.sum(s * theta_squared / np.where(s > 0, s + kappa, 1.0) ** 2)
    return float((bias + noise) / (1 - _df2(*_positive(spectrum), kappa) / n))


def _df2(s: Float[Array, " k"], c: Float[Array, " k"], kappa: float) -> float:
    return float(np.sum(c * (s / (s + kappa)) ** 2))


def _positive(spectrum: Spectrum) -> tuple[Float[Array, " k"], Float[Array, " k"]]:
    """The levels that are not 0, and how often each occurs."""
    there = spectrum.levels > 0
    return spectrum.levels[there], spectrum.counts[there]


def _masses(spectrum: Spectrum, theta_squared: Float[Array, " k"]) -> Float[Array, " k"]:
    theta_squared = checks.real(theta_squared, "theta_squared", 1)
    if theta_squared.shape != spectrum.levels.shape or (theta_squared < 0).any():
        raise ValueError(f"theta_squared must hold one mass ≥ 0 for each of {len(spectrum.levels)} levels")
    return theta_squared


def _above(spectrum: Spectrum, n: int, kappa: float) -> None:
    edge, kappa = (
        branch_edge(spectrum, n),
        checks.number(kappa, "kappa", "finite and above the edge of the branch"),
    )
    if not edge < kappa <= checks.LARGE:
        raise ValueError(f"kappa must be finite and exceed {edge}, where df2 = n, got {kappa}")

"""The Marchenko–Pastur law: the spectrum of XᵀX/n for isotropic features, d/n → gamma."""

import math

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import checks


def edges(gamma: float) -> tuple[float, float]:
    """(1 ± √gamma)²: the support of the spectrum of XᵀX/n for X ~ N(0, I), d/n → gamma, less an atom at 0.

    Raises:
        ValueError: if gamma is not positive and finite.
    """
    gamma = checks.amount(gamma, "gamma", positive=True)
    return (1 - math.sqrt(gamma)) ** 2, (1 + math.sqrt(gamma)) ** 2


def density(s: Float[Array, " k"], gamma: float) -> Float[Array, " k"]:
    """√((s₊ − s)(s − s₋)) / (2π gamma s) on the support; for gamma > 1 an atom 1 − 1/gamma at 0 is left out.

    Raises:
        ValueError: if gamma is not positive and finite, or on bad input.
    Source: Marchenko & Pastur 1967.
    """
    gamma = checks.amount(gamma, "gamma", positive=True)
    lower, upper = edges(gamma)
    s = checks.real(s, "s", 1)
    inside = (s > lower) & (s < upper)
    at = np.where(inside, s, 1.0)
    return np.where(inside, np.sqrt(np.abs((upper - at) * (at - lower))) / (2 * np.pi * gamma * at), 0.0)


def stieltjes(lams: Float[Array, " k"], gamma: float) -> tuple[Float[Array, " k"], Float[Array, " k"]]:
    """The pair m = E 1/(s + lam), m' = E 1/(s + lam)² = −dm/dlam of the Marchenko–Pastur law, atom included.

    m is the positive root of gamma lam m² + (1 − gamma + lam) m = 1; at lam = 0 it is finite for gamma < 1 only.

    Errors: relative 1e-15 in m, and in m' but for the condition of lam near 0 at gamma = 1.
    Raises:
        ValueError: if a lam is negative, if it is 0 and gamma ≥ 1, or gamma is not positive and finite.
    Source: Marchenko & Pastur 1967; Hastie, Montanari, Rosset & Tibshirani 2022.
    """
    gamma, lams = checks.amount(gamma, "gamma", positive=True), checks.path(lams, "lams")
    if gamma >= 1 and (lams == 0).any():
        raise ValueError(f"lams must be > 0, or ≥ 0 for gamma < 1; got {lams.min()} at gamma={gamma}")
    slope = 1 - gamma + lams
    root = np.hypot(slope, 2 * np.sqrt(gamma * lams))
    with np.errstate(divide="ignore", invalid="ignore"):
        m = np.where(slope >= 0, 2 / (slope + root), (root - slope) / (2 * gamma * lams))
    with np.errstate(over="ignore"):
        slope = m * (1 + gamma * m) / root
    if not np.isfinite(slope).all():
        raise ValueError(f"lams must be > 1e-150 for gamma ≥ 1, got {lams.min()}: m' would leave float64")
    return m, slope

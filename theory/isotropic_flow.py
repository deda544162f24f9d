"""Gradient flow on isotropic features in the limit d/n → gamma: risk, norm and training error at each time.

The model of `theory.isotropic_ridge`, with gradient flow of ‖Xw − y‖²/(2n) from w = 0 in place of ridge. With F
the Marchenko–Pastur law of XᵀX/n, its atom 1 − 1/gamma at 0 included for gamma > 1, all are integrals of F.
"""

import math

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import checks
from theory.isotropic_ridge import Limits
from theory.marchenko_pastur import edges

PANELS = 14  # of the angle, each half as wide as the last towards the lower edge
NODES = 40  # Gauss–Legendre nodes in each


def flow(gamma: float, times: Float[Array, " k"], signal: float, noise: float) -> Limits:
    """Bias, variance, squared norm and training error at each time t ≥ 0:

        bias         = signal ∫ e⁻²ᵗˢ dF,
        variance     = noise gamma ∫ (1 − e⁻ᵗˢ)²/s dF,
        squared norm = signal ∫ (1 − e⁻ᵗˢ)² dF + variance,
        train        = signal ∫ s e⁻²ᵗˢ dF + noise (1 − gamma + gamma ∫ e⁻²ᵗˢ dF).

    Errors: relative 1e-12 for t up to 1e6, gamma = 1 included.
    Raises:
        ValueError: if gamma is not positive, or a time, the signal or the noise is negative or not finite.
    Source: Ali, Kolter & Tibshirani, AISTATS 2019.
    """
    gamma = checks.amount(gamma, "gamma", positive=True)
    times = checks.path(times, "times")
    signal, noise = checks.amount(signal, "signal"), checks.amount(noise, "noise")
    s, weight = _law(gamma)
    atom = max(0.0, 1 - 1 / gamma)
    left = np.exp(-times[:, None] * s)
    fitted = -np.expm1(-times[:, None] * s)
    kept = left**2 @ weight + atom
    variance = noise * gamma * (fitted**2 @ (weight / s))
    beyond = max(0.0, 1 - gamma) + gamma * (left**2 @ weight)  # gamma · atom and 1 − gamma cancel for gamma > 1
    return Limits(
        bias=signal * kept,
        variance=variance,
        squared_norm=signal * (fitted**2 @ weight) + variance,
        train=signal * (left**2 @ (weight * s)) + noise * beyond,
    )


def _law(gamma: float) -> tuple[Float[Array, " k"], Float[Array, " k"]]:
    """Nodes and weights of the continuous part, in the angle of s = lower + (upper − lower) sin²(angle/2)."""
    lower, upper = edges(gamma)
    ends = np.concatenate([[0.0], math.pi * 2.0 ** -np.arange(PANELS - 1, -1, -1.0)])
    x, w = np.polynomial.legendre.leggauss(NODES)
    angle = ((ends[1:] + ends[:-1])[:, None] + np.diff(ends)[:, None] * x).ravel() / 2
    weight = (np.diff(ends)[:, None] * w).ravel() / 2
    s = lower + (upper - lower) * np.sin(angle / 2) ** 2
    return s, weight * ((upper - lower) / 2 * np.sin(angle)) ** 2 / (2 * math.pi * gamma * s)

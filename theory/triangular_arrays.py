"""Spectra that change with n: each returns its levels and the squared masses of the signal, one per level."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import checks
from theory.spectrum import Spectrum, spiked

LARGEST = 1e80  # whose cube times a level is still a float64


def two_signal_levels(n: float) -> tuple[Spectrum, Float[Array, " k"]]:
    """Design S1: levels 1 and kappa_0^{3/4} with unit signal each, flat tail of p = n³ and mass n kappa_0 = √n."""
    n = _above_one(n)
    return _design([1.0, n**-0.375], n**3.0, n**0.5)


def top_signal(n: float) -> tuple[Spectrum, Float[Array, " k"]]:
    """Design S2: one unit level with unit signal, flat tail of p = n³ directions and mass √n."""
    n = _above_one(n)
    return _design([1.0], n**3.0, n**0.5)


def variance_dominated(n: float) -> tuple[Spectrum, Float[Array, " k"]]:
    """Design S3, the control: as S2 with a tail of only p = n^{1.2} directions, so that the variance dominates."""
    n = _above_one(n)
    return _design([1.0], n**1.2, n**0.5)


def single_spike(n: float, a: float = 0.5) -> tuple[Spectrum, Float[Array, " k"]]:
    """One unit level with unit signal, flat tail of p = n² directions and mass n^a, 0 ≤ a < 1."""
    n, a = _above_one(n), checks.amount(a, "a")
    if not a < 1:
        raise ValueError(f"a must be in [0, 1), got {a}: from 1 on the spectrum is not benign")
    return _design([1.0], n**2.0, n**a)


def _above_one(n: float) -> float:
    checked = checks.amount(n, "n")
    if not 1 < checked <= LARGEST:
        raise ValueError(f"n must be > 1 and at most {LARGEST:g}, got {n}")
    return checked


def _design(spikes: list[float], d: float, mass: float) -> tuple[Spectrum, Float[Array, " k"]]:
    return spiked(np.array(spikes), mass / d, d), np.array([1.0] * len(spikes) + [0.0])

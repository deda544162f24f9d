"""Spectra that change with n: each returns its levels and the squared masses of the signal, one per level."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory.spectrum import Spectrum, spiked


def two_signal_levels(n: float) -> tuple[Spectrum, Float[Array, " k"]]:
    """Design S1: levels 1 and kappa_0^{3/4} with unit signal each, flat tail of p = n³ and mass n kappa_0 = √n."""
    return _design(n, [1.0, n**-0.375], n**3.0, n**0.5)


def top_signal(n: float) -> tuple[Spectrum, Float[Array, " k"]]:
    """Design S2: one unit level with unit signal, flat tail of p = n³ directions and mass √n."""
    return _design(n, [1.0], n**3.0, n**0.5)


def variance_dominated(n: float) -> tuple[Spectrum, Float[Array, " k"]]:
    """Design S3, the control: as S2 with a tail of only p = n^{1.2} directions, so that the variance dominates."""
    return _design(n, [1.0], n**1.2, n**0.5)


def single_spike(n: float, a: float = 0.5) -> tuple[Spectrum, Float[Array, " k"]]:
    """One unit level with unit signal, flat tail of p = n² directions and mass n^a, 0 ≤ a < 1."""
    if not 0 <= a < 1:
        raise ValueError(f"a must be in [0, 1), got {a}: from 1 on the spectrum is not benign")
    return _design(n, [1.0], n**2.0, n**a)


def _design(n: float, spikes: list[float], d: float, mass: float) -> tuple[Spectrum, Float[Array, " k"]]:
    if not n > 1:
        raise ValueError(f"n must be > 1, got {n}")
    return spiked(np.array(spikes), mass / d, d), np.array([1.0] * len(spikes) + [0.0])

"""In high dimension the tangent kernel of two layers is a linear kernel with a ridge that cannot be switched off.

For points x ~ N(0, Sigma) with tr Sigma large against every eigenvalue, |x|² is close to tr Sigma and the cosines
are small. To second order in them K ≈ (gain/2) (b 11ᵀ + XXᵀ + tr Sigma (1 − 1/π) I), with
b = tr Sigma/π + 3 tr Sigma²/(2π tr Sigma). So interpolation with the tangent kernel is linear ridge regression
with n lam_eff = tr Sigma (1 − 1/π), up to a constant.
"""

import math
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import checks
from theory.checks import amount, count

SHARE = 1 - 1 / math.pi  # of tr Sigma: the part of the kernel's diagonal that no other point sees


def surrogate(
    X: Float[Array, "n d"], trace: float, trace_squared: float, *, gain: float = 2.0
) -> Float[Array, "n n"]:
    """(gain/2) (b 11ᵀ + XXᵀ + trace (1 − 1/π) I), for trace = tr Sigma and trace_squared = tr Sigma².

    Errors: in operator norm relative to K, 0.09 and 0.05 at n = 50 and 200 points of one unit spike in a flat
        tail with tr Sigma = 1 + √n; large if an eigenvalue is comparable to tr Sigma.
    Raises:
        ValueError: if trace is not positive, trace_squared is not in (0, trace²], or on bad input.
    Source: El Karoui, The spectrum of kernel random matrices, 2010, Theorem 2.1, for the tangent kernel.
    """
    X, trace = checks.real(X, "X", 2), amount(trace, "trace", positive=True)
    K = X @ X.T + _level(trace, trace_squared)
    K[np.diag_indices(len(X))] += SHARE * trace
    return np.asarray(amount(gain, "gain", positive=True) / 2 * K)


def effective_lam(trace: float, n: int) -> float:
    """lam_eff = tr Sigma (1 − 1/π)/n: interpolation with the tangent kernel is ridge regression with this lam.

    It does not depend on the gain: with kernel ridge of strength lam it becomes lam_eff + 2 lam/gain.

    Raises:
        ValueError: if trace is not positive or n < 1.
    """
    return SHARE * amount(trace, "trace", positive=True) / count(n, "n")


def surrogate_gradient(
    X: Float[Array, "n d"],
    y: Float[Array, " n"],
    trace: float,
    trace_squared: float,
    *,
    lam: float = 0.0,
    gain: float = 2.0,
) -> Float[Array, " d"]:
    """∇f = (gain/2) Xᵀa, the same at every point, for f fitted by the surrogate kernel: (K + n lam I) a = y.

    Errors: of the linear solve alone; its squared length is within 3 % of the mean of ‖∇f‖² for the tangent
        kernel with the same labels, in the design of `surrogate` with n ≥ 100.
    Raises:
        ValueError: if lam is negative, as `surrogate`, or on bad input.
    """
    X, y = checks.regression(X, y)
    return np.asarray(amount(gain, "gain", positive=True) / 2 * y @ _solved(X, trace, trace_squared, lam, gain))


def gradient_energy(
    X: Float[Array, "n d"],
    w_star: Float[Array, " d"],
    noise: float,
    trace: float,
    trace_squared: float,
    *,
    lam: float = 0.0,
    gain: float = 2.0,
) -> float:
    """E‖∇f‖² given X, the mean square of `surrogate_gradient` over y = Xw_star + ξ with ξ ~ N(0, noise I).

    It is (gain/2)² (‖XᵀG Xw_star‖² + noise ‖XᵀG‖²) with G = (K + n lam I)⁻¹ and the Frobenius norm.

    Errors: as `surrogate_gradient`.
    Raises:
        ValueError: if noise or lam is negative, as `surrogate`, or on bad input.
    """
    X, w_star = checks.real(X, "X", 2), checks.real(w_star, "w_star", 1)
    if X.shape[1] != len(w_star):
        raise ValueError(f"X has {X.shape[1]} columns but w_star has {len(w_star)} entries; they must agree")
    noise = amount(noise, "noise")
    M = _solved(X, trace, trace_squared, lam, gain)
    signal = (X @ w_star) @ M
    return float((amount(gain, "gain", positive=True) / 2) ** 2 * (signal @ signal + noise * np.sum(M**2)))


def spike_energy(n: int, trace: float, noise: float, *, spike: float = 1.0, signal: float = 1.0) -> float:
    """The limit of `gradient_energy` for one spike in a flat tail that is wider than n: signal along the spike.

    With L = trace and c = 1 − 1/π it is signal (n spike/(n spike + L (1 + c)))² + noise n/(L (1 + c)²): it grows
    with the noise as n/L, while the clean risk vanishes.

    Raises:
        ValueError: if n < 1, trace or spike is not positive, or noise or signal is negative.
    """
    n, trace = count(n, "n"), amount(trace, "trace", positive=True)
    noise, signal = amount(noise, "noise"), amount(signal, "signal")
    spike = amount(spike, "spike", positive=True)
    kept = n * spike / (n * spike + trace * (1 + SHARE))
    return signal * kept**2 + noise * n / (trace * (1 + SHARE) ** 2)


def _level(trace: Any, trace_squared: Any) -> float:
    """b, the mean of the kernel over pairs of points, in units of gain/2."""
    first, second = amount(trace, "trace", positive=True), amount(trace_squared, "trace_squared", positive=True)
    if second > first**2:
        raise ValueError(f"trace_squared must be at most trace² = {first**2:.3g}, got {second:.3g}")
    return first / math.pi + 3 * second / (2 * math.pi * first)


def _solved(X: Array, trace: float, trace_squared: float, lam: float, gain: float) -> Float[Array, "n d"]:
    """(K + n lam I)⁻¹ X."""
    K = surrogate(X, trace, trace_squared, gain=gain)
    K[np.diag_indices(len(K))] += len(K) * amount(lam, "lam")
    try:
        return np.linalg.solve(K, X)
    except np.linalg.LinAlgError:
        raise ValueError(f"K + n lam I must be regular, but is not to rounding at lam={lam}; rescale X") from None

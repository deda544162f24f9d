"""Errors of the patch model on fresh points: symmetric noise of known variance against what is left of the signal.

A fresh point has margin signal^q U + V with V = Σ_j Σ_r φ(⟨w_r, yX[j]⟩) over its noise patches. V is symmetric and
does not depend on y, so that P(signal^q U + V ≤ 0) = ½ − ½P(|V| < signal^q U) for U > 0: never more than ½.
"""

import math

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy import special

from theory import checks
from theory.checks import amount
from theory.patch_model import SIZE, PatchModel, odd_power


def noise_variance(model: PatchModel, W: Float[Array, "m d"], w_star: Float[Array, " d"]) -> float:
    """Var V of a fresh point: (P − 1) Σ_rs E φ(z_r)φ(z_s) for z ~ N(0, C), C = sigma² W(I − w*w*ᵀ)Wᵀ.

    With rho = C_rs/√(C_rr C_ss) the expectation is (C_rr C_ss)^{q/2} 2^{q+1} Γ(q/2 + 1)²/π rho F(rho²), where
    F is the hypergeometric function with parameters (1 − q)/2, (1 − q)/2; 3/2. At q = 3 it is
    6C_rs³ + 9C_rr C_ss C_rs.

    Errors: rounding, relative to the sum of the sizes of the terms.
    Raises:
        ValueError: if W does not fit the model, or on bad input.
    """
    C = noise_covariance(model, W, w_star)
    q, size = model.power, np.sqrt(np.diag(C))
    with np.errstate(divide="ignore", invalid="ignore"):
        rho = np.clip(np.nan_to_num(C / np.outer(size, size)), -1.0, 1.0)
    scale = 2 ** (q + 1) * special.gamma(q / 2 + 1) ** 2 / math.pi
    terms = scale * rho * special.hyp2f1((1 - q) / 2, (1 - q) / 2, 1.5, rho**2) * np.outer(size**q, size**q)
    return float((model.patches - 1) * terms.sum())


def noise_covariance(model: PatchModel, W: Float[Array, "m d"], w_star: Float[Array, " d"]) -> Float[Array, "m m"]:
    """C, the covariance of the inner products of the weights with one noise patch.

    Raises:
        ValueError: if W does not fit the model, w_star has not length 1, or on bad input.
    """
    W, w_star = checks.real(W, "W", 2, reach=SIZE), checks.real(w_star, "w_star", 1)
    if W.shape != (model.m, model.d) or w_star.shape != (model.d,):
        raise ValueError(
            f"W and w_star must be ({model.m}, {model.d}) and ({model.d},), got {W.shape} and {w_star.shape}"
        )
    if abs(np.linalg.norm(w_star) - 1) > 1e-9:
        raise ValueError(f"w_star must have length 1, got {np.linalg.norm(w_star)}; divide it by its length")
    across = W - np.outer(W @ w_star, w_star)
    return np.asarray(model.sigma**2 * across @ across.T)


def error_bound(model: PatchModel, W: Float[Array, "m d"], w_star: Float[Array, " d"], signal: float) -> float:
    """½ min(1, Var V/(signal^q U)²) ≥ P(signal^q U + V ≤ 0) for U > 0; signal = left for the robust test error.

    Half of Chebyshev's bound, because V is symmetric. For U < 0 it is 1: then nothing is known.

    Raises:
        ValueError: if signal is negative, or as `noise_variance`.
    """
    variance = noise_variance(model, W, w_star)
    if amount(signal, "signal") > SIZE:
        raise ValueError(f"signal must be at most {SIZE:g}, got {signal}")
    reach = signal**model.power * float(odd_power(W @ w_star, model.power).sum())
    if reach < 0:
        return 1.0
    return 0.5 * min(1.0, variance / reach**2 if reach > 0 else 1.0)

"""Ridge regression on isotropic features in the limit d/n → gamma: closed forms for every lam ≥ 0.

The model: rows with i.i.d. entries of mean 0, variance 1 and bounded fourth moment, y = Xw_star + noise of
variance `noise`, ‖w_star‖² = `signal`, and the estimate (XᵀX/n + lam I)⁻¹ Xᵀy/n. Everything follows from

    m = lim tr (XᵀX/n + lam I)⁻¹/d      and      v = lim tr (XXᵀ/n + lam I)⁻¹/n = gamma m + (1 − gamma)/lam,

the roots of gamma lam m² + (1 − gamma + lam) m = 1 and lam v² + (gamma − 1 + lam) v = 1, whose discriminants
are one number R². Each formula below is a product of lam m, lam v and R, without cancellation, so that lam = 0
and gamma = 1 need no care. m itself and ṁ = −dm/dlam are `theory.marchenko_pastur.stieltjes`.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import checks
from theory.formula import Formula

RIDGELESS = Formula(
    r"R(0)",
    "Piecewise((noise*gamma/(1 - gamma), gamma < 1),"
    " (signal*(gamma - 1)/gamma + noise/(gamma - 1), gamma > 1), (oo, True))",
)
BEST = Formula(r"\lambda^\star", "noise*gamma/signal")


@dataclass(frozen=True)
class Limits:
    """What ridge tends to, at each lam; risks are excess risks, without the label noise of the test point."""

    bias: Float[Array, " k"]
    variance: Float[Array, " k"]
    squared_norm: Float[Array, " k"]
    train: Float[Array, " k"]

    @property
    def risk(self) -> Float[Array, " k"]:
        """Bias + variance: lim E‖ŵ − w_star‖²."""
        return np.asarray(self.bias + self.variance)


def ridge(gamma: float, lams: Float[Array, " k"], signal: float, noise: float) -> Limits:
    """Bias, variance, squared norm and training error of ridge, with ṁ = −dm/dlam = m (1 + gamma m)/R:

        bias         = signal lam² ṁ,
        variance     = noise gamma (m − lam ṁ),
        squared norm = signal (1 − 2 lam m + lam² ṁ) + variance,
        train        = signal lam² (m − lam ṁ) + noise (1 − gamma + gamma lam² ṁ).

    lam = 0 is the ridgeless limit, of least norm where gamma > 1; at gamma = 1 its variance is math.inf.

    Errors: relative, some units of the last place, for every gamma and lam.
    Raises:
        ValueError: if gamma is not positive, or a lam, the signal or the noise is negative.
    Source: Dobriban & Wager, Annals of Statistics 2018, Theorem 2.1; Hastie, Montanari, Rosset & Tibshirani,
        Annals of Statistics 2022.
    """
    gamma, lams = checks.amount(gamma, "gamma", positive=True), checks.path(lams, "lams")
    signal, noise = checks.amount(signal, "signal"), checks.amount(noise, "noise")
    lam_m, lam_v, R = _roots(gamma, lams)
    peak = R == 0  # gamma = 1 and lam = 0
    safe = np.where(peak, 1.0, R)
    # 1 − lam m = lam m v: at lam = 0 one of m and v is finite, and that one is divided by lam
    if gamma <= 1:
        fitted = np.where(peak, 1.0, _over(lam_m, lams, 1 / (1 - gamma) if gamma < 1 else 1.0) * lam_v)
    else:
        fitted = lam_m * _over(lam_v, lams, 1 / (gamma - 1))
    lost = fitted / safe  # m − lam ṁ
    variance = noise * gamma * lost if noise > 0 else np.zeros_like(lams)
    kept = fitted * ((1 - gamma) ** 2 + 2 * lams * (1 + gamma)) / (safe * (safe + lams))  # 1 − 2 lam m + lam² ṁ
    variance = np.where(peak & (noise > 0), math.inf, variance)
    return Limits(
        bias=signal * lam_m * (lams + gamma * lam_m) / safe,
        variance=variance,
        squared_norm=signal * np.where(peak, 1.0, kept) + variance,
        train=signal * lams**2 * lost + noise * lam_v * (lams + lam_v) / safe,
    )


def ridgeless(gammas: Float[Array, " k"], signal: float, noise: float) -> Float[Array, " k"]:
    """The excess risk at lam → 0, along gamma: the curve that descends twice, with its peak at gamma = 1.

        noise gamma/(1 − gamma)  for gamma < 1,     signal (1 − 1/gamma) + noise/(gamma − 1)  for gamma > 1

    and math.inf at gamma = 1 if there is noise.

    Errors: relative, some units of the last place.
    Raises:
        ValueError: if a gamma is not positive, or the signal or the noise is negative.
    Source: Hastie, Montanari, Rosset & Tibshirani, Annals of Statistics 2022, Theorem 1.
    """
    gammas = checks.real(gammas, "gammas", 1)
    if (gammas <= 0).any():
        raise ValueError(f"gammas must be > 0, got {gammas.min()} at {int(gammas.argmin())}")
    signal, noise = checks.amount(signal, "signal"), checks.amount(noise, "noise")
    risk = RIDGELESS(gamma=gammas, signal=signal, noise=noise)
    return np.where((gammas == 1) & (noise == 0), 0.0, risk)


def optimal(gamma: float, signal: float, noise: float) -> tuple[float, float]:
    """The ridge of least risk, lam = noise · gamma/signal, and that risk, noise · gamma · m(lam).

    The same lam, with gamma = d/n, is the best at finite size too, for every X, on average over a w_star without
    preferred direction. Without noise it is 0, and the risk is signal · max(0, 1 − 1/gamma).

    Errors: relative, some units of the last place.
    Raises:
        ValueError: if gamma or the signal is not positive, or the noise is negative.
    Source: Dobriban & Wager, Annals of Statistics 2018, Theorem 2.1.
    """
    gamma = checks.amount(gamma, "gamma", positive=True)
    signal, noise = checks.amount(signal, "signal", positive=True), checks.amount(noise, "noise")
    lam = BEST(gamma=gamma, signal=signal, noise=noise)
    lam_m, _, _ = _roots(gamma, np.array([lam]))
    return lam, signal * float(lam_m[0])


def _roots(
    gamma: float, lams: Float[Array, " k"]
) -> tuple[Float[Array, " k"], Float[Array, " k"], Float[Array, " k"]]:
    """Lam m, lam v and R, each from the form of the quadratic formula that adds numbers of one sign."""
    a, b = 1 - gamma + lams, gamma - 1 + lams
    R = np.hypot(a, 2 * np.sqrt(gamma * lams))
    with np.errstate(divide="ignore", invalid="ignore"):
        lam_m = np.where(a > 0, 2 * lams / (a + R), (R - a) / (2 * gamma))
        lam_v = np.where(b > 0, 2 * lams / (b + R), (R - b) / 2)
    return lam_m, lam_v, R


def _over(product: Float[Array, " k"], lams: Float[Array, " k"], limit: float) -> Float[Array, " k"]:
    """Product / lam, and its limit where lam = 0."""
    return np.where(lams > 0, product / np.where(lams > 0, lams, 1.0), limit)

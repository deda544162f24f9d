"""Exact risks under a linear teacher with Gaussian inputs: robust 0-1, adversarial squared, and of ridge."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy.special import erf, ndtr, owens_t

from theory import arc_cosine, checks, norms
from theory.formula import Formula
from theory.spectrum import Spectrum, fixed_point

DEFINITIONS = ("D1", "D2", "D3", "D4")
WORST_SQUARE = Formula(
    r"\mathbb{E} \max (e + \langle w, \delta \rangle)^2",
    "standard + 2*sqrt(2/pi)*eps*sqrt(standard)*length + eps**2*length**2",
    {"standard": r"\mathbb{E} e^2", "length": r"\|w\|_q"},
)
ROUNDING = 1e-12  # of the largest entry: what a covariance may be off by


def robust_error(
    w: Float[Array, " d"],
    w_star: Float[Array, " d"],
    eps: float,
    attack: float = math.inf,
    shift: float = 0.0,
) -> float:
    """P(min over ‖delta‖ₚ ≤ eps of y⟨w, x + delta⟩ ≤ 0), p = attack, for x ~ N(0, I) and y = sign⟨w_star, x⟩.

    With theta the angle between w and w_star, Φ the normal distribution function, T Owen's function and
    t = eps‖w‖_q/‖w‖₂, q dual to p, it is Φ(t) − 2T(t, cot theta); at eps = 0, theta/π. A shift rho moves each
    input by y rho‖w_star‖₁ w_star/‖w_star‖₂², a margin of rho in ℓ∞, and t by −rho‖w_star‖₁ cos theta/‖w_star‖₂.

    A worst margin of zero is an error, so w = 0 has error 1.

    Errors: absolute 1e-15; for shift = 0 also relative 1e-14, for however small an error.
    Raises:
        ValueError: if w_star is 0, eps or shift is negative or not finite, attack < 1, or on bad input.
    Source: Owen, Annals of Mathematical Statistics 1956; the skew normal distribution, Azzalini 1985.
    """
    w, w_star = checks.real(w, "w", 1, reach=math.inf), checks.real(w_star, "w_star", 1, reach=math.inf)
    eps, q = checks.radius(eps), norms.dual(checks.exponent(attack, "attack"))
    if w.shape != w_star.shape:
        raise ValueError(f"w and w_star must agree in length, got {len(w)} and {len(w_star)}")
    shift = checks.amount(shift, "shift")
    if not w_star.any():
        raise ValueError("w_star must not be 0: it labels the points")
    if not w.any():
        return 1.0
    w, w_star = _scaled(w), _scaled(w_star)
    theta = float(arc_cosine.angles(w[None], w_star[None])[0][0])
    u, u_star = w / norms.norm(w, 2), w_star / norms.norm(w_star, 2)
    t = eps * norms.norm(u, q) - shift * norms.norm(u_star, 1) * math.cos(theta)
    return _below(t, theta)


def _scaled(v: Float[Array, " d"]) -> Float[Array, " d"]:
    """V by a power of 2, which rounds nothing, so that its largest entry is near 1."""
    return np.asarray(np.ldexp(v, -int(np.frexp(np.abs(v).max())[1])))


def _below(t: float, theta: float) -> float:
    """P(sign(V) U ≤ t) for standard normal U, V at angle theta: Φ(t) − 2T(t, cot theta), without cancellation.

    For acute angles Owen's reflection turns the difference into erf(t/√2) Φ(t cot theta) + 2T(t cot theta,
    tan theta), a sum of positive terms where t ≥ 0.
    """
    if theta == 0:
        return max(0.0, float(erf(t / math.sqrt(2))))
    if theta < math.pi / 4:
        h = t / math.tan(theta)
        probability = erf(t / math.sqrt(2)) * ndtr(h) + 2 * owens_t(h, math.tan(theta))
    else:
        cot = math.cos(theta) / math.sin(theta) if theta < math.pi else -math.inf
        probability = ndtr(t) - 2 * owens_t(t, cot)
    return min(1.0, max(0.0, float(probability)))


def adversarial_risk(
    w: Float[Array, " d"],
    w_star: Float[Array, " d"],
    Sigma: Float[Array, "d d"] | Float[Array, " d"],
    eps: float,
    attack: float = 2.0,
    *,
    definition: str = "D1",
    noise: float = 0.0,
) -> float:
    """E max over ‖delta‖ₚ ≤ eps of the squared error of w, p = attack, for x ~ N(0, Sigma); definitions by name.

    With e = ⟨w − w_star, x⟩, R = E e² and q dual to p:

    - D1, the target stays: E max (⟨w, x + delta⟩ − ⟨w_star, x⟩)² = E (|e| + eps‖w‖_q)²;
    - D2, the target moves too: E max ⟨w − w_star, x + delta⟩² = E (|e| + eps‖w − w_star‖_q)²;
    - D3, sensitivity alone: E max ⟨w, delta⟩² = eps²‖w‖_q²;
    - D4, D1 against noisy targets: e + N(0, noise) in place of e, where `noise` is the variance.

    Sigma is the covariance, or the vector of its diagonal if it has nothing else.

    Errors: relative d roundings, times the condition of (w − w_star)ᵀ Sigma (w − w_star).
    Raises:
        ValueError: if Sigma is not symmetric or not positive semi-definite, the definition is unknown, noise is
            negative, or given with another definition than D4; if eps < 0 or attack < 1; or on bad input.
    Source: definitions as in Hao & Zhang 2024 and its neighbours; the maximiser is sign(e) eps times the vector
        that aligns with w, and E|e| = √(2R/π).
    """
    w, w_star = checks.real(w, "w", 1), checks.real(w_star, "w_star", 1)
    eps, q = checks.radius(eps), norms.dual(checks.exponent(attack, "attack"))
    if w.shape != w_star.shape:
        raise ValueError(f"w and w_star must agree in length, got {len(w)} and {len(w_star)}")
    if definition not in DEFINITIONS:
        raise ValueError(f"definition must be one of {', '.join(DEFINITIONS)}, got {definition!r}")
    noise = checks.amount(noise, "noise")
    if noise and definition != "D4":
        raise ValueError(
            f"noise={noise} belongs to definition D4, the others have clean targets: got {definition}"
        )
    standard = _quadratic(w - w_star, Sigma) + noise
    if definition == "D3":
        return float((eps * norms.norm(w, q)) ** 2)
    mover = w - w_star if definition == "D2" else w
    return float(gaussian_worst_square(standard, norms.norm(mover, q), eps))


def gaussian_worst_square(
    standard: float | Float[Array, "..."], length: float | Float[Array, "..."], eps: float
) -> Any:
    """E (|e| + eps·length)² for e ~ N(0, standard): standard + 2√(2/π) eps √standard·length + eps² length².

    Raises:
        ValueError: if standard or length is negative, or eps is not a radius.
    Source: E|e| = √(2 standard/π).
    """
    eps, standard, length = checks.radius(eps), _risks(standard, "standard"), _risks(length, "length")
    return WORST_SQUARE(standard=standard, eps=eps, length=length)


def _risks(values: Any, name: str) -> Any:
    """A number or numbers ≥ 0, with infinity among them: the risk at the interpolation threshold."""
    return checks.path(values, name, *range(8), infinite=True)


def _quadratic(v: Float[Array, " d"], Sigma: Float[Array, "d d"] | Float[Array, " d"]) -> float:
    """V' Sigma v, for a covariance or its diagonal."""
    Sigma = checks.real(Sigma, "Sigma", 1, 2)
    if any(size != len(v) for size in Sigma.shape):
        raise ValueError(f"Sigma must be ({len(v)}, {len(v)}), or its diagonal ({len(v)},), got {Sigma.shape}")
    if Sigma.ndim == 1:
        if (Sigma < 0).any():
            raise ValueError(f"Sigma must have variances ≥ 0 on its diagonal, got {Sigma.min()}")
        return _finite(lambda: Sigma @ v**2)
    scale = float(np.abs(Sigma).max())
    skew = float(np.abs(Sigma - Sigma.T).max())
    if skew > ROUNDING * scale:
        raise ValueError(f"Sigma must be symmetric, got entries that differ by {skew}; use (Sigma + Sigma.T)/2")
    least = float(np.linalg.eigvalsh(Sigma)[0])
    if least < -ROUNDING * len(v) * scale:
        raise ValueError(f"Sigma must be positive semi-definite, got the eigenvalue {least}")
    return max(0.0, _finite(lambda: v @ Sigma @ v))


def _finite(form: Callable[[], float]) -> float:
    """The value of a quadratic form that is a float64."""
    with np.errstate(over="ignore", invalid="ignore"):
        value = float(form())
    if not math.isfinite(value):
        raise ValueError("the squared error must be a float64: rescale w, w_star or Sigma")
    return value


@dataclass(frozen=True)
class RidgeRisk:
    """Ridge regression along a path of lams: excess risk and squared norm, each split into signal and noise.

    Attributes:
        lams: the penalties, normalised as lam‖w‖²/2 beside ‖Xw − y‖²/(2n).
        bias: E_x ⟨E_ξ ŵ − w_star, x⟩².
        variance: the rest of the excess risk, proportional to the noise.
        norm_signal: ‖E_ξ ŵ‖² given X; in the limit with the part of X's randomness.
        norm_noise: the rest of E‖ŵ‖², proportional to the noise.
        train: E ‖Xŵ − y‖²/n.
        kappa: the effective penalty of the deterministic equivalent; NaN where X is given.
    """

    lams: Float[Array, " k"]
    bias: Float[Array, " k"]
    variance: Float[Array, " k"]
    norm_signal: Float[Array, " k"]
    norm_noise: Float[Array, " k"]
    train: Float[Array, " k"]
    kappa: Float[Array, " k"]

    @property
    def standard(self) -> Float[Array, " k"]:
        """The excess risk, bias + variance."""
        return np.asarray(self.bias + self.variance)

    @property
    def norm_squared(self) -> Float[Array, " k"]:
        """E‖ŵ‖²."""
        return np.asarray(self.norm_signal + self.norm_noise)

    def adversarial(self, eps: float) -> Float[Array, " k"]:
        """The ℓ2-adversarial risk D1 of an estimator with this excess risk and this squared norm."""
        return np.asarray(gaussian_worst_square(self.standard, np.sqrt(self.norm_squared), eps))


def ridge_risk(
    spectrum: Spectrum,
    theta_squared: Float[Array, " k"],
    n: float,
    lams: float | Float[Array, " m"],
    noise: float,
) -> RidgeRisk:
    """Deterministic equivalents of ridge with n samples of x ~ N(0, Sigma), y = ⟨w_star, x⟩ + N(0, noise).

    `theta_squared` holds the squared mass of w_star in each level. With kappa of `fixed_point`, L = s/(s + kappa)
    for each eigenvalue s, g = (1/n) Σ L² and U = (1/n) Σ s/(s + kappa)²:
    bias = Σ s θ²(1 − L)²/(1 − g), variance = noise g/(1 − g), ‖ŵ‖² = Σ L²θ² + (bias + noise/(1 − g)) U, and
    train = (lam/kappa)² (bias + noise/(1 − g)). lam = 0 is the least-norm fit.

    Errors: of the formulas, some 10 roundings over 1 − g; of the equivalence, relative O(n^{-1/2}) per draw and
        O(1/n) in the mean.
    Raises:
        ValueError: if p = n at lam = 0, where the risk is infinite; if masses and levels differ in number, a mass,
            lam or the noise is negative, or on bad input.
    Source: Hastie, Montanari, Rosset & Tibshirani 2022; Cheng & Montanari 2022.
    """
    theta_squared = checks.real(theta_squared, "theta_squared", 1)
    if theta_squared.shape != spectrum.levels.shape or (theta_squared < 0).any():
        raise ValueError(f"theta_squared must hold one mass ≥ 0 for each of {len(spectrum.levels)} levels")
    n, noise = checks.amount(n, "n", positive=True), checks.amount(noise, "noise")
    lams = np.atleast_1d(checks.path(lams, "lams", 0, 1))
    kappa = np.asarray(fixed_point(spectrum, n, lams))
    if (lams == 0).any() and spectrum.dimension == n:
        raise ValueError(f"p = n = {n:g} at lam = 0 is the interpolation threshold: take lam > 0 or another n")
    s, c = spectrum.levels, spectrum.counts / n
    with np.errstate(invalid="ignore"):
        L = np.where(s > 0, s / (s + kappa[:, None]), 0.0)
        miss = np.where(s > 0, kappa[:, None] / (s + kappa[:, None]), 1.0)
        U = np.where(s > 0, L / (s + kappa[:, None]), 0.0) @ c
        slack = np.where(kappa > 0, lams / kappa, 1 - spectrum.dimension / n)  # 1 − (1/n) Σ L
    g = L**2 @ c
    spread = slack + (L * miss) @ c  # 1 − g, without cancellation
    bias = (miss**2 * s) @ theta_squared / spread
    variance = noise * g / spread
    signal = L**2 @ theta_squared + bias * U
    return RidgeRisk(lams, bias, variance, signal, noise / spread * U, slack**2 * (bias + noise / spread), kappa)

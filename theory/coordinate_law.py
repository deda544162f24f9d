"""The coordinates of a ridge fit, one by one: independent Gaussians, hence its norms in every ℓp.

In the eigenbasis of Sigma, eigenvalues s_i, the coordinate i of ridge regression on n samples behaves like

    N(s_i w*_i/(s_i + kappa), (test/n) s_i/(s_i + kappa)²),      test = excess risk + label noise,

with kappa of `theory.spectrum.fixed_point`. For Sigma = I every orthonormal basis is an eigenbasis.
"""

import itertools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy.integrate import quad
from scipy.special import gammaln, logsumexp, ndtr, xlogy

from theory import checks
from theory.isotropic_flow import flow
from theory.risk import ridge_risk
from theory.spectrum import Spectrum

FAR = 12.0  # deviations between a mean and 0, beyond which the other sign has probability below 1e-32
WIDTH = 14  # of the terms of the series around the largest one, in units of the root of its index
NODES = np.arange(-48, 49) / 4  # of the trapezoid rule, in deviations
LEVELS = np.array([60.0, 6.0, 1.0, 0.1, 1e-3, 1e-6, 1e-12, 1e-18])  # of −log P(max ≤ u), where panels end
PRECISE = 1e-11  # relative, of the integral for the maximum


@dataclass(frozen=True)
class CoordinateLaw:
    """Independent coordinates in groups: counts_j of them are N(means_j, deviations_j²); counts need not be whole.

    Raises:
        ValueError: if the three differ in length, a deviation is negative or a count not positive.
    """

    means: Float[Array, " k"]
    deviations: Float[Array, " k"]
    counts: Float[Array, " k"]

    def __post_init__(self) -> None:
        """Refuse what is no law."""
        for name in ("means", "deviations", "counts"):
            object.__setattr__(self, name, checks.real(getattr(self, name), name, 1, reach=math.inf))
        if not self.means.shape == self.deviations.shape == self.counts.shape:
            raise ValueError("means, deviations and counts must agree in length: one of each for each group")
        if (self.deviations < 0).any() or (self.counts <= 0).any():
            raise ValueError(
                f"deviations must be ≥ 0 and counts > 0, got {self.deviations.min()} and {self.counts.min()}"
            )

    def cdf(self, u: Float[Array, " m"]) -> Float[Array, " m"]:
        """The expected share of coordinates that are ≤ u."""
        u = checks.real(u, "u", 1)
        with np.errstate(divide="ignore", invalid="ignore"):
            z = (u[:, None] - self.means) / self.deviations
        z = np.where(self.deviations > 0, z, np.where(u[:, None] >= self.means, np.inf, -np.inf))
        return np.asarray(ndtr(z) @ self.counts / self.counts.sum())

    def norm(self, p: float) -> float:
        """(Σ E|w_i|ᵖ)^{1/p} for p < ∞, to which ‖w‖ₚ concentrates; E max |w_i| for p = ∞.

        The two do not meet: for p above the logarithm of the number of coordinates, moments are those of the
        rarest draws, and far above ‖w‖ₚ.

        Errors: relative 1e-13 for p < ∞, at counts of any size; 1e-10 for p = ∞.
        Raises:
            ValueError: if p is not in [1, ∞].
        Source: the moments of a Gaussian about a point are confluent hypergeometric functions.
        """
        p = checks.exponent(p)
        if 1e6 < p < math.inf:
            raise ValueError(f"p must be at most 1e6 or math.inf, got {p}: moments of higher order have no use")
        if p == math.inf:
            return _maximum(np.abs(self.means), self.deviations, self.counts)
        size = np.maximum(np.abs(self.means), self.deviations)
        some = size > 0
        if not some.any():
            return 0.0
        mean, deviation = np.abs(self.means[some]), self.deviations[some]
        return float(np.exp(logsumexp(_log_moment(mean, deviation, p) + np.log(self.counts[some])) / p))


def ridge_law(
    spectrum: Spectrum,
    theta_squared: Float[Array, " k"],
    n: float,
    lam: float,
    noise: float,
    *,
    carriers: Float[Array, " k"] | None = None,
) -> CoordinateLaw:
    """The law of the coordinates of ridge with n samples, in the eigenbasis of Sigma.

    The model is that of `theory.risk.ridge_risk`; `carriers` says on how many coordinates of each level its mass
    theta_squared is spread evenly: by default on all. Levels may be split to hold coordinates of several sizes.
    lam = 0 is the least-norm fit.

    Errors: of the formulas, those of `ridge_risk`; of the law, relative O(n^{-1/2}).
    Raises:
        ValueError: if a number of carriers is not in (0, count], or as `ridge_risk`.
    Source: Hastie, Montanari, Rosset & Tibshirani 2022 and Cheng & Montanari 2022 for kappa and test; the law of
        the coordinates follows from the convex Gaussian minimax theorem, Thrampoulidis, Oymak & Hassibi 2015.
    """
    n, noise = checks.amount(n, "n", positive=True), checks.amount(noise, "noise")
    risk = ridge_risk(spectrum, theta_squared, n, checks.amount(lam, "lam"), noise)
    kappa, test = float(risk.kappa[0]), float(risk.standard[0]) + noise
    s = spectrum.levels
    positive = s > 0
    L = np.divide(s, s + kappa, out=np.zeros_like(s), where=positive)
    deviation = math.sqrt(test / n) * np.divide(np.sqrt(s), s + kappa, out=np.zeros_like(s), where=positive)
    return _spread(L, deviation, spectrum.counts, theta_squared, carriers)


def flow_law(
    d: float,
    theta_squared: float,
    n: float,
    t: float,
    noise: float,
    *,
    carriers: float | None = None,
) -> CoordinateLaw:
    """The law of the coordinates of gradient flow of ‖Xw − y‖²/(2n) from 0, stopped at time t, for x ~ N(0, I_d).

    With a = ∫(1 − e⁻ᵗˢ)dF, F the Marchenko–Pastur law at gamma = d/n, they are N(a w*_i, (‖ŵ‖² − a²‖w*‖²)/d).

    Errors: 1e-12‖w*‖ in the means, and 1e-6‖ŵ‖/√d in deviations that vanish; of the law, relative O(n^{-1/2}).
    Raises:
        ValueError: if carriers is not in (0, d], d or n is not positive, or as `flow`.
    Source: Ali, Kolter & Tibshirani 2019 for the norm; the error is uniform on a sphere around a w*.
    """
    d, n = checks.amount(d, "d", positive=True), checks.amount(n, "n", positive=True)
    mass, time = checks.amount(theta_squared, "theta_squared"), checks.amount(t, "t")
    squared = float(flow(d / n, np.array([time]), mass, noise).squared_norm[0])
    a = 1 - float(flow(d / n, np.array([time / 2]), 1.0, 0.0).bias[0])  # ∫ e^{−ts} dF is the bias at t/2
    rest = max(0.0, squared - a**2 * mass)
    some = None if carriers is None else np.array([checks.amount(carriers, "carriers", positive=True)])
    return _spread(np.array([a]), np.array([math.sqrt(rest / d)]), np.array([d]), np.array([mass]), some)


def _spread(L: Array, deviation: Array, counts: Array, theta_squared: Any, carriers: Any) -> CoordinateLaw:
    """Each level in two groups: the coordinates that carry its signal, and the others."""
    mass = checks.path(theta_squared, "theta_squared")
    share = counts if carriers is None else checks.path(carriers, "carriers")
    if share.shape != counts.shape or (share <= 0).any() or (share > counts).any():
        raise ValueError(f"carriers must be in (0, count] for each level, got {share} for counts {counts}")
    rest = counts - share
    idle = rest > 0
    return CoordinateLaw(
        np.append(L * np.sqrt(mass / share), np.zeros(int(idle.sum()))),
        np.append(deviation, deviation[idle]),
        np.append(share, rest[idle]),
    )


def _log_moment(mean: Float[Array, " k"], deviation: Float[Array, " k"], p: float) -> Float[Array, " k"]:
    """Log E|mean + deviation Z|ᵖ for mean ≥ 0, not both 0."""
    out = np.empty_like(mean)
    far = mean > FAR * deviation
    out[far] = _log_far(mean[far], deviation[far], p)
    r = mean[~far] / deviation[~far]
    out[~far] = p * np.log(deviation[~far]) + _log_near(r**2 / 2, p)
    return out


def _log_near(x: Float[Array, " k"], p: float) -> Float[Array, " k"]:
    """Log E|√(2x) + Z|ᵖ = log 2^{p/2} Γ((p+1)/2)/√π e⁻ˣ ₁F₁((p+1)/2; 1/2; x): a series of positive terms."""
    if not x.size:
        return x
    a, top = (p + 1) / 2, float(x.max())
    peak = (top + math.sqrt(top**2 + 4 * a * top)) / 2
    k = np.arange(math.ceil(peak + WIDTH * math.sqrt(peak) + 30))
    fixed = gammaln(a + k) - gammaln(0.5 + k) - gammaln(1 + k)
    return np.asarray(p / 2 * math.log(2) - x + logsumexp(fixed + xlogy(k, x[:, None]), axis=1))


def _log_far(mean: Float[Array, " k"], deviation: Float[Array, " k"], p: float) -> Float[Array, " k"]:
    """The same where |mean + deviation Z| is one hump, by the trapezoid rule about its top; FAR from 0."""
    top = (mean + np.sqrt(mean**2 + 4 * p * deviation**2)) / 2
    step = 1 / np.sqrt(1 + p * (deviation / top) ** 2)  # the width of the hump, in deviations
    z = ((top - mean) / np.where(deviation > 0, deviation, 1.0))[:, None] + step[:, None] * NODES
    u = mean[:, None] + deviation[:, None] * z
    weight = np.where(u > 0, p * np.log(np.maximum(u, np.finfo(float).tiny)), -np.inf) - z**2 / 2
    cell = np.log(step * (NODES[1] - NODES[0]) / math.sqrt(2 * math.pi))
    return np.asarray(np.where(deviation > 0, logsumexp(weight, axis=1) + cell, p * np.log(mean)))


def _maximum(mean: Float[Array, " k"], deviation: Float[Array, " k"], counts: Float[Array, " k"]) -> float:
    """E max |w_i| = ∫ (1 − Π P(|w_i| ≤ u)) du, above the largest coordinate that is certain."""
    certain = deviation == 0
    floor = float(np.max(mean[certain], initial=0.0))
    if certain.all():
        return floor
    mean, deviation, counts = mean[~certain], deviation[~certain], counts[~certain]

    def unlikely(u: Float[Array, " m"]) -> Float[Array, " m"]:
        """−log P(max ≤ u)."""
        above = ndtr((mean - u[:, None]) / deviation) + ndtr((-mean - u[:, None]) / deviation)
        with np.errstate(divide="ignore"):
            return np.asarray(-np.log1p(-np.minimum(above, 1.0)) @ counts)

    high = np.full(len(LEVELS), float(np.max(mean + deviation * (9 + np.sqrt(2 * np.log1p(counts.sum()))))))
    low = np.full(len(LEVELS), floor)
    for _ in range(60):
        middle = (low + high) / 2
        over = unlikely(middle) > LEVELS
        low, high = np.where(over, middle, low), np.where(over, high, middle)
    ends = np.unique(low)
    pieces = [
        quad(lambda u: -math.expm1(-unlikely(np.array([u]))[0]), a, b, epsabs=1e-13 * ends[-1], epsrel=PRECISE)[0]
        for a, b in itertools.pairwise(ends)
    ]
    return float(ends[0] + sum(pieces))

"""Eigenvalues of a dot-product kernel on the sphere, degree by degree, and the learning curve that they give.

Under the uniform law on the unit sphere of R^d the eigenfunctions of k(⟨x, z⟩) are the spherical harmonics: those
of degree j form a space of dimension N_j, on which the kernel acts as the number l_j.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy.special import gammaln

from theory import checks
from theory.checks import amount, count
from theory.risk import ridge_risk
from theory.spectrum import Spectrum

EXTRA = 200  # nodes beyond twice the degree
ROUNDING = 1e-13  # of k(1): an eigenvalue below it counts as 0


@dataclass(frozen=True)
class Harmonics:
    """Eigenvalues l_j and multiplicities N_j for the degrees j = 0, 1, …, and what they leave of k(1) = Σ N_j l_j.

    Beyond the degrees listed the eigenvalues are too small for the sample to resolve: there the kernel acts as
    `tail` times the identity.
    """

    eigenvalues: Float[Array, " k"]
    multiplicities: Float[Array, " k"]
    tail: float


def multiplicities(d: int, degrees: Float[Array, " k"]) -> Float[Array, " k"]:
    """N_j = (2j + d − 2)/j · C(j + d − 3, j − 1), N_0 = 1: the harmonics of each degree on the sphere of R^d.

    Errors: relative 1e-13.
    Raises:
        ValueError: if d < 2 or a degree is not a whole number ≥ 0.
    Source: Müller, Spherical Harmonics, 1966.
    """
    d, j = count(d, "d", 2), checks.real(degrees, "degrees", 1)
    if (j < 0).any() or (j != np.floor(j)).any():
        raise ValueError(f"degrees must be whole numbers ≥ 0, got {degrees}")
    at = np.maximum(j, 1.0)
    ways = np.exp(gammaln(at + d - 2) - gammaln(at) - gammaln(d - 1))
    return np.asarray(np.where(j > 0, (2 * at + d - 2) / at * ways, 1.0))


def legendre(d: int, top: int, t: Float[Array, " k"]) -> Float[Array, "j k"]:
    """P_0(t), …, P_top(t), the Legendre polynomials of R^d, P_j(1) = 1: Gegenbauer's, C_j^{d/2−1}, rescaled.

    Raises:
        ValueError: if d < 2, or top < 0, or on bad input.
    Source: Müller 1966, the recurrence (j + d − 2) P_{j+1} = (2j + d − 2) t P_j − j P_{j−1}.
    """
    d, t = count(d, "d", 2), checks.real(t, "t", 1)
    P = np.ones((count(top, "top", 0) + 1, len(t)))
    if top >= 1:
        P[1] = t
    with np.errstate(over="ignore", invalid="ignore"):
        for j in range(1, top):
            P[j + 1] = ((2 * j + d - 2) * t * P[j] - j * P[j - 1]) / (j + d - 2)
    if not np.isfinite(P).all():
        raise ValueError(f"P_{top} must be a float64 at every t, got |t| up to {np.abs(t).max():g}; take t ≤ 1")
    return P


def harmonics(profile: Callable[[Array], Array], d: int, top: int) -> Harmonics:
    """l_j = ∫ k(t) P_j(t) dmu(t), mu the law of one coordinate on the sphere of R^d, for the degrees up to `top`.

    `profile` maps cosines to k. The integral is taken over the angle, cos θ = t, where kernels of networks are
    smooth and the weight sin^{d−2} θ is too.

    Errors: absolute 1e-14 k(1) if k(cos θ) is analytic in θ; eigenvalues below 1e-13 k(1) in size become 0.
    Raises:
        ValueError: if an eigenvalue is negative, as for no positive semi-definite kernel; if d < 2 or top < 0.
    Source: the Funk–Hecke formula, Müller 1966.
    """
    d, top = count(d, "d", 2), count(top, "top", 0)
    node, weight = np.polynomial.legendre.leggauss(2 * top + EXTRA)
    theta = np.pi / 2 * (node + 1)
    weight = weight * np.sin(theta) ** (d - 2)
    cosine = np.cos(theta)
    k = checks.real(profile(cosine), "profile", 1)
    if len(k) != len(cosine):
        raise ValueError(f"profile must map {len(cosine)} cosines to as many numbers, got {len(k)}")
    peak = float(checks.real(profile(np.ones(1)), "profile", 1)[0])
    eigenvalues = legendre(d, top, cosine) @ (weight * k) / weight.sum()
    eigenvalues = np.where(np.abs(eigenvalues) <= ROUNDING * abs(peak), 0.0, eigenvalues)
    if (eigenvalues < 0).any():
        raise ValueError(
            f"profile must be a positive semi-definite kernel, got the eigenvalue {eigenvalues.min()}"
        )
    sizes = multiplicities(d, np.arange(top + 1.0))
    return Harmonics(eigenvalues, sizes, max(0.0, peak - float(sizes @ eigenvalues)))


def learning_curve(
    kernel: Harmonics,
    masses: Float[Array, " k"],
    ns: Float[Array, " m"],
    delta: float,
    noise: float,
) -> Float[Array, " m"]:
    """The excess risk of (K + delta I)⁻¹y at each sample size; y = f(x) + N(0, noise), E f² = Σ masses, by degree.

    With n = Σ N l/(l + kappa) + (delta + tail)/kappa and L = l/(l + kappa), it is
    (Σ masses (1 − L)² + noise)/(1 − Σ N L²/n) − noise. These are the equivalents of `ridge_risk` with the
    eigenvalues for a covariance: the harmonics, though not Gaussian, behave like independent features.

    Errors: as `theory.risk.ridge_risk`; the tail is resolved by no sample if its eigenvalues are far below kappa.
    Raises:
        ValueError: if masses and degrees differ in number, or as `ridge_risk`.
    Source: Bordelon, Canatar & Pehlevan, ICML 2020; Simon, Dickens, Karkada & DeWeese, TMLR 2023.
    """
    masses, ns = checks.path(masses, "masses"), checks.path(ns, "ns")
    if (ns == 0).any():
        raise ValueError("ns must be > 0: they are numbers of samples")
    if masses.shape != kernel.eigenvalues.shape:
        raise ValueError(f"masses must hold one for each of {len(kernel.eigenvalues)} degrees, got {len(masses)}")
    ridge, noise = amount(delta, "delta") + kernel.tail, amount(noise, "noise")
    order = np.argsort(-kernel.eigenvalues, kind="stable")
    order = order[kernel.eigenvalues[order] > 0]
    levels = kernel.eigenvalues[order]
    spectrum = Spectrum(levels, kernel.multiplicities[order])
    beyond = float(masses[kernel.eigenvalues == 0].sum())  # never learnt: noise to the fit, and all of it missed
    found = [ridge_risk(spectrum, masses[order] / levels, n, ridge / n, noise + beyond).standard[0] for n in ns]
    return np.array(found) + beyond

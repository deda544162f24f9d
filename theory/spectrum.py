"""Covariance spectra as levels with multiplicities: families, effective ranks, fixed point."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import checks

WHOLE = 2.0**53  # up to which every integer is a float64
STEEP = 700.0  # power of a logarithm that float64 can hold
EXACT = 64  # a compressed family lists so many eigenvalues one by one
NODES = 16  # and stands for the rest by so many Gauss nodes per factor 2 of the index
CLOSE = 1e-12  # a Newton step in log kappa, after which the next one is below rounding
ROUNDINGS = 1e-15  # what the sum to 1 may be off by in float64
HALVINGS = 2200  # bisection steps that exhaust all float64 numbers; Newton needs a handful


@dataclass(frozen=True)
class Spectrum:
    """Eigenvalues lam_1 ≥ lam_2 ≥ … of a covariance, as non-increasing `levels` with multiplicities `counts`.

    Counts are real numbers > 0, so that p = n³ or n^{1.2} directions cost one level and need not be whole.

    Raises:
        ValueError: if levels increase, are negative or all 0, a count is not positive, or lengths differ.
    """

    levels: Float[Array, " k"]
    counts: Float[Array, " k"]

    def __post_init__(self) -> None:
        """Refuse what is no spectrum."""
        levels, counts = (
            checks.real(self.levels, "levels", 1, reach=math.inf),
            checks.real(self.counts, "counts", 1),
        )
        if levels.shape != counts.shape:
            raise ValueError(f"levels and counts must agree in length, got {len(levels)} and {len(counts)}")
        if (levels < 0).any() or not levels.any():
            raise ValueError(f"levels must be ≥ 0 and not all 0, got the least {levels.min()}: they are variances")
        if (np.diff(levels) > 0).any():
            raise ValueError("levels must not increase; sort them, or collect a plain vector with Spectrum.of")
        if (counts <= 0).any():
            raise ValueError(f"counts must be > 0, got {counts.min()}; leave empty levels out")
        levels.setflags(write=False)
        counts.setflags(write=False)
        object.__setattr__(self, "levels", levels)
        object.__setattr__(self, "counts", counts)

    @staticmethod
    def of(lams: Float[Array, " d"]) -> "Spectrum":
        """The spectrum with these eigenvalues, in any order; equal ones share a level."""
        levels, counts = np.unique(checks.real(lams, "lams", 1), return_counts=True)
        return Spectrum(levels[::-1].copy(), counts[::-1].astype(np.float64))

    @property
    def dimension(self) -> float:
        """p, the number of positive eigenvalues."""
        return float(self.counts[self.levels > 0].sum())

    @property
    def trace(self) -> float:
        """Σ lam_i."""
        return float(self.counts @ self.levels)


def isotropic(d: float, level: float = 1.0) -> Spectrum:
    """As many eigenvalues as d says, all of one size.

    Raises:
        ValueError: if d or the level is not positive.
    """
    d, level = checks.amount(d, "d", positive=True), checks.amount(level, "level", positive=True)
    return Spectrum(np.array([level]), np.array([d]))


def spiked(spikes: Float[Array, " k"], tail: float, d: float) -> Spectrum:
    """The given spikes above a flat tail of d directions at the level `tail`.

    Raises:
        ValueError: if d is not positive, a level is negative or a spike below the tail, or on bad input.
    """
    tail, d = checks.amount(tail, "tail"), checks.amount(d, "d", positive=True)
    spikes = np.sort(checks.real(spikes, "spikes", 1))[::-1]
    return Spectrum(np.append(spikes, tail), np.append(np.ones(len(spikes)), d))


def power_law(d: float, decay: float, log_power: float = 0.0) -> Spectrum:
    """lam_i = i^{−decay} ln(i+1)^{−log_power}, i = 1 … d, compressed: some 16 log₂ d levels at any d.

    Errors: beyond i = 64 the levels are Gauss nodes of the sum over i, so that Σ f(lam_i) is right to 1e-14
        for f that is smooth over a factor 2 of i; the single levels there are no eigenvalues. Effective ranks
        are right where k is at most 64, or the end of a block.
    Raises:
        ValueError: if d is not a whole number ≥ 1, or decay or log_power is negative.
    """
    d, decay, log_power = (
        checks.amount(value, name) for value, name in ((d, "d"), (decay, "decay"), (log_power, "log_power"))
    )
    if d > WHOLE or log_power > STEEP:
        raise ValueError(f"d must be at most 2^53 and log_power at most {STEEP:g}, got {d:g} and {log_power:g}")
    return _compressed(lambda i: i**-decay * np.log(i + 1) ** -log_power, d)


def exponential_with_tail(d: float, scale: float, tail: float, k: int | None = None) -> Spectrum:
    """lam_i = exp(−i/scale) + tail, i = 1 … d; beyond i = k, where the exponential is below rounding, flat.

    Raises:
        ValueError: if scale or tail is not positive, or d < 1.
    """
    scale, tail = checks.amount(scale, "scale", positive=True), checks.amount(tail, "tail", positive=True)
    d = checks.amount(d, "d")
    if d < 1:
        raise ValueError(f"d must be ≥ 1, got {d}: it counts eigenvalues")
    reach = max(1, math.ceil(scale * (40 - math.log(min(1.0, tail)))))
    size = int(min(d, reach if k is None else checks.count(k, "k")))
    lams = np.exp(-np.arange(1, size + 1) / scale) + tail
    rest = d - size
    return Spectrum(np.append(lams, [tail] * (rest > 0)), np.append(np.ones(size), [rest] * (rest > 0)))


def _compressed(level: Callable[[Array], Array], d: float) -> Spectrum:
    """The eigenvalues level(1), …, level(d), the late ones by Gauss nodes in blocks of indices [i, 2i)."""
    if not (d >= 1 and d == math.floor(d)):
        raise ValueError(f"d must be a whole number ≥ 1, got {d}")
    nodes, counts = [np.arange(1.0, min(d, EXACT) + 1)], [np.ones(int(min(d, EXACT)))]
    first = EXACT + 1.0
    while first <= d:
        size = min(first, d - first + 1)
        node, weight = _gauss(size)
        nodes.append(first + node)
        counts.append(weight)
        first += size
    return Spectrum(level(np.concatenate(nodes)), np.concatenate(counts))


def _gauss(size: float) -> tuple[Float[Array, " k"], Float[Array, " k"]]:
    """Nodes and weights with Σ_{j<size} f(j) = Σ weight f(node) for polynomials f of degree below 2·NODES.

    Source: Golub & Welsch 1969, with the recurrence of the discrete Chebyshev polynomials.
    """
    if size <= NODES:
        return np.arange(size), np.ones(int(size))
    j = np.arange(1.0, NODES)
    beside = np.sqrt(j**2 * (size**2 - j**2) / (4 * (4 * j**2 - 1)))
    node, V = np.linalg.eigh(np.diag(beside, 1) + np.diag(beside, -1))
    return node + (size - 1) / 2, size * V[0] ** 2


@dataclass(frozen=True)
class EffectiveRanks:
    """r_k = Σ_{i>k} lam_i / lam_{k+1} and R_k = (Σ_{i>k} lam_i)² / Σ_{i>k} lam_i², at the k before each level.

    `k_star` = min{k : r_k ≥ b n}, infinite if there is none; `r_star`, `R_star` and the tail level
    `tail` = Σ_{i>k*} lam_i / n belong to it, and are NaN, NaN and 0 if there is none.
    """

    n: float
    b: float
    k: Float[Array, " k"]
    r: Float[Array, " k"]
    R: Float[Array, " k"]
    k_star: float
    r_star: float
    R_star: float
    tail: float


def effective_ranks(lams: Float[Array, " d"] | Spectrum, n: float, *, b: float = 1.0) -> EffectiveRanks:
    """The effective ranks of Bartlett et al. for eigenvalues in any order, or for a spectrum of levels.

    A vector is answered at every k, a spectrum at the k before each level: inside one r_k falls by one with each
    step, so that no k* is missed. Zero eigenvalues are left out.

    Errors: relative, p roundings.
    Raises:
        ValueError: if n or b is not positive, or on bad input.
    Source: Bartlett, Long, Lugosi & Tsigler, PNAS 2020, Definitions 3 and 4.
    """
    n, b = checks.amount(n, "n", positive=True), checks.amount(b, "b", positive=True)
    spectrum = lams if isinstance(lams, Spectrum) else _listed(lams)
    positive = spectrum.levels > 0
    level, count = spectrum.levels[positive], spectrum.counts[positive]
    k = np.cumsum(count) - count
    unit = level / level[0]  # squares of tiny levels must not vanish
    rest = np.cumsum((count * unit)[::-1])[::-1]
    squares = np.cumsum((count * unit**2)[::-1])[::-1]
    with np.errstate(divide="ignore", invalid="ignore"):
        r, R = rest / unit, np.where(squares > 0, rest**2 / squares, np.nan)
    reached = np.flatnonzero(r >= b * n)
    if not reached.size:
        return EffectiveRanks(n, b, k, r, R, math.inf, math.nan, math.nan, 0.0)
    j = int(reached[0])
    tail = float(level[0] * rest[j] / n)
    return EffectiveRanks(n, b, k, r, R, float(k[j]), float(r[j]), float(R[j]), tail)


def _listed(lams: Any) -> Spectrum:
    """A vector of eigenvalues as one level each, largest first."""
    ordered = np.sort(checks.real(lams, "lams", 1))[::-1]
    return Spectrum(ordered, np.ones_like(ordered))


def fixed_point(spectrum: Spectrum, n: float, lam: float | Float[Array, " k"]) -> float | Float[Array, " k"]:
    """The kappa ≥ 0 with kappa = lam + (kappa/n) Σ lam_i/(lam_i + kappa), for a lam ≥ 0 or a path of them.

    It is the ridge strength that n samples leave of the data: Σ lam_i/(lam_i + kappa) = n at lam = 0 < p − n.
    At lam = 0 and p ≤ n it is 0, the limit.

    Errors: relative 1e-15; next to p = n at tiny lam, times 1/(1 − (1/n) Σ (lam_i/(lam_i + kappa))²).
    Raises:
        ValueError: if n is not positive, or a lam is negative or not finite.
    Source: Marchenko & Pastur 1967; Silverstein 1995. Cost: some 8 passes over (k, levels).
    """
    n = checks.amount(n, "n", positive=True)
    lams = np.atleast_1d(checks.path(lam, "lam", 0, 1))
    positive = spectrum.levels > 0
    kappa = _solve(spectrum.levels[positive], spectrum.counts[positive] / n, lams)
    return float(kappa[0]) if np.ndim(lam) == 0 else kappa


def _solve(s: Float[Array, " k"], c: Float[Array, " k"], lams: Float[Array, " m"]) -> Float[Array, " m"]:
    """The root of h = log(lam/kappa + Σ c s/(s + kappa)) in u = log kappa: falling, so Newton inside a bracket."""
    kappa = np.zeros(len(lams))
    some = np.flatnonzero((lams > 0) | (c.sum() > 1))
    if not some.size:
        return kappa
    lam = lams[some]
    upper = lam + c @ s
    with np.errstate(divide="ignore"):
        lower = np.log(np.maximum(lam, s[-1] * max(c.sum() - 1, 0.0)))
    high = np.log(upper) + 1e-12
    low = np.minimum(lower, high) - 1e-12
    u = high.copy()
    for _ in range(HALVINGS):
        kappa_u = np.exp(u)
        below = s / (s + kappa_u[:, None])
        total = lam / kappa_u + below @ c
        slope = lam / kappa_u + (below * (1 - below)) @ c
        low, high = np.where(total > 1, u, low), np.where(total > 1, high, u)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = u + np.log(total) * total / slope
        middle = (low + high) / 2
        new = np.where((step >= low) & (step <= high), step, middle)
        done = (np.abs(new - u) <= CLOSE * np.maximum(1.0, np.abs(u))) | (np.abs(total - 1) <= ROUNDINGS)
        u = new
        if done.all():
            break
    kappa[some] = _polished(s, c, lam, np.exp(u))
    return kappa


def _polished(
    s: Float[Array, " k"], c: Float[Array, " k"], lam: Float[Array, " m"], kappa: Float[Array, " m"]
) -> Float[Array, " m"]:
    """One Newton step on kappa itself: log kappa loses digits where it is large."""
    below = s / (s + kappa[:, None])
    total = lam / kappa + below @ c - 1
    slope = (lam / kappa + (below * (kappa[:, None] / (s + kappa[:, None]))) @ c) / kappa
    with np.errstate(divide="ignore", invalid="ignore"):
        step = total / slope
    return np.where(np.isfinite(step) & (np.abs(step) < 1e-9 * kappa), kappa + step, kappa)

"""Gaussian designs of any dimension through n × n Gram matrices, and their ridge fits, averaged over label noise.

A block of m ≥ n equal directions enters only through its Wishart matrix, drawn by Bartlett's decomposition at a
cost that does not depend on m.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Design:
    """X = Z diag(√level): per level the first column, which carries the signal, and XXᵀ of the others."""

    levels: Float[Array, " k"]
    first: Float[Array, "n k"]
    rest: Float[Array, "k n n"]

    @property
    def K(self) -> Float[Array, "n n"]:  # noqa: N802
        """XXᵀ."""
        return np.asarray(self.first @ self.first.T + self.rest.sum(axis=0))

    @property
    def B(self) -> Float[Array, "n n"]:  # noqa: N802
        """X Sigma Xᵀ."""
        return np.asarray((self.first * self.levels) @ self.first.T + np.tensordot(self.levels, self.rest, 1))


@dataclass(frozen=True)
class Fit:
    """Ridge for each lam, given the design and averaged over the label noise."""

    bias: Float[Array, " m"]
    variance: Float[Array, " m"]
    norm_signal: Float[Array, " m"]
    norm_noise: Float[Array, " m"]


def gaussian(rng: np.random.Generator, n: int, levels: Float[Array, " k"], counts: Float[Array, " k"]) -> Design:
    """As many rows as n says from N(0, Sigma), Sigma with these eigenvalues and multiplicities.

    Raises:
        ValueError: if levels and counts disagree in length, a level is not positive or a count below 1, or a count
            below n + 1 is no whole number.
    """
    levels, counts = np.asarray(levels, dtype=np.float64), np.asarray(counts, dtype=np.float64)
    if levels.ndim != 1 or levels.shape != counts.shape or not ((levels > 0).all() and (counts >= 1).all()):
        raise ValueError(f"levels > 0 and counts ≥ 1 must agree in length, got {levels} and {counts}")
    first = rng.standard_normal((n, len(levels))) * np.sqrt(levels)
    rest = np.stack([level * wishart(rng, n, m - 1) for level, m in zip(levels, counts, strict=True)])
    return Design(levels, first, rest)


def wishart(rng: np.random.Generator, n: int, m: float) -> Float[Array, "n n"]:
    """ZZᵀ for Z ~ N(0, 1) of n rows and m columns; from m = n on any real m.

    Raises:
        ValueError: if m < 0, or m < n is no whole number.
    Source: Bartlett 1933.
    """
    if m < 0 or (m < n and m != np.floor(m)):
        raise ValueError(f"m must be a whole number ≥ 0, or any real number ≥ n={n}, got {m}")
    if m < n:
        Z = rng.standard_normal((n, int(m)))
        return np.asarray(Z @ Z.T)
    L = np.tril(rng.standard_normal((n, n)), -1)
    L[np.diag_indices(n)] = np.sqrt(rng.chisquare(m - np.arange(n)))
    return np.asarray(L @ L.T)


def fit(design: Design, w_star: Float[Array, " k"], lams: Float[Array, " m"], noise: float) -> Fit:
    """Ridge with penalty lam‖w‖²/2 beside ‖Xw − y‖²/(2n), y = X w_star + N(0, noise I), for all lams at once.

    `w_star` has one entry per level, on its first column. Rounding: relative, times the condition of K + n lam I.
    """
    n, w_star = len(design.first), np.asarray(w_star, dtype=np.float64)
    squares, U = np.linalg.eigh(design.K)
    spread = np.sum(U * (design.B @ U), axis=0)
    y = U.T @ (design.first @ w_star)
    inverse = 1 / (squares + n * np.asarray(lams, dtype=np.float64)[:, None])
    a = U @ (inverse * y).T  # dual variables, one column per lam
    on_first = design.first.T @ a
    elsewhere = np.array([np.sum(a * (G @ a), axis=0) for G in design.rest])
    return Fit(
        bias=design.levels @ ((on_first - w_star[:, None]) ** 2 + elsewhere),
        variance=noise * inverse**2 @ spread,
        norm_signal=inverse**2 @ (squares * y**2),
        norm_noise=noise * inverse**2 @ squares,
    )


def averaged(fits: Iterable[Fit]) -> Fit:
    """The mean over designs.

    Raises:
        ValueError: if there is none.
    """
    rows = [[f.bias, f.variance, f.norm_signal, f.norm_noise] for f in fits]
    if not rows:
        raise ValueError("at least one fit is needed for a mean")
    return Fit(*np.mean(rows, axis=0))


def scores(rng: np.random.Generator, k: int) -> Float[Array, " k"]:
    """Standard normal numbers, stretched to mean square 1."""
    e = rng.standard_normal(k)
    return np.asarray(e / np.sqrt(np.mean(e**2)))


def attacked(fit: Fit, eps: float, scores: Float[Array, " k"]) -> Float[Array, " m"]:
    """The mean squared error under ℓ2 attacks, when the errors are √(excess risk) times the given scores.

    Each error is moved both ways by all that the attack can, and the larger square counts.
    """
    e = np.sqrt(fit.bias + fit.variance)[:, None] * scores
    reach = eps * np.sqrt(fit.norm_signal + fit.norm_noise)[:, None]
    return np.asarray(np.maximum((e + reach) ** 2, (e - reach) ** 2).mean(axis=1))


def price(fit: Fit, adversarial: Float[Array, " m"], truth: float) -> float:
    """The least over the path of max(excess risk / that of its first point, adversarial risk / the truth's)."""
    standard = fit.bias + fit.variance
    return float(np.maximum(standard / standard[0], adversarial / truth).min())

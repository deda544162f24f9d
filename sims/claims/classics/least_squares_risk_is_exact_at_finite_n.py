r"""Least squares on $p$ of $D$ Gaussian features, and for $p>n$ the interpolator of least norm, have the risk
$b_C^2+b_T^2\max(0,1-n/p)+s\,\frac{\min(n,p)}{|n-p|-1}$ and the squared norm
$b_T^2\min(1,n/p)+s\,\frac{\min(n,p)}{|n-p|-1}$ at every finite size, where $s=\sigma^2+b_C^2$ and $b_T^2$, $b_C^2$
are the squared lengths of the coefficients on the features used and left out.
"""

from dataclasses import dataclass

import numpy as np

from sims import sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import mean_equal
from theory.least_squares_risk import risk, squared_norm


@dataclass(frozen=True)
class Case:
    """k samples of n points each in D dimensions, p of which the fit may use; noise of variance `noise`."""

    n: int
    p: int
    D: int
    noise: float
    k: int
    seed: int


def coefficients(case: Case) -> Array:
    """True coefficients of equal size, half of their length on any half of the features."""
    return np.full(case.D, 1 / np.sqrt(case.D))


def predict(case: Case) -> Array:
    """Inverse Wishart moments."""
    w_star = coefficients(case)
    used, unused = float(np.sum(w_star[: case.p] ** 2)), float(np.sum(w_star[case.p :] ** 2))
    return np.array([formula(case.n, case.p, used, unused, case.noise) for formula in (risk, squared_norm)])


def rival(case: Case) -> Array:
    """The asymptotic form, with |n − p| in place of |n − p| − 1."""
    w_star = coefficients(case)
    used, unused = float(np.sum(w_star[: case.p] ** 2)), float(np.sum(w_star[case.p :] ** 2))
    spread = (case.noise + unused) * min(case.n, case.p) / abs(case.n - case.p)
    kept = min(1.0, case.n / case.p)
    return np.array([unused + used * (1 - kept) + spread, used * kept + spread])


def simulate(case: Case) -> Observation:
    """Draw k samples, each fitted through its normal equations (in dual form beyond n features)."""
    stream, w_star = rng(case, "data"), coefficients(case)
    X = sample.inputs(stream, case.k * case.n, case.D).reshape(case.k, case.n, case.D)
    y = X @ w_star + np.sqrt(case.noise) * stream.standard_normal((case.k, case.n))
    used = X[:, :, : case.p]
    turned = used.transpose(0, 2, 1)
    if case.p < case.n:
        w = np.linalg.solve(turned @ used, turned @ y[:, :, None])[:, :, 0]
    else:
        w = (turned @ np.linalg.solve(used @ turned, y[:, :, None]))[:, :, 0]
    missed = np.sum((w - w_star[: case.p]) ** 2, axis=1) + np.sum(w_star[case.p :] ** 2)
    return Observation(np.array([missed.mean(), np.sum(w**2, axis=1).mean()]))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Breiman and Freedman 1983; Belkin, Hsu and Xu 2020, Theorem 1",
    assumptions={
        r"$|n-p|\ge 6$, so that the risk has a variance": lambda c: abs(c.n - c.p) >= 6,
        r"$p\le D$": lambda c: c.p <= c.D,
    },
    cases=grid(Case, n=[20], p=[5, 10, 14, 27, 40, 60], D=[60], noise=[0.5], k=[1000], seed=range(80)),
    quick=grid(Case, n=[20], p=[10, 14, 27, 40], D=[40], noise=[0.5], k=[400], seed=range(32)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.04, by="p"),
    looks=3,
)

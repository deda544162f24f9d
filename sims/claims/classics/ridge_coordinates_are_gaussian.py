r"""In the eigenbasis of the covariance the coordinates of ridge regression on $n$ samples are asymptotically
independent, $\hat w_i\sim N\left(\frac{s_iw^\star_i}{s_i+\kappa},\frac{T}{n}\frac{s_i}{(s_i+\kappa)^2}\right)$,
where $\kappa=\lambda+\frac\kappa n\sum_i\frac{s_i}{s_i+\kappa}$ and $T$ is the test error, label noise included.
So the share of coordinates below any level is an average of normal distribution functions.
"""

from dataclasses import dataclass

import numpy as np

from sims import sample
from sims.claim import Array, Claim, Observation, as_array, grid, rng
from sims.judge import mean_equal
from theory.coordinate_law import CoordinateLaw, ridge_law
from theory.risk import ridge_risk
from theory.spectrum import Spectrum

LEVELS = np.array([-0.5, -0.2, -0.05, 0.05, 0.2, 0.5, 0.8, 1.1])
EVERY = 4  # one coordinate in so many carries signal, of size 1


@dataclass(frozen=True)
class Case:
    """n points in d dimensions of variances i^(−decay), label noise of variance `noise`."""

    n: int
    d: int
    decay: float
    lam: float
    noise: float
    seed: int


def problem(case: Case) -> tuple[Array, Array]:
    """Variances and the true parameters."""
    i = np.arange(1, case.d + 1)
    return as_array(i**-case.decay), as_array(i % EVERY == 0)


def predict(case: Case) -> Array:
    """The average of the normal distribution functions at the levels."""
    s, w_star = problem(case)
    spectrum = Spectrum(s, np.ones(case.d))
    law = ridge_law(spectrum, w_star**2, case.n, case.lam, case.noise, carriers=np.ones(case.d))
    return as_array(law.cdf(LEVELS))


def rival(case: Case) -> Array:
    """Classical shrinkage: lam itself in place of kappa, the data adding no penalty of their own."""
    s, w_star = problem(case)
    risk = ridge_risk(Spectrum(s, np.ones(case.d)), w_star**2, case.n, case.lam, case.noise)
    test = float(risk.standard[0]) + case.noise
    deviations = np.sqrt(test / case.n * s) / (s + case.lam)
    return as_array(CoordinateLaw(s * w_star / (s + case.lam), deviations, np.ones(case.d)).cdf(LEVELS))


def simulate(case: Case) -> Observation:
    """One fit; how many of its coordinates lie below each level."""
    s, w_star = problem(case)
    stream = rng(case, "data")
    X = sample.inputs(stream, case.n, case.d) * np.sqrt(s)
    y = X @ w_star + np.sqrt(case.noise) * stream.standard_normal(case.n)
    w = X.T @ np.linalg.solve(X @ X.T + case.n * case.lam * np.eye(case.n), y)
    return Observation(np.mean(w[:, None] <= LEVELS, axis=0))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Hastie et al. 2022; Cheng & Montanari 2022; the law by Thrampoulidis, Oymak & Hassibi 2015",
    assumptions={
        r"$\lambda\ge0$": lambda c: c.lam >= 0,
        r"$d\ge1.25\,n$ at $\lambda=0$, away from the threshold": lambda c: c.lam > 0 or c.d >= 1.25 * c.n,
    },
    cases=grid(Case, n=[500], d=[1000], decay=[0.7], lam=[0.0, 0.02, 0.2, 1.0], noise=[0.5], seed=range(48)),
    quick=grid(Case, n=[200], d=[400], decay=[0.7], lam=[0.0, 0.2], noise=[0.5], seed=range(80)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.02, by="lam"),
    looks=3,
)

r"""Generalised cross-validation, $\frac1n\lVert Qy\rVert^2/(\frac1n\operatorname{tr}Q)^2$ with
$Q=(XX^\top/n+\lambda I)^{-1}$, and the mean squared leave-one-out residual both tend to the test error of ridge
regression, label noise included, as $d/n\to\gamma$.
"""

from dataclasses import dataclass

import numpy as np

from sims import sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import mean_equal
from theory.isotropic_ridge import ridge
from theory.marchenko_pastur import stieltjes


@dataclass(frozen=True)
class Case:
    """n Gaussian points in gamma · n dimensions; k teachers, each with noise of its own."""

    n: int
    gamma: float
    lam: float
    signal: float
    noise: float
    k: int
    seed: int


def predict(case: Case) -> Array:
    """The limiting test error, three times: estimated in two ways, and itself."""
    limits = ridge(case.gamma, np.array([case.lam]), case.signal, case.noise)
    return np.repeat(limits.risk + case.noise, 3)


def rival(case: Case) -> Array:
    """Mallows' optimism, 2 noise/n for each degree of freedom: the error on fresh labels at the old points."""
    lam = np.array([case.lam])
    m, _ = stieltjes(lam, case.gamma)
    degrees = case.gamma * (1 - lam * m)  # of freedom, per sample
    optimistic = ridge(case.gamma, lam, case.signal, case.noise).train + 2 * case.noise * degrees
    return np.concatenate([optimistic, optimistic, predict(case)[2:]])


def simulate(case: Case) -> Observation:
    """Each of k teachers on one design, averaged: both estimates, and the test error of the fits."""
    stream, d = rng(case, "data"), round(case.gamma * case.n)
    X = sample.inputs(stream, case.n, d)
    W_star = stream.standard_normal((d, case.k)) * np.sqrt(case.signal / d)
    Y = X @ W_star + np.sqrt(case.noise) * stream.standard_normal((case.n, case.k))
    Q = np.linalg.inv(X @ X.T / case.n + case.lam * np.eye(case.n))
    residuals = Q @ Y
    W = X.T @ residuals / case.n
    generalised = np.mean(residuals**2) / (np.trace(Q) / case.n) ** 2
    left_out = np.mean((residuals / np.diag(Q)[:, None]) ** 2)
    test = np.sum((W - W_star) ** 2) / case.k + case.noise
    return Observation(np.array([generalised, left_out, test]))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Golub, Heath and Wahba 1979; Hastie et al. 2022; Patil, Wei, Rinaldo and Tibshirani 2021",
    assumptions={r"$\lambda>0$": lambda c: c.lam > 0},
    cases=grid(
        Case,
        n=[400],
        gamma=[0.5, 1.0, 2.0],
        lam=[0.02, 0.2, 1.0],
        signal=[1.0],
        noise=[0.5],
        k=[400],
        seed=range(16),
    ),
    quick=grid(
        Case, n=[120], gamma=[0.5, 2.0], lam=[0.1, 1.0], signal=[1.0], noise=[0.5], k=[400], seed=range(24)
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.03, by=("gamma", "lam")),
    looks=3,
)

r"""For a signal without preferred direction, of mean squared length $r^2$, gradient flow stopped at
$t=1/\lambda^\star$ risks on average at most $\sup_x(1+x)\bigl(e^{-2x}+\frac{(1-e^{-x})^2}{x}\bigr)<1.2147$ times
what the best ridge $\lambda^\star=\sigma^2d/(nr^2)$ risks, for every $X$; stopped at $0.457/\lambda^\star$, at
most $1.0786$ times.
"""

from dataclasses import dataclass

import numpy as np

from sims import sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import at_most
from theory.ridge_against_flow import bayes_ratio, best_coupling

COUPLINGS = (1.0, 0.4571)


@dataclass(frozen=True)
class Case:
    """n points in d dimensions of variances j^(−decay); signal of length 1, noise of variance `noise`."""

    n: int
    d: int
    decay: float
    noise: float
    seed: int


def predict(case: Case) -> Array:
    """The two constants."""
    return np.array([bayes_ratio(c) for c in COUPLINGS])


def rival(case: Case) -> Array:
    """The better stopping time makes no difference: the smaller constant for both."""
    return np.full(2, bayes_ratio(best_coupling()))


def simulate(case: Case) -> Observation:
    """The flow's matrix exponential and the ridge's inverse, averaged over signals and noise, given X."""
    X = sample.inputs(rng(case, "data"), case.n, case.d) * np.arange(1, case.d + 1) ** (-case.decay / 2)
    S = X.T @ X / case.n
    lam = case.noise * case.d / case.n
    ridge = np.linalg.inv(S + lam * np.eye(case.d))
    least = risk(ridge @ X.T / case.n, X, case)
    s, V = np.linalg.eigh(S)
    s = np.maximum(s, 1e-300)
    flows = [(V * (-np.expm1(-c / lam * s) / s)) @ V.T @ X.T / case.n for c in COUPLINGS]
    return Observation(np.array([risk(fit, X, case) / least for fit in flows]))


def risk(fit: Array, X: Array, case: Case) -> float:
    """E‖ŵ − w*‖² of a fit that is linear in the targets."""
    return float(np.sum((fit @ X - np.eye(case.d)) ** 2) / case.d + case.noise * np.sum(fit**2))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Ali, Kolter and Tibshirani 2019; other stopping times by the same argument",
    assumptions={r"$\sigma^2>0$": lambda c: c.noise > 0},
    cases=grid(
        Case, n=[100], d=[1, 10, 100, 200], decay=[0.0, 1.0], noise=list(np.logspace(-1, 3, 17)), seed=range(3)
    ),
    quick=grid(Case, n=[40], d=[1, 10, 80], decay=[0.0, 1.0], noise=[0.3, 1.0, 3.0, 10.0, 30.0], seed=range(3)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=at_most(1e-6),
)

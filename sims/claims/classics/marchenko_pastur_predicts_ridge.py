r"""Isotropic ridge regression with $d/n\to\gamma$: let $m$ be the positive root of
$\gamma\lambda m^2+(1-\gamma+\lambda)m=1$ and $m'=-dm/d\lambda$. Then the bias tends to $r^2\lambda^2m'$, the
variance to $\sigma^2\gamma(m-\lambda m')$, the squared norm to
$r^2(1-2\lambda m+\lambda^2m')+\sigma^2\gamma(m-\lambda m')$ and the training error to
$r^2\lambda^2(m-\lambda m')+\sigma^2(1-\gamma+\gamma\lambda^2m')$, where $r^2=\lVert w^\star\rVert^2$.
"""

from dataclasses import dataclass

import numpy as np

from sims import gram, sample
from sims.claim import Array, Claim, Observation, as_array, grid, rng
from sims.judge import mean_equal
from theory.isotropic_ridge import ridge
from theory.marchenko_pastur import stieltjes


@dataclass(frozen=True)
class Case:
    """n Gaussian points in gamma · n dimensions, a signal and a noise of these strengths; attack eps."""

    n: int
    gamma: float
    lam: float
    signal: float
    noise: float
    eps: float
    seed: int


def predict(case: Case) -> Array:
    """Bias, variance, squared norm and training error in the limit."""
    limits = ridge(case.gamma, np.array([case.lam]), case.signal, case.noise)
    return np.concatenate([limits.bias, limits.variance, limits.squared_norm, limits.train])


def rival(case: Case) -> Array:
    """The variance without its second term: noise · gamma · m."""
    right, (m, _) = predict(case), stieltjes(np.array([case.lam]), case.gamma)
    return as_array(right + (case.noise * case.gamma * m - right[1]) * np.array([0.0, 1.0, 1.0, 0.0]))


def simulate(case: Case) -> Observation:
    """The fit is linear in the targets: its matrix gives averages over signals and noise, given X.

    Beside them the risk under an ℓ2 attack.
    """
    d = round(case.gamma * case.n)
    X = sample.inputs(rng(case, "data"), case.n, d)
    fit = np.linalg.solve(X.T @ X / case.n + case.lam * np.eye(d), X.T / case.n)
    kept = fit @ X
    per_signal, variance = case.signal / d, case.noise * np.sum(fit**2)
    missed = np.eye(d) - kept
    residual = np.eye(case.n) - X @ fit
    train = (per_signal * np.sum((X @ missed) ** 2) + case.noise * np.sum(residual**2)) / case.n
    bias, signal = per_signal * np.sum(missed**2), per_signal * np.sum(kept**2)
    seen = gram.Fit(*(np.array([term]) for term in (bias, variance, signal, variance)))
    attacked = gram.attacked(seen, case.eps, gram.scores(rng(case, "scores"), 2000))
    return Observation(np.array([bias, variance, signal + variance, train]), exhibit={"adversarial": attacked})


CLAIM = Claim(
    statement=__doc__ or "",
    source="Dobriban and Wager 2018, Theorem 2.1; Hastie, Montanari, Rosset and Tibshirani 2022",
    assumptions={r"$\lambda>0$": lambda c: c.lam > 0, r"$\sigma^2>0$": lambda c: c.noise > 0},
    cases=grid(
        Case,
        n=[400],
        gamma=[0.2, 0.5, 1.0, 2.0, 3.0],
        lam=[0.05, 0.3, 2.0],
        signal=[1.0],
        noise=[0.5],
        eps=[0.5],
        seed=range(16),
    ),
    quick=grid(
        Case,
        n=[120],
        gamma=[0.5, 1.0, 2.0],
        lam=[0.1, 1.0],
        signal=[1.0],
        noise=[0.5],
        eps=[0.5],
        seed=range(24),
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.03, by=("gamma", "lam")),
    looks=3,
)

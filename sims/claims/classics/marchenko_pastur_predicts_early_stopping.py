r"""Isotropic least squares by gradient flow, stopped at time $t$: as $d/n\to\gamma$ the excess risk tends to
$r^2\int e^{-2ts}dF(s)+\sigma^2\gamma\int\frac{(1-e^{-ts})^2}{s}dF(s)$ and the squared norm to
$r^2\int(1-e^{-ts})^2dF(s)+\sigma^2\gamma\int\frac{(1-e^{-ts})^2}{s}dF(s)$, with $F$ the Marchenko–Pastur law, its
atom at 0 included, and $r^2=\lVert w^\star\rVert^2$.
"""

from dataclasses import dataclass

import numpy as np

from sims import sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import mean_equal
from theory.isotropic_flow import flow
from theory.isotropic_ridge import ridge


@dataclass(frozen=True)
class Case:
    """n Gaussian points in gamma · n dimensions, a signal and a noise of these strengths; steps of size `step`."""

    n: int
    gamma: float
    t: float
    step: float
    signal: float
    noise: float
    seed: int


def predict(case: Case) -> Array:
    """Excess risk and squared norm in the limit."""
    limits = flow(case.gamma, np.array([case.t]), case.signal, case.noise)
    return np.concatenate([limits.risk, limits.squared_norm])


def rival(case: Case) -> Array:
    """Early stopping is ridge at lam = 1/t."""
    limits = ridge(case.gamma, np.array([1 / case.t]), case.signal, case.noise)
    return np.concatenate([limits.risk, limits.squared_norm])


def simulate(case: Case) -> Observation:
    """Small steps of gradient descent on the matrix that maps targets to fits: averages over signals and noise."""
    d = round(case.gamma * case.n)
    X = sample.inputs(rng(case, "data"), case.n, d)
    S, fit = X.T @ X / case.n, np.zeros((d, case.n))
    for _ in range(round(case.t / case.step)):
        fit = fit - case.step * (S @ fit - X.T / case.n)
    kept, spread = fit @ X, case.noise * np.sum(fit**2)
    bias = case.signal * np.sum((kept - np.eye(d)) ** 2) / d
    return Observation(np.array([bias + spread, case.signal * np.sum(kept**2) / d + spread]))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Ali, Kolter and Tibshirani 2019",
    assumptions={
        r"$t\ge0$": lambda c: c.t >= 0,
        "steps small against the largest eigenvalue": lambda c: c.step * (1 + c.gamma**0.5) ** 2 < 0.2,
    },
    cases=grid(
        Case,
        n=[200],
        gamma=[0.5, 1.0, 2.0],
        t=[0.5, 2.0, 5.0],
        step=[0.01],
        signal=[1.0],
        noise=[0.5],
        seed=range(8),
    ),
    quick=grid(
        Case, n=[80], gamma=[0.5, 1.0, 2.0], t=[0.5, 2.0], step=[0.02], signal=[1.0], noise=[0.5], seed=range(16)
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.04, by=("gamma", "t")),
    looks=3,
)

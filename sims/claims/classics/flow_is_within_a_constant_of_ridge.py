r"""Gradient flow on the squared loss, stopped at time $t$, risks at most
$C=\sup_x\bigl[\frac{(1-e^{-x})(1+x)}{x}\bigr]^2<1.686$ times what ridge risks at $\lambda=1/t$, whatever the
points, the signal, the noise and the time, in estimation and in prediction at the sample; its bias is never the
larger one.
"""

from dataclasses import dataclass

import numpy as np

from sims import sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import at_most
from theory.ridge_against_flow import bayes_ratio, worst_ratio

TIMES = np.logspace(-3, 3, 241)  # in units of the inverse of the largest eigenvalue


@dataclass(frozen=True)
class Case:
    """n points in d dimensions of variances j^(−decay); signal of length 1, noise of variance `noise`."""

    n: int
    d: int
    decay: float
    noise: float
    seed: int


def predict(case: Case) -> Array:
    """The constant, for estimation and for prediction; and 1 for the bias."""
    return np.array([worst_ratio(), worst_ratio(), 1.0])


def rival(case: Case) -> Array:
    """The constant that holds on average over signals, for each of them."""
    return np.array([bayes_ratio(), bayes_ratio(), 1.0])


def simulate(case: Case) -> Observation:
    """Risks given X, averaged over the noise, at all times; the flow solved along the eigenvectors of X'X/n."""
    stream = rng(case, "data")
    X = sample.inputs(stream, case.n, case.d) * np.arange(1, case.d + 1) ** (-case.decay / 2)
    w_star = sample.teacher(stream, case.d)
    s, V = np.linalg.eigh(X.T @ X / case.n)
    s = np.maximum(s, 0.0)
    b = (V.T @ w_star / np.linalg.norm(w_star)) ** 2
    t = TIMES[:, None] / s[-1]
    flow, ridge = np.exp(-t * s), 1 / (1 + t * s)  # what is left of the signal
    noise = case.noise / case.n
    worst = [
        np.max(risk(flow, s, b, noise, weight) / risk(ridge, s, b, noise, weight))
        for weight in (np.ones_like(s), s)
    ]
    return Observation(np.array([*worst, np.max((flow**2 @ b) / (ridge**2 @ b))]))


def risk(left: Array, s: Array, b: Array, noise: float, weight: Array) -> Array:
    """Bias and variance along each eigenvector, weighted; a direction without data has no variance."""
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = np.where(s > 1e-12 * s[-1], (1 - left) ** 2 / s, 0.0)
    total: Array = (left**2 * b + noise * spread) @ weight
    return total


CLAIM = Claim(
    statement=__doc__ or "",
    source="Ali, Kolter and Tibshirani 2019",
    assumptions={r"$\sigma^2\ge0$": lambda c: c.noise >= 0},
    cases=grid(Case, n=[40], d=[1, 2, 10, 80], decay=[0.0, 1.0, 2.0], noise=[0.0, 1.0, 1e4], seed=range(10)),
    quick=grid(Case, n=[20], d=[1, 10, 40], decay=[0.0, 2.0], noise=[0.0, 1.0, 1e4], seed=range(4)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=at_most(1e-9),
)

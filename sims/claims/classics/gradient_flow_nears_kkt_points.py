r"""Gradient flow of a homogeneous model of degree $k$ on the exponential loss nears KKT points of
$\min\lVert\theta\rVert_2$ subject to margins of at least 1. While $\log(1/L)$ grows from $a$ to $b$ the least
$\tan^2\alpha$, $\alpha$ the angle between $\theta$ and the gradient, is at most
$\log\frac{\tilde\gamma_b}{\tilde\gamma_a}\big/\log\frac{\lVert\theta_b\rVert_2^k}{\lVert\theta_a\rVert_2^k}$.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sims import homogeneous
from sims.claim import Array, Claim, Observation, grid, rng
from sims.homogeneous_data import chosen
from sims.judge import at_most
from theory.smoothed_margin import least_misalignment

LEVELS = 60


@dataclass(frozen=True)
class Case:
    """A model, m = 0 for a diagonal one; an ℓ2 attack; a flow to log 1/L = until."""

    n: int
    d: int
    m: int
    share: float
    until: float
    seed: int


@lru_cache(maxsize=4)
def flow(case: Case) -> tuple[homogeneous.Model, Array]:
    """The model, and its parameters at levels of log 1/L from 1 up."""
    model, theta = chosen(rng(case, "data"), case.n, case.d, case.m, case.share, 2.0)
    return model, homogeneous.gradient_flow(model, theta, np.geomspace(1.0, case.until, LEVELS))


def predict(case: Case) -> float:
    """The mean of tan² alpha that the growth of the margin leaves room for."""
    model, points = flow(case)
    first, last = np.linalg.norm(points[[0, -1]], axis=1)
    return least_misalignment(1.0, case.until, first, last, model.degree)


def rival(case: Case) -> float:
    """As fast as linear models, whose direction is off by about log n/log(1/L)."""
    return float((np.log(case.n) / case.until) ** 2)


def simulate(case: Case) -> Observation:
    """The least tan² of the angle of parameters and gradient."""
    model, points = flow(case)
    seen = []
    for theta in points:
        margins, gradients = homogeneous.look(model, theta)
        g = np.exp(margins.min() - margins) @ gradients
        cos = theta @ g / (np.linalg.norm(theta) * np.linalg.norm(g))
        seen.append(1 / cos**2 - 1)
    return Observation(np.min(seen), exhibit={"tan_squared": np.array(seen)})


CLAIM = Claim(
    statement=__doc__ or "",
    source="Lyu & Li 2020, Theorem 4.4; the bound is the identity behind their Lemma 5.1, integrated",
    assumptions={
        "margins are differentiable along the flow": lambda c: c.m == 0 or c.share == 0,
        "log 1/L grows": lambda c: c.until > 1,
    },
    cases=grid(Case, n=[12], d=[4], m=[24], share=[0.0], until=[1e2, 1e4, 1e6], seed=range(6))
    + grid(Case, n=[15], d=[30], m=[0], share=[0.0, 0.5], until=[1e2, 1e4, 1e6], seed=range(6)),
    quick=grid(Case, n=[12], d=[4], m=[24], share=[0.0], until=[1e2, 1e5], seed=range(2))
    + grid(Case, n=[15], d=[30], m=[0], share=[0.5], until=[1e2, 1e5], seed=[0]),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=at_most(0.0),
)

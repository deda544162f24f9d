r"""Whatever the spectrum, every linear interpolator $\hat\theta$ of noisy labels, not only the one of least norm,
is large on average over the noise: $\mathbb E\lVert\hat\theta\rVert^2\ge\sigma^2\operatorname{tr}(XX^\top)^{-1}\ge
\sigma^2n^2/\lVert X\rVert_F^2$.
"""

import math
from dataclasses import dataclass

import numpy as np

from sims import sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import at_most
from theory.formula import Formula

BOUND = Formula(
    r"\frac{1}{\mathbb{E}\|\hat\theta\|^2} \leq \mathrm{bound}", "size/(noise*n**2)", {"size": r"\|X\|_F^2"}
)


@dataclass(frozen=True)
class Case:
    """n samples, n/4 unit directions above a flat tail of d; the interpolator least in ‖Sigma^{power/2} w‖."""

    n: int
    d: int
    tail: float
    power: float
    signal: float
    noise: float
    seed: int


def design(case: Case) -> tuple[Array, Array]:
    """The points, and the eigenvalues of their covariance."""
    spikes = case.n // 4
    lams = np.append(np.ones(spikes), np.full(case.d, case.tail / case.d))
    return sample.inputs(rng(case, "design"), case.n, len(lams)) * np.sqrt(lams), lams


def predict(case: Case) -> float:
    """The least share of the noise that the norm can keep, turned over."""
    X, _ = design(case)
    return float(BOUND(size=np.sum(X**2), noise=case.noise, n=case.n))


def rival(case: Case) -> float:
    """The same with the tail of X alone: as if the strong directions helped to carry no noise."""
    X, lams = design(case)
    return float(BOUND(size=np.sum(X[:, lams < 1] ** 2), noise=case.noise, n=case.n))


def simulate(case: Case) -> Observation:
    """One over the mean of the squared norm over the noise, which the linear map y ↦ w gives exactly."""
    X, lams = design(case)
    weight = lams**-case.power
    solve = (X * weight).T @ np.linalg.inv((X * weight) @ X.T)
    w_star = np.zeros(len(lams))
    w_star[0] = math.sqrt(case.signal)
    return Observation(1 / (np.sum((solve @ (X @ w_star)) ** 2) + case.noise * np.sum(solve**2)))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Hao & Zhang 2024, exploding adversarial risk; finite-sample form worked out here",
    assumptions={
        "every label can be reached": lambda c: c.d >= c.n,
        r"$\sigma^2>0$": lambda c: c.noise > 0,
    },
    cases=grid(
        Case,
        n=[20, 100],
        d=[400, 4000],
        tail=[1.0, 10.0],
        power=[-0.5, 0.0, 0.5],
        signal=[0.0, 1.0],
        noise=[0.5],
        seed=range(8),
    ),
    quick=grid(
        Case,
        n=[20],
        d=[400],
        tail=[1.0, 5.0],
        power=[-0.5, 0.0, 0.5],
        signal=[0.0, 1.0],
        noise=[0.5],
        seed=range(4),
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=at_most(0.0),
)

r"""Without noise the least-norm interpolator is no larger than the truth,
$\lVert\hat\theta_0\rVert\le\lVert\theta\rVert$, on every data set: the explosion is the noise's.
"""

from dataclasses import dataclass

import numpy as np

from sims import sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import at_most


@dataclass(frozen=True)
class Case:
    """n samples in d = n^{3/2} dimensions, one unit direction above a flat tail of mass √n; signal on both."""

    n: int
    share: float
    seed: int


def truth(case: Case) -> Array:
    """Unit signal: `share` of its squared mass on the tail."""
    d = round(case.n**1.5)
    tail = sample.teacher(rng(case, "truth"), d)
    return np.append(np.sqrt(1 - case.share), np.sqrt(case.share) * tail / np.linalg.norm(tail))


def predict(case: Case) -> float:
    """The squared norm of the truth."""
    return float(np.sum(truth(case) ** 2))


def rival(case: Case) -> float:
    """The shrinkage n/p of isotropic designs."""
    return predict(case) * case.n / len(truth(case))


def simulate(case: Case) -> Observation:
    """The squared norm of the interpolator of clean labels."""
    w_star = truth(case)
    lams = np.append(1.0, np.full(len(w_star) - 1, np.sqrt(case.n) / (len(w_star) - 1)))
    X = sample.inputs(rng(case, "design"), case.n, len(w_star)) * np.sqrt(lams)
    w = X.T @ np.linalg.solve(X @ X.T, X @ w_star)
    return Observation(np.sum(w**2))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Hao & Zhang 2024, role of the noise; the interpolator is a projection of the truth",
    assumptions={"p > n": lambda c: c.n > 1, "unit signal": lambda c: 0 <= c.share <= 1},
    cases=grid(Case, n=[50, 100, 200, 400], share=[0.0, 0.1, 1.0], seed=range(8)),
    quick=grid(Case, n=[25, 50, 100], share=[0.0, 0.1, 1.0], seed=range(4)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=at_most(1e-9),
)

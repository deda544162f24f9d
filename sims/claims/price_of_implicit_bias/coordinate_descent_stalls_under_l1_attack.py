r"""The differentiability behind the convergence theorem matters: for $p=1$, $r=1$ coordinate descent with a
plain subgradient of $\varepsilon\lVert w\rVert_\infty$ flips the largest coordinate for ever and never
separates robustly, while the smoothed norm $\frac1\alpha\log\sum_j(e^{\alpha w_j}+e^{-\alpha w_j})$ does.
"""

from dataclasses import dataclass

import numpy as np

from sims import descent
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import ordered
from sims.radius import attacked


@dataclass(frozen=True)
class Case:
    """n points in d dimensions under an ℓ1 attack at half of what they tolerate."""

    n: int
    d: int
    alpha: float
    steps: int
    seed: int


def predict(case: Case) -> Array:
    """Plain: negative robust margin. Smoothed: positive."""
    return np.array([-1.0, 1.0])


def rival(case: Case) -> Array:
    """Theorem 1 read without its smoothness: both separate."""
    return np.array([1.0, 1.0])


def simulate(case: Case) -> Observation:
    """Both descents on the same training set."""
    X, y, eps = attacked(rng(case, "data"), case.n, case.d, 1.0, share=0.5)
    margins = []
    for smoothing in (np.inf, case.alpha):
        path = descent.descend(X, y, geometry=1.0, eps=eps, attack=1.0, smoothing=smoothing, steps=case.steps)
        margins.append(descent.robust_margin(path.points[-1], X, y, eps, 1.0, 1.0))
    return Observation(np.array(margins))


CLAIM = Claim(
    statement=__doc__ or "",
    source="counterexample to Tsilivis et al. 2024, Theorem 1, read without differentiability",
    assumptions={r"$\alpha>0$": lambda c: c.alpha > 0},
    cases=grid(Case, n=[15], d=[30], alpha=[5.0], steps=[100_000], seed=range(64)),
    quick=grid(Case, n=[15], d=[30], alpha=[5.0], steps=[20_000], seed=range(32)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(),
    looks=3,
)

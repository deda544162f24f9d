r"""Under $\ell_\infty$ attacks gradient descent on the robust loss converges in direction to
$\arg\min\lVert w\rVert_2$ subject to $y_i\langle w,x_i\rangle-\varepsilon\lVert w\rVert_1\ge1$ for all $i$:
neither the Euclidean nor the $\ell_1$ maximum-margin separator.
"""

import math
from dataclasses import dataclass

import numpy as np

from sims import descent
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import equal
from sims.radius import attacked
from theory.margin import max_margin


@dataclass(frozen=True)
class Case:
    """n points in d dimensions under an ℓ∞ attack at a share of what they tolerate."""

    n: int
    d: int
    share: float
    steps: int
    seed: int


def problem(case: Case) -> tuple[Array, Array, float]:
    """Separable Gaussian points, their labels and the radius of the attack."""
    return attacked(rng(case, "data"), case.n, case.d, math.inf, case.share)


def predict(case: Case) -> Array:
    """The direction that solves the mixed-norm program."""
    X, y, eps = problem(case)
    return max_margin(X, y, 2.0, eps=eps).w


def rival(case: Case) -> Array:
    """The clean maximum-margin direction, which training without the attack in its gradient finds."""
    X, y, _ = problem(case)
    return max_margin(X, y, 2.0).w


def simulate(case: Case) -> Observation:
    """The direction of gradient descent on the robust loss."""
    X, y, eps = problem(case)
    w = descent.descend(X, y, geometry=2.0, eps=eps, steps=case.steps).points[-1]
    return Observation(w / np.linalg.norm(w))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Tsilivis et al. 2024, Theorem 1 for r = 2, p = ∞; Li, Fang, Xu, Zhao 2020 (mixed-norm margin)",
    assumptions={r"$0<\varepsilon<\varepsilon^\star$": lambda c: 0 < c.share < 1},
    cases=grid(Case, n=[15], d=[30], share=[0.25, 0.5, 0.75], steps=[1_000_000], seed=range(8)),
    quick=grid(Case, n=[15], d=[30], share=[0.5, 0.75], steps=[200_000], seed=range(3)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(0.05),
)

r"""For $\varepsilon>\varepsilon^\star$ the robust exponential loss has a finite minimiser, and gradient descent
converges to it: its norm stays bounded and no theorem on directions applies.
"""

import math
from dataclasses import dataclass

import numpy as np

from sims import descent
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import equal
from sims.radius import attacked
from theory.adversarial import fit
from theory.margin import max_margin
from theory.norms import norm


@dataclass(frozen=True)
class Case:
    """n points in d dimensions under an attack somewhat above what they tolerate."""

    n: int
    d: int
    attack: float
    share: float
    step: float
    steps: int
    seed: int


def problem(case: Case) -> tuple[Array, Array, float]:
    """Separable Gaussian points, their labels and the radius of the attack."""
    return attacked(rng(case, "data"), case.n, case.d, case.attack, case.share)


def predict(case: Case) -> float:
    """The norm of the minimiser of the robust exponential loss."""
    X, y, eps = problem(case)
    return norm(fit(X, y, eps, attack=case.attack, loss="exponential").w, 2.0)


def rival(case: Case) -> float:
    """The logarithmic growth of the separable regime."""
    X, y, _ = problem(case)
    return math.log(case.steps) / max_margin(X, y, 2.0).value


def simulate(case: Case) -> Observation:
    """Gradient descent; its doubt is how far the norm still moves over the last half of the steps."""
    X, y, eps = problem(case)
    path = descent.descend(
        X, y, geometry=2.0, eps=eps, attack=case.attack, schedule="constant", step=case.step, steps=case.steps
    )
    norms = np.linalg.norm(path.points, axis=1)
    earlier = norms[np.searchsorted(path.steps, case.steps / 2)]
    return Observation(norms[-1], abs(norms[-1] - earlier))


CLAIM = Claim(
    statement=__doc__ or "",
    source="complement of Tsilivis et al. 2024, Theorem 1: the non-separable regime",
    assumptions={r"$\varepsilon>\varepsilon^\star$": lambda c: c.share >= 1.02},
    cases=grid(
        Case,
        n=[12],
        d=[20],
        attack=[2.0, math.inf],
        share=[1.03, 1.05],
        step=[0.03],
        steps=[5_000_000],
        seed=range(6),
    ),
    quick=grid(
        Case, n=[12], d=[20], attack=[2.0, math.inf], share=[1.05], step=[0.1], steps=[1_000_000], seed=range(2)
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(0.02),
)

r"""Adversarial training speeds up a constant step: with an $\ell_2$ attack of the size that suits the horizon
$T$, the clean margin of gradient descent on the robust loss is within $O(T^{-1/2})$ of its maximum, not
$O(1/\log T)$.
"""

from dataclasses import dataclass, replace

import numpy as np

from sims import descent, sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import rate
from sims.radius import tolerated
from theory.margin import max_margin

SHARES = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99)


@dataclass(frozen=True)
class Case:
    """n points in d dimensions, so many steps of the size 1/max‖x‖² at the best of several radii."""

    n: int
    d: int
    steps: int
    seed: int


def problem(case: Case) -> tuple[Array, Array]:
    """Separable Gaussian points and their labels; the same for any steps."""
    return sample.planted(rng(replace(case, steps=0), "data"), case.n, case.d)[:2]


def predict(case: Case) -> float:
    """The maximum margin."""
    return max_margin(*problem(case), 2.0).value


def rival(case: Case) -> float:
    """The length of the mean point: as if every point supported the separator equally."""
    X, y = problem(case)
    return float(np.linalg.norm(y @ X / case.n))


def simulate(case: Case) -> Observation:
    """Descend at each radius; keep the best clean margin."""
    X, y = problem(case)
    radii = np.array(SHARES) * tolerated(X, y, 2.0)
    margins = []
    for eps in radii:
        path = descent.descend(X, y, geometry=2.0, eps=eps, attack=2.0, schedule="constant", steps=case.steps)
        margins.append(float(descent.robust_margin(path.points[-1], X, y, 0.0, 2.0, 2.0)))
    return Observation(np.array(max(margins)), exhibit={"share": np.array(SHARES), "margins": np.array(margins)})


CLAIM = Claim(
    statement=__doc__ or "",
    source="Li, Fang, Xu, Zhao 2020, Theorem on adversarial training with ℓ2 perturbations",
    assumptions={"more features than points": lambda c: c.n < c.d},
    cases=grid(Case, n=[12], d=[20], steps=[1000, 3000, 10_000, 30_000, 100_000, 300_000], seed=range(24)),
    quick=grid(Case, n=[12], d=[20], steps=[1000, 3000, 10_000, 30_000, 100_000], seed=range(12)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=rate(order=0.5, along="steps"),
    looks=3,
)

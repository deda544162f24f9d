r"""In the plane: the separator at the largest $\ell_2$ distance from the data and that at the largest
$\ell_\infty$ distance, around which boxes of radius $\varepsilon$ fit, are different lines; gradient descent on
the clean loss finds the first, coordinate descent the second.
"""

import math
from dataclasses import dataclass

import numpy as np

from sims import descent, sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import equal
from theory.margin import largest_radius

CENTRE = np.array([1.2, 0.7])


@dataclass(frozen=True)
class Case:
    """n points of the plane, around a centre and its opposite."""

    n: int
    spread: float
    steps: int
    seed: int


def problem(case: Case) -> tuple[Array, Array]:
    """Two clouds of points, labelled by the cloud."""
    stream = rng(case, "data")
    y = sample.signs(stream, 1, case.n)[0]
    return y[:, None] * CENTRE + case.spread * sample.inputs(stream, case.n, 2), y


def predict(case: Case) -> Array:
    """Largest distances in ℓ2 and in ℓ∞, from the two programs."""
    X, y = problem(case)
    return np.array([largest_radius(X, y, 2.0).value, largest_radius(X, y, math.inf).value])


def rival(case: Case) -> Array:
    """One line for both: the Euclidean separator measured in ℓ∞."""
    X, y = problem(case)
    euclidean = largest_radius(X, y, 2.0)
    return np.array([euclidean.value, (y * (X @ euclidean.w)).min() / np.abs(euclidean.w).sum()])


def simulate(case: Case) -> Observation:
    """Distances of the lines that the descents end with."""
    X, y = problem(case)
    lines = [descent.descend(X, y, geometry=r, steps=case.steps).points[-1] for r in (2.0, 1.0)]
    distances = [
        descent.robust_margin(w, X, y, 0.0, attack, r)
        for w, attack, r in zip(lines, (2.0, math.inf), (2.0, 1.0), strict=True)
    ]
    return Observation(
        np.array(distances),
        exhibit={"X": X, "y": y, "lines": np.array([w / np.linalg.norm(w) for w in lines])},
    )


CLAIM = Claim(
    statement=__doc__ or "",
    source="Tsilivis et al. 2024, Figure 1 (top)",
    assumptions={"both classes": lambda c: len(np.unique(problem(c)[1])) == 2},
    cases=grid(Case, n=[24], spread=[0.3], steps=[200_000], seed=range(8)),
    quick=grid(Case, n=[24], spread=[0.3], steps=[100_000], seed=range(4)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(5e-3),
)

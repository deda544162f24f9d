r"""As $\varepsilon\to\varepsilon^\star$ the feasible cone shrinks to the $\ell_1$ maximum-margin direction, so
that gradient descent and coordinate descent meet: $\cos(w_{GD}(\varepsilon),w_{CD})\to1$, along the directions
that the two programs give at each radius.
"""

import math
from dataclasses import dataclass

import numpy as np

from sims import descent, sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import equal
from sims.radius import tolerated
from theory.margin import max_margin

SHARES = (0.0, 0.25, 0.5, 0.75, 0.9)


@dataclass(frozen=True)
class Case:
    """n points in d dimensions, labelled by a k-sparse teacher."""

    n: int
    d: int
    k: int
    steps: int
    seed: int


def problem(case: Case) -> tuple[Array, Array, Array, Array]:
    """Points, labels, teacher and the radii of the attack."""
    stream = rng(case, "data")
    w_star = sample.teacher(stream, case.d, case.k)
    X = sample.inputs(stream, case.n, case.d)
    y = sample.labels(X, w_star)
    return X, y, w_star, np.array(SHARES) * tolerated(X, y, math.inf)


def cosine(v: Array, w: Array) -> float:
    """The cosine of the angle between two directions."""
    return float(v @ w / (np.linalg.norm(v) * np.linalg.norm(w)))


def predict(case: Case) -> Array:
    """Cosines of the solutions of the two programs, at each radius."""
    X, y, _, radii = problem(case)
    target = max_margin(X, y, 1.0).w
    return np.array([cosine(max_margin(X, y, 2.0, eps=eps).w, target) for eps in radii])


def rival(case: Case) -> Array:
    """The attack turns nothing: the cosine of the clean solutions at every radius."""
    X, y, _, radii = problem(case)
    return np.full(len(radii), cosine(max_margin(X, y, 2.0).w, max_margin(X, y, 1.0).w))


def simulate(case: Case) -> Observation:
    """Coordinate descent once, gradient descent at each radius."""
    X, y, w_star, radii = problem(case)
    target = descent.descend(X, y, geometry=1.0, steps=case.steps).points[-1]
    found = [descent.descend(X, y, geometry=2.0, eps=eps, steps=case.steps).points[-1] for eps in radii]
    fresh = sample.inputs(rng(case, "test"), 5000, case.d)
    labels = sample.labels(fresh, w_star)
    errors = [
        [descent.robust_error(w, fresh, labels, eps, math.inf) for w in (gd, target)]
        for gd, eps in zip(found, radii, strict=True)
    ]
    return Observation(
        np.array([cosine(w, target) for w in found]),
        exhibit={"share": np.array(SHARES), "error": np.array(errors)},
    )


CLAIM = Claim(
    statement=__doc__ or "",
    source="consequence of Tsilivis et al. 2024, Theorem 1",
    assumptions={"more features than points": lambda c: c.n < c.d},
    cases=grid(Case, n=[60], d=[100], k=[5], steps=[300_000], seed=range(8)),
    quick=grid(Case, n=[30], d=[50], k=[4], steps=[100_000], seed=range(3)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(0.03),
)

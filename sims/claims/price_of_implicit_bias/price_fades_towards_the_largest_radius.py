r"""The price of gradient descent under $\ell_\infty$ attacks, its robust error less that of coordinate descent, is
largest at intermediate radii and fades as $\varepsilon\to\varepsilon^\star$, where both find the same separator.
"""

import math
from dataclasses import dataclass

import numpy as np

from sims import descent, sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import ordered
from sims.radius import tolerated

SHARES = (0.5, 0.9, 0.97)


@dataclass(frozen=True)
class Case:
    """n points in d dimensions, labelled by a k-sparse teacher; a price that counts as gone."""

    n: int
    d: int
    k: int
    gone: float
    steps: int
    seed: int


def predict(case: Case) -> Array:
    """Signs: a price at half the radius, less at nine tenths, gone at 0.97."""
    return np.ones(3)


def rival(case: Case) -> Array:
    """A stronger attack costs the misaligned geometry more."""
    return np.array([1.0, -1.0, -1.0])


def simulate(case: Case) -> Observation:
    """Coordinate descent, whose direction no radius changes, against gradient descent at each."""
    stream = rng(case, "data")
    w_star = sample.teacher(stream, case.d, case.k)
    X = sample.inputs(stream, case.n, case.d)
    y = sample.labels(X, w_star)
    fresh = sample.inputs(rng(case, "test"), 5000, case.d)
    labels = sample.labels(fresh, w_star)
    aligned = descent.descend(X, y, geometry=1.0, steps=case.steps).points[-1]
    radii = np.array(SHARES) * tolerated(X, y, math.inf)
    prices = np.array(
        [
            descent.robust_error(w, fresh, labels, eps, math.inf)
            - descent.robust_error(aligned, fresh, labels, eps, math.inf)
            for eps in radii
            for w in [descent.descend(X, y, geometry=2.0, eps=eps, steps=case.steps).points[-1]]
        ]
    )
    half, near, last = prices
    return Observation(
        np.array([half, half - near, case.gone - abs(last)]),
        exhibit={"share": np.array(SHARES), "price": prices},
    )


CLAIM = Claim(
    statement=__doc__ or "",
    source="consequence of Tsilivis et al. 2024, Theorem 1 and the alignment of r = p*",
    assumptions={"more features than points": lambda c: c.n < c.d},
    cases=grid(Case, n=[60], d=[100], k=[5], gone=[0.03], steps=[300_000], seed=range(20)),
    quick=grid(Case, n=[30], d=[50], k=[4], gone=[0.05], steps=[50_000], seed=range(32)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(),
    looks=3,
)

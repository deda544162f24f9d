r"""One unit direction with unit signal above a flat tail of $n^2$ directions with total mass $n^a$, $a\le\frac12$:
the excess risk of the least-norm interpolator of noisy labels vanishes like $1/n$.
"""

from dataclasses import dataclass

import numpy as np

from sims import gram
from sims.claim import Claim, Observation, grid, rng
from sims.judge import rate

NOISE = 1.0


@dataclass(frozen=True)
class Case:
    """n samples, a tail of mass n^a."""

    n: int
    a: float
    seed: int


def predict(case: Case) -> float:
    """The limit."""
    return 0.0


def rival(case: Case) -> float:
    """What a fit that reproduces the noise was long thought to cost: all of it."""
    return NOISE


def simulate(case: Case) -> Observation:
    """Bias and variance, at one design."""
    levels, counts = np.array([1.0, case.n ** (case.a - 2)]), np.array([1.0, float(case.n) ** 2])
    design = gram.gaussian(rng(case, "design"), case.n, levels, counts)
    seen = gram.fit(design, np.array([1.0, 0.0]), np.zeros(1), NOISE)
    return Observation(seen.bias[0] + seen.variance[0])


CLAIM = Claim(
    statement=__doc__ or "",
    source="Bartlett, Long, Lugosi, Tsigler 2020; rate worked out for this array",
    assumptions={r"$a\le1/2$": lambda c: c.a <= 0.5},
    cases=grid(Case, n=[50, 150, 400], a=[0.25, 0.5], seed=range(128)),
    quick=grid(Case, n=[40, 90, 200], a=[0.25], seed=range(64)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=rate(order=1.0, along="n", by="a"),
    looks=3,
)

r"""One unit direction above a flat tail of $n^2$ directions with total mass $n^a$: the squared norm that noise
adds to the least-norm interpolator, and with it the adversarial risk, grows like $n^{1-a}$ for every radius,
although the sequence is benign.
"""

from dataclasses import dataclass

import numpy as np

from sims import gram
from sims.claim import Claim, Observation, rng
from sims.judge import rate

NOISE = 1.0


@dataclass(frozen=True)
class Case:
    """n samples, a tail of mass n^a; `growth` = n^{1−a}."""

    n: int
    a: float
    growth: float
    seed: int


def predict(case: Case) -> float:
    """One over the norm goes to 0, in proportion to one over the growth."""
    return 0.0


def rival(case: Case) -> float:
    """The norm stays of the order of the signal's, 1, as the excess risk does."""
    return 1.0


def simulate(case: Case) -> Observation:
    """One over the squared norm that noise adds, at one design."""
    levels, counts = np.array([1.0, case.n ** (case.a - 2)]), np.array([1.0, float(case.n) ** 2])
    design = gram.gaussian(rng(case, "design"), case.n, levels, counts)
    seen = gram.fit(design, np.array([1.0, 0.0]), np.zeros(1), NOISE)
    norm = seen.norm_signal[0] + seen.norm_noise[0]
    return Observation(
        1 / seen.norm_noise[0], exhibit={"risk": seen.bias + seen.variance, "norm": np.array([norm])}
    )


def grids(sizes: list[int], seeds: int) -> tuple[Case, ...]:
    """All sizes, tails and seeds."""
    return tuple(
        Case(n, a, float(n) ** (1 - a), seed) for a in (0.25, 0.5, 0.75) for n in sizes for seed in range(seeds)
    )


CLAIM = Claim(
    statement=__doc__ or "",
    source="Hao & Zhang 2024, main result on the min-norm interpolator; rate worked out for this array",
    assumptions={
        r"$a<1$, so that the sequence is benign": lambda c: c.a < 1,
        r"$\sigma^2>0$": lambda c: NOISE > 0,
    },
    cases=grids([50, 150, 400], 24),
    quick=grids([40, 90, 200], 24),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=rate(order=1.0, along="growth", allowed=0.04, by="a"),
    looks=3,
)

r"""One unit direction above a flat tail of $n^2$ directions with total mass $n^a$: the squared norm that noise
adds to the least-norm interpolator, and with it the adversarial risk, grows like $n^{1-a}$ for every radius,
although the sequence is benign.
"""

from dataclasses import dataclass

import numpy as np

from sims import gram
from sims.claim import Claim, Observation, rng
from sims.judge import rate


@dataclass(frozen=True)
class Case:
    """n samples with noise of variance `noise`, a tail of mass n^a, an attack eps; `growth` = n^{1−a}."""

    n: int
    a: float
    growth: float
    noise: float
    eps: float
    seed: int


def predict(case: Case) -> float:
    """One over the norm goes to 0, in proportion to one over the growth."""
    return 0.0


def rival(case: Case) -> float:
    """The norm stays of the order of the signal's, 1, as the excess risk does."""
    return 1.0


def simulate(case: Case) -> Observation:
    """One over the squared norm that noise adds, at one design; beside it both risks."""
    levels, counts = np.array([1.0, case.n ** (case.a - 2)]), np.array([1.0, float(case.n) ** 2])
    design = gram.gaussian(rng(case, "design"), case.n, levels, counts)
    seen = gram.fit(design, np.array([1.0, 0.0]), np.zeros(1), case.noise)
    attacked = gram.attacked(seen, case.eps, gram.scores(rng(case, "scores"), 2000))
    return Observation(
        1 / seen.norm_noise[0], exhibit={"standard": seen.bias + seen.variance, "adversarial": attacked}
    )


def grids(sizes: list[int], seeds: int) -> tuple[Case, ...]:
    """All sizes, tails and seeds."""
    return tuple(
        Case(n, a, float(n) ** (1 - a), noise=1.0, eps=1.0, seed=seed)
        for a in (0.25, 0.5, 0.75)
        for n in sizes
        for seed in range(seeds)
    )


CLAIM = Claim(
    statement=__doc__ or "",
    source="Hao & Zhang 2024, main result on the min-norm interpolator; rate worked out for this array",
    assumptions={
        r"$a<1$, so that the sequence is benign": lambda c: c.a < 1,
        r"$\sigma^2>0$": lambda c: c.noise > 0,
    },
    cases=grids([50, 200, 800], 24),
    quick=grids([40, 90, 200], 24),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=rate(order=1.0, along="growth", allowed=0.04, by="a"),
    looks=3,
)

r"""The price of implicit bias: under an $\ell_\infty$ attack of half the tolerated radius the robust error of
gradient descent exceeds that of coordinate descent, and by more than the two differ in standard training;
gradient descent on a diagonal network, biased to $\ell_1$, does not pay.
"""

from dataclasses import dataclass

import numpy as np

from sims.claim import Array, Claim, Observation, grid, rng
from sims.contest import contest
from sims.judge import ordered

SHARES = (0.0, 0.5)


@dataclass(frozen=True)
class Case:
    """n dense Gaussian points in d dimensions; the teacher k-sparse, dense for k = d."""

    n: int
    d: int
    k: int
    seed: int


def predict(case: Case) -> Array:
    """Signs: a price; for dense teachers larger than in standard training; none on the diagonal.

    Beyond n = d/4 the price fades, so that nothing is claimed.
    """
    if 4 * case.n > case.d:
        return np.zeros(3)
    return np.array([1.0, float(case.k == case.d), 1.0])


def rival(case: Case) -> Array:
    """Diagonal networks trained by gradient descent pay like gradient descent."""
    signs: Array = predict(case) * np.array([1.0, 1.0, -1.0])
    return signs


def simulate(case: Case) -> Observation:
    """All three algorithms by the paper's protocol."""
    outcome = contest(
        rng(case, "train"), rng(case, "test"), case.n, case.d, (case.k if case.k < case.d else None, None), SHARES
    )
    coordinate, gradient, diagonal = outcome.test
    price = gradient - coordinate
    return Observation(
        np.array([price[1], price[1] - abs(price[0]), (gradient - diagonal)[1]]),
        exhibit={"share": np.array(SHARES), "train": outcome.train, "test": outcome.test},
    )


CLAIM = Claim(
    statement=__doc__ or "",
    source="Tsilivis et al. 2024, Figure 1 (bottom) and Figure 2 (left)",
    assumptions={r"$1\le k\le d$": lambda c: 1 <= c.k <= c.d},
    cases=grid(Case, n=[64, 128], d=[512], k=[4, 512], seed=range(24))
    + grid(Case, n=[256, 512, 1024], d=[512], k=[4, 512], seed=range(3)),
    quick=grid(Case, n=[8, 16], d=[64], k=[4, 64], seed=range(80)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(by=("n", "k")),
    looks=3,
)

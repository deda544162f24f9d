r"""Under $\ell_\infty$ attacks coordinate descent with a plain subgradient of $\varepsilon\lVert w\rVert_1$
converges well below $\varepsilon^\star/2$ and stalls well above. A coordinate that flips its sign for ever must be
the steepest one, of slope at least $\varepsilon^\star-\varepsilon$, on both sides of 0; for vanishing steps its
slope is at most $\varepsilon$ on the side where loss and attack pull against each other, so that
$\varepsilon\ge\varepsilon^\star/2$.
"""

from dataclasses import dataclass

import numpy as np

from sims import descent
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import ordered
from sims.radius import attacked


@dataclass(frozen=True)
class Case:
    """n points in d dimensions, and the relative margin that tells a stall from convergence."""

    n: int
    d: int
    reached: float
    steps: int
    seed: int


SHARES = (0.25, 0.4, 0.75, 0.9)


def predict(case: Case) -> Array:
    """The margin is reached below half the radius and missed above."""
    return np.where(np.array(SHARES) < 0.5, 1.0, -1.0)


def rival(case: Case) -> Array:
    """Theorem 1 read without its smoothness: reached at every radius below the largest."""
    return np.ones(len(SHARES))


def simulate(case: Case) -> Observation:
    """The robust margin as a share of what the aligned geometry allows, less the share to be reached."""
    margins = []
    for share in SHARES:
        X, y, eps = attacked(rng(case, "data"), case.n, case.d, np.inf, share)
        path = descent.descend(X, y, geometry=1.0, eps=eps, steps=case.steps)
        best = eps / share - eps
        margins.append(descent.robust_margin(path.points[-1], X, y, eps, np.inf, 1.0) / best)
    shares = np.maximum(margins, -1.0)  # a stalled run is as bad as its margin is negative: -1 is enough
    return Observation(shares - case.reached, exhibit={"share": np.array(SHARES)})


CLAIM = Claim(
    statement=__doc__ or "",
    source="limit of Tsilivis et al. 2024, Theorem 1, for p = ∞, r = 1 without differentiability; worked out here",
    assumptions={"more features than points": lambda c: c.n < c.d},
    cases=grid(Case, n=[15], d=[30], reached=[0.9], steps=[300_000], seed=range(64)),
    quick=grid(Case, n=[15], d=[30], reached=[0.9], steps=[30_000], seed=range(24)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(),
    looks=3,
)

r"""With steps $\eta_t=1/(B^2\tilde L(w_t))$ the robust margin of steepest descent reaches its maximum at the rate
$1/t$, in every geometry.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from sims import descent
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import rate
from sims.radius import attacked
from theory.margin import max_margin


@dataclass(frozen=True)
class Case:
    """A training set, an attack at a share of what it tolerates, and a descent of so many steps."""

    n: int
    d: int
    attack: float
    geometry: float
    share: float
    steps: int
    seed: int


@lru_cache(maxsize=8)
def training(case: Case) -> tuple[Array, Array, float]:
    """Separable Gaussian points, their labels and the radius of the attack."""
    return attacked(rng(case, "data"), case.n, case.d, case.attack, case.share)


def problem(case: Case) -> tuple[Array, Array, float]:
    """The same training set for any number of steps."""
    return training(replace(case, steps=0))


@lru_cache(maxsize=8)
def margins(case: Case) -> tuple[float, float]:
    """The robust and the clean maximum margin."""
    X, y, eps = training(case)
    robust = max_margin(X, y, case.geometry, eps=eps, attack=case.attack)
    return robust.value, max_margin(X, y, case.geometry).value


def predict(case: Case) -> float:
    """The limit of the margins."""
    return margins(replace(case, steps=0))[0]


def rival(case: Case) -> float:
    """The clean maximum margin: the attack costs nothing."""
    return margins(replace(case, steps=0))[1]


def simulate(case: Case) -> Observation:
    """The margin over the second half of so many steps: a mean, because the signs of small weights chatter."""
    X, y, eps = problem(case)
    path = descent.descend(X, y, geometry=case.geometry, eps=eps, attack=case.attack, steps=case.steps)
    late = path.points[path.steps >= case.steps / 2]
    margins = descent.robust_margin(late, X, y, eps, case.attack, case.geometry)
    return Observation(np.array(margins.mean()))


def grids(seeds: range, steps: list[int]) -> tuple[Case, ...]:
    """ℓ∞ and ℓ2 attacks at half the radius, somewhat less for coordinate descent under ℓ∞ attacks."""
    cells = grid(
        Case,
        n=[15],
        d=[30],
        attack=[math.inf, 2.0],
        geometry=[1.0, 2.0, math.inf],
        share=[0.4, 0.5],
        seed=seeds,
        steps=steps,
    )
    return tuple(c for c in cells if (c.share < 0.5) == (c.attack == math.inf and c.geometry == 1))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Tsilivis et al. 2024, Theorem 1 and its steps; rate measured",
    assumptions={
        r"$p\in\{2,\infty\}$": lambda c: c.attack in (2.0, math.inf),
        r"$\varepsilon<\varepsilon^\star/2$ where $p=\infty$ and $r=1$": lambda c: (
            c.share < 0.5 or (c.attack, c.geometry) != (math.inf, 1.0)
        ),
    },
    cases=grids(range(64), [300, 1000, 3000, 10_000, 30_000, 100_000, 300_000]),
    quick=grids(range(40), [300, 1000, 3000, 10_000, 60_000]),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=rate(order=1.0, along="steps", by=("attack", "geometry")),
    looks=3,
)

r"""Steepest descent with respect to $\lVert\cdot\rVert_r$ on the robust exponential loss of
$(\varepsilon,p)$-separable data maximises the robust margin in its own norm: $\lim_t g_r(w_t)
=\max_{\lVert w\rVert_r\le1}\min_i y_i\langle w,x_i\rangle-\varepsilon\lVert w\rVert_{p^*}$.
"""

import math
from dataclasses import dataclass

from sims import descent
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import equal
from sims.radius import attacked
from theory.adversarial import worst_case
from theory.margin import max_margin
from theory.norms import norm


@dataclass(frozen=True)
class Case:
    """n points in d dimensions, an attack at a share of what they tolerate, and a descent."""

    n: int
    d: int
    attack: float
    geometry: float
    share: float
    steps: int
    seed: int


def problem(case: Case) -> tuple[Array, Array, float]:
    """Separable Gaussian points, their labels and the radius of the attack."""
    return attacked(rng(case, "data"), case.n, case.d, case.attack, case.share)


def predict(case: Case) -> float:
    """The program: largest robust margin in the geometry of the descent."""
    X, y, eps = problem(case)
    return max_margin(X, y, case.geometry, eps=eps, attack=case.attack).value


def rival(case: Case) -> float:
    """Whatever its geometry, descent goes to the Euclidean maximum margin."""
    X, y, eps = problem(case)
    w = max_margin(X, y, 2.0, eps=eps, attack=case.attack).w
    return float(worst_case(w, X, y, eps, case.attack).min()) / norm(w, case.geometry)


def simulate(case: Case) -> Observation:
    """Descend on the robust loss by the theorem's steps."""
    X, y, eps = problem(case)
    path = descent.descend(X, y, geometry=case.geometry, eps=eps, attack=case.attack, steps=case.steps)
    margins = descent.robust_margin(path.points, X, y, eps, case.attack, case.geometry)
    return Observation(margins[-1], exhibit={"steps": path.steps, "margins": margins})


def smooth_enough(case: Case) -> bool:
    """Coordinate descent with a plain subgradient stalls under ℓ1 attacks, and under ℓ∞ from ε*/2 on."""
    return case.geometry != 1 or case.attack == 2 or (case.attack == math.inf and case.share < 0.5)


def cells(seeds: range) -> tuple[Case, ...]:
    """Three attacks against three geometries at half the radius, somewhat less for coordinate descent."""
    every = grid(
        Case,
        n=[15],
        d=[30],
        attack=[math.inf, 2.0, 1.0],
        geometry=[1.0, 2.0, math.inf],
        share=[0.4, 0.5],
        steps=[10**5],
        seed=seeds,
    )
    return tuple(
        c for c in every if smooth_enough(c) and (c.share < 0.5) == (c.attack == math.inf and c.geometry == 1)
    )


CLAIM = Claim(
    statement=__doc__ or "",
    source="Tsilivis et al. 2024, Theorem 1; eps = 0: Gunasekar et al. 2018, Theorem 5",
    assumptions={
        r"$\varepsilon<\varepsilon^\star$": lambda c: 0 <= c.share < 1,
        r"for $r=1$: $p=2$, or $p=\infty$ and $\varepsilon<\varepsilon^\star/2$": smooth_enough,
    },
    cases=cells(range(8)),
    quick=cells(range(2)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(5e-3),
)

r"""When $r=p^*$ robustness changes nothing: $\max_{\lVert w\rVert_r\le1}\min_i y_i\langle w,x_i\rangle
-\varepsilon\lVert w\rVert_{p^*}=\varepsilon^\star-\varepsilon$, and steepest descent on the robust loss reaches
it: coordinate descent under $\ell_\infty$, gradient descent under $\ell_2$, sign descent under $\ell_1$ attacks.
"""

import math
from dataclasses import dataclass

from sims import descent
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import equal
from sims.radius import GEOMETRY, attacked
from theory.margin import largest_radius


@dataclass(frozen=True)
class Case:
    """n points in d dimensions, an attack at a share of what they tolerate."""

    n: int
    d: int
    attack: float
    share: float
    steps: int
    seed: int


def problem(case: Case) -> tuple[Array, Array, float]:
    """Separable Gaussian points, their labels and the radius of the attack."""
    return attacked(rng(case, "data"), case.n, case.d, case.attack, case.share)


def predict(case: Case) -> float:
    """The largest radius less the radius."""
    X, y, eps = problem(case)
    return largest_radius(X, y, case.attack).value - eps


def rival(case: Case) -> float:
    """Orthogonal distances, as if margin and attack added in squares."""
    X, y, eps = problem(case)
    return math.sqrt(largest_radius(X, y, case.attack).value ** 2 - eps**2)


def simulate(case: Case) -> Observation:
    """Descend on the robust loss in the geometry dual to the attack."""
    X, y, eps = problem(case)
    geometry = GEOMETRY[case.attack]
    path = descent.descend(X, y, geometry=geometry, eps=eps, attack=case.attack, steps=case.steps)
    return Observation(descent.robust_margin(path.points[-1], X, y, eps, case.attack, geometry))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Tsilivis et al. 2024, section 3: the regulariser dual to the attack",
    assumptions={r"$\varepsilon<\varepsilon^\star$": lambda c: 0 <= c.share < 1},
    cases=grid(
        Case, n=[15], d=[30], attack=[math.inf, 2.0, 1.0], share=[0.2, 0.4], steps=[200_000], seed=range(8)
    ),
    quick=grid(
        Case, n=[15], d=[30], attack=[math.inf, 2.0, 1.0], share=[0.2, 0.4], steps=[100_000], seed=range(2)
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(5e-3),
)

r"""Gradient descent on the factors of a diagonal linear network, $w=u\circ u-v\circ v$ or $w=u\circ v$, on the
robust exponential loss is biased to $\min\lVert w\rVert_1$ in the space of predictors: its direction
maximises the robust margin in $\ell_1$, like coordinate descent.
"""

import math
from dataclasses import dataclass

from sims import descent, diagonal
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import equal
from sims.radius import attacked
from theory.adversarial import worst_case
from theory.margin import max_margin
from theory.norms import norm


@dataclass(frozen=True)
class Case:
    """n points in d dimensions under an attack; a diagonal network of this form and scale at the start."""

    n: int
    d: int
    attack: float
    share: float
    form: str
    scale: float
    steps: int
    seed: int


def problem(case: Case) -> tuple[Array, Array, float]:
    """Separable Gaussian points, their labels and the radius of the attack."""
    return attacked(rng(case, "data"), case.n, case.d, case.attack, case.share)


def predict(case: Case) -> float:
    """The robust maximum margin in ℓ1."""
    X, y, eps = problem(case)
    return max_margin(X, y, 1.0, eps=eps, attack=case.attack).value


def rival(case: Case) -> float:
    """The bias of gradient descent on a linear model: the robust maximum margin in ℓ2."""
    X, y, eps = problem(case)
    w = max_margin(X, y, 2.0, eps=eps, attack=case.attack).w
    return float(worst_case(w, X, y, eps, case.attack).min()) / norm(w, 1.0)


def simulate(case: Case) -> Observation:
    """Descend on the factors; look at the predictor."""
    X, y, eps = problem(case)
    walk = {"powers": diagonal.descend_powers, "product": diagonal.descend_product}[case.form]
    path = walk(X, y, scale=case.scale, eps=eps, attack=case.attack, steps=case.steps)
    return Observation(descent.robust_margin(path.points[-1], X, y, eps, case.attack, 1.0))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Tsilivis et al. 2024, section 3.3; Gunasekar et al. 2018 (linear convolutional and diagonal networks)",
    assumptions={r"start in $[0.1,1]$: smaller ones need more steps": lambda c: 0.1 <= c.scale <= 1},
    cases=grid(
        Case,
        n=[15],
        d=[30],
        attack=[math.inf, 2.0],
        share=[0.0, 0.5],
        form=["powers", "product"],
        scale=[0.1, 0.3, 1.0],
        steps=[1_000_000],
        seed=range(4),
    ),
    quick=grid(
        Case,
        n=[15],
        d=[30],
        attack=[math.inf, 2.0],
        share=[0.5],
        form=["powers", "product"],
        scale=[0.3],
        steps=[300_000],
        seed=range(2),
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(0.02),
)

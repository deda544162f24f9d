r"""The worst attack on a linear classifier costs exactly the dual norm:
$\min_{\lVert\delta\rVert_p\le\varepsilon} y\langle w,x+\delta\rangle
= y\langle w,x\rangle-\varepsilon\lVert w\rVert_{p^*}$ with $1/p+1/p^*=1$.
"""

import math
from dataclasses import dataclass

from sims import attack, sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import equal
from theory.adversarial import worst_case
from theory.norms import norm


@dataclass(frozen=True)
class Case:
    """n points in d dimensions, attacked within an ℓp ball."""

    n: int
    d: int
    p: float
    eps: float
    seed: int


def problem(case: Case) -> tuple[Array, Array, Array]:
    """Points, labels and a classifier that need not fit them."""
    stream = rng(case, "data")
    X, w_star = sample.inputs(stream, case.n, case.d), sample.teacher(stream, case.d)
    return X, sample.labels(X, w_star), sample.teacher(stream, case.d)


def predict(case: Case) -> Array:
    """The dual-norm formula."""
    X, y, w = problem(case)
    return worst_case(w, X, y, case.eps, case.p)


def rival(case: Case) -> Array:
    """The norm of the attack itself in place of its dual."""
    X, y, w = problem(case)
    return y * (X @ w) - case.eps * norm(w, case.p)


def simulate(case: Case) -> Observation:
    """Projected ascent in the ball, from random starts."""
    X, y, w = problem(case)
    found = attack.search(attack.linear(w, y), X, case.eps, case.p, rng=rng(case, "attack"))
    return Observation(y * ((X + found.perturbations) @ w))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Tsilivis et al. 2024, section 2; Hölder's inequality",
    assumptions={r"$p\ge 1$": lambda c: c.p >= 1, r"$\varepsilon\ge 0$": lambda c: c.eps >= 0},
    cases=grid(Case, n=[50], d=[5, 40], p=[1.0, 1.5, 2.0, 3.0, math.inf], eps=[0.05, 0.5], seed=range(5)),
    quick=grid(Case, n=[20], d=[10], p=[1.0, 1.5, 2.0, 3.0, math.inf], eps=[0.2], seed=range(3)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(1e-7),
)

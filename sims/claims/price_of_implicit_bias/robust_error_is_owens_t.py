r"""For $x\sim N(0,I)$ and $y=\operatorname{sign}\langle w^\star,x\rangle$, shifted to a margin $\rho$, the robust
error of $w$ is $\Phi(t')-2T(t',a)$, with Owen's $T$, $\cos\theta=\langle w,w^\star\rangle/\lVert w\rVert\lVert
w^\star\rVert$, $a=\cot\theta$ and $t'=(\varepsilon\lVert w\rVert_{p^*}
-\rho\,\lVert w^\star\rVert_1\cos\theta/\lVert w^\star\rVert_2\cdot\lVert w\rVert_2)/\lVert w\rVert_2$.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import stats

from sims import descent, sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import mean_equal
from theory.norms import dual, norm
from theory.risk import robust_error

RADII = (0.0, 0.02, 0.1, 0.3)


@dataclass(frozen=True)
class Case:
    """k fresh points in d dimensions; w is the teacher plus noise of relative size `noise`."""

    d: int
    k: int
    attack: float
    rho: float
    noise: float
    seed: int


def classifiers(case: Case) -> tuple[Array, Array]:
    """The teacher, and the classifier whose error is asked."""
    stream = rng(case, "classifiers")
    w_star = sample.teacher(stream, case.d)
    return w_star, w_star + case.noise * sample.teacher(stream, case.d)


def predict(case: Case) -> Array:
    """Owen's T, at each radius."""
    w_star, w = classifiers(case)
    return np.array([robust_error(w, w_star, eps, case.attack, case.rho) for eps in RADII])


def rival(case: Case) -> Array:
    """The clean error and the mass that the attack moves across the boundary, as if they were disjoint."""
    w_star, w = classifiers(case)
    cos = w @ w_star / (norm(w, 2) * norm(w_star, 2))
    shift = case.rho * norm(w_star, 1) / norm(w_star, 2) * cos
    t = np.array(RADII) * norm(w, dual(case.attack)) / norm(w, 2)
    error: Array = math.acos(cos) / math.pi + stats.norm.cdf(t - shift) - stats.norm.cdf(-shift)
    return error


def simulate(case: Case) -> Observation:
    """Fresh points, each moved by its worst attack."""
    w_star, w = classifiers(case)
    X = sample.inputs(rng(case, "points"), case.k, case.d)
    y = sample.labels(X, w_star)
    X = sample.shift_margin(X, y, w_star, case.rho)
    return Observation(np.array([descent.robust_error(w, X, y, eps, case.attack) for eps in RADII]))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Owen 1956, skew-normal margin; used for the test errors of Tsilivis et al. 2024",
    assumptions={r"$w\ne w^\star$": lambda c: c.noise > 0, r"$\rho\ge 0$": lambda c: c.rho >= 0},
    cases=grid(
        Case, d=[20], k=[100_000], attack=[2.0, math.inf], rho=[0.0, 0.1], noise=[0.5, 2.0], seed=range(64)
    ),
    quick=grid(Case, d=[20], k=[20_000], attack=[2.0, math.inf], rho=[0.0, 0.1], noise=[1.0], seed=range(24)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.02, by=("attack", "rho", "noise")),
    looks=3,
)

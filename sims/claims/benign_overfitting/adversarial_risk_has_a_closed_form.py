r"""For $x\sim N(0,\Sigma)$, $R=\lVert w-w^\star\rVert_\Sigma^2$ and $1/p+1/p^*=1$ the adversarial risk
$\mathbb E\max_{\lVert\delta\rVert_p\le\varepsilon}(\langle w,x+\delta\rangle-\langle w^\star,x\rangle)^2$ is
$R+2\varepsilon\sqrt{2/\pi}\,\sqrt R\,\lVert w\rVert_{p^*}+\varepsilon^2\lVert w\rVert_{p^*}^2$.
"""

import math
from dataclasses import dataclass

import numpy as np

from sims import attack, sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import mean_equal
from theory.norms import dual, norm
from theory.risk import adversarial_risk


@dataclass(frozen=True)
class Case:
    """k fresh points in d dimensions with variances 1/i; w is the teacher plus noise of relative size `noise`."""

    d: int
    k: int
    p: float
    eps: float
    noise: float
    seed: int


def variances(case: Case) -> Array:
    """The diagonal of the covariance."""
    return 1 / np.arange(1.0, case.d + 1)


def weights(case: Case) -> tuple[Array, Array]:
    """The teacher, and the estimate whose risk is asked."""
    stream = rng(Case(case.d, 0, 0, 0, case.noise, 0), "weights")
    w_star = sample.teacher(stream, case.d) / math.sqrt(case.d)
    return w_star, w_star + case.noise * sample.teacher(stream, case.d) / math.sqrt(case.d)


def predict(case: Case) -> float:
    """The closed form."""
    w_star, w = weights(case)
    return adversarial_risk(w, w_star, variances(case), case.eps, case.p)


def rival(case: Case) -> float:
    """The upper bound (√R + eps‖w‖)², as if every error were of the typical size."""
    w_star, w = weights(case)
    R = variances(case) @ (w - w_star) ** 2
    return float((math.sqrt(R) + case.eps * norm(w, dual(case.p))) ** 2)


def simulate(case: Case) -> Observation:
    """Fresh points, each attacked by projected ascent on its own error."""
    w_star, w = weights(case)
    X = sample.inputs(rng(case, "points"), case.k, case.d) * np.sqrt(variances(case))
    e = X @ (w - w_star)
    against = attack.linear(w, np.where(e > 0, -1.0, 1.0))
    found = attack.search(against, X, case.eps, case.p, rng=rng(case, "attack"), steps=14)
    return Observation(np.array(np.mean(((X + found.perturbations) @ w - X @ w_star) ** 2)))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Hao & Zhang 2024, the adversarial risk; closed form as in Javanmard, Soltanolkotabi, Hassani 2020",
    assumptions={r"$p\ge1$": lambda c: c.p >= 1, r"$\varepsilon\ge0$": lambda c: c.eps >= 0},
    cases=grid(Case, d=[20], k=[5000], p=[1.0, 2.0, math.inf], eps=[0.2, 1.0], noise=[0.5, 1.0], seed=range(24)),
    quick=grid(Case, d=[10], k=[800], p=[1.0, 2.0, math.inf], eps=[0.5], noise=[1.0], seed=range(32)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.04, by=("p", "eps", "noise")),
    looks=3,
)

r"""For a linear model under attack let $z_i$ be the worst points at $w$, frozen, times their labels. The
worst-case robust flatness of the logistic loss, $\max R(w+\nu)-R(w)$ over
$\lVert\nu\rVert\le\varrho=\xi\lVert w\rVert$, is at most
$\max_\nu\left(\langle g,\nu\rangle+\frac1{2n}\sum h_i\langle z_i,\nu\rangle^2\right)+\varepsilon\kappa$, with
$g=\nabla R(w)$, $h_i$ the largest curvature of the loss of point $i$ on the ball, and $\kappa$ what a new attack
can gain: $\xi\varrho/(2(1-\xi))$ under $\ell_2$ attack, $2\max_k(\sqrt k\varrho-\Sigma_k)_+$ under $\ell_\infty$
attack, $\Sigma_k$ the sum of the $k$ smallest $\lvert w_j\rvert$. It is also at most the mean of the points' own
maxima. The gradient alone, $\varrho\lVert g\rVert$, is no bound.
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy import special

from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import at_most
from theory.worst_flatness import worst_flatness

STARTS, STEPS = 10, 300
ROUNDING = 1e-9  # of a difference of losses, relative to it


@dataclass(frozen=True)
class Case:
    """n Gaussian points in d dimensions, labels of a teacher, some of them flipped, weights near the teacher."""

    n: int
    d: int
    eps: float
    xi: float
    attack: float
    flips: float
    seed: int


def problem(case: Case) -> tuple[Array, Array, Array]:
    """Weights, points and labels."""
    stream = rng(case, "data")
    w_star, X = stream.standard_normal(case.d), stream.standard_normal((case.n, case.d))
    y = np.where(X @ w_star >= 0, 1.0, -1.0) * np.where(stream.random(case.n) < case.flips, -1.0, 1.0)
    return w_star + 0.3 * stream.standard_normal(case.d), X, y


def predict(case: Case) -> float:
    """The bound."""
    return worst_flatness(*problem(case), case.eps, case.xi, attack=case.attack).bound


def rival(case: Case) -> float:
    """The radius times the length of the gradient."""
    w, X, y = problem(case)
    return float(case.xi * np.linalg.norm(w) * np.linalg.norm(attacked(w[None], X, y, case)[1]))


def simulate(case: Case) -> Observation:
    """The best of many ascents on the sphere, the attack made anew at each step."""
    w, X, y = problem(case)
    radius = case.xi * np.linalg.norm(w)
    V = rng(case, "starts").standard_normal((STARTS, case.d))
    best = -math.inf
    for _ in range(STEPS):
        V *= radius / np.linalg.norm(V, axis=1, keepdims=True)
        loss, V = attacked(w + V, X, y, case)
        best = max(best, float(loss.max()))
    return Observation(np.array(best - attacked(w[None], X, y, case)[0][0]))


def attacked(W: Array, X: Array, y: Array, case: Case) -> tuple[Array, Array]:
    """Losses and gradients of models W, one per row, on points moved by eps against each of them."""
    u = np.sign(W) if case.attack == math.inf else W / np.linalg.norm(W, axis=1, keepdims=True)
    Z = y[:, None] * X - case.eps * u[:, None]
    margins = np.einsum("kij,kj->ki", Z, W)
    gradients = -np.einsum("kij,ki->kj", Z, special.expit(-margins)) / case.n
    return np.logaddexp(0, -margins).mean(1), gradients


CLAIM = Claim(
    statement=__doc__ or "",
    source="the measure is that of Stutz, Hein and Schiele 2021, section 3; worked out here for linear models",
    assumptions={
        r"$0<\xi<1$": lambda c: 0 < c.xi < 1,
        r"$\varepsilon\ge0$": lambda c: c.eps >= 0,
        "an attack in the Euclidean or the maximum norm": lambda c: c.attack in (2, math.inf),
    },
    cases=grid(
        Case,
        n=[20, 100],
        d=[5, 30],
        eps=[0.05, 0.3],
        xi=[0.003, 0.05, 0.5],
        attack=[2.0, math.inf],
        flips=[0.0, 0.1],
        seed=range(2),
    ),
    quick=grid(
        Case, n=[20], d=[5, 30], eps=[0.1], xi=[0.003, 0.05, 0.5], attack=[2.0, math.inf], flips=[0.1], seed=[0]
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=at_most(ROUNDING),
)

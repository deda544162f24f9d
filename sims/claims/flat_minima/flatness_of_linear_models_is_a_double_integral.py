r"""For a linear model let $R(w)$ be the mean worst loss and $\nu$ uniform on the sphere of radius
$\xi\lVert w\rVert_2$, the attack made anew for each $\nu$. The average-case flatness $\mathbb E\,R(w+\nu)-R(w)$
is a mean over two projections of a uniform direction: on $w$ (on $\operatorname{sign}w$ under $\ell_\infty$
attack, as long as no sign changes), and on the part of $x_i$ across it. For the squared loss without attack it is
$\xi^2\lVert w\rVert^2\,\frac1n\sum\lVert x_i\rVert^2/(2d)$.
"""

import math
from dataclasses import dataclass

import numpy as np

from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import mean_equal
from theory.linear_flatness import ball_flatness, sphere_flatness

LOSSES = ("logistic", "squared")


@dataclass(frozen=True)
class Case:
    """n Gaussian points in d dimensions with random labels, weights of similar size; so many pairs ±ν."""

    n: int
    d: int
    eps: float
    xi: float
    attack: float
    loss: str
    pairs: int
    seed: int


def problem(case: Case) -> tuple[Array, Array, Array]:
    """Weights between 1 and 1.2 in size, points and labels."""
    stream = rng(case, "data")
    w = stream.choice([-1.0, 1.0], case.d) * stream.uniform(1, 1.2, case.d)
    return w, stream.standard_normal((case.n, case.d)), stream.choice([-1.0, 1.0], case.n)


def stable(case: Case) -> bool:
    """Whether no weight can change its sign, where the attack depends on signs."""
    w = problem(case)[0]
    return case.attack == 2 or case.xi * float(np.linalg.norm(w)) <= float(np.abs(w).min())


def predict(case: Case) -> float:
    """The double integral."""
    return sphere_flatness(*problem(case), case.eps, case.xi, attack=case.attack, loss=case.loss)


def rival(case: Case) -> float:
    """Directions and lengths at random: the ball in place of its sphere, d/(d + 2) of it for small radii."""
    return ball_flatness(*problem(case), case.eps, case.xi, attack=case.attack, loss=case.loss)


def simulate(case: Case) -> Observation:
    """Losses at the attacked points of each perturbed model, ν and −ν, beside those of the model itself."""
    w, X, y = problem(case)
    U = rng(case, "directions").standard_normal((case.pairs, case.d))
    U *= case.xi * np.linalg.norm(w) / np.linalg.norm(U, axis=1, keepdims=True)
    draws = [attacked_losses(w + sign * U, X, y, case) for sign in (-1.0, 1.0)]
    return Observation(np.array(np.mean(draws) - np.mean(attacked_losses(w[None], X, y, case))))


def attacked_losses(W: Array, X: Array, y: Array, case: Case) -> Array:
    """The losses of models W, one per row, on points moved by eps against each of them."""
    step = np.sign(W) if case.attack == math.inf else W / np.linalg.norm(W, axis=1, keepdims=True)
    scores, moved = W @ X.T, case.eps * (W * step).sum(1)[:, None]
    if case.loss == "squared":
        residuals = scores - y
        return np.asarray((residuals + np.where(residuals >= 0, moved, -moved)) ** 2 / 2)
    return np.asarray(np.logaddexp(0, moved - y * scores))


CLAIM = Claim(
    statement=__doc__ or "",
    source="the measure is that of Stutz, Hein and Schiele 2021, section 3; worked out here for linear models",
    assumptions={
        "no weight changes sign under an attack in the maximum norm": stable,
        r"$\varepsilon\ge0$": lambda c: c.eps >= 0,
        r"$\xi>0$": lambda c: c.xi > 0,
    },
    cases=grid(
        Case, n=[4], d=[2, 5], eps=[0.0], xi=[0.1, 0.35], attack=[2.0], loss=LOSSES, pairs=[20_000], seed=range(32)
    )
    + grid(
        Case,
        n=[4],
        d=[2, 5],
        eps=[0.3],
        xi=[0.1, 0.35],
        attack=[2.0, math.inf],
        loss=LOSSES,
        pairs=[20_000],
        seed=range(32),
    ),
    quick=grid(Case, n=[4], d=[5], eps=[0.0], xi=[0.35], attack=[2.0], loss=LOSSES, pairs=[10_000], seed=range(12))
    + grid(
        Case,
        n=[4],
        d=[5],
        eps=[0.3],
        xi=[0.35],
        attack=[2.0, math.inf],
        loss=LOSSES,
        pairs=[10_000],
        seed=range(12),
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.05, by=("d", "eps", "xi", "attack", "loss")),
    looks=3,
)

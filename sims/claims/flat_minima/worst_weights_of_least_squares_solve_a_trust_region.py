r"""The worst-case flatness of least squares, $\max R(w+\nu)-R(w)$ over
$\lVert\nu\rVert\le\varrho=\xi\lVert w\rVert$ with $R(w)=\lVert Xw-y\rVert^2/(2n)$, is the value of a
trust-region problem,
$\frac12(\langle g,\nu\rangle+\mu\varrho^2)$ with $g=\nabla R(w)$, $(\mu I-X^\top X/n)\nu=g$,
$\lVert\nu\rVert=\varrho$ and $\mu$ no less than the largest eigenvalue of $X^\top X/n$. The gradient alone,
$\varrho\lVert g\rVert$, falls short.
"""

from dataclasses import dataclass

import numpy as np

from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import equal
from theory.worst_flatness import worst_flatness


@dataclass(frozen=True)
class Case:
    """n Gaussian points in d dimensions, labels of a teacher and noise, weights short of the teacher or at it."""

    n: int
    d: int
    xi: float
    short: float
    seed: int


STARTS, STEPS = 20, 3000


def problem(case: Case) -> tuple[Array, Array, Array]:
    """Weights, points and labels."""
    stream = rng(case, "data")
    w_star, X = stream.standard_normal(case.d), stream.standard_normal((case.n, case.d))
    return (1 - case.short) * w_star, X, X @ w_star + 0.1 * stream.standard_normal(case.n)


def predict(case: Case) -> float:
    """The dual value."""
    return worst_flatness(*problem(case), 0.0, case.xi, loss="squared").bound


def rival(case: Case) -> float:
    """First order: the radius times the length of the gradient."""
    w, X, y = problem(case)
    return float(case.xi * np.linalg.norm(w) * np.linalg.norm(X.T @ (X @ w - y)) / case.n)


def simulate(case: Case) -> Observation:
    """The best of many ascents on the sphere, each step where the gradient points; doubt from the last growth."""
    w, X, y = problem(case)
    radius, r = case.xi * np.linalg.norm(w), X @ w - y
    V = rng(case, "starts").standard_normal((STARTS, case.d))
    grown = np.zeros(STARTS)
    for _ in range(STEPS):
        V *= radius / np.linalg.norm(V, axis=1, keepdims=True)
        R = r + V @ X.T
        before, grown = grown, ((R**2).sum(1) - r @ r) / (2 * case.n)
        V = R @ X
    best = int(np.argmax(grown))
    return Observation(grown[best], doubt=STEPS * abs(grown[best] - before[best]))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Moré and Sorensen 1983, for the measure of Stutz, Hein and Schiele 2021, section 3",
    assumptions={r"$\xi>0$": lambda c: c.xi > 0, r"$w\ne0$": lambda c: c.short < 1},
    cases=grid(Case, n=[20, 100], d=[10, 50], xi=[0.01, 0.1, 0.5], short=[0.0, 0.5], seed=range(4)),
    quick=grid(Case, n=[20], d=[5, 40], xi=[0.1, 0.5], short=[0.0, 0.5], seed=[0]),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(1e-6),
)

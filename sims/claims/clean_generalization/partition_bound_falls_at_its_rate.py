r"""At the best number $k^D$ of cells the bound
$\frac1k\mathbb E\max\lVert\nabla\ell\rVert_1+M\sqrt{(2k^D\ln2+\ln(1/\eta))/(2n)}$
of the robust generalisation gap of a smooth classifier, the maximum over the cell of $x$ enlarged by $\delta$,
falls like $n^{-1/(D+2)}$: its power $D+2$ falls like $1/n$. With one cell for each point it would not fall at all.
"""

from dataclasses import dataclass

import numpy as np

from sims.claim import Array, Claim, Observation, grid
from sims.judge import rate
from sims.smoother import lattice, lowest
from theory.partition_bound import deviation

CHANCE, HEIGHT = 0.01, 2.0
M = float(np.log1p(np.exp(HEIGHT)))


@dataclass(frozen=True)
class Case:
    """n points in d dimensions; an attack of `reach` steps of a grid of so many `points` along [0, 1]."""

    d: int
    n: int
    reach: int
    points: int


def predict(case: Case) -> float:
    """The bound vanishes."""
    return 0.0


def rival(case: Case) -> float:
    """One cell for each point: the deviation alone stays at M √ln 2 and more."""
    k = round(case.n ** (1 / case.d))
    return (M * deviation(k, case.d, case.n, chance=CHANCE)) ** (case.d + 2)


def flatness(case: Case) -> dict[int, float]:
    """For each k that divides the grid the mean over cells of the largest slope, by differences of the loss.

    The loss is log(1 + exp(−f)), f = height · mean_j sin 2π x_j; by symmetry it is the same for the other label.
    """
    axis = (np.arange(-case.reach, case.points + case.reach) + 0.5) / case.points
    waves = HEIGHT * np.sin(2 * np.pi * lattice(axis, case.d)).mean(axis=1)
    loss = np.log1p(np.exp(-waves)).reshape((len(axis),) * case.d)
    slopes = sum(np.abs(np.gradient(loss, 1 / case.points, axis=j)) for j in range(case.d))
    largest = -lowest(-slopes, case.reach)[(slice(case.reach, -case.reach),) * case.d]
    return {k: cells(largest, k) for k in range(2, case.points // 4) if case.points % k == 0}


def cells(values: Array, k: int) -> float:
    """The mean over k^d blocks of the largest value."""
    for j in range(values.ndim):
        values = np.stack(np.split(values, k, axis=j)).max(axis=j + 1)
        values = np.moveaxis(values, 0, j)
    return float(values.mean())


def simulate(case: Case) -> Observation:
    """Every k that divides the grid, and the least of the bounds."""
    bounds = {
        k: flat / k + M * np.sqrt((2 * k**case.d * np.log(2) + np.log(1 / CHANCE)) / (2 * case.n))
        for k, flat in flatness(case).items()
    }
    best = min(bounds, key=lambda k: bounds[k])
    return Observation(
        bounds[best] ** (case.d + 2), exhibit={"k": np.array(best), "bound": np.array(bounds[best])}
    )


CLAIM = Claim(
    statement=__doc__ or "",
    source="Li and Li 2025, first version: the rate; Xu and Mannor 2012",
    assumptions={r"$\delta>0$": lambda c: c.reach >= 1, r"$D\ge1$": lambda c: c.d >= 1},
    cases=grid(Case, d=[1], n=[10**3, 10**4, 10**5, 10**6, 10**7], reach=[24], points=[5040])
    + grid(Case, d=[2], n=[10**5, 10**6, 10**7, 10**8, 10**9], reach=[6], points=[1260]),
    quick=grid(Case, d=[1], n=[10**3, 10**4, 10**5, 10**6, 10**7], reach=[24], points=[5040])
    + grid(Case, d=[2], n=[10**5, 10**6, 10**7, 10**8], reach=[4], points=[720]),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=rate(order=1.0, along="n", allowed=0.1, by="d"),
)

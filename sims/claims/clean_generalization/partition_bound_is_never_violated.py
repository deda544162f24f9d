r"""On $[0,1]^D$ with $k^D$ cells of side $h=1/k$ let $g$ be the worst loss in $\lVert x'-x\rVert_\infty\le\delta$,
$0\le g\le M$, and $s$ the largest $\lVert\nabla\ell\rVert_1$ over the cell of $x$ enlarged by $\delta$. With
probability at least $1-\eta$ every classifier, also one that memorises, has
$\mathbb E\,g-\hat{\mathbb E}\,g\le\mathbb E\min(M,hs)+M\sqrt{(2k^D\ln2+\ln(1/\eta))/(2n)}$. The slopes at the
training points do not do for $s$.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import at_most
from sims.smoother import Smoother, evaluate, lattice, lowest
from theory.partition_bound import balanced_cells, cell_suprema, partition_bound

CHANCE, HEIGHT = 1e-3, 4.0
M = float(np.log1p(np.exp(HEIGHT)))


@dataclass(frozen=True)
class Case:
    """n uniform points in d dimensions, labels at random; a smoother of so many mean spacings' width.

    The attack reaches `reach` steps of a grid of so many `points` along [0, 1].
    """

    d: int
    n: int
    width: float
    reach: int
    points: int
    seed: int


@lru_cache(maxsize=4)
def problem(case: Case) -> Smoother:
    """A softened nearest neighbour on labels that nothing predicts."""
    stream = rng(case, "data")
    X, y = stream.random((case.n, case.d)), stream.choice([-1.0, 1.0], case.n)
    return Smoother(X, y, HEIGHT, case.width * case.n ** (-1 / case.d))


def grid_axis(case: Case) -> Array:
    """A grid from −δ to 1 + δ, midpoints of `points` intervals on [0, 1]."""
    return np.asarray((np.arange(-case.reach, case.points + case.reach) + 0.5) / case.points)


def slopes(f: Smoother, Z: Array, y: float | Array) -> Array:
    """‖∇ log(1 + exp(−y f))‖₁."""
    value, gradient = evaluate(f, Z)
    return np.asarray(np.abs(gradient).sum(axis=1) / (1 + np.exp(y * value)))


def predict(case: Case) -> float:
    """The bound; the suprema are taken on the grid, so that it comes out too small if anything."""
    f, axis, k = problem(case), grid_axis(case), balanced_cells(case.n, case.d)
    Z, shape = lattice(axis, case.d), (len(axis),) * case.d
    over = [cell_suprema(slopes(f, Z, y).reshape(shape), axis, k, case.reach / case.points) for y in (-1.0, 1.0)]
    return partition_bound(np.stack(over), k, case.d, case.n, M, chance=CHANCE)


def rival(case: Case) -> float:
    """Flat where it was trained is flat enough: the slopes at the training points."""
    f, k = problem(case), balanced_cells(case.n, case.d)
    return partition_bound(slopes(f, f.X, f.y), k, case.d, case.n, M, chance=CHANCE)


def simulate(case: Case) -> Observation:
    """Worst losses on the grid for both labels, and on a grid of the same step around each training point."""
    f, axis = problem(case), grid_axis(case)
    values = evaluate(f, lattice(axis, case.d))[0].reshape((len(axis),) * case.d)
    inner = (slice(case.reach, -case.reach),) * case.d
    both = [np.log1p(np.exp(-lowest(y * values, case.reach)[inner])) for y in (-1.0, 1.0)]
    worst = np.mean(both, axis=0)
    around = lattice(np.arange(-case.reach, case.reach + 1) / case.points, case.d)
    margins = [(y * evaluate(f, x + around)[0]).min() for x, y in zip(f.X, f.y, strict=True)]
    seen, expected = np.log1p(np.exp(-np.array(margins))).mean(), np.mean(worst)
    coarser = np.mean(worst[(slice(None, None, 2),) * case.d])
    return Observation(
        expected - seen,
        doubt=np.abs(expected - coarser),
        exhibit={"expected": np.array(expected), "seen": np.array(seen)},
    )


CLAIM = Claim(
    statement=__doc__ or "",
    source="Li and Li 2025, first version, on global flatness; Xu and Mannor 2012; constants worked out here",
    assumptions={r"$0<\eta<1$": lambda c: 0 < CHANCE < 1, r"$\delta>0$": lambda c: c.reach >= 1},
    cases=grid(Case, d=[1], n=[64, 343, 1728], width=[0.1, 1.0, 4.0], reach=[2], points=[4000], seed=range(4))
    + grid(Case, d=[2], n=[81, 256, 625], width=[0.05, 1.0, 4.0], reach=[1], points=[200], seed=range(4)),
    quick=grid(Case, d=[1], n=[64, 343], width=[0.1, 4.0], reach=[2], points=[1000], seed=[0])
    + grid(Case, d=[2], n=[81, 256], width=[0.05, 4.0], reach=[1], points=[100], seed=[0]),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=at_most(0.0),
)

r"""If a classifier's prediction does not change within $\varepsilon$ of its training points, then for the ramp
loss $\max(0,\min(1,1-M/\gamma))$ of its margin $M$, with probability at least $1-\eta$,
$\lvert\mathbb E\,\ell-\hat{\mathbb E}\,\ell\rvert\le\max(0,1-u/\gamma)+\sqrt{(K\ln2+\ln(1/\eta))/(2n)}$, where
$K=\lvert\mathcal Y\rvert N_{\varepsilon/2}$ counts labels times balls of radius $\varepsilon/2$ that cover the
inputs, and $u$ is the least right margin in balls with a training point. If it does not change within
$\varepsilon$ of any input, $N_\varepsilon$ balls do. A bound without the covering number fails.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.spatial import cKDTree

from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import at_most
from theory.covering_bound import circle_cover, robust_generalization_bound, sphere_cover

CHANCE, LABELS = 1e-3, 2
SHARE, SLACK = 0.02, 1.01  # the width of a cluster in units of eps; how much further than asked predictions hold
MISSED = 1e-8  # chance that the fresh points mislead by more than the doubt


@dataclass(frozen=True)
class Case:
    """n training points from so many clusters on the unit sphere of R^d, seen in units of their distance."""

    d: int
    clusters: int
    radius: float
    everywhere: bool
    n: int
    gamma: float
    fresh: int
    seed: int


@lru_cache(maxsize=8)
def centres(d: int, clusters: int) -> tuple[Array, float]:
    """Points spread evenly over the circle or by a Fibonacci spiral over the sphere, and their least distance."""
    i = np.arange(clusters)
    z = 1 - (2 * i + 1) / clusters
    turn = 2 * np.pi * i / clusters if d == 2 else np.pi * (3 - np.sqrt(5)) * i
    flat = np.stack([np.cos(turn), np.sin(turn)], axis=1)
    C = flat if d == 2 else np.column_stack([np.sqrt(1 - z**2)[:, None] * flat, z])
    return C, float(np.min(cKDTree(C).query(C, k=[2])[0]))


def reach(case: Case) -> tuple[float, float, float]:
    """The radius eps of robustness, the width of a cluster, and how far from a training point labels are right."""
    eps = case.radius * centres(case.d, case.clusters)[1]
    return eps, SHARE * eps, SLACK * (1 + SHARE * case.everywhere) * eps


def robust(case: Case) -> bool:
    """Whether predictions hold within eps of training points, or of all inputs, and end before other clusters."""
    eps, width, right = reach(case)
    apart = centres(case.d, case.clusters)[1] - width
    return right > eps + width and apart - eps > right if case.everywhere else eps < right < apart


def predict(case: Case) -> float:
    """The bound; all points of a ball with a training point are of its cluster, with margins ≥ 1 − width/right."""
    eps, width, right = reach(case)
    r = eps if case.everywhere else eps / 2
    cover = circle_cover(r) if case.d == 2 else sphere_cover(r)
    return robust_generalization_bound(cover, case.n, 1 - width / right, case.gamma, chance=CHANCE, k=LABELS)


def rival(case: Case) -> float:
    """One ball for all inputs: as if the classifier had been fixed before the sample was drawn."""
    _, width, right = reach(case)
    return robust_generalization_bound(1, case.n, 1 - width / right, case.gamma, chance=CHANCE, k=LABELS)


def points(stream: np.random.Generator, case: Case, k: int) -> Array:
    """Points of clusters drawn uniformly, within half a width of the centre, on the sphere."""
    C, _ = centres(case.d, case.clusters)
    shift = stream.uniform(-1, 1, (k, case.d)) * reach(case)[1] / (4 * np.sqrt(case.d))
    X = C[stream.integers(len(C), size=k)] + shift
    return np.asarray(X / np.linalg.norm(X, axis=1, keepdims=True))


def simulate(case: Case) -> Observation:
    """The classifier that is right near its sample and wrong elsewhere, with margin 1 − distance/right."""
    sample, fresh = points(rng(case, "train"), case, case.n), points(rng(case, "test"), case, case.fresh)
    margins = np.maximum(-1, 1 - cKDTree(sample).query(fresh)[0] / reach(case)[2])
    loss, seen = np.clip(1 - margins / case.gamma, 0, 1).mean(), max(0.0, 1 - 1 / case.gamma)
    return Observation(np.abs(loss - seen), doubt=np.sqrt(np.log(2 / MISSED) / (2 * case.fresh)))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Wen, Li and Jia 2020, Theorem 3.1; Xu and Mannor 2012; constants and radii worked out here",
    assumptions={
        r"predictions hold within $\varepsilon$": robust,
        r"$\gamma>0$": lambda c: c.gamma > 0,
        "circle or sphere": lambda c: c.d in (2, 3),
    },
    cases=grid(
        Case,
        d=[2, 3],
        clusters=[500, 4000],
        radius=[0.9],
        everywhere=[False],
        n=[500, 1000, 4000, 16_000],
        gamma=[0.5, 1.5],
        fresh=[50_000],
        seed=range(4),
    )
    + grid(
        Case,
        d=[2, 3],
        clusters=[500, 4000],
        radius=[0.45],
        everywhere=[True],
        n=[500, 1000, 4000, 16_000],
        gamma=[0.5, 1.5],
        fresh=[50_000],
        seed=range(4),
    ),
    quick=grid(
        Case,
        d=[2, 3],
        clusters=[300],
        radius=[0.9],
        everywhere=[False],
        n=[300, 1500],
        gamma=[0.5, 1.5],
        fresh=[20_000],
        seed=[0],
    )
    + grid(
        Case,
        d=[2, 3],
        clusters=[300],
        radius=[0.45],
        everywhere=[True],
        n=[300, 1500],
        gamma=[0.5, 1.5],
        fresh=[20_000],
        seed=[0],
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=at_most(0.0),
)

r"""Under $\ell_\infty$ attacks the margin bound of the $\ell_1$ class gains on that of the $\ell_2$ class as
$\varepsilon$ grows: the ratio of
$(\max_i\lVert x_i\rVert_\infty\sqrt{\log_2d}+\varepsilon)/g_1$ to
$(\max_i\lVert x_i\rVert_2+\varepsilon\sqrt d)/g_2$ falls, whatever the sparsity.
"""

import math
from dataclasses import dataclass

import numpy as np

from sims import descent, sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import ordered
from sims.radius import tolerated
from theory.sparsity import class_bound

SHARES = (0.0, 0.2, 0.4)


@dataclass(frozen=True)
class Case:
    """n points in d dimensions; sparsity of teacher and inputs, where d means dense."""

    n: int
    d: int
    k_W: int  # noqa: N815
    k_X: int  # noqa: N815
    seed: int


def predict(case: Case) -> Array:
    """Signs of the changes of the ratio, from the bounds of the two classes at unit radius and without attack."""
    l1, l2 = (class_bound(case.k_W, case.k_X, case.n, case.d, eps=1.0, r=r) for r in (1, 2))
    return np.full(len(SHARES) - 1, np.sign(l1.worst_case / l2.worst_case - l1.data / l2.data))


def rival(case: Case) -> Array:
    """The larger dimension factor makes the attack cost the ℓ1 ball more: the ratio rises."""
    return -predict(case)


def simulate(case: Case) -> Observation:
    """Margins of coordinate and gradient descent at growing radii, in the proxies of the paper's experiments."""
    stream = rng(case, "data")
    w_star = sample.teacher(stream, case.d, case.k_W if case.k_W < case.d else None)
    X = sample.inputs(stream, case.n, case.d, case.k_X if case.k_X < case.d else None)
    y = sample.labels(X, w_star)
    radii = np.array(SHARES) * tolerated(X, y, math.inf)
    ratios = []
    for eps in radii:
        g1, g2 = (
            descent.robust_margin(
                descent.descend(X, y, geometry=r, eps=eps, steps=30_000).points[-1], X, y, eps, math.inf, r
            )
            for r in (1.0, 2.0)
        )
        l1 = (np.abs(X).max() * math.sqrt(math.log2(case.d)) + eps) / g1
        l2 = (np.linalg.norm(X, axis=1).max() + eps * math.sqrt(case.d)) / g2
        ratios.append(l1 / l2)
    return Observation(np.diff(ratios), exhibit={"share": np.array(SHARES), "ratio": np.array(ratios)})


def five(seeds: range) -> tuple[Case, ...]:
    """The five configurations of sparsity."""
    pairs = {(64, 64), (4, 64), (64, 4), (8, 4), (8, 8)}
    every = grid(Case, n=[8], d=[64], k_W=[4, 8, 64], k_X=[4, 8, 64], seed=seeds)
    return tuple(c for c in every if (c.k_W, c.k_X) in pairs)


CLAIM = Claim(
    statement=__doc__ or "",
    source="Tsilivis et al. 2024, section 2.2 (proxies of the generalisation bound)",
    assumptions={"few points": lambda c: 4 * c.n <= c.d},
    cases=five(range(64)),
    quick=five(range(24)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(by=("k_W", "k_X")),
    looks=3,
)

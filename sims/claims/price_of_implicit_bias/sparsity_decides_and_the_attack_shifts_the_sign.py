r"""Under $\ell_\infty$ attacks the sign of the price depends on sparsity, and the attack shifts it. With a
$k_W$-sparse teacher and $k_X$-sparse inputs the data terms of the $\ell_1$ and $\ell_2$ classes stand like
$\sqrt{2k_W\log(2d)/k_X}$, so that coordinate descent wins for $k_W\ll k_X$ and gradient descent for
$k_W\gg k_X$; the worst-case terms stand like $\sqrt{k_W/d}\le1$, so that growing $\varepsilon$ favours coordinate
descent everywhere.
"""

from dataclasses import dataclass

import numpy as np

from sims.claim import Array, Claim, Observation, grid, rng
from sims.contest import contest
from sims.judge import ordered
from theory.sparsity import class_bound

SHARES = (0.0, 0.25, 0.5)


@dataclass(frozen=True)
class Case:
    """n training points in d dimensions; sparsity of teacher and inputs, where d means dense."""

    n: int
    d: int
    k_W: int  # noqa: N815
    k_X: int  # noqa: N815
    seed: int


def predict(case: Case) -> Array:
    """Signs of the advantage of coordinate descent: without attack, and of what the attack adds.

    The ratios of the ℓ1 and ℓ2 bounds decide; within a factor 2, what their constants may be worth, nothing is
    claimed.
    """
    l1, l2 = (class_bound(case.k_W, case.k_X, case.n, case.d, eps=1.0, r=r) for r in (1, 2))
    data, attack = l1.data / l2.data, l1.worst_case / l2.worst_case
    return np.array([0.0 if 0.5 < data < 2 else np.sign(1 - data), np.sign(data - attack)])


def rival(case: Case) -> Array:
    """The attack amplifies whatever advantage there was."""
    clean = predict(case)[0]
    return np.array([clean, clean])


def simulate(case: Case) -> Observation:
    """Both descents by the paper's protocol; differences of robust test errors."""
    outcome = contest(
        rng(case, "train"),
        rng(case, "test"),
        case.n,
        case.d,
        (case.k_W if case.k_W < case.d else None, case.k_X if case.k_X < case.d else None),
        SHARES,
        ("coordinate descent", "gradient descent"),
    )
    price = outcome.test[1] - outcome.test[0]
    return Observation(
        np.array([price[0], price[-1] - price[0]]),
        exhibit={"share": np.array(SHARES), "price": price, "positive": np.array(outcome.positive)},
    )


CLAIM = Claim(
    statement=__doc__ or "",
    source="Tsilivis et al. 2024, section 2.2, Table 1 and Figure 2",
    assumptions={"few points": lambda c: 4 * c.n <= c.d},
    cases=grid(Case, n=[64], d=[512], k_W=[4, 23, 128, 512], k_X=[4, 23, 128, 512], seed=range(24)),
    quick=tuple(
        c
        for c in grid(Case, n=[8], d=[64], k_W=[4, 8, 64], k_X=[4, 8, 64], seed=range(64))
        if (c.k_W, c.k_X) in {(64, 64), (4, 64), (64, 4), (8, 4), (8, 8)}
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(by=("k_W", "k_X")),
    looks=3,
)

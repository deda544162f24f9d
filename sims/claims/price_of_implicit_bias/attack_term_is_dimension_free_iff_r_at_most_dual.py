r"""Which regulariser for which attack: what the attack adds to the complexity of $\{\lVert w\rVert_r\le1\}$ grows
with the dimension like $d^{\max(0,1-1/r-1/p)}$, hence not at all if and only if $r\le p^*$; the largest such
class regularises with the dual norm of the attack.
"""

import math
from dataclasses import dataclass

import numpy as np

from sims import sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import equal
from theory.complexity import dimension_factor


@dataclass(frozen=True)
class Case:
    """n degenerate points, all at the origin, in d and in 2d dimensions, so that the attack alone counts."""

    n: int
    d: int
    attack: float
    geometry: float
    starts: int
    seed: int


def predict(case: Case) -> float:
    """Growth when the dimension doubles."""
    p, r = case.attack, case.geometry
    return dimension_factor(2 * case.d, p, r) / dimension_factor(case.d, p, r)


def rival(case: Case) -> float:
    """The norm of the attack itself in place of its dual."""
    return float(2 ** max(0.0, 1 / case.attack - 1 / case.geometry))


def simulate(case: Case) -> Observation:
    """The longest vector of the ball in the norm that the attack sees, averaged over all sign vectors."""
    share = np.maximum(-sample.all_signs(case.n).mean(axis=1), 0.0).mean()
    small, large = (share * longest(rng(case, f"search in {d}"), d, case) for d in (case.d, 2 * case.d))
    return Observation(large / small)


def longest(stream: np.random.Generator, d: int, case: Case) -> float:
    """Ascend x ↦ max over attacks ‖δ‖_p ≤ 1 of ⟨x, δ⟩ on the ball, alternating between x and the attack."""
    best = 0.0
    for start in range(case.starts):
        delta = stream.standard_normal(d) * (stream.random(d) < 2.0**-start)
        delta[stream.integers(d)] = 1.0
        for _ in range(20):
            w = furthest(delta, case.geometry)
            delta = furthest(w, case.attack)
        best = max(best, float(w @ delta))
    return best


def furthest(v: Array, p: float) -> Array:
    """The point of the unit ℓp ball that is furthest in the direction v ≠ 0."""
    v = v / np.abs(v).max()
    if p == 1.0:
        corner = np.zeros_like(v)
        corner[np.argmax(np.abs(v))] = np.sign(v[np.argmax(np.abs(v))])
        return corner
    if math.isinf(p):
        return np.sign(v)
    u = np.sign(v) * np.abs(v) ** (1 / (p - 1))
    return u / np.sum(np.abs(u) ** p) ** (1 / p)


CLAIM = Claim(
    statement=__doc__ or "",
    source="Tsilivis et al. 2024, section 2.1 and Figure 4; Awasthi, Frank, Mohri 2020",
    assumptions={r"$p,r\ge1$": lambda c: min(c.attack, c.geometry) >= 1},
    cases=grid(
        Case,
        n=[10],
        d=[2**k for k in range(4, 13)],
        attack=[1.0, 1.5, 2.0, 4.0, math.inf],
        geometry=[1.0, 1.5, 2.0, 4.0, math.inf],
        starts=[12],
        seed=[0],
    ),
    quick=grid(
        Case,
        n=[6],
        d=[16, 256],
        attack=[1.0, 2.0, math.inf],
        geometry=[1.0, 1.5, 2.0, math.inf],
        starts=[8],
        seed=[0],
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(0.02),
)

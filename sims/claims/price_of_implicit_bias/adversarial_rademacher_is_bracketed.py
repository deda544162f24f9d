r"""The adversarial Rademacher complexity of $\{\lVert w\rVert_r\le1\}$,
$\tilde R=E_\sigma\sup_w\frac1n\sum_i\sigma_i(y_i\langle w,x_i\rangle-\varepsilon\lVert w\rVert_{p^*})$, lies
between $\max(R,\ \varepsilon c/\sqrt{8n})$ and $R+\varepsilon c/\sqrt{4n}$, with $R$ its value at
$\varepsilon=0$ and $c=\max(1,d^{1-1/r-1/p})$.
"""

import math
from dataclasses import dataclass
from itertools import product

import cvxpy as cp
import numpy as np

from sims import sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import at_most
from theory.complexity import rademacher, two_sided


@dataclass(frozen=True)
class Case:
    """n points in d dimensions: few, so that all 2ⁿ sign vectors and 2ᵈ orthants can be visited."""

    n: int
    d: int
    attack: float
    geometry: float
    eps: float
    seed: int


def points(case: Case) -> Array:
    """The points, already multiplied by their labels."""
    return sample.inputs(rng(case, "data"), case.n, case.d)


def clean(case: Case) -> float:
    """The complexity without an attack."""
    return rademacher(points(case), 0.0, case.attack, case.geometry, sample.all_signs(case.n))


def predict(case: Case) -> Array:
    """The upper bound, and the inverse of the lower one."""
    lower, upper = two_sided(clean(case), case.n, case.d, case.eps, case.attack, case.geometry)
    return np.array([upper, 1 / lower])


def rival(case: Case) -> Array:
    """The attack leaves the complexity where it was."""
    return np.array([clean(case), 1 / clean(case)])


def simulate(case: Case) -> Observation:
    """The suprema by a conic solver, averaged over all sign vectors."""
    Z = points(case)
    q = {math.inf: 1, 2.0: 2}[case.attack]
    w, a, b = cp.Variable(case.d), cp.Parameter(case.d), cp.Parameter(nonneg=True)
    concave = cp.Problem(cp.Maximize(a @ w - b * cp.pnorm(w, q)), [cp.pnorm(w, case.geometry) <= 1])  # type: ignore[attr-defined]
    orthants = np.array(list(product((-1.0, 1.0), repeat=case.d)))
    suprema = []
    for signs in sample.all_signs(case.n):
        a.value, mean = signs @ Z / case.n, case.eps * float(signs.mean())
        if mean >= 0:
            b.value = mean
            suprema.append(concave.solve(solver=cp.CLARABEL))  # type: ignore[no-untyped-call]
        elif case.attack == 2.0:
            suprema.append(longest(a.value, -mean, case.geometry, orthants))
        else:  # convex in w: the largest of 2ᵈ linear programs, one per orthant
            suprema.append(max(dual_length(a.value - mean * s, case.geometry) for s in orthants))
    average = float(np.mean(suprema))
    return Observation(np.array([average, 1 / average]), np.full(2, 1e-7))


def dual_length(v: Array, geometry: float) -> float:
    """The largest ⟨w, v⟩ over the unit ball of the geometry."""
    return float({1.0: np.abs(v).max(), 2.0: np.linalg.norm(v), math.inf: np.abs(v).sum()}[geometry])


def longest(a: Array, b: float, geometry: float, orthants: Array) -> float:
    """The largest ⟨w, a⟩ + b‖w‖₂ over the unit ball: at a corner of it, or along a."""
    if geometry == 2.0:
        return float(np.linalg.norm(a)) + b
    corners = orthants if geometry == math.inf else np.vstack([np.eye(len(a)), -np.eye(len(a))])
    return float(np.max(corners @ a + b * np.linalg.norm(corners, axis=1)))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Awasthi, Frank, Mohri 2020; Tsilivis et al. 2024, equation (6)",
    assumptions={r"$\varepsilon\ge0$": lambda c: c.eps >= 0},
    cases=grid(Case, n=[8], d=[8], attack=[math.inf, 2.0], geometry=[1.0, 2.0], eps=[0.1, 0.5, 2.0], seed=range(3))
    + grid(Case, n=[8], d=[8], attack=[math.inf], geometry=[math.inf], eps=[0.1, 0.5, 2.0], seed=range(3)),
    quick=grid(Case, n=[6], d=[6], attack=[math.inf, 2.0], geometry=[1.0, 2.0], eps=[0.5], seed=range(2))
    + grid(Case, n=[6], d=[6], attack=[math.inf], geometry=[math.inf], eps=[0.5], seed=range(2)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=at_most(1e-6),
)

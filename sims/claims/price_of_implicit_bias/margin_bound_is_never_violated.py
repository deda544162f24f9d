r"""With probability at least $1-\delta$ the robust error of the robust maximum-margin solution of norm 1 is at
most $\frac2{g_r^*}\left(R+\frac{\varepsilon c}{2\sqrt n}\right)+3\sqrt{\frac{\log(2/\delta)}{2n}}$, with
$c=\max(1,d^{1-1/r-1/p})$ and $R$ the closed-form bound of the Rademacher complexity at $\varepsilon=0$.
"""

import math
from dataclasses import dataclass
from functools import lru_cache

from sims import descent, sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import at_most
from sims.radius import tolerated
from theory.complexity import data_term, margin_bound
from theory.margin import max_margin

DELTA = 0.01


@dataclass(frozen=True)
class Case:
    """n Gaussian points in d dimensions, a k-sparse teacher, margin rho, ℓ∞ attack; descent in ℓ1 or ℓ2."""

    n: int
    d: int
    k: int
    rho: float
    geometry: float
    share: float
    fresh: int
    seed: int


@lru_cache(maxsize=4)
def problem(case: Case) -> tuple[Array, Array, Array, Array, float]:
    """Training and test points with labels, and the radius of the attack."""
    stream, test = rng(case, "train"), rng(case, "test")
    w_star = sample.teacher(stream, case.d, case.k if case.k < case.d else None)
    X, X_test = sample.inputs(stream, case.n, case.d), sample.inputs(test, case.fresh, case.d)
    y, y_test = sample.labels(X, w_star), sample.labels(X_test, w_star)
    X = sample.shift_margin(X, y, w_star, case.rho)
    X_test = sample.shift_margin(X_test, y_test, w_star, case.rho)
    return X, y, X_test, y_test, case.share * tolerated(X, y, math.inf)


def predict(case: Case) -> float:
    """The bound, with the closed form of the complexity of the class."""
    X, y, _, _, eps = problem(case)
    margin = max_margin(X, y, case.geometry, eps=eps).value
    return margin_bound(data_term(X, case.geometry), margin, case.n, case.d, eps, math.inf, case.geometry, DELTA)


def rival(case: Case) -> float:
    """The deviation term alone: as if separating the data cost no complexity."""
    eps = problem(case)[-1]
    return margin_bound(0.0, 1e9, case.n, case.d, eps, math.inf, case.geometry, DELTA)


def simulate(case: Case) -> Observation:
    """Descend, and count errors on fresh points under the worst attack."""
    X, y, X_test, y_test, eps = problem(case)
    w = descent.descend(X, y, geometry=case.geometry, eps=eps, steps=10_000).points[-1]
    return Observation(descent.robust_error(w, X_test, y_test, eps, math.inf))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Tsilivis et al. 2024, section 2; Awasthi, Frank, Mohri 2020 (constants worked out here)",
    assumptions={r"$\varepsilon<\varepsilon^\star$": lambda c: 0 <= c.share < 1},
    cases=grid(
        Case,
        n=[64, 256],
        d=[256],
        k=[1, 256],
        rho=[0.0, 2.0],
        geometry=[1.0, 2.0],
        share=[0.0, 0.25, 0.5],
        fresh=[20_000],
        seed=range(3),
    ),
    quick=grid(
        Case,
        n=[64],
        d=[256],
        k=[1, 256],
        rho=[0.0, 2.0],
        geometry=[1.0, 2.0],
        share=[0.0, 0.5],
        fresh=[5000],
        seed=[0],
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=at_most(0.0),
)

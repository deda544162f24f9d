r"""With $\lVert w\rVert_\infty$ replaced by $\frac1\alpha\log\sum_j(e^{\alpha w_j}+e^{-\alpha w_j})$, coordinate
descent under $\ell_1$ attacks converges to the robust maximum margin in $\ell_1$ after all.
"""

from dataclasses import dataclass

from sims import descent
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import equal
from sims.radius import attacked
from theory.margin import max_margin


@dataclass(frozen=True)
class Case:
    """n points in d dimensions under an ℓ1 attack at half of what they tolerate."""

    n: int
    d: int
    alpha: float
    steps: int
    seed: int


def problem(case: Case) -> tuple[Array, Array, float]:
    """Separable Gaussian points, their labels and the radius of the attack."""
    return attacked(rng(case, "data"), case.n, case.d, 1.0, share=0.5)


def predict(case: Case) -> float:
    """The robust maximum margin in ℓ1."""
    X, y, eps = problem(case)
    return max_margin(X, y, 1.0, eps=eps, attack=1.0).value


def rival(case: Case) -> float:
    """The clean maximum margin less the radius: true of aligned geometries alone."""
    X, y, eps = problem(case)
    return max_margin(X, y, 1.0).value - eps


def simulate(case: Case) -> Observation:
    """Coordinate descent on the smoothed robust loss."""
    X, y, eps = problem(case)
    path = descent.descend(X, y, geometry=1.0, eps=eps, attack=1.0, smoothing=case.alpha, steps=case.steps)
    return Observation(descent.robust_margin(path.points[-1], X, y, eps, 1.0, 1.0))


CLAIM = Claim(
    statement=__doc__ or "",
    source="repair of Tsilivis et al. 2024, Theorem 1, for p = r = 1",
    assumptions={r"$\alpha>0$": lambda c: c.alpha > 0},
    cases=grid(Case, n=[15], d=[30], alpha=[5.0], steps=[1_000_000], seed=range(8)),
    quick=grid(Case, n=[15], d=[30], alpha=[5.0], steps=[400_000], seed=range(3)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(0.03),
)

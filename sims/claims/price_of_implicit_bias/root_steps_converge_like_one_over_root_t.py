r"""With the shorter steps $\eta_t=1/(B^2\tilde L(w_t)\sqrt t)$ the margin of gradient descent reaches its
maximum at the rate $t^{-1/2}$.
"""

from dataclasses import dataclass, replace

from sims import descent
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import rate
from sims.radius import attacked
from theory.margin import max_margin


@dataclass(frozen=True)
class Case:
    """n points in d dimensions under an ℓ2 attack at a share of what they tolerate, so many steps."""

    n: int
    d: int
    share: float
    steps: int
    seed: int


def problem(case: Case) -> tuple[Array, Array, float]:
    """Separable Gaussian points, their labels and the radius of the attack; the same for any steps."""
    return attacked(rng(replace(case, steps=0), "data"), case.n, case.d, 2.0, case.share)


def predict(case: Case) -> float:
    """The limit of the margins."""
    X, y, eps = problem(case)
    return max_margin(X, y, 2.0, eps=eps, attack=2.0).value


def rival(case: Case) -> float:
    """The clean maximum margin: the attack costs nothing."""
    X, y, _ = problem(case)
    return max_margin(X, y, 2.0).value


def simulate(case: Case) -> Observation:
    """The margin after so many steps."""
    X, y, eps = problem(case)
    path = descent.descend(X, y, geometry=2.0, eps=eps, attack=2.0, schedule="root", steps=case.steps)
    return Observation(descent.robust_margin(path.points[-1], X, y, eps, 2.0, 2.0))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Nacson et al. 2019 (rates of margins); Li, Fang, Xu, Zhao 2020",
    assumptions={r"$\varepsilon<\varepsilon^\star$": lambda c: 0 <= c.share < 1},
    cases=grid(
        Case,
        n=[12],
        d=[20],
        share=[0.0, 0.5],
        steps=[3000, 10_000, 30_000, 100_000, 300_000, 1_000_000],
        seed=range(16),
    ),
    quick=grid(Case, n=[12], d=[20], share=[0.0, 0.5], steps=[3000, 10_000, 30_000, 100_000], seed=range(12)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=rate(order=0.5, along="steps", by="share"),
    looks=3,
)

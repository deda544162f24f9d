r"""With a constant step $\eta$ on the clean mean exponential loss the margin converges only like $1/\log t$:
$\frac{\min_i y_i\langle w_t,x_i\rangle}{\gamma\lVert w_t\rVert_2}
=\frac{\log t-\max_{i\in S}\log(n\alpha_i/\eta)}
{\log t-\gamma^2\sum_{i\in S}\alpha_i\log(n\alpha_i/\eta)}+o(1/\log t)$, where
$\hat w=\sum_{i\in S}\alpha_iy_ix_i$ is the hard-margin separator and $\gamma=1/\lVert\hat w\rVert_2$.
"""

from dataclasses import dataclass

import numpy as np

from sims import descent, sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import equal
from theory.formula import Formula
from theory.margin import max_margin

MARGIN = Formula(
    r"\frac{\min_i y_i \langle w_t, x_i \rangle}{\|w_t\|_2}",
    "gamma*(log(t) - largest)/(log(t) - gamma**2*weighted)",
    {"largest": r"\max_i b_i", "weighted": r"\sum_i \alpha_i b_i"},
)


@dataclass(frozen=True)
class Case:
    """n points in d dimensions, so many steps of the size 1/max‖x‖²."""

    n: int
    d: int
    steps: int
    seed: int


def problem(case: Case) -> tuple[Array, Array, float]:
    """Separable Gaussian points, their labels and the step."""
    X, y, _ = sample.planted(rng(case, "data"), case.n, case.d)
    return X, y, float(1 / np.max(np.sum(X**2, axis=1)))


def predict(case: Case) -> float:
    """The margin to first order in 1/log t, from the dual of the maximum-margin problem."""
    X, y, eta = problem(case)
    solution = max_margin(X, y, 2.0)
    gamma = solution.value
    support = solution.dual > 1e-6 * solution.dual.max()
    alpha = solution.dual[support] / gamma**2
    offset = np.log(case.n * alpha / eta)
    return float(MARGIN(gamma=gamma, t=case.steps, largest=offset.max(), weighted=alpha @ offset))


def rival(case: Case) -> float:
    """Converged, as the 1/t of normalised steps would have it."""
    X, y, _ = problem(case)
    return max_margin(X, y, 2.0).value


def simulate(case: Case) -> Observation:
    """Gradient descent with a constant step."""
    X, y, _ = problem(case)
    path = descent.descend(X, y, geometry=2.0, schedule="constant", steps=case.steps)
    margins = descent.robust_margin(path.points, X, y, 0.0, 2.0, 2.0)
    return Observation(margins[-1], exhibit={"steps": path.steps, "margins": margins})


CLAIM = Claim(
    statement=__doc__ or "",
    source="Soudry et al. 2018, Theorem 9 (constants worked out here from the dual)",
    assumptions={"more features than points, so that all support vectors are independent": lambda c: c.n <= c.d},
    cases=grid(Case, n=[12], d=[20], steps=[1_000_000], seed=range(16)),
    quick=grid(Case, n=[12], d=[20], steps=[100_000], seed=range(4)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(0.02),
)

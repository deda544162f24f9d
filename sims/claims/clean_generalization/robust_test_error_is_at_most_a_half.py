r"""Against the adversary that cuts the signal to $g\ge0$, a fresh point has margin $g^qU+V$ with $V$ symmetric and
independent of $y$, so that for $U>0$ its robust error
$P(g^qU+V\le0)=\frac12-\frac12P(|V|<g^qU)$ is never more than $\frac12$, however badly training overfits, and
at most $\frac{\operatorname{Var}V}{2g^{2q}U^2}$.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from sims import patch
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import at_most
from theory.patch_errors import error_bound
from theory.patch_model import PatchModel, paper_scaling, reduced_path


@dataclass(frozen=True)
class Case:
    """n images in d dimensions, m neurons, trained at the paper's radius; the test leaves a share `left`."""

    n: int
    d: int
    m: int
    mix: float
    eta: float
    steps: int
    left: float
    fresh: int
    seed: int


def problem(case: Case) -> patch.Setting:
    """The training set with its start; the same for any signal left at the test."""
    return patch.paper_setting(rng(replace(case, left=0.0), "data"), case.n, case.d, case.m)


@lru_cache(maxsize=64)
def trained(case: Case) -> tuple[PatchModel, Array, Array]:
    """The model, the weights that the recursion reaches, and the direction of the signal."""
    setting = problem(case)
    A, w_star = patch.signed_noise(setting.data), setting.data.w_star
    model = paper_scaling(case.n, case.d, case.m, case.mix, case.eta)
    path = reduced_path(model, setting.W @ w_star, A @ setting.W.T, A @ A.T, [case.steps])
    return model, path.weights(setting.W, w_star, A)[0], w_star


def predict(case: Case) -> float:
    """The bound, from the recursion's weights."""
    model, W, w_star = trained(replace(case, left=0.0))
    return error_bound(model, W, w_star, case.left * model.alpha)


def rival(case: Case) -> float:
    """A bound a tenth lower."""
    return 0.9 * predict(case)


def simulate(case: Case) -> Observation:
    """The robust error on fresh points; doubt: four standard errors."""
    setting = problem(case)
    data = setting.data
    W = patch.descend_in_span(
        data, setting.W, left=setting.left, mix=case.mix, power=3, eta=case.eta, at=np.array([case.steps])
    )[0]
    left = case.left * data.alpha
    seen = patch.on_fresh_points(rng(case, "test"), W, data, setting.sigma, 3, left, case.fresh)
    spread = max(seen.robust * (1 - seen.robust), 1 / case.fresh)
    return Observation(np.array(seen.robust), np.array(4 * np.sqrt(spread / case.fresh)))


CLAIM = Claim(
    statement=__doc__ or "",
    source="worked out here for the model of Li & Li 2025; their Theorem 5.9 has the order only",
    assumptions={
        r"$0\le g\le\alpha$": lambda c: 0 <= c.left <= 1,
        r"$\lambda\in[0,1]$": lambda c: 0 <= c.mix <= 1,
    },
    cases=grid(
        Case,
        n=[10],
        d=[400],
        m=[20],
        mix=[0.0, 0.5, 0.9],
        eta=[0.1],
        steps=[4000],
        left=[0.0, 0.005, 0.1, 0.15, 0.2],
        fresh=[40_000],
        seed=range(4),
    ),
    quick=grid(
        Case,
        n=[5],
        d=[100],
        m=[20],
        mix=[0.9],
        eta=[0.05],
        steps=[2000],
        left=[0.0, 0.005, 0.15, 0.2],
        fresh=[40_000],
        seed=range(2),
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=at_most(0.04),
)

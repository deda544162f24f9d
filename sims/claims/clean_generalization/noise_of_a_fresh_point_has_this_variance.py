r"""The noise part $V=\sum_r\sum_j\varphi(\langle w_r,yX[j]\rangle)$ of a fresh margin has mean 0 and, for cubic
activations, variance $(P-1)\sum_{r,s}(6C_{rs}^3+9C_{rr}C_{ss}C_{rs})$ with
$C=\sigma^2W(I-w^\star w^{\star\top})W^\top$, here for the weights of adversarial training.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sims import patch
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import mean_equal
from theory.patch_errors import noise_covariance, noise_variance
from theory.patch_model import PatchModel, paper_scaling, reduced_path


@dataclass(frozen=True)
class Case:
    """n images of so many patches in d dimensions, m neurons; adversarial training; fresh points."""

    n: int
    d: int
    m: int
    patches: int
    eta: float
    steps: int
    fresh: int
    seed: int


MIX = 0.9


def problem(case: Case) -> patch.Setting:
    """The training set with its start."""
    return patch.paper_setting(rng(case, "data"), case.n, case.d, case.m, patches=case.patches)


@lru_cache(maxsize=128)
def trained(case: Case) -> tuple[PatchModel, Array, Array]:
    """The model, the weights that the recursion reaches, and the direction of the signal."""
    setting = problem(case)
    A, w_star = patch.signed_noise(setting.data), setting.data.w_star
    model = paper_scaling(case.n, case.d, case.m, MIX, case.eta, patches=case.patches)
    path = reduced_path(model, setting.W @ w_star, A @ setting.W.T, A @ A.T, [case.steps])
    return model, path.weights(setting.W, w_star, A)[0], w_star


def predict(case: Case) -> float:
    """The variance."""
    return noise_variance(*trained(case))


def rival(case: Case) -> float:
    """Pairs across neurons alone: the terms 6C_rs³, as if a cube had no part along the identity."""
    model, W, w_star = trained(case)
    return float((model.patches - 1) * 6 * np.sum(noise_covariance(model, W, w_star) ** 3))


def simulate(case: Case) -> Observation:
    """The mean square over fresh points."""
    setting = problem(case)
    data = setting.data
    W = patch.descend_in_span(
        data, setting.W, left=setting.left, mix=MIX, power=3, eta=case.eta, at=np.array([case.steps])
    )[0]
    fresh = patch.on_fresh_points(rng(case, "test"), W, data, setting.sigma, 3, setting.left, case.fresh)
    return Observation(np.array(np.mean(fresh.noise**2)))


CLAIM = Claim(
    statement=__doc__ or "",
    source="worked out here for the model of Li & Li 2025, by Isserlis' theorem",
    assumptions={"a noise patch": lambda c: c.patches >= 2},
    cases=grid(
        Case, n=[8], d=[150], m=[20], patches=[2, 4], eta=[0.1], steps=[2000], fresh=[20_000], seed=range(32)
    ),
    quick=grid(
        Case, n=[5], d=[60], m=[10], patches=[2, 3], eta=[0.05], steps=[1000], fresh=[10_000], seed=range(24)
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.1, by="patches"),
    looks=3,
)

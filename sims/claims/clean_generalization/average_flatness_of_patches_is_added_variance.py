r"""Average-case flatness of the robust loss of the patch network, on fresh images and with the attack made anew,
is an eighth of the variance that weights $\nu$, uniform on the sphere of radius $\xi\lVert W\rVert_F$, add to
the noise part of a margin: $E_\nu R(W+\nu)-R(W)=\frac{P-1}8\left[18t\sum_{rs}C_{rr}C_{rs}+9t^2\sum_{rs}C_{rs}
+\sum_r(27tC_{rr}^2+36t^2C_{rr}+15t^3)\right]-\frac32g^3s^2\sum_ru_r$, up to margins to the fourth, with $C$ as
in the variance itself, $s^2=\xi^2\lVert W\rVert_F^2/(md)$ and $t=s^2\sigma^2(d-1)$: before and after the
training noise is memorised.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from sims import patch, patch_flatness
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import mean_equal
from theory.patch_flatness import average_flatness
from theory.patch_model import PatchModel, paper_scaling, reduced_path

MIX = 0.9


@dataclass(frozen=True)
class Case:
    """n images in d dimensions, m neurons; so many steps of adversarial training; fresh images, pairs of ν, −ν."""

    n: int
    d: int
    m: int
    eta: float
    xi: float
    fresh: int
    pairs: int
    steps: int
    seed: int


def problem(case: Case) -> patch.Setting:
    """The training set with its start, the same for every number of steps."""
    return patch.paper_setting(rng(replace(case, steps=0), "data"), case.n, case.d, case.m)


@lru_cache(maxsize=128)
def trained(case: Case) -> tuple[PatchModel, Array, Array]:
    """The model, the weights that the recursion reaches, and the direction of the signal."""
    setting = problem(case)
    A, w_star = patch.signed_noise(setting.data), setting.data.w_star
    model = paper_scaling(case.n, case.d, case.m, MIX, case.eta)
    path = reduced_path(model, setting.W @ w_star, A @ setting.W.T, A @ A.T, [case.steps])
    return model, path.weights(setting.W, w_star, A)[0], w_star


def predict(case: Case) -> float:
    """The closed form at the recursion's weights."""
    model, W, w_star = trained(case)
    return average_flatness(model, W, w_star, case.xi * float(np.linalg.norm(W)))


def rival(case: Case) -> float:
    """Only the ball has grown: the closed form at the start, in the ball of the trained weights."""
    radius = case.xi * float(np.linalg.norm(trained(case)[1]))
    return average_flatness(*trained(replace(case, steps=0)), radius)


def simulate(case: Case) -> Observation:
    """Train, and average losses over draws of weights and fresh images, both with their opposites."""
    setting = problem(case)
    data = setting.data
    W = patch.descend_in_span(
        data, setting.W, left=setting.left, mix=MIX, power=3, eta=case.eta, at=np.array([case.steps])
    )[0]
    stream = rng(case, "fresh")
    fresh = patch.draw(stream, case.fresh, data.w_star, patches=2, alpha=data.alpha, sigma=setting.sigma)
    radius = case.xi * float(np.linalg.norm(W))
    seen = patch_flatness.average(W, fresh, 3, setting.left, radius, stream, pairs=case.pairs, signs=(1.0, -1.0))
    return Observation(np.array(seen))


CLAIM = Claim(
    statement=__doc__ or "",
    source="the measure is that of Stutz, Hein & Schiele 2021; worked out here for the model of Li & Li 2025",
    assumptions={
        r"margins of fresh images are small: $\xi\lVert W\rVert_F$ a share of all weights": lambda c: (
            0 < c.xi <= 0.5 and c.m >= 10
        ),
        "fewer images than dimensions": lambda c: c.n < c.d,
        "the signal is learned": lambda c: c.eta * c.steps >= 10,
    },
    cases=tuple(
        Case(20, 1000, 20, 0.05, 0.5, 2000, 8, steps, seed)
        for steps in (800, 4000, 5600, 7200, 10_000, 16_000)
        for seed in range(10)
    ),
    quick=grid(
        Case,
        n=[5],
        d=[200],
        m=[20],
        eta=[0.1],
        xi=[0.5],
        fresh=[800],
        pairs=[8],
        steps=[120, 1500],
        seed=range(24),
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.25, by="steps"),
    looks=3,
)

r"""Robust overfitting needs the attack to leave little: noise explodes before the signal does, under the attacked
points, if $g<g^\star=\left(\frac{\lVert x\rVert^2}n\left(\frac{\alpha v_0}c\right)^{q-2}\right)^{1/q}$, where
$v_0$ is the largest noise component of the median image at the start and $c=\alpha u$ is where the signal waits.
At $g^\star$, within a quarter of it for 7 to 40 images, the robust test error falls from $\frac12$ to 0: earlier
with more images, and with less noise.
"""

from dataclasses import dataclass, replace

import numpy as np

from sims import patch
from sims.claim import Claim, Observation, rng
from sims.judge import mean_equal
from theory.patch_model import paper_scaling
from theory.patch_phases import boundary, noise_times, signal_flow

RANGE = (0.04, 0.5)  # of what the attack leaves of the signal


@dataclass(frozen=True)
class Case:
    """n images in d dimensions, m neurons, noise times sigma; enough steps to memorise; so many values of g."""

    n: int
    d: int
    m: int
    mix: float
    sigma: float
    eta: float
    steps: int
    looks: int
    fresh: int
    seed: int


def problem(case: Case) -> patch.Setting:
    """The training set with its start."""
    return patch.paper_setting(rng(case, "data"), case.n, case.d, case.m, sigma=case.sigma)


def predict(case: Case) -> float:
    """g*, the signal waiting where its flow is when the median image is memorised."""
    setting = problem(case)
    A = patch.signed_noise(setting.data)
    model = paper_scaling(case.n, case.d, case.m, case.mix, case.eta, sigma=case.sigma)
    v0 = A @ setting.W.T
    then = np.median(noise_times(model, v0, np.sum(A**2, axis=1)))
    alone = replace(model, left=0.0)
    S = signal_flow(alone, setting.W @ setting.data.w_star, np.array([then]))[0]
    return boundary(model, float(np.median(v0.max(axis=1))), float(S ** (1 / model.power)))


def rival(case: Case) -> float:
    """The paper's order without its logarithm, alpha/√d, for any number of images and any noise."""
    return float(case.d**0.249 / np.sqrt(case.d))


def simulate(case: Case) -> Observation:
    """Where the robust test error, along what the attack leaves, falls through a quarter."""
    setting = problem(case)
    data, robust, train = setting.data, [], []
    lefts = np.geomspace(*RANGE, case.looks)
    for left in lefts:
        W = patch.descend_in_span(
            data, setting.W, left=left, mix=case.mix, power=3, eta=case.eta, at=np.array([case.steps])
        )[0]
        fresh = patch.on_fresh_points(rng(case, "test"), W, data, setting.sigma, 3, left, case.fresh)
        robust.append(fresh.robust)
        train.append(patch.noise_margins(W, data, 3).mean())
    error = np.array(robust)
    crossing = patch.passing(np.log(lefts), -error, -0.25)
    return Observation(
        np.array(np.exp(crossing)), exhibit={"left": lefts, "robust": error, "noise": np.array(train)}
    )


def enough(n: int, mix: float, sigma: float, eta: float) -> int:
    """Steps in which almost all of n images are memorised, in 400 dimensions or fewer."""
    return round(31 * n / (eta * mix * sigma**3))


CLAIM = Claim(
    statement=__doc__ or "",
    source="not in Li & Li 2025: worked out here for their model",
    assumptions={
        r"$\lambda>0$": lambda c: c.mix > 0,
        "neither few images nor many": lambda c: 7 <= c.n <= 40,
        "steps enough to memorise": lambda c: c.steps >= 0.9 * enough(c.n, c.mix, c.sigma, c.eta),
    },
    cases=tuple(
        Case(n, 400, 20, 0.9, sigma, 0.05, enough(n, 0.9, sigma, 0.05), 18, 1000, seed)
        for n, sigma in ((7, 1.0), (10, 1.0), (14, 1.0), (20, 1.0), (28, 1.0), (40, 1.0), (10, 0.5))
        for seed in range(16)
    ),
    quick=tuple(
        Case(n, 200, 20, 0.9, sigma, 0.2, enough(n, 0.9, sigma, 0.2), 10, 300, seed)
        for n, sigma in ((8, 1.0), (24, 1.0), (8, 0.6))
        for seed in range(16)
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.25, by=("n", "sigma")),
    looks=3,
)

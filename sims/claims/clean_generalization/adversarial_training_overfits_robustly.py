r"""Adversarial training of the patch network generalises cleanly and overfits robustly: after enough steps of
gradient descent with attacked points of a weight $\lambda\in(0,1)$, not too near the ends, the clean test error
is 0, every image is memorised ($V_i\ge1$), so that the robust training error is 0, and the robust test error is
$\frac12$: a fresh image is left with $g^qU=(g/\alpha)^qO(\log T)$ against noise of either sign.
"""

from dataclasses import dataclass

import numpy as np

from sims import patch
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import mean_equal
from theory.patch_model import paper_scaling
from theory.patch_phases import boundary


@dataclass(frozen=True)
class Case:
    """n images in d dimensions, m neurons, the weight mix of the attacked points; so many fresh points."""

    n: int
    d: int
    m: int
    mix: float
    eta: float
    steps: int
    fresh: int
    seed: int


def share_of_boundary(case: Case) -> float:
    """What the attack leaves, over g* for the typical largest of m Gaussian components."""
    model = paper_scaling(case.n, case.d, case.m, case.mix, case.eta)
    return model.left / boundary(model, float(np.sqrt(2 * np.log(case.m) * model.energy / case.d)))


def predict(case: Case) -> Array:
    """Clean test error, robust training error, share of images not memorised, robust test error."""
    return np.array([0.0, 0.0, 0.0, 0.5])


def rival(case: Case) -> Array:
    """No memorisation: attacked training points are as hard as fresh ones."""
    return np.array([0.0, 0.5, 1.0, 0.5])


def simulate(case: Case) -> Observation:
    """Train, and count errors on the training set and on fresh points."""
    setting = patch.paper_setting(rng(case, "data"), case.n, case.d, case.m)
    data = setting.data
    W = patch.descend_in_span(
        data, setting.W, left=setting.left, mix=case.mix, power=3, eta=case.eta, at=np.array([case.steps])
    )[0]
    fresh = patch.on_fresh_points(rng(case, "test"), W, data, setting.sigma, 3, setting.left, case.fresh)
    robust = patch.robust_error(W, data, 3, setting.left)
    V = patch.noise_margins(W, data, 3)
    return Observation(
        np.array([fresh.clean, robust, np.mean(V < 1), fresh.robust]),
        exhibit={
            "errors": np.array([fresh.clean, robust, fresh.robust]),
            "signal": patch.signal_margin(W, data, 3),
            "noise": V,
        },
    )


CLAIM = Claim(
    statement=__doc__ or "",
    source="Li & Li 2025, Theorem 5.9 (Theorem 4.1 of the first version)",
    assumptions={
        r"$0<\lambda<1$": lambda c: 0 < c.mix < 1,
        r"the attack leaves less than half of the boundary $g^\star$": lambda c: share_of_boundary(c) < 0.5,
        "enough neurons, so that each image has one to be memorised by": lambda c: c.m >= 2 * np.log2(c.n) + 2,
    },
    cases=tuple(
        Case(20, 1000, 40, mix, 0.02, round(60_000 / mix), 4000, seed)
        for mix in (0.2, 0.5, 0.9)
        for seed in range(16)
    ),
    quick=grid(
        Case, n=[10], d=[300], m=[40], mix=[0.5, 0.9], eta=[0.05], steps=[8000], fresh=[6000], seed=range(12)
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.06, by="mix"),
    looks=3,
)

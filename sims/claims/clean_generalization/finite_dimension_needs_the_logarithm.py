r"""Theorem 5.9 leaves $g=\alpha/(\sqrt d\,\mathrm{polylog}\,d)$ of the signal. At finite $d$ the logarithm
decides: $g=\alpha/\sqrt d$ falls below the boundary $g^\star$ of memorisation only like about $d^{-1/6}$, so that
at low dimension it gives a robust learner, and the robust test error nears $\frac12$ beyond some thousands, while
$g=\alpha/(\sqrt d\log d)$ lies far below $g^\star$ and overfits robustly throughout. Within a factor 1.2 of
$g^\star$ nothing is claimed.
"""

from dataclasses import dataclass

import numpy as np

from sims import patch
from sims.claim import Array, Claim, Observation, rng
from sims.judge import ordered
from theory.patch_model import paper_scaling
from theory.patch_phases import boundary

NEAR = 1.2


@dataclass(frozen=True)
class Case:
    """n images in d dimensions, m neurons, so many steps, so many fresh points."""

    n: int
    d: int
    m: int
    mix: float
    eta: float
    steps: int
    fresh: int
    seed: int


def predict(case: Case) -> Array:
    """Above a quarter (+1) or below (−1), with the logarithm and without, for typical components at the start."""
    model = paper_scaling(case.n, case.d, case.m, case.mix, case.eta)
    edge = boundary(model, float(np.sqrt(2 * np.log(case.m) * model.energy / case.d)))
    shares = np.array([model.left, model.left * np.log(case.d)]) / edge
    return np.asarray(-np.sign(np.log(shares)) * (np.abs(np.log(shares)) > np.log(NEAR)))


def rival(case: Case) -> Array:
    """The logarithm is immaterial: one half at either radius."""
    return np.ones(2)


def simulate(case: Case) -> Observation:
    """Robust test errors with and without the logarithm, less a quarter."""
    setting = patch.paper_setting(rng(case, "data"), case.n, case.d, case.m)
    data, found = setting.data, []
    for left in (setting.left, setting.left * np.log(case.d)):
        W = patch.descend_in_span(
            data, setting.W, left=left, mix=case.mix, power=3, eta=case.eta, at=np.array([case.steps])
        )[0]
        fresh = patch.on_fresh_points(rng(case, "test"), W, data, setting.sigma, 3, left, case.fresh)
        found.append([fresh.clean, patch.robust_error(W, data, 3, left), fresh.robust])
    errors = np.array(found)
    return Observation(errors[:, 2] - 0.25, exhibit={"errors": errors})


def grids(n: int, eta: float, dimensions: tuple[int, ...], fresh: int, seeds: int) -> tuple[Case, ...]:
    """Steps in which almost all images are memorised."""
    return tuple(
        Case(n, d, 20, 0.9, eta, round(2.4 * n * d**0.5 / eta), fresh, seed)
        for d in dimensions
        for seed in range(seeds)
    )


CLAIM = Claim(
    statement=__doc__ or "",
    source="Li & Li 2025, Theorem 5.9, at finite d: worked out here",
    assumptions={
        "steps that resolve the first phase": lambda c: c.eta * (1 - c.mix) * c.d**0.498 < 1,
        r"$\lambda>0$": lambda c: c.mix > 0,
    },
    cases=grids(20, 0.02, (100, 250, 1000, 4000, 16000), 1000, 8),
    quick=grids(20, 0.1, (60, 250), 500, 12),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(by="d"),
    looks=3,
)

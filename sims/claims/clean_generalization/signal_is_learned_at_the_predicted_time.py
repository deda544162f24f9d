r"""Phase I: while noise is negligible each signal component obeys
$\dot u=\eta q|u|^{q-1}\left[\frac{(1-\lambda)\alpha^q}{1+e^{\alpha^qU}}+\frac{\lambda g^q}{1+e^{g^qU}}\right]$, so
that all $u_r^{2-q}$ fall together, linearly in one clock, and $\alpha^qU$ passes 1 at a time $t_I$ that
integrating this clock gives; for one small component $u$ it is
$t_I\approx\frac2{\eta(1-\lambda)q(q-2)\alpha^qu^{q-2}}$. The attacked points contribute next to nothing.
"""

from dataclasses import dataclass

import numpy as np

from sims import patch
from sims.claim import Claim, Observation, rng
from sims.judge import equal
from theory.patch_model import paper_scaling
from theory.patch_phases import signal_passes


@dataclass(frozen=True)
class Case:
    """n images in d dimensions, m neurons of this power, the weight mix of the attacked points, a small step."""

    n: int
    d: int
    m: int
    power: float
    mix: float
    eta: float
    steps: int
    seed: int


def problem(case: Case) -> patch.Setting:
    """The training set with its start."""
    return patch.paper_setting(rng(case, "data"), case.n, case.d, case.m)


def passes(case: Case, mix: float) -> float:
    """The time at which the flow reaches 1, for this share of attacked points."""
    setting = problem(case)
    model = paper_scaling(case.n, case.d, case.m, mix, case.eta, power=case.power)
    return signal_passes(model, setting.W @ setting.data.w_star)


def predict(case: Case) -> float:
    """t_I."""
    return passes(case, case.mix)


def rival(case: Case) -> float:
    """Attacked points teach the signal as well as clean ones do."""
    return passes(case, 0.0)


def simulate(case: Case) -> Observation:
    """Where the signal part of the margins passes 1, between two steps; doubt: half a step."""
    setting = problem(case)
    at = np.unique(np.rint(np.geomspace(1, case.steps, 600)).astype(np.int64))
    W = patch.descend_in_span(
        setting.data, setting.W, left=setting.left, mix=case.mix, power=case.power, eta=case.eta, at=at
    )
    S = patch.signal_margin(W, setting.data, case.power)
    return Observation(np.array(patch.passing(at, S)), np.array(0.5))


def grids(d: int, powers: tuple[float, ...], seeds: int) -> tuple[Case, ...]:
    """Steps so small that the phase takes hundreds of them or more."""
    return tuple(
        Case(10, d, 20, power, mix, 0.00004 * (power - 2) ** 2 / (1 - mix), 20_000, seed)
        for power in powers
        for mix in (0.0, 0.5, 0.9, 0.99)
        for seed in range(seeds)
    )


CLAIM = Claim(
    statement=__doc__ or "",
    source="Li & Li 2025, section 5 (phase I); constant and clock worked out here",
    assumptions={r"$q>2$": lambda c: c.power > 2, r"$\lambda<1$": lambda c: c.mix < 1},
    cases=grids(1000, (2.5, 3.0, 4.0), 12),
    quick=grids(300, (3.0, 4.0), 4),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(0.02),
)

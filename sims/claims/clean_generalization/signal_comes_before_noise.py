r"""The order of the phases: the signal is learned before any noise is memorised if and only if
$\frac2{\eta(1-\lambda)q(q-2)\alpha^qu_0^{q-2}}$ is the shorter time, against
$\frac{2n}{\eta\lambda q(q-2)\lVert x\rVert^2v_0^{q-2}}$. So the weight $1-\lambda$ of the clean points must not be
too small: as $\lambda\to1$ at fixed data the order turns round.
"""

from dataclasses import dataclass

import numpy as np

from sims import patch
from sims.claim import Claim, Observation, grid, rng
from sims.judge import ordered
from theory.patch_model import paper_scaling
from theory.patch_phases import noise_times, signal_passes


@dataclass(frozen=True)
class Case:
    """n images in d dimensions, m neurons, the weight mix of the attacked points, so many steps."""

    n: int
    d: int
    m: int
    mix: float
    eta: float
    steps: int
    seed: int


def problem(case: Case) -> patch.Setting:
    """The training set with its start."""
    return patch.paper_setting(rng(case, "data"), case.n, case.d, case.m)


def predict(case: Case) -> float:
    """The sign of the difference of the two predicted times."""
    setting = problem(case)
    A = patch.signed_noise(setting.data)
    model = paper_scaling(case.n, case.d, case.m, case.mix, case.eta)
    noise = noise_times(model, A @ setting.W.T, np.sum(A**2, axis=1)).min()
    return float(np.sign(noise - signal_passes(model, setting.W @ setting.data.w_star)))


def rival(case: Case) -> float:
    """The signal first, for every mix below 1."""
    return 1.0


def simulate(case: Case) -> Observation:
    """The logarithm of the ratio of the two times; a time beyond the last step counts as the last step."""
    setting = problem(case)
    at = np.unique(np.rint(np.geomspace(1, case.steps, 600)).astype(np.int64))
    W = patch.descend_in_span(
        setting.data, setting.W, left=setting.left, mix=case.mix, power=3, eta=case.eta, at=at
    )
    signal = patch.passing(at, patch.signal_margin(W, setting.data, 3))
    noise = patch.passing(at, patch.noise_margins(W, setting.data, 3).max(axis=1))
    return Observation(np.array(np.log(noise / signal)))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Li & Li 2025, section 5, has phase I first for every weight; the converse worked out here",
    assumptions={r"$0<\lambda<1$": lambda c: 0 < c.mix < 1},
    cases=grid(
        Case, n=[20], d=[1000], m=[20], mix=[0.5, 0.9, 0.99, 0.99999], eta=[0.02], steps=[20_000], seed=range(12)
    ),
    quick=grid(Case, n=[10], d=[300], m=[20], mix=[0.5, 0.9, 0.9999], eta=[0.05], steps=[4000], seed=range(12)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(by="mix"),
    looks=3,
)

r"""Phase III: adversarial training memorises the noise of each image in a time of its own. With the signal
learned, the noise components of image $i$ obey
$\dot v=\frac{\eta\lambda q}n\frac{\lVert x_i\rVert^2|v|^{q-1}}{1+e^{V_i}}$,
and explode after $t_{III}\approx\frac{2n}{\eta\lambda q(q-2)\lVert x_i\rVert^2v_0^{q-2}}$ for $v_0$ its largest at
the start: the mean of the $V_i$ passes 1 when these flows say, though they leave out that noise patches overlap.
"""

from dataclasses import dataclass

import numpy as np

from sims import patch
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import mean_equal
from theory.patch_model import PatchModel, paper_scaling
from theory.patch_phases import noise_passes, noise_times


@dataclass(frozen=True)
class Case:
    """n images of so many patches in d dimensions, m neurons, the weight mix of the attacked points."""

    n: int
    d: int
    m: int
    patches: int
    mix: float
    eta: float
    steps: int
    seed: int


def problem(case: Case) -> patch.Setting:
    """The training set with its start."""
    return patch.paper_setting(rng(case, "data"), case.n, case.d, case.m, patches=case.patches)


def components(case: Case) -> tuple[PatchModel, Array, Array]:
    """The model, the noise components at the start, and the energies of the noise patches."""
    setting = problem(case)
    A = patch.signed_noise(setting.data)
    model = paper_scaling(case.n, case.d, case.m, case.mix, case.eta, patches=case.patches)
    return model, A @ setting.W.T, np.sum(A**2, axis=1)


def predict(case: Case) -> float:
    """The time at which the mean of the flows passes 1."""
    return noise_passes(*components(case))


def rival(case: Case) -> float:
    """All images with the first one."""
    return float(noise_times(*components(case)).min())


def simulate(case: Case) -> Observation:
    """The step at which the mean of the V_i passes 1."""
    setting = problem(case)
    data = setting.data
    at = np.unique(np.rint(np.geomspace(1, case.steps, 300)).astype(np.int64))
    W = patch.descend_in_span(data, setting.W, left=setting.left, mix=case.mix, power=3, eta=case.eta, at=at)
    V = patch.noise_margins(W, data, 3)
    shown = np.unique(np.linspace(0, len(at) - 1, 60).astype(np.int64))
    return Observation(
        np.array(patch.passing(at, V.mean(axis=1))),
        exhibit={
            "steps": at[shown],
            "signal": patch.signal_margin(W[shown], data, 3),
            "noise": V[shown],
            "left": np.array(setting.left / data.alpha),
        },
    )


CLAIM = Claim(
    statement=__doc__ or "",
    source="Li & Li 2025, section 5 (phase III, noise memorisation); constant and flow worked out here",
    assumptions={
        "fewer noise patches than dimensions": lambda c: c.n * (c.patches - 1) < c.d,
        r"$\lambda>0$": lambda c: c.mix > 0,
    },
    cases=tuple(
        Case(n, 1000, 20, patches, mix, 0.02, round(1800 * n / mix), seed)
        for n, patches, mix in ((10, 2, 0.9), (20, 2, 0.9), (40, 2, 0.9), (20, 2, 0.5), (10, 4, 0.9))
        for seed in range(12)
    ),
    quick=grid(Case, n=[10], d=[300], m=[20], patches=[2], mix=[0.9], eta=[0.05], steps=[4000], seed=range(32)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.08, by=("n", "patches", "mix")),
    looks=3,
)

r"""It is adversarial training, not the data, that memorises noise. On clean points alone ($\lambda=0$) signal and
noise run on the same force, so that the signal, once learned, stops the noise: to first order each noise
component has gained $\frac{s_t}{n\alpha^q}K|v_0|^{q-1}$, where the clock
$s_t=\frac{u_0^{2-q}-u_t^{2-q}}{q-2}$ of the largest signal component never exceeds $\frac{u_0^{2-q}}{q-2}$,
however long one trains.
"""

from dataclasses import dataclass

import numpy as np

from sims import patch
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import equal
from theory.patch_model import paper_scaling
from theory.patch_phases import frozen_noise


@dataclass(frozen=True)
class Case:
    """n images in d dimensions, m neurons of this power, a step so small that time is nearly continuous."""

    n: int
    d: int
    m: int
    power: float
    eta: float
    steps: int
    seed: int


def problem(case: Case) -> patch.Setting:
    """The training set with its start."""
    return patch.paper_setting(rng(case, "data"), case.n, case.d, case.m)


def predict(case: Case) -> Array:
    """What each noise component gains, by the clock of the signal."""
    setting = problem(case)
    A = patch.signed_noise(setting.data)
    model = paper_scaling(case.n, case.d, case.m, 0.0, case.eta, power=case.power)
    times = np.array([float(case.steps)])
    return np.asarray(frozen_noise(model, setting.W @ setting.data.w_star, A @ setting.W.T, A @ A.T, times)[0])


def rival(case: Case) -> Array:
    """What it would gain if the clean loss, like the attacked one, did not fall."""
    setting = problem(case)
    A = patch.signed_noise(setting.data)
    clock = case.eta * case.power * case.steps / 2 / case.n
    return np.asarray(clock * (A @ A.T) @ np.abs(A @ setting.W.T) ** (case.power - 1))


def simulate(case: Case) -> Observation:
    """What each noise component has gained after standard training; and its errors, for the table."""
    setting = problem(case)
    data = setting.data
    W = patch.descend_in_span(
        data, setting.W, left=setting.left, mix=0.0, power=case.power, eta=case.eta, at=np.array([case.steps])
    )[0]
    fresh = patch.on_fresh_points(rng(case, "test"), W, data, setting.sigma, case.power, setting.left, points=2000)
    return Observation(
        patch.signed_noise(data) @ (W - setting.W).T,
        exhibit={
            "errors": np.array([fresh.clean, patch.robust_error(W, data, case.power, setting.left), fresh.robust]),
            "signal": patch.signal_margin(W, data, case.power),
            "noise": patch.noise_margins(W, data, case.power),
        },
    )


CLAIM = Claim(
    statement=__doc__ or "",
    source="not in Li & Li 2025: worked out here for their model",
    assumptions={
        r"$q>2$": lambda c: c.power > 2,
        "steps beyond the explosion": lambda c: c.eta * c.steps > 10,
    },
    cases=grid(Case, n=[20], d=[1000], m=[40], power=[3.0], eta=[0.0005], steps=[200_000], seed=range(12)),
    quick=grid(Case, n=[10], d=[300], m=[20], power=[3.0], eta=[0.001], steps=[30_000], seed=range(4)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(0.05),
)

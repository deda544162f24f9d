r"""Phase II: once learned, the signal all but stalls: until the noise is memorised $S=\alpha^qU$ grows so that
$e^S\approx\eta(1-\lambda)q^2\alpha^2S^{2-2/q}t$, a logarithm of the time, and without attacked points it does so
for ever: the flow of the signal alone gives $S$. So $U^{(T)}=\Theta(\alpha^{-q})$ up to that logarithm, and what
the attack leaves, $g^qU=(g/\alpha)^qS$, is negligible.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sims import patch
from sims.claim import Array, Claim, Observation, rng
from sims.descent import record_grid
from sims.judge import equal
from theory.patch_model import paper_scaling
from theory.patch_phases import signal_flow


@dataclass(frozen=True)
class Case:
    """n images in d dimensions, m neurons, the weight mix of the attacked points; the steps from `settled` on."""

    n: int
    d: int
    m: int
    mix: float
    eta: float
    settled: int
    steps: int
    seed: int


def problem(case: Case) -> patch.Setting:
    """The training set with its start."""
    return patch.paper_setting(rng(case, "data"), case.n, case.d, case.m)


def looks(case: Case) -> npt.NDArray[np.int64]:
    """A logarithmic grid of steps."""
    return record_grid(case.steps)


def predict(case: Case) -> Array:
    """S along the flow."""
    setting, at = problem(case), looks(case)
    model = paper_scaling(case.n, case.d, case.m, case.mix, case.eta)
    times = at[at >= case.settled].astype(np.float64)
    return signal_flow(model, setting.W @ setting.data.w_star, times)


def rival(case: Case) -> Array:
    """S stays where the explosion left it: a constant, without the logarithm."""
    S = predict(case)
    return np.full_like(S, S[0])


def simulate(case: Case) -> Observation:
    """S along the descent."""
    setting, at = problem(case), looks(case)
    W = patch.descend_in_span(
        setting.data, setting.W, left=setting.left, mix=case.mix, power=3, eta=case.eta, at=at
    )
    S = patch.signal_margin(W, setting.data, 3)
    return Observation(S[at >= case.settled], exhibit={"steps": at, "signal": S})


def grids(n: int, d: int, eta: float, ends: dict[float, int], seeds: int) -> tuple[Case, ...]:
    """For each mix so many steps, before the first image is memorised."""
    return tuple(
        Case(n, d, 20, mix, eta, round(3 / (eta * (1 - mix))), steps, seed)
        for mix, steps in ends.items()
        for seed in range(seeds)
    )


CLAIM = Claim(
    statement=__doc__ or "",
    source="Li & Li 2025, section 5 (phase II, partial learning); the logarithm worked out here",
    assumptions={
        "steps that resolve the explosion": lambda c: c.eta * (1 - c.mix) * c.d**0.498 < 2,
        "steps beyond it": lambda c: c.settled < c.steps,
    },
    cases=grids(20, 1000, 0.01, {0.0: 300_000, 0.5: 25_000, 0.9: 16_000}, 8),
    quick=grids(10, 300, 0.02, {0.0: 50_000, 0.5: 3000}, 4),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(0.02),
)

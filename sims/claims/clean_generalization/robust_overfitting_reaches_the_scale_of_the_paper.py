r"""In $d=4096$ dimensions, with several noise patches in each of up to 100 images and up to 200 neurons,
adversarial training goes as the flows say: the mean of the $V_i$ passes 1 when the flows of the noise components
do, image by image, and after it the clean test error and the robust training error are 0, every image is
memorised ($V_i\ge1$), and the robust test error is $\frac12$. Weights move in the span of $n(P-1)+1$ vectors
alone, in which a step costs the same for every $d$.
"""

from dataclasses import dataclass

import numpy as np

from sims import patch
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import equal
from theory.patch_model import paper_scaling
from theory.patch_phases import noise_passes, noise_times

MIX = 0.9
QUARTERS = 4  # of the run, the unit of time: a tenth of t_III then counts as much as a third of the robust error


@dataclass(frozen=True)
class Case:
    """n images of so many patches in d dimensions, m neurons; steps of adversarial training; fresh images."""

    n: int
    d: int
    m: int
    patches: int
    eta: float
    steps: int
    fresh: int
    seed: int


def problem(case: Case) -> patch.Setting:
    """The training set with its start."""
    return patch.paper_setting(rng(case, "data"), case.n, case.d, case.m, patches=case.patches)


def outcome(case: Case, *, together: bool) -> Array:
    """Time of memorisation, of all by their own flows or together with the first; errors as claimed."""
    setting = problem(case)
    A = patch.signed_noise(setting.data)
    model = paper_scaling(case.n, case.d, case.m, MIX, case.eta, patches=case.patches)
    start, energies = A @ setting.W.T, np.sum(A**2, axis=1)
    time = noise_times(model, start, energies).min() if together else noise_passes(model, start, energies)
    return np.array([QUARTERS * time / case.steps, 0.0, 0.0, 0.0, 0.5])


def predict(case: Case) -> Array:
    """The time of memorisation; clean test, robust training error, share not memorised, robust test error."""
    return outcome(case, together=False)


def rival(case: Case) -> Array:
    """All images are memorised with the first one."""
    return outcome(case, together=True)


def simulate(case: Case) -> Observation:
    """Train in the span, and count errors; doubt: four standard errors of the robust test error."""
    setting = problem(case)
    data, left = setting.data, setting.left
    late = np.geomspace(case.steps / 5, case.steps, 60)
    at = np.unique(np.rint([*np.geomspace(1, case.steps / 5, 12), *late]).astype(np.int64))
    W = patch.descend_in_span(data, setting.W, left=left, mix=MIX, power=3, eta=case.eta, at=at)
    V, last = patch.noise_margins(W, data, 3), W[-1]
    fresh = patch.on_fresh_points(rng(case, "test"), last, data, setting.sigma, 3, left, case.fresh)
    errors = [fresh.clean, patch.robust_error(last, data, 3, left), float(np.mean(V[-1] < 1)), fresh.robust]
    doubt = np.zeros(5)
    doubt[-1] = 4 * np.sqrt(max(fresh.robust * (1 - fresh.robust), 1 / case.fresh) / case.fresh)
    exhibit = {"steps": at, "noise": V.mean(1), "signal": patch.signal_margin(W, data, 3)}
    return Observation(np.array([QUARTERS * patch.passing(at, V.mean(1)) / case.steps, *errors]), doubt, exhibit)


CLAIM = Claim(
    statement=__doc__ or "",
    source="Li & Li 2025, Theorem 5.9, at d = 4096; times and their constants worked out here",
    assumptions={
        "fewer noise patches than dimensions": lambda c: c.n * (c.patches - 1) < c.d,
        "the dimension of the larger experiment": lambda c: c.d >= 4096,
        "steps that resolve the growth of the signal": lambda c: c.eta * (1 - MIX) * c.d**0.498 <= 1,
        "enough neurons, so that each image has one to be memorised by": lambda c: c.m >= 2 * np.log2(c.n) + 2,
    },
    cases=(
        *(Case(40, 4096, 40, 5, 0.1, 16_000, 4000, seed) for seed in range(2)),
        Case(100, 4096, 200, 5, 0.1, 28_000, 4000, 0),
    ),
    quick=grid(Case, n=[10], d=[4096], m=[20], patches=[4], eta=[0.1], steps=[5000], fresh=[1000], seed=range(2)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(0.1),  # flows leave out that noise patches overlap, some per cent of the time
)

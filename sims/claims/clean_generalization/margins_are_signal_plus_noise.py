r"""In the patch model every margin splits exactly into a signal and a noise part,
$y_if(X_i)=\alpha^qU+V_i$ with $U=\sum_r\varphi(\langle w_r,w^\star\rangle)$ and
$V_i=\sum_r\sum_j\varphi(\langle w_r,y_iX_i[j]\rangle)$, for $\varphi(z)=\operatorname{sign}(z)|z|^q$ and any
weights; cutting the signal to $g=\alpha-\delta$ turns $\alpha^qU$ into $g^qU$ and leaves $V_i$ as it is.
"""

from dataclasses import dataclass

import numpy as np

from sims import patch
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import equal
from theory.patch_model import odd_power

SIGNALS = (1.0, 0.3, 0.0, -0.2)  # what the shift leaves of the signal, over alpha


@dataclass(frozen=True)
class Case:
    """n images of so many patches in d dimensions, m neurons of this power; weights far from their start."""

    n: int
    d: int
    m: int
    patches: int
    power: float
    seed: int


def problem(case: Case) -> tuple[patch.PatchData, Array]:
    """Images and weights of unit size."""
    setting = patch.paper_setting(rng(case, "data"), case.n, case.d, case.m, patches=case.patches)
    return setting.data, setting.W * case.d**0.5


def decomposed(case: Case, q: float) -> Array:
    """Signal and noise parts, added, at each shift, the shift to the power q."""
    data, W = problem(case)
    U = odd_power(W @ data.w_star, case.power).sum()
    V = odd_power(patch.signed_noise(data) @ W.T, case.power).reshape(case.n, -1).sum(1)
    shifts = odd_power(np.array(SIGNALS), q)
    return np.asarray(data.alpha**case.power * shifts[:, None] * U + V)


def predict(case: Case) -> Array:
    """The sum of the two parts."""
    return decomposed(case, case.power)


def rival(case: Case) -> Array:
    """The signal part shrinks in proportion to what is left."""
    return decomposed(case, 1.0)


def simulate(case: Case) -> Observation:
    """The network on the shifted images."""
    data, W = problem(case)
    return Observation(np.array([patch.margins(W, data, case.power, s * data.alpha) for s in SIGNALS]))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Li & Li 2025, section 5 (feature decomposition), for odd activations of any power",
    assumptions={"a noise patch": lambda c: c.patches >= 2, r"$q\ge2$": lambda c: c.power >= 2},
    cases=grid(Case, n=[20], d=[10, 1000], m=[20], patches=[2, 5], power=[2.0, 2.5, 3.0, 4.0, 5.0], seed=range(8)),
    quick=grid(Case, n=[10], d=[10, 300], m=[10], patches=[2, 4], power=[2.5, 3.0, 4.0], seed=range(2)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(1e-12),
)

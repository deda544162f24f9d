r"""Full-batch gradient descent on all $md$ weights is exactly a recursion in $u_r=\langle w_r,w^\star\rangle$ and
$v_r=(\langle w_r,y_iX_i[j]\rangle)_{ij}$: with $\psi_i=\sigma(-y_if(X_i))$, $\hat\psi_i=\sigma(-y_if(X_i'))$,
$c_i=(1-\lambda)\psi_i+\lambda\hat\psi_i$ and $K$ the Gram matrix of the $y_iX_i[j]$,
$u_r\leftarrow u_r+\eta q|u_r|^{q-1}\frac1n\sum_i[(1-\lambda)\alpha^q\psi_i+\lambda g^q\hat\psi_i]$ and
$v_r\leftarrow v_r+\frac\eta nK(c\,q|v_r|^{q-1})$; nothing else of the weights moves.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sims import patch
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import equal
from theory.patch_model import paper_scaling, reduced_path

PROBES = 5
AT = (0, 1, 10, 100, 1000)  # and the last step


@dataclass(frozen=True)
class Case:
    """n images of so many patches in d dimensions, m neurons, the weight mix of the attacked points."""

    n: int
    d: int
    m: int
    patches: int
    power: float
    mix: float
    eta: float
    steps: int
    seed: int


def problem(case: Case) -> tuple[patch.Setting, Array]:
    """The training set with its start, and directions in which the last weights are seen."""
    setting = patch.paper_setting(rng(case, "data"), case.n, case.d, case.m, patches=case.patches)
    return setting, rng(case, "probes").standard_normal((PROBES, case.d))


def looks(case: Case) -> npt.NDArray[np.int64]:
    """The steps at which both are compared."""
    return np.append([at for at in AT if at < case.steps], case.steps)


def reduced(case: Case, cross: bool) -> Array:
    """The recursion, with or without the entries of K off its diagonal."""
    setting, probes = problem(case)
    A, w_star = patch.signed_noise(setting.data), setting.data.w_star
    model = paper_scaling(case.n, case.d, case.m, case.mix, case.eta, power=case.power, patches=case.patches)
    K = A @ A.T if cross else np.diag(np.sum(A**2, axis=1))
    path = reduced_path(model, setting.W @ w_star, A @ setting.W.T, K, looks(case))
    last = path.weights(setting.W, w_star, A)[-1]
    return np.concatenate([path.u.ravel(), path.v.ravel(), (last @ probes.T).ravel()])


def predict(case: Case) -> Array:
    """Signal components, noise components, and the last weights in random directions."""
    return reduced(case, cross=True)


def rival(case: Case) -> Array:
    """Each noise patch on its own."""
    return reduced(case, cross=False)


def simulate(case: Case) -> Observation:
    """The same of descent on the weights."""
    setting, probes = problem(case)
    data, at = setting.data, looks(case)
    W = patch.descend(data, setting.W, left=setting.left, mix=case.mix, power=case.power, eta=case.eta, at=at)
    seen = (W @ data.w_star, patch.signed_noise(data) @ np.swapaxes(W, 1, 2), W[-1] @ probes.T)
    return Observation(np.concatenate([part.ravel() for part in seen]))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Li & Li 2025, section 5: the dynamics that the proof of Theorem 5.9 bounds, written out exactly",
    assumptions={r"$q\ge2$": lambda c: c.power >= 2, r"$\lambda\in[0,1]$": lambda c: 0 <= c.mix <= 1},
    cases=grid(
        Case,
        n=[10],
        d=[400],
        m=[10],
        patches=[2, 4],
        power=[2.0, 3.0, 4.0],
        mix=[0.0, 0.5, 0.9],
        eta=[0.02],
        steps=[10_000],
        seed=range(2),
    ),
    quick=grid(
        Case,
        n=[5],
        d=[200],
        m=[6],
        patches=[2, 4],
        power=[3.0, 4.0],
        mix=[0.9],
        eta=[0.05],
        steps=[3000],
        seed=[0],
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(1e-10),
)

r"""The residual of ridge regression at a sample that was left out is $(G^{-1}y)_i/(G^{-1})_{ii}$ with
$G=XX^\top+n\lambda I$, where the fit to the other samples keeps the penalty $n\lambda\lVert w\rVert^2$ of all
$n$; so it is for the interpolator of least norm, at $\lambda=0$ and $d>n$.
"""

from dataclasses import dataclass

import numpy as np

from sims import sample
from sims.claim import Array, Claim, Observation, as_array, grid, rng
from sims.judge import equal
from theory.ridge import leave_one_out


@dataclass(frozen=True)
class Case:
    """n points in d dimensions with noisy targets."""

    n: int
    d: int
    lam: float
    seed: int


def problem(case: Case) -> tuple[Array, Array]:
    """Points and targets."""
    stream = rng(case, "data")
    X = sample.inputs(stream, case.n, case.d)
    return X, X @ sample.teacher(stream, case.d) / np.sqrt(case.d) + stream.standard_normal(case.n)


def predict(case: Case) -> Array:
    """All held-out residuals from one factorisation."""
    return as_array(leave_one_out(*problem(case), np.array([case.lam]))[0])


def rival(case: Case) -> Array:
    """The smaller fit keeps lam itself, so that its penalty is (n − 1) lam."""
    return as_array(leave_one_out(*problem(case), np.array([case.lam * (case.n - 1) / case.n]))[0])


def simulate(case: Case) -> Observation:
    """All n fits, each as least squares with √(n lam) I below the other samples; of least norm at lam = 0."""
    X, y = problem(case)
    foot, nothing = np.sqrt(case.n * case.lam) * np.eye(case.d), np.zeros(case.d)
    residuals = np.empty(case.n)
    for i in range(case.n):
        A, b = np.delete(X, i, axis=0), np.delete(y, i)
        if case.lam > 0:
            A, b = np.vstack([A, foot]), np.append(b, nothing)
        residuals[i] = y[i] - X[i] @ np.linalg.lstsq(A, b, rcond=None)[0]
    return Observation(residuals)


CLAIM = Claim(
    statement=__doc__ or "",
    source="Golub, Heath and Wahba 1979, section 2; Patil, Wei, Rinaldo and Tibshirani 2021",
    assumptions={
        r"$\lambda>0$, or $\lambda=0$ and $d\ne n$": lambda c: c.lam > 0 or (c.lam == 0 and abs(c.d - c.n) > 1),
    },
    cases=grid(Case, n=[60], d=[20, 60, 150], lam=[1e-3, 0.1, 3.0], seed=range(4))
    + grid(Case, n=[60], d=[20, 150], lam=[0.0], seed=range(4)),
    quick=grid(Case, n=[30], d=[10, 60], lam=[0.0, 0.1], seed=range(3)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(1e-8),
)

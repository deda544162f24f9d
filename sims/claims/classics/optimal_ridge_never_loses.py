r"""With isotropic features the best ridge is $\lambda^\star=\sigma^2\gamma/r^2$, $\gamma=d/n$ and
$r^2=\lVert w^\star\rVert^2$: neither the ridgeless fit nor $\lambda=\sigma^2/r^2$, which forgets the
dimension, has a smaller risk.
"""

from dataclasses import dataclass

import numpy as np

from sims import sample
from sims.claim import Array, Claim, Observation, as_array, grid, rng
from sims.judge import ordered
from theory.isotropic_ridge import optimal, ridge


@dataclass(frozen=True)
class Case:
    """n Gaussian points in d dimensions, k teachers of squared length `signal`, noise of variance `noise`."""

    n: int
    d: int
    signal: float
    noise: float
    k: int
    seed: int


def predict(case: Case) -> Array:
    """How much more the two others risk in the limit."""
    gamma = case.d / case.n
    others = ridge(gamma, np.array([0.0, case.noise / case.signal]), case.signal, case.noise).risk
    return as_array(others - optimal(gamma, case.signal, case.noise)[1])


def rival(case: Case) -> Array:
    """The best ridge knows no dimension: it is noise/signal."""
    return as_array(predict(case) * np.array([1.0, -1.0]))


def simulate(case: Case) -> Observation:
    """Each of k teachers with noise of its own, all on one design; the same data for every ridge."""
    stream = rng(case, "data")
    X = sample.inputs(stream, case.n, case.d)
    W_star = stream.standard_normal((case.d, case.k)) * np.sqrt(case.signal / case.d)
    Y = X @ W_star + np.sqrt(case.noise) * stream.standard_normal((case.n, case.k))
    best, forgetful = case.noise * case.d / (case.n * case.signal), case.noise / case.signal
    fits = [np.linalg.pinv(X) @ Y] + [
        np.linalg.solve(X.T @ X / case.n + lam * np.eye(case.d), X.T @ Y / case.n) for lam in (forgetful, best)
    ]
    ridgeless, other, least = (np.sum((W - W_star) ** 2) / case.k for W in fits)
    return Observation(np.array([ridgeless - least, other - least]))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Dobriban and Wager 2018, Theorem 2.1; Hastie, Montanari, Rosset and Tibshirani 2022",
    assumptions={
        r"$\sigma^2>0$": lambda c: c.noise > 0,
        r"$\gamma\ne1$, where the two ridges agree": lambda c: c.n != c.d,
    },
    cases=grid(Case, n=[200], d=[50, 100, 300, 800], signal=[1.0], noise=[0.1, 1.0], k=[100], seed=range(16)),
    quick=grid(Case, n=[60], d=[15, 30, 120, 240], signal=[1.0], noise=[1.0], k=[200], seed=range(16)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(by=("d", "noise")),
    looks=3,
)

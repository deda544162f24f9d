r"""Double descent: as $d/n\to\gamma$ the excess risk of least squares tends to $\sigma^2\frac{\gamma}{1-\gamma}$
for $\gamma<1$, and that of the interpolator of least norm to
$\lVert w^\star\rVert^2\bigl(1-\frac1\gamma\bigr)+\frac{\sigma^2}{\gamma-1}$ for $\gamma>1$: a peak at
$\gamma=1$ and a second descent beyond it.
"""

from dataclasses import dataclass

import numpy as np

from sims import gram, sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import mean_equal
from theory.isotropic_ridge import ridgeless


@dataclass(frozen=True)
class Case:
    """n Gaussian points in gamma · n dimensions, a signal and a noise of these strengths; attack eps."""

    n: int
    gamma: float
    signal: float
    noise: float
    eps: float
    seed: int


def predict(case: Case) -> Array:
    """The limiting curve."""
    return ridgeless(np.array([case.gamma]), case.signal, case.noise)


def rival(case: Case) -> Array:
    """The classical curve: fewer missed directions, and a price of noise/n for each parameter, for ever."""
    return np.array([case.signal * max(0.0, 1 - 1 / case.gamma) + case.noise * case.gamma])


def simulate(case: Case) -> Observation:
    """The fit is linear in the targets: its matrix gives the risk averaged over signals and noise, given X.

    Beside it the risk under an ℓ2 attack.
    """
    d = round(case.gamma * case.n)
    X = sample.inputs(rng(case, "data"), case.n, d)
    fit = np.linalg.pinv(X)
    kept, spread = fit @ X, case.noise * np.sum(fit**2)
    per_signal = case.signal / d
    terms = per_signal * np.sum((kept - np.eye(d)) ** 2), spread, per_signal * np.sum(kept**2), spread
    seen = gram.Fit(*(np.array([term]) for term in terms))
    attacked = gram.attacked(seen, case.eps, gram.scores(rng(case, "scores"), 2000))
    return Observation(seen.bias + seen.variance, exhibit={"adversarial": attacked})


CLAIM = Claim(
    statement=__doc__ or "",
    source="Hastie, Montanari, Rosset and Tibshirani 2022, Theorem 1",
    assumptions={r"$\gamma\ne1$": lambda c: c.gamma != 1, r"$\sigma^2\ge0$": lambda c: c.noise >= 0},
    cases=grid(
        Case,
        n=[400],
        gamma=[0.1, 0.25, 0.5, 0.75, 0.9, 1.1, 1.25, 1.5, 2.0, 3.0, 5.0],
        signal=[1.0],
        noise=[0.5],
        eps=[0.5],
        seed=range(24),
    ),
    quick=grid(
        Case,
        n=[120],
        gamma=[0.25, 0.5, 0.75, 1.5, 2.0, 3.0],
        signal=[1.0],
        noise=[0.5],
        eps=[0.5],
        seed=range(24),
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.1, by="gamma"),
    looks=3,
)

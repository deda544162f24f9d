r"""With $\kappa=\lambda+\frac\kappa n\sum_i\frac{\lambda_i}{\lambda_i+\kappa}$ and $g=\frac1n\sum_i
\left(\frac{\lambda_i}{\lambda_i+\kappa}\right)^2$ ridge regression on $n$ samples has variance
$\sigma^2\frac g{1-g}$, and noise adds $\frac{\sigma^2}{n(1-g)}\sum_i\frac{\lambda_i}{(\lambda_i+\kappa)^2}$ to
its squared norm, up to $O(1/n)$, for every $\lambda\ge0$.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from sims import gram
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import mean_equal
from theory.risk import RidgeRisk, ridge_risk
from theory.spectrum import Spectrum

NOISE = 0.5


@dataclass(frozen=True)
class Case:
    """n samples of one spectrum, fitted with penalty lam; one quantity of the fit."""

    design: str
    n: int
    lam: float
    quantity: str
    seed: int


def spectrum(case: Case) -> tuple[Array, Array, Array]:
    """Levels, multiplicities, and the signal on the first direction of each level."""
    if case.design == "three levels":
        return np.array([1.0, 0.1, 0.01]), np.array([10.0, 100.0, 10.0 * case.n]), np.array([1.0, 0.7, 0.0])
    return np.array([1.0, 0.3, case.n**-1.5]), np.array([1.0, 1.0, case.n**2.0]), np.array([1.0, 1.0, 0.0])


@lru_cache(maxsize=8)
def seen(case: Case) -> gram.Fit:
    """One design, fitted; the noise is averaged over exactly."""
    levels, counts, w_star = spectrum(case)
    return gram.fit(
        gram.gaussian(rng(case, "design"), case.n, levels, counts), w_star, np.array([case.lam]), NOISE
    )


def simulate(case: Case) -> Observation:
    """The quantity, at a design shared by all of them."""
    return Observation(getattr(seen(replace(case, quantity="")), case.quantity)[0])


def equivalent(case: Case) -> RidgeRisk:
    """The deterministic equivalent of the whole fit."""
    levels, counts, w_star = spectrum(case)
    return ridge_risk(Spectrum(levels, counts), w_star**2, case.n, case.lam, NOISE)


def predict(case: Case) -> float:
    """The deterministic equivalent."""
    return float(getattr(equivalent(case), case.quantity)[0])


def rival(case: Case) -> float:
    """The same without the factor 1/(1 − g), the noise that the estimator mistakes for signal."""
    variance = equivalent(case).variance[0]
    return predict(case) / float(1 + variance / NOISE)


CLAIM = Claim(
    statement=__doc__ or "",
    source="Hastie, Montanari, Rosset, Tibshirani 2022; Cheng & Montanari 2022",
    assumptions={
        r"$p>n$ at $\lambda=0$": lambda c: c.lam > 0 or spectrum(c)[1].sum() > c.n,
        r"$p\ge1.25\,n$, away from the threshold": lambda c: spectrum(c)[1].sum() >= 1.25 * c.n,
    },
    cases=grid(
        Case,
        design=["three levels"],
        n=[200, 400],
        lam=[0.0, 0.01, 0.1],
        quantity=["variance", "norm_noise"],
        seed=range(24),
    )
    + grid(
        Case, design=["two spikes"], n=[200], lam=[0.0, 0.1], quantity=["variance", "norm_noise"], seed=range(320)
    ),
    quick=grid(
        Case,
        design=["three levels"],
        n=[100],
        lam=[0.0, 0.05],
        quantity=["variance", "norm_noise"],
        seed=range(64),
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.02, by=("design", "n", "lam", "quantity")),
    looks=3,
)

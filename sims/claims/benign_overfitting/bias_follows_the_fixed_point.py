r"""With $\kappa=\lambda+\frac\kappa n\sum_i\frac{\lambda_i}{\lambda_i+\kappa}$ and $g=\frac1n\sum_i
\left(\frac{\lambda_i}{\lambda_i+\kappa}\right)^2$ the bias of ridge regression on $n$ samples is
$\frac1{1-g}\sum_i\lambda_i\theta_i^2\left(\frac\kappa{\lambda_i+\kappa}\right)^2$, up to $O(1/n)$, for every
$\lambda\ge0$: the data act as a penalty of their own.
"""

from dataclasses import dataclass

import numpy as np

from sims import gram
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import mean_equal
from theory.risk import ridge_risk
from theory.spectrum import Spectrum

NOISE = 0.5


@dataclass(frozen=True)
class Case:
    """n samples of one spectrum, fitted with penalty lam; means over `draws` designs."""

    design: str
    n: int
    lam: float
    draws: int
    seed: int


def spectrum(case: Case) -> tuple[Array, Array, Array]:
    """Levels, multiplicities, and the signal on the first direction of each level."""
    if case.design == "three levels":
        return np.array([1.0, 0.1, 0.01]), np.array([10.0, 100.0, 10.0 * case.n]), np.array([1.0, 0.7, 0.0])
    return np.array([1.0, 0.3, case.n**-1.5]), np.array([1.0, 1.0, case.n**2.0]), np.array([1.0, 1.0, 0.0])


def predict(case: Case) -> float:
    """The deterministic equivalent."""
    levels, counts, w_star = spectrum(case)
    return float(ridge_risk(Spectrum(levels, counts), w_star**2, case.n, case.lam, NOISE).bias[0])


def rival(case: Case) -> float:
    """The bias of the population problem: the penalty itself in place of kappa."""
    levels, _, w_star = spectrum(case)
    return float(levels @ (w_star * case.lam / (levels + case.lam)) ** 2)


def simulate(case: Case) -> Observation:
    """The mean bias; the signal is given, the noise averaged over exactly."""
    levels, counts, w_star = spectrum(case)
    stream, lams = rng(case, "designs"), np.array([case.lam])
    seen = gram.averaged(
        gram.fit(gram.gaussian(stream, case.n, levels, counts), w_star, lams, NOISE) for _ in range(case.draws)
    )
    return Observation(seen.bias[0])


CLAIM = Claim(
    statement=__doc__ or "",
    source="Hastie, Montanari, Rosset, Tibshirani 2022; Cheng & Montanari 2022",
    assumptions={
        r"$p>n$ at $\lambda=0$": lambda c: c.lam > 0 or spectrum(c)[1].sum() > c.n,
        r"$p\ge1.25\,n$, away from the threshold": lambda c: spectrum(c)[1].sum() >= 1.25 * c.n,
    },
    cases=grid(Case, design=["three levels", "two spikes"], n=[200], lam=[0.0, 0.1], draws=[16], seed=range(32))
    + grid(Case, design=["three levels", "two spikes"], n=[400], lam=[0.0], draws=[8], seed=range(16)),
    quick=grid(Case, design=["three levels"], n=[80], lam=[0.0, 0.1], draws=[16], seed=range(48)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.08, by=("design", "n", "lam")),
    looks=3,
)

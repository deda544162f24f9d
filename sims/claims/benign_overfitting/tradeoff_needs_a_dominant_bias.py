r"""With $M(n)=\min_{\lambda\ge0}\max\left\{\frac{R_{std}(\lambda)}{R_{std}(0)},
\frac{R_{adv}(\lambda)}{R_{adv}(\theta)}\right\}$ no penalty serves both risks, $M(n)>1$, where the
bias dominates the excess risk of interpolation; where the variance does, ridge improves both, $M(n)<1$.
"""

from dataclasses import dataclass

import numpy as np

from sims import gram
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import ordered
from theory.spectrum import Spectrum
from theory.tradeoff import price

NOISE, EPS = 1.0, 1.0


@dataclass(frozen=True)
class Case:
    """n samples, one signal direction, a tail of mass √n on n^power directions; means over `draws` designs."""

    n: int
    power: float
    draws: int
    grid: int
    seed: int


def spectrum(case: Case) -> tuple[Array, Array, Array]:
    """Levels, multiplicities and signal."""
    d = float(case.n) ** case.power
    return np.array([1.0, case.n**0.5 / d]), np.array([1.0, d]), np.array([1.0, 0.0])


def predict(case: Case) -> float:
    """The sign of log M(n)."""
    levels, counts, w_star = spectrum(case)
    return float(np.sign(np.log(price(Spectrum(levels, counts), w_star**2, case.n, NOISE, EPS).value)))


def rival(case: Case) -> float:
    """A trade-off in every benign sequence."""
    return 1.0


def simulate(case: Case) -> Observation:
    """The logarithm of M(n), from risks averaged over designs and attacked on a sample of scores."""
    levels, counts, w_star = spectrum(case)
    lams = np.append(0.0, np.geomspace(1e-3, 30.0, case.grid))
    stream = rng(case, "designs")
    seen = gram.averaged(
        gram.fit(gram.gaussian(stream, case.n, levels, counts), w_star, lams, NOISE) for _ in range(case.draws)
    )
    adversarial = gram.attacked(seen, EPS, gram.scores(rng(case, "scores"), 2000))
    return Observation(np.log(gram.price(seen, adversarial, EPS**2)))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Hao & Zhang 2024, conditions of the trade-off; control worked out here",
    assumptions={"p > n": lambda c: spectrum(c)[1].sum() > c.n, "a fine grid": lambda c: c.grid >= 30},
    cases=grid(Case, n=[100, 200], power=[1.2, 3.0], draws=[16], grid=[40], seed=range(12)),
    quick=grid(Case, n=[80], power=[1.2, 3.0], draws=[12], grid=[30], seed=range(16)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(by=("n", "power")),
    looks=3,
)

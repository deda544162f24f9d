r"""The penalty of least adversarial risk is at least that of least standard risk,
$\arg\min_\lambda R_{adv}\ge\arg\min_\lambda R_{std}$, because $\lVert\hat\theta_\lambda\rVert$ falls
with $\lambda$.
"""

from dataclasses import dataclass

import numpy as np

from sims import gram
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import ordered
from theory.spectrum import Spectrum
from theory.tradeoff import best_adversarial, best_standard

LAMS = np.append(0.0, np.geomspace(1e-4, 100.0, 40))


@dataclass(frozen=True)
class Case:
    """n samples, one signal direction, a tail of mass √n on n^power directions, noise of variance `noise`."""

    n: int
    power: float
    noise: float
    eps: float
    seed: int


def spectrum(case: Case) -> tuple[Array, Array, Array]:
    """Levels, multiplicities and signal."""
    d = np.floor(float(case.n) ** case.power)
    return np.array([1.0, case.n**0.5 / d]), np.array([1.0, d]), np.array([1.0, 0.0])


def predict(case: Case) -> float:
    """The sign of the difference of the two penalties."""
    levels, counts, w_star = spectrum(case)
    robust = best_adversarial(Spectrum(levels, counts), w_star**2, case.n, case.noise, case.eps)
    accurate = best_standard(Spectrum(levels, counts), w_star**2, case.n, case.noise)
    return float(np.sign(robust.lam - accurate.lam))


def rival(case: Case) -> float:
    """Fitting closer is safer: the robust penalty is the smaller one."""
    return -1.0


def simulate(case: Case) -> Observation:
    """How many places of the grid the best adversarial penalty lies beyond the best standard one."""
    levels, counts, w_star = spectrum(case)
    seen = gram.fit(gram.gaussian(rng(case, "design"), case.n, levels, counts), w_star, LAMS, case.noise)
    standard = seen.bias + seen.variance
    adversarial = gram.attacked(seen, case.eps, gram.scores(rng(case, "scores"), 500))
    places = float(np.argmin(adversarial)) - float(np.argmin(standard))
    return Observation(np.array(places), exhibit={"lam": LAMS, "standard": standard, "adversarial": adversarial})


CLAIM = Claim(
    statement=__doc__ or "",
    source="Hao & Zhang 2024, ordering of penalties, worked out here from the closed form of the adversarial risk",
    assumptions={r"$\varepsilon>0$": lambda c: c.eps > 0, "p > n": lambda c: spectrum(c)[1].sum() > c.n},
    cases=grid(Case, n=[50, 100, 200, 400], power=[1.2, 2.0, 3.0], noise=[1.0], eps=[0.3, 1.0], seed=range(40)),
    quick=grid(Case, n=[30], power=[1.2, 3.0], noise=[1.0], eps=[0.3, 1.0], seed=range(16)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(by=("n", "power", "eps")),
    looks=3,
)

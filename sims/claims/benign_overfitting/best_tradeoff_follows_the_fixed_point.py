r"""$M(n)=\min_{\lambda\ge0}\max\left\{\frac{R_{std}(\lambda)}{R_{std}(0)},\frac{R_{adv}(\lambda)}{R_{adv}(\theta)}
\right\}$ of ridge regression is what the deterministic equivalents say: it grows along benign sequences whose bias
dominates (signal on one level, or on two), and stays below 1 where the variance dominates.
"""

from dataclasses import dataclass

import numpy as np

from sims import gram
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import mean_equal
from theory.spectrum import Spectrum
from theory.tradeoff import price

THIN = 15  # one penalty of so many is exhibited


@dataclass(frozen=True)
class Case:
    """Means over `draws` designs of n samples with noise of variance `noise`, and how fine the grid is."""

    design: str
    n: int
    noise: float
    eps: float
    draws: int
    grid: int
    seed: int


def spectrum(case: Case) -> tuple[Array, Array, Array]:
    """Levels, multiplicities and signal; the flat tail has mass √n, on n³ or n^{1.2} directions."""
    d = float(case.n) ** (1.2 if case.design == "variance dominates" else 3.0)
    if case.design == "two signal levels":
        return np.array([1.0, case.n**-0.375, case.n**0.5 / d]), np.array([1.0, 1.0, d]), np.array([1.0, 1.0, 0.0])
    return np.array([1.0, case.n**0.5 / d]), np.array([1.0, d]), np.array([1.0, 0.0])


def predict(case: Case) -> float:
    """The deterministic M(n)."""
    levels, counts, w_star = spectrum(case)
    return price(Spectrum(levels, counts), w_star**2, case.n, case.noise, case.eps).value


def rival(case: Case) -> float:
    """No trade-off anywhere: some penalty matches interpolation in one risk and the truth in the other."""
    return 1.0


def simulate(case: Case) -> Observation:
    """Risks averaged over designs, each attacked on a sample of scores; then the least maximum."""
    levels, counts, w_star = spectrum(case)
    lams = np.append(0.0, np.geomspace(1e-3, 30.0, case.grid))
    stream = rng(case, "designs")
    seen = gram.averaged(
        gram.fit(gram.gaussian(stream, case.n, levels, counts), w_star, lams, case.noise)
        for _ in range(case.draws)
    )
    adversarial = gram.attacked(seen, case.eps, gram.scores(rng(case, "scores"), 2000))
    few = slice(None, None, THIN)
    return Observation(
        np.array(gram.price(seen, adversarial, case.eps**2 * np.sum(w_star**2))),
        exhibit={"standard": (seen.bias + seen.variance)[few], "adversarial": adversarial[few]},
    )


CLAIM = Claim(
    statement=__doc__ or "",
    source="Hao & Zhang 2024, trade-off of every ridge estimator; normalisation and designs worked out here",
    assumptions={
        "p > n": lambda c: spectrum(c)[1].sum() > c.n,
        "a fine grid, of steps below 4 %": lambda c: c.grid >= 270,
    },
    cases=grid(
        Case,
        design=["two signal levels", "one signal level", "variance dominates"],
        n=[100, 200, 400],
        noise=[1.0],
        eps=[1.0],
        draws=[8],
        grid=[300],
        seed=range(10),
    ),
    quick=grid(
        Case,
        design=["two signal levels", "one signal level", "variance dominates"],
        n=[60],
        noise=[1.0],
        eps=[1.0],
        draws=[8],
        grid=[300],
        seed=range(8),
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.05, by=("design", "n")),
    looks=3,
)

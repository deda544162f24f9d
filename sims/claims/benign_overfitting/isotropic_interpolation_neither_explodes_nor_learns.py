r"""For $x\sim N(0,I_p)$ and $p\ge n+2$ noise adds exactly $\sigma^2\frac n{p-n-1}$ to the mean squared norm of the
least-norm interpolator, which vanishes as $p/n\to\infty$, and its mean bias is exactly
$\left(1-\frac np\right)\lVert\theta\rVert^2$, which does not: no explosion, but nothing benign either.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from sims import sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import mean_equal
from theory.least_squares_risk import risk, squared_norm


@dataclass(frozen=True)
class Case:
    """Means over `draws` designs of n samples in d dimensions, for unit noise and unit signal."""

    n: int
    d: int
    draws: int
    quantity: str
    seed: int


def predict(case: Case) -> float:
    """Moments of the inverse Wishart distribution, and of a random projection."""
    if case.quantity == "noise":
        return squared_norm(case.n, case.d, used=0.0, unused=0.0, noise=1.0)
    return risk(case.n, case.d, used=1.0, unused=0.0, noise=0.0)


def rival(case: Case) -> float:
    """The proportional limit in place of the exact moment, and the bias of a fit that has seen every direction."""
    return case.n / (case.d - case.n) if case.quantity == "noise" else 0.0


@lru_cache(maxsize=4)
def seen(case: Case) -> Array:
    """Noise and bias, design by design."""
    X = sample.inputs(rng(case, "design"), case.draws * case.n, case.d).reshape(case.draws, case.n, case.d)
    K = X @ X.transpose(0, 2, 1)
    noise = np.trace(np.linalg.inv(K), axis1=1, axis2=2)
    fitted = np.einsum("bi,bi->b", X[:, :, 0], np.linalg.solve(K, X[:, :, :1])[:, :, 0])
    return np.array([noise.mean(), (1 - fitted).mean()])


def simulate(case: Case) -> Observation:
    """The quantity at designs shared by both, the signal on the first coordinate."""
    return Observation(seen(replace(case, quantity=""))[0 if case.quantity == "noise" else 1])


CLAIM = Claim(
    statement=__doc__ or "",
    source="Belkin, Hsu, Xu 2020; inverse-Wishart moments of Breiman & Freedman 1983",
    assumptions={r"$p\ge n+6$, finite variances": lambda c: c.d >= c.n + 6},
    cases=grid(Case, n=[10], d=[20, 40, 160], draws=[2000], quantity=["noise", "bias"], seed=range(48)),
    quick=grid(Case, n=[10], d=[20, 80], draws=[400], quantity=["noise", "bias"], seed=range(36)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.03, by=("n", "d", "quantity")),
    looks=3,
)

r"""In high dimension the interpolator of the tangent kernel has the gradient of a linear ridge regression that
cannot be switched off, with $n\lambda_{\rm eff}=\operatorname{tr}\Sigma\,(1-1/\pi)$: its mean squared length is
that of the linear surrogate $K\approx b\,\mathbf 1\mathbf 1^\top+XX^\top+\operatorname{tr}\Sigma\,(1-1/\pi)\,I$.
With noisy labels it still grows with $n$, if more slowly than that of the minimum-norm linear interpolator.
"""

import math
from dataclasses import dataclass

import numpy as np

from sims import wide
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import mean_equal
from theory.interpolation import min_norm
from theory.tangent_linear import surrogate_gradient


@dataclass(frozen=True)
class Case:
    """n points in 2 n^1.5 dimensions, one of variance 1 and a flat tail of total variance √n; k fresh points.

    Label noise of variance `noise`; attack eps.
    """

    n: int
    k: int
    noise: float
    eps: float
    seed: int


def spectrum(case: Case) -> Array:
    """The variances of the coordinates."""
    p = int(2 * case.n**1.5)
    return np.append(1.0, np.full(p - 1, math.sqrt(case.n) / (p - 1)))


def data(case: Case) -> tuple[Array, Array, Array]:
    """Points, their first coordinates with noise as labels, and fresh points."""
    stream, lams = rng(case, "data"), spectrum(case)
    X = stream.standard_normal((case.n, len(lams))) * np.sqrt(lams)
    y = X[:, 0] + math.sqrt(case.noise) * stream.standard_normal(case.n)
    return X, y, stream.standard_normal((case.k, len(lams))) * np.sqrt(lams)


def predict(case: Case) -> Array:
    """The squared gradient of the surrogate."""
    X, y, _ = data(case)
    lams = spectrum(case)
    return np.array([np.sum(surrogate_gradient(X, y, float(lams.sum()), float(np.sum(lams**2))) ** 2)])


def rival(case: Case) -> Array:
    """That of the minimum-norm linear interpolator: no implicit ridge."""
    X, y, _ = data(case)
    return np.array([np.sum(min_norm(X, y).w ** 2)])


def simulate(case: Case) -> Observation:
    """The interpolator, differentiated automatically at fresh points; beside it both risks."""
    X, y, Z = data(case)
    f = wide.interpolate(X, y)
    squared = np.sum(f.seen(Z)[1] ** 2, axis=1)
    standard, adversarial = wide.risks(f.seen, Z, Z[:, 0], case.eps, rng(case, "attack"))
    return Observation(
        np.array([squared.mean()]),
        np.array([squared.std(ddof=1) / math.sqrt(case.k)]),
        exhibit={"standard": standard, "adversarial": adversarial},
    )


CLAIM = Claim(
    statement=__doc__ or "",
    source="the tangent-kernel section of the paper; linearisation after El Karoui 2010, constants derived here",
    assumptions={r"$2n^{3/2}>n$": lambda c: c.n >= 2, r"$\sigma^2>0$": lambda c: c.noise > 0},
    cases=grid(Case, n=[50, 100, 200, 400], k=[50], noise=[0.25], eps=[1.0], seed=range(16)),
    quick=grid(Case, n=[60, 120], k=[50], noise=[0.25], eps=[1.0], seed=range(16)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.06, by="n"),
)

r"""The norms of ridge regression are, in the eigenbasis of the covariance, those of independent coordinates
$\hat w_i\sim N\left(\frac{s_iw^\star_i}{s_i+\kappa},\frac{T}{n}\frac{s_i}{(s_i+\kappa)^2}\right)$, with $T$ the
test error: $\lVert\hat w\rVert_p\approx\left(\sum_i\mathbb E|\hat w_i|^p\right)^{1/p}$ for $p<\infty$, and
$\mathbb E\lVert\hat w\rVert_\infty\approx\int_0^\infty\left(1-\prod_iP(|\hat w_i|\le u)\right)du$. They are not
the norms of a Gaussian vector with one variance.
"""

import math
from dataclasses import dataclass

import numpy as np

from sims import sample
from sims.claim import Array, Claim, Observation, as_array, grid, rng
from sims.judge import mean_equal
from theory.coordinate_law import CoordinateLaw, ridge_law
from theory.spectrum import Spectrum

EVERY = 10  # one coordinate in so many carries signal, of size 1


@dataclass(frozen=True)
class Case:
    """n points of variances i^(−decay) in d dimensions; the norm of exponent p, over k targets of this noise."""

    n: int
    d: int
    decay: float
    lam: float
    noise: float
    p: float
    k: int
    seed: int


def problem(case: Case) -> tuple[Array, Array]:
    """Variances and the true parameters."""
    i = np.arange(1, case.d + 1)
    return as_array(i**-case.decay), as_array(i % EVERY == 1)


def law(case: Case) -> CoordinateLaw:
    """The deterministic equivalent of every coordinate."""
    s, w_star = problem(case)
    spectrum = Spectrum(s, np.ones(case.d))
    return ridge_law(spectrum, w_star**2, case.n, case.lam, case.noise, carriers=np.ones(case.d))


def predict(case: Case) -> float:
    """The norm of the law of the coordinates."""
    return law(case).norm(case.p)


def rival(case: Case) -> float:
    """A Gaussian vector of the right Euclidean length, its d variances equal: at p = 1, √(2d/π)‖w‖₂."""
    deviation = law(case).norm(2) / math.sqrt(case.d)
    return CoordinateLaw(np.zeros(1), np.array([deviation]), np.array([float(case.d)])).norm(case.p)


def simulate(case: Case) -> Observation:
    """One design, k fits: the signs of the true parameters and the label noise are drawn for each."""
    s, w_star = problem(case)
    stream = rng(case, "data")
    X = sample.inputs(stream, case.n, case.d) * np.sqrt(s)
    Y = (sample.signs(stream, case.k, case.d) * w_star) @ X.T
    Y += np.sqrt(case.noise) * stream.standard_normal(Y.shape)
    W = np.linalg.solve(X @ X.T + case.n * case.lam * np.eye(case.n), Y.T).T @ X
    return Observation(np.array(np.mean(np.linalg.norm(W, case.p, axis=1))))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Hastie et al. 2022; Cheng & Montanari 2022; the law by Thrampoulidis, Oymak & Hassibi 2015",
    assumptions={
        r"$p\ge1$": lambda c: c.p >= 1,
        r"$p=\infty$, or $p<\ln d$": lambda c: c.p == math.inf or c.p < math.log(c.d),
        r"$d\ge1.25\,n$ at $\lambda=0$, away from the threshold": lambda c: c.lam > 0 or c.d >= 1.25 * c.n,
    },
    cases=grid(
        Case,
        n=[500],
        d=[1000],
        decay=[0.7],
        lam=[0.0, 0.02, 0.2, 1.0],
        noise=[0.5],
        p=[1.0, 1.5, 4.0, math.inf],
        k=[25],
        seed=range(40),
    ),
    quick=grid(
        Case,
        n=[200],
        d=[400],
        decay=[0.7],
        lam=[0.0, 0.2],
        noise=[0.5],
        p=[1.0, 4.0, math.inf],
        k=[50],
        seed=range(24),
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.05, by=("lam", "p")),
    looks=3,
)

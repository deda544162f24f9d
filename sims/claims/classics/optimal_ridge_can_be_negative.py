r"""With more features than samples the best ridge can be negative: for a noiseless signal on the top eigenvectors
of a spiked covariance the test error is least at a $\lambda<0$, which minimises
$\frac{\kappa^2\sum_i s_i\theta_i^2/(s_i+\kappa)^2}{1-\frac1n\sum_i s_i^2/(s_i+\kappa)^2}$ with
$\lambda=\kappa\bigl(1-\frac1n\sum_i\frac{s_i}{s_i+\kappa}\bigr)$; for a signal away from them it is positive.
"""

from dataclasses import dataclass

import numpy as np

from sims import sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import mean_equal
from theory.signed_ridge import error_at, optimal
from theory.spectrum import Spectrum, fixed_point

STEP = 0.02  # of the grid of ridges


@dataclass(frozen=True)
class Case:
    """n points in d dimensions, k of variance `height`, the others of variance 1; the signal on those k or not."""

    n: int
    d: int
    k: int
    height: float
    aligned: bool
    seed: int


def predict(case: Case) -> Array:
    """The best ridge, and its error as a share of that of the interpolator of least norm."""
    spectrum = Spectrum(np.array([case.height, 1.0]), np.array([case.k, case.d - case.k], dtype=float))
    mass = np.array([case.aligned, not case.aligned], dtype=float)
    best = optimal(spectrum, mass, case.n, 0.0)
    return np.array(
        [best.lam, best.error / error_at(spectrum, mass, case.n, float(fixed_point(spectrum, case.n, 0.0)), 0.0)]
    )


def rival(case: Case) -> Array:
    """A ridge is never negative, and without noise there is none."""
    return np.array([0.0, 1.0])


def simulate(case: Case) -> Observation:
    """Plain solves on a grid of ridges as far as the sample admits, for k signals; the best by a parabola."""
    stream = rng(case, "data")
    scale = np.ones(case.d)
    scale[: case.k] = np.sqrt(case.height)
    X = sample.inputs(stream, case.n, case.d) * scale
    signals = np.zeros((case.d, case.k))
    here = slice(None, case.k) if case.aligned else slice(case.k, None)
    signals[here] = np.linalg.qr(stream.standard_normal(signals[here].shape))[0]
    K, Y = X @ X.T / case.n, X @ signals
    least = float(np.linalg.eigvalsh(K)[0])
    lams = STEP * np.arange(np.ceil(-least / STEP) + 1, round(0.5 / STEP))
    errors = np.array([error(X, K, Y, signals, scale, lam) for lam in lams])
    best = int(np.clip(np.argmin(errors), 1, len(lams) - 2))
    a, b, c = np.polyfit(np.array([-1.0, 0.0, 1.0]), errors[best - 1 : best + 2], 2)
    lam, lowest = lams[best] - STEP * b / (2 * a), c - b * b / (4 * a)
    return Observation(
        np.array([lam, lowest / error(X, K, Y, signals, scale, 0.0)]), exhibit={"lams": lams, "errors": errors}
    )


def error(X: Array, K: Array, Y: Array, signals: Array, scale: Array, lam: float) -> float:
    """The mean test error of the ridge fits to these signals."""
    W = X.T @ np.linalg.solve(K + lam * np.eye(len(K)), Y) / len(K)
    return float(np.sum((scale[:, None] * (W - signals)) ** 2) / signals.shape[1])


CLAIM = Claim(
    statement=__doc__ or "",
    source="Kobak, Lomond and Sanchez 2020; Wu and Xu 2020; Richards, Mourtada and Rosasco 2021",
    assumptions={"$d>n$": lambda c: c.d > c.n, "$k<n$": lambda c: 0 < c.k < c.n},
    cases=grid(Case, n=[400], d=[1200], k=[40], height=[30.0], aligned=[True, False], seed=range(12)),
    quick=grid(Case, n=[100], d=[300], k=[10], height=[30.0], aligned=[True, False], seed=range(16)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.1, by="aligned"),
    looks=3,
)

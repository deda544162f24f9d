r"""Under $\ell_p$ attacks in the eigenbasis of the covariance, ridge regression, the interpolator of least norm
and early stopping have the adversarial risk $T+2\sqrt{2/\pi}\,\varepsilon\sqrt T\,N+\varepsilon^2N^2$: $T$ is
the deterministic equivalent of the test error and $N$ the dual norm of independent Gaussian coordinates: at
$p=\infty$ and for isotropic points $N=\sum_i\mathbb E|aw^\star_i+\tau Z|$, with a shrinkage $a$ and
$\tau^2=(\lVert\hat w\rVert_2^2-a^2\lVert w^\star\rVert_2^2)/d$.
"""

import math
from dataclasses import dataclass

import numpy as np

from sims import sample
from sims.claim import Array, Claim, Observation, as_array, grid, rng
from sims.judge import mean_equal
from theory.attacked_ridge import attacked_flow, attacked_ridge
from theory.coordinate_law import CoordinateLaw, flow_law, ridge_law
from theory.isotropic_flow import flow
from theory.norms import dual
from theory.risk import gaussian_worst_square, ridge_risk
from theory.spectrum import Spectrum

EVERY = 25  # one coordinate in so many carries signal
NOISE = 0.25
POINTS = 200  # attacked in each fit


@dataclass(frozen=True)
class Case:
    """n points of variances i^(−decay); ridge with lam or, for t > 0, flow stopped at t; k targets."""

    n: int
    d: int
    decay: float
    lam: float
    t: float
    attack: float
    strength: float
    k: int
    seed: int


def problem(case: Case) -> tuple[Array, Array, float]:
    """Variances, true parameters of length 1, and the radius: `strength`, in units of 1/√d under an ℓ∞ attack."""
    i = np.arange(1, case.d + 1)
    w_star = as_array(i % EVERY == 1)
    eps = case.strength / (math.sqrt(case.d) if case.attack == math.inf else 1.0)
    return as_array(i**-case.decay), w_star / np.linalg.norm(w_star), eps


def predict(case: Case) -> float:
    """The risk from the norms of the law of the coordinates."""
    s, w_star, eps = problem(case)
    if case.t > 0:
        times, carriers = np.array([case.t]), float(np.count_nonzero(w_star))
        stopped = attacked_flow(
            case.d, 1.0, case.n, times, NOISE, eps, case.attack, definition="D4", carriers=carriers
        )
        return float(stopped[0])
    spectrum, ones = Spectrum(s, np.ones(case.d)), np.ones(case.d)
    path = attacked_ridge(
        spectrum, w_star**2, case.n, case.lam, NOISE, eps, case.attack, definition="D4", carriers=ones
    )
    return float(path[0])


def rival(case: Case) -> float:
    """The same with the dual norm of a Gaussian vector of the right length: √(2d/π)‖w‖₂ for ℓ∞ attacks."""
    s, w_star, eps = problem(case)
    spectrum, ones = Spectrum(s, np.ones(case.d)), np.ones(case.d)
    if case.t > 0:
        excess = flow(case.d / case.n, np.array([case.t]), 1.0, NOISE).risk
        law = flow_law(case.d, 1.0, case.n, case.t, NOISE)
    else:
        excess = ridge_risk(spectrum, w_star**2, case.n, case.lam, NOISE).standard
        law = ridge_law(spectrum, w_star**2, case.n, case.lam, NOISE, carriers=ones)
    even = CoordinateLaw(np.zeros(1), np.array([law.norm(2) / math.sqrt(case.d)]), np.array([float(case.d)]))
    return float(gaussian_worst_square(float(excess[0]) + NOISE, even.norm(dual(case.attack)), eps))


def simulate(case: Case) -> Observation:
    """One design, k fits to random signs and noise; fresh points, each moved to where the error grows most."""
    s, w_star, eps = problem(case)
    stream, fresh = rng(case, "data"), rng(case, "points")
    X = sample.inputs(stream, case.n, case.d) * np.sqrt(s)
    W_star = (sample.signs(stream, case.k, case.d) * w_star).T
    W = fitted(X, X @ W_star + math.sqrt(NOISE) * stream.standard_normal((case.n, case.k)), case.lam, case.t)
    Z = sample.inputs(fresh, POINTS, case.d) * np.sqrt(s)
    error = Z @ (W - W_star) - math.sqrt(NOISE) * fresh.standard_normal((POINTS, case.k))
    size = np.abs(W)
    reach = eps * np.sign(W) * (1 if case.attack == math.inf else size == size.max(axis=0))
    worst = error + np.where(error > 0, 1.0, -1.0) * np.sum(reach * W, axis=0)
    return Observation(np.array(np.mean(worst**2)))


def fitted(X: Array, Y: Array, lam: float, t: float) -> Array:
    """Ridge, by normal equations; the least norm, by least squares; flow, by the exponential of its matrix."""
    n = len(X)
    if t > 0:
        U, s, Vt = np.linalg.svd(X, full_matrices=False)
        return as_array(Vt.T @ (((1 - np.exp(-t * s**2 / n)) / s)[:, None] * (U.T @ Y)))
    if lam == 0:
        return as_array(np.linalg.lstsq(X, Y)[0])
    return as_array(X.T @ np.linalg.solve(X @ X.T + n * lam * np.eye(n), Y))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Javanmard et al. 2020 for the risk; Hastie et al. 2022, Ali, Kolter & Tibshirani 2019 for its parts",
    assumptions={
        r"$p\in\{1,\infty\}$": lambda c: c.attack in (1.0, math.inf),
        "early stopping on isotropic points": lambda c: c.t == 0 or c.decay == 0,
        r"$d\ge1.25\,n$ at $\lambda=0$, away from the threshold": lambda c: c.lam > 0 or c.d >= 1.25 * c.n,
    },
    cases=grid(
        Case,
        n=[300],
        d=[600],
        decay=[0.0, 0.7],
        lam=[0.0, 0.2],
        t=[0.0],
        attack=[1.0, math.inf],
        strength=[2.0],
        k=[50],
        seed=range(32),
    )
    + grid(
        Case,
        n=[300],
        d=[600],
        decay=[0.0],
        lam=[0.0],
        t=[1.0, 5.0],
        attack=[1.0, math.inf],
        strength=[2.0],
        k=[50],
        seed=range(32),
    ),
    quick=grid(
        Case,
        n=[150],
        d=[300],
        decay=[0.0, 0.7],
        lam=[0.0, 0.2],
        t=[0.0],
        attack=[math.inf],
        strength=[2.0],
        k=[50],
        seed=range(32),
    )
    + grid(
        Case,
        n=[150],
        d=[300],
        decay=[0.0],
        lam=[0.0],
        t=[2.0],
        attack=[1.0, math.inf],
        strength=[2.0],
        k=[50],
        seed=range(32),
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.04, by=("decay", "lam", "t", "attack")),
    looks=3,
)

r"""Interpolation hurts robustness even without noise: for $y=\langle w^\star,x\rangle$, $\lVert w^\star\rVert=1$
and attacks of length $\varepsilon$ orthogonal to $w^\star$, which change no label, the robust risk of ridge
tends to $R+2\sqrt{2/\pi}\,\varepsilon\sqrt{OR}+\varepsilon^2O$ with $R$ the clean risk, $O=R-(\lambda m)^2$ and
$m$ the positive root of $\gamma\lambda m^2+(1-\gamma+\lambda)m=1$; it is least at a $\lambda>0$.
"""

from dataclasses import dataclass

import numpy as np

from sims import sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import mean_equal
from theory.consistent_attack import best_ridge, robust_risk


@dataclass(frozen=True)
class Case:
    """n Gaussian points in gamma · n dimensions, k teachers, and `points` to test on."""

    n: int
    gamma: float
    eps: float
    lam: float
    k: int
    points: int
    seed: int


def predict(case: Case) -> Array:
    """The limit for the interpolator of least norm, and for ridge."""
    return robust_risk(case.gamma, np.array([0.0, case.lam]), case.eps)


def rival(case: Case) -> Array:
    """Without noise there is nothing to gain from ridge: both are as robust as the interpolator."""
    return np.full(2, robust_risk(case.gamma, np.zeros(1), case.eps)[0])


def simulate(case: Case) -> Observation:
    """Noiseless fits to k teachers; fresh points, each moved to raise its error, orthogonally to the teacher."""
    stream, d = rng(case, "data"), round(case.gamma * case.n)
    X = sample.inputs(stream, case.n, d)
    W_star = stream.standard_normal((d, case.k))
    W_star /= np.linalg.norm(W_star, axis=0)
    Z = sample.inputs(stream, case.points, d)
    seen = []
    for lam in (0.0, case.lam):
        G = X @ X.T / case.n + lam * np.eye(case.n)
        W = X.T @ np.linalg.solve(G, X @ W_star) / case.n
        direction = W - W_star * np.sum(W * W_star, axis=0)
        direction /= np.linalg.norm(direction, axis=0)
        errors = Z @ (W - W_star)
        moved = errors + np.sign(errors) * case.eps * np.sum(direction * (W - W_star), axis=0)
        seen.append(np.mean(moved**2))
    return Observation(np.array(seen))


def near_the_best(case: Case) -> bool:
    """Whether the ridge is the best one, to 1 %."""
    return abs(case.lam / best_ridge(case.gamma, case.eps)[0] - 1) < 0.01


CLAIM = Claim(
    statement=__doc__ or "",
    source="Donhauser, Tifrea, Aerni, Heckel and Yang 2021",
    assumptions={
        r"$\gamma>1$": lambda c: c.gamma > 1,
        r"$\lambda$ is the best ridge, to 1 %": near_the_best,
    },
    cases=grid(Case, n=[300], gamma=[4.0], eps=[0.4], lam=[3.585], k=[40], points=[4000], seed=range(16)),
    quick=grid(Case, n=[100], gamma=[4.0], eps=[0.4], lam=[3.585], k=[40], points=[1000], seed=range(32)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.03, by=("gamma", "eps")),
    looks=3,
)

r"""The adversarial risk of a linear regressor on Gaussian points is exactly
$s^2+2\sqrt{2/\pi}\,\varepsilon s\lVert w\rVert_{p^*}+\varepsilon^2\lVert w\rVert_{p^*}^2$, where
$s^2=\lVert w-w^\star\rVert_\Sigma^2+\sigma^2$ is its test error and the attack moves points within
$\lVert\delta\rVert_p\le\varepsilon$.
"""

import math
from dataclasses import dataclass

import numpy as np

from sims import sample
from sims.claim import Array, Claim, Observation, as_array, grid, rng
from sims.judge import mean_equal
from theory.norms import dual, norm
from theory.risk import adversarial_risk


@dataclass(frozen=True)
class Case:
    """k fresh points in d dimensions of variances j^(−1/2), attacked within an ℓp ball."""

    d: int
    k: int
    attack: float
    strength: float
    noise: float
    seed: int


def problem(case: Case) -> tuple[Array, Array, Array, float]:
    """Regressor, truth, variances, and the radius: `strength`, in units of 1/√d under an ℓ∞ attack."""
    stream = np.random.default_rng(case.d)
    w_star = sample.teacher(stream, case.d) / np.sqrt(case.d)
    w = w_star + 0.5 * sample.teacher(stream, case.d) / np.sqrt(case.d)
    eps = case.strength / (np.sqrt(case.d) if case.attack == math.inf else 1.0)
    return w, w_star, as_array(np.arange(1, case.d + 1) ** -0.5), float(eps)


def predict(case: Case) -> Array:
    """The closed form."""
    w, w_star, variances, eps = problem(case)
    return np.array([adversarial_risk(w, w_star, variances, eps, case.attack, definition="D4", noise=case.noise)])


def rival(case: Case) -> Array:
    """The upper bound (s + eps‖w‖)², as if residual and attack were of one size at each point."""
    w, w_star, variances, eps = problem(case)
    s = np.sqrt(variances @ (w - w_star) ** 2 + case.noise)
    return np.array([(s + eps * norm(w, dual(case.attack))) ** 2])


def simulate(case: Case) -> Observation:
    """Fresh points, each moved to where the ball is furthest along the gradient of its error."""
    w, w_star, variances, eps = problem(case)
    stream = rng(case, "points")
    X = sample.inputs(stream, case.k, case.d) * np.sqrt(variances)
    y = X @ w_star + np.sqrt(case.noise) * stream.standard_normal(case.k)
    towards = np.sign(X @ w - y)[:, None] * w
    moved = X + eps * furthest(towards, case.attack)
    return Observation(np.array([np.mean((moved @ w - y) ** 2)]))


def furthest(towards: Array, attack: float) -> Array:
    """The point of the unit ball furthest in each direction."""
    if attack == math.inf:
        return np.sign(towards)
    if attack == 2.0:
        return np.asarray(towards / np.linalg.norm(towards, axis=1, keepdims=True))
    best = np.argmax(np.abs(towards), axis=1)
    corner = np.zeros_like(towards)
    rows = np.arange(len(towards))
    corner[rows, best] = np.sign(towards[rows, best])
    return corner


CLAIM = Claim(
    statement=__doc__ or "",
    source="Javanmard, Soltanolkotabi and Hassani 2020; Xing, Song and Cheng 2021; Ribeiro and Schön 2023",
    assumptions={r"$p\in\{1,2,\infty\}$": lambda c: c.attack in (1.0, 2.0, math.inf)},
    cases=grid(
        Case,
        d=[30],
        k=[50_000],
        attack=[1.0, 2.0, math.inf],
        strength=[0.2, 1.0],
        noise=[0.0, 0.5],
        seed=range(16),
    ),
    quick=grid(Case, d=[20], k=[5000], attack=[1.0, 2.0, math.inf], strength=[0.7], noise=[0.25], seed=range(20)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.03, by=("attack", "strength", "noise")),
    looks=3,
)

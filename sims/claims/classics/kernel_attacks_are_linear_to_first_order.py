r"""The worst error of a tangent-kernel predictor $f$ under an attack is $\max_{\lVert\delta\rVert_p\le\varepsilon}
|f(x+\delta)-y|=|f(x)-y|+\varepsilon\lVert\nabla f(x)\rVert_{p^*}+O(\varepsilon^2)$ at points $x$ on no ray of a
training point, with $\nabla f=\sum_ja_j\nabla k(\cdot,x_j)$: to first order, the kernel alone says what an attack
can do.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from sims import attack, sample
from sims.claim import Array, Claim, Observation, as_array, grid, rng
from sims.judge import rate
from theory.kernel_attack import first_order
from theory.kernel_regression import Predictor, ntk_regression
from theory.linearised_gradient import linearised_gradient

LAM = 1e-3
NOISE = 0.2


@dataclass(frozen=True)
class Case:
    """n points in d dimensions, k of which are fresh and attacked within an ℓp ball of radius 1/sharpness."""

    n: int
    d: int
    k: int
    p: float
    sharpness: float
    seed: int


def data(case: Case) -> tuple[Array, Array, Array, Array]:
    """Points and noisy values of a teacher, fresh points and values: the same at every radius."""
    stream = rng(replace(case, sharpness=0.0), "data")
    X, w_star = sample.inputs(stream, case.n + case.k, case.d), sample.teacher(stream, case.d)
    y = np.sin(X @ w_star / math.sqrt(case.d)) + math.sqrt(NOISE) * stream.standard_normal(len(X))
    return X[: case.n], y[: case.n], X[case.n :], y[case.n :]


def fitted(case: Case) -> Predictor:
    """Kernel ridge with the tangent kernel."""
    X, y, _, _ = data(case)
    return ntk_regression(X, y, np.array([LAM]))


def predict(case: Case) -> Array:
    """The worst errors to first order, with the gradient of the predictor."""
    _, _, Z, values = data(case)
    fit = fitted(case)
    return as_array(first_order(fit.predict(Z) - values, fit.gradient(Z), 1 / case.sharpness, case.p)[0])


def rival(case: Case) -> Array:
    """The same with the gradient that linearised networks have almost everywhere at any finite width."""
    _, _, Z, values = data(case)
    fit = fitted(case)
    gradient = linearised_gradient(Z, fit.X, fit.A)
    return as_array(first_order(fit.predict(Z) - values, gradient, 1 / case.sharpness, case.p)[0])


def simulate(case: Case) -> Observation:
    """A direct solve, and projected ascent on the error of each fresh point, in either direction."""
    X, y, Z, values = data(case)
    a = np.linalg.solve(kernel(X, X)[0] + case.n * LAM * np.eye(case.n), y)
    eps, worst = 1 / case.sharpness, np.zeros(case.k)
    for sign in (1.0, -1.0):

        def score(at: Array, sign: float = sign) -> tuple[Array, Array]:
            K, slope_x, slope_at = kernel(at, X)
            gradient = (slope_x * a) @ X + ((slope_at * a).sum(axis=1))[:, None] * at
            return sign * (K @ a - values), sign * gradient

        found = attack.search(score, Z, eps, case.p, rng=rng(case, "attack"), steps=60)
        worst = np.maximum(worst, -found.margins)
    return Observation(worst)


def kernel(Z: Array, X: Array) -> tuple[Array, Array, Array]:
    """The tangent kernel |z||x| g(u), and ∇_z of it as slope_x x + slope_at z."""
    size, other = np.linalg.norm(Z, axis=1)[:, None], np.linalg.norm(X, axis=1)
    u = np.clip(Z @ X.T / (size * other), -1 + 1e-15, 1 - 1e-15)
    rest = np.sqrt(1 - u**2)
    g = (2 * u * np.arccos(-u) + rest) / np.pi
    slope = (2 * np.arccos(-u) + u / rest) / np.pi
    return as_array(size * other * g), slope, as_array(other / size * (g - u * slope))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Tsilivis & Kempe 2022 for the gradient of the kernel; Simon-Gabriel et al. 2019 for the expansion",
    assumptions={
        r"$p\ge1$": lambda c: c.p >= 1,
        "the ball is small against the points": lambda c: c.d ** max(0, 0.5 - 1 / c.p) / c.sharpness < 0.3,
    },
    cases=grid(
        Case, n=[60], d=[10], k=[100], p=[1.0, 2.0, math.inf], sharpness=[20.0, 40.0, 80.0, 160.0], seed=range(24)
    ),
    quick=grid(
        Case, n=[30], d=[6], k=[30], p=[2.0, math.inf], sharpness=[20.0, 40.0, 80.0, 160.0], seed=range(16)
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=rate(order=2, along="sharpness", allowed=0.15, by="p"),
    looks=3,
)

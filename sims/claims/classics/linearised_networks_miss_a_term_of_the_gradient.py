r"""Almost everywhere, the input gradient of the linearised ReLU network of width $m$ that interpolates the data
is within $O(m^{-1/2})$ of $\sum_i a_i\,(\nabla_x k_{\rm nngp}(x,x_i)+k_0\,x_i)$, $a=K^{-1}y$. This is not the
gradient of its infinite-width limit: that has the further term $\sum_i a_i\langle x,x_i\rangle\nabla_x k_0$, which
a finite width puts into jumps.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from sims import sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import rate
from theory.kernel_regression import ntk_regression
from theory.linearised_gradient import linearised_gradient


@dataclass(frozen=True)
class Case:
    """n Gaussian points in d dimensions, k points at which the gradient is taken, m hidden units."""

    n: int
    d: int
    k: int
    m: int
    seed: int


def data(case: Case) -> tuple[Array, Array, Array]:
    """Points, labels ±1 of a teacher, and fresh points: the same at every width."""
    stream = rng(replace(case, m=0), "data")
    X = sample.inputs(stream, case.n, case.d)
    return X, sample.labels(X, sample.teacher(stream, case.d)), sample.inputs(stream, case.k, case.d)


def predict(case: Case) -> Array:
    """The mean of the derivatives of the features, with the coefficients of the interpolator."""
    X, y, Z = data(case)
    gradient: Array = linearised_gradient(Z, X, ntk_regression(X, y, np.zeros(1)).A)[0]
    return gradient


def rival(case: Case) -> Array:
    """The gradient of the limit."""
    X, y, Z = data(case)
    gradient: Array = ntk_regression(X, y, np.zeros(1)).gradient(Z)[0]
    return gradient


def simulate(case: Case) -> Observation:
    """One network drawn and linearised: its features, the interpolator of least norm, its gradient by hand."""
    X, y, Z = data(case)
    stream = rng(case, "network")
    W, u = stream.standard_normal((case.m, case.d)), stream.standard_normal(case.m)
    pre = X @ W.T
    hidden, on = np.maximum(pre, 0), u * (pre > 0)
    K = 2 / case.m * (hidden @ hidden.T + (on @ on.T) * (X @ X.T))
    a = math.sqrt(2 / case.m) * np.linalg.solve(K, y)
    outer, inner = a @ hidden, (a[:, None] * on).T @ X
    return Observation(math.sqrt(2 / case.m) * (Z @ W.T > 0) @ (outer[:, None] * W + u[:, None] * inner))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Tsilivis & Kempe 2022 for the gradient of the kernel; the missing term is derived here",
    assumptions={r"$m > n$": lambda c: c.m > c.n},
    cases=grid(Case, n=[40], d=[10], k=[50], m=[1000, 4000, 16000, 64000], seed=range(64)),
    quick=grid(Case, n=[20], d=[5], k=[20], m=[250, 1000, 4000, 16000], seed=range(64)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=rate(order=1 / 2, along="m", allowed=0.15),
    looks=2,
)

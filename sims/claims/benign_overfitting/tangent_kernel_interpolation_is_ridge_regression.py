r"""In high dimension the interpolator of the tangent kernel has the gradient of a linear ridge regression that
cannot be switched off, with $n\lambda_{\rm eff}=\operatorname{tr}\Sigma\,(1-1/\pi)$: its mean squared length is
that of the linear surrogate $K\approx b\,\mathbf 1\mathbf 1^\top+XX^\top+\operatorname{tr}\Sigma\,(1-1/\pi)\,I$.
With noisy labels it still grows with $n$, if more slowly than that of the minimum-norm linear interpolator.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch

from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import mean_equal
from theory.interpolation import min_norm
from theory.tangent_linear import surrogate_gradient

NOISE = 0.5


@dataclass(frozen=True)
class Case:
    """n points in 2 n^1.5 dimensions, one of variance 1 and a flat tail of total variance √n; k fresh points."""

    n: int
    k: int
    seed: int


def spectrum(case: Case) -> Array:
    """The variances of the coordinates."""
    p = int(2 * case.n**1.5)
    return np.append(1.0, np.full(p - 1, math.sqrt(case.n) / (p - 1)))


def data(case: Case) -> tuple[Array, Array, Array]:
    """Points, their first coordinates with noise as labels, and fresh points."""
    stream, lams = rng(case, "data"), spectrum(case)
    X = stream.standard_normal((case.n, len(lams))) * np.sqrt(lams)
    y = X[:, 0] + NOISE * stream.standard_normal(case.n)
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


def tangent_kernel(X: torch.Tensor, Z: torch.Tensor) -> torch.Tensor:
    """|x||z| (2 u (π − arccos u) + sin)/π, as on paper; the diagonal of a square matrix is not accurate."""
    lengths = torch.outer(X.norm(dim=1), Z.norm(dim=1))
    u = (X @ Z.T / lengths).clamp(-1, 1)
    return lengths * (2 * u * (math.pi - torch.arccos(u)) + torch.sqrt(1 - u**2)) / math.pi


def simulate(case: Case) -> Observation:
    """The interpolator, differentiated automatically at fresh points."""
    X, y, Z = (torch.from_numpy(array) for array in data(case))
    K = tangent_kernel(X, X)
    K[range(case.n), range(case.n)] = 2 * torch.sum(X**2, dim=1)
    a = torch.linalg.solve(K, y)
    Z.requires_grad_()
    (gradient,) = torch.autograd.grad((tangent_kernel(Z, X) @ a).sum(), Z)
    squared = torch.sum(gradient**2, dim=1)
    return Observation(squared.mean().reshape(1).numpy(), squared.std().reshape(1).numpy() / math.sqrt(case.k))


CLAIM = Claim(
    statement=__doc__ or "",
    source="the tangent-kernel section of the paper; linearisation after El Karoui 2010, constants derived here",
    assumptions={r"$2n^{3/2}>n$": lambda c: c.n >= 2},
    cases=grid(Case, n=[100, 200, 300], k=[50], seed=range(16)),
    quick=grid(Case, n=[60, 120], k=[50], seed=range(16)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.06, by="n"),
)

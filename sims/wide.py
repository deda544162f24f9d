"""Networks of infinite width: the interpolator of the two-layer tangent kernel, differentiated automatically."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float
from torch import Tensor

from sims import attack

Array = npt.NDArray[np.float64]
Seen = Callable[[Array], tuple[Array, Array]]  # points to outputs and input gradients
STEPS = 20  # of the ascent on each point's error


@dataclass(frozen=True)
class Interpolator:
    """f(x) = Σ_j a_j k(x, x_j) with f(x_j) = y_j."""

    X: Float[Tensor, "n d"]
    a: Float[Tensor, " n"]

    def seen(self, Z: Float[Array, "k d"]) -> tuple[Float[Array, " k"], Float[Array, "k d"]]:
        """The outputs f(z_i) and gradients ∇f(z_i), at points on no ray of the training set."""
        points = torch.from_numpy(Z).requires_grad_()
        f = tangent_kernel(points, self.X) @ self.a
        (gradient,) = torch.autograd.grad(f.sum(), points)
        return f.detach().numpy(), gradient.numpy()


def interpolate(X: Float[Array, "n d"], y: Float[Array, " n"]) -> Interpolator:
    """The interpolator of least norm."""
    points = torch.from_numpy(X)
    K = tangent_kernel(points, points)
    K[range(len(y)), range(len(y))] = 2 * torch.sum(points**2, dim=1)
    return Interpolator(points, torch.linalg.solve(K, torch.from_numpy(y)))


def tangent_kernel(X: Float[Tensor, "n d"], Z: Float[Tensor, "k d"]) -> Float[Tensor, "n k"]:
    """|x||z| (2 u (π − arccos u) + √(1 − u²))/π with u the cosine; not accurate at u = 1.

    The limit for f(x) = √(2/m) Σ_j a_j relu(⟨w_j, x⟩), a_j and w_j standard normal.
    """
    lengths = torch.outer(X.norm(dim=1), Z.norm(dim=1))
    u = (X @ Z.T / lengths).clamp(-1, 1)
    return lengths * (2 * u * (math.pi - torch.arccos(u)) + torch.sqrt(1 - u**2)) / math.pi


def risks(
    seen: Seen, Z: Float[Array, "k d"], truth: Float[Array, " k"], eps: float, rng: np.random.Generator
) -> Float[Array, " 2"]:
    """Mean squared errors at the points Z: clean, and after an ℓ2 attack eps that raises each error by ascent."""
    error = seen(Z)[0] - truth
    against = -np.where(error < 0, -1.0, 1.0)

    def margins(V: Array) -> tuple[Array, Array]:
        f, gradient = seen(V)
        return against * f, against[:, None] * gradient

    found = attack.search(margins, Z, eps, 2.0, rng=rng, steps=STEPS)
    return np.array([np.mean(error**2), np.mean((against * found.margins - truth) ** 2)])

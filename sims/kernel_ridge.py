"""Kernel ridge regression along a path of penalties, and the exact gradients of its predictors.

Three kernels whose gradient in x is alpha x + beta z, so that the gradients of a whole path are products of
matrices. One eigendecomposition gives every penalty.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from sims.descent import conjugate, lengths

Array = npt.NDArray[np.float64]

COINCIDENT = 1e-7  # sines below this are rounding: the points lie on one line, where the kernel has a kink
BLOCK = 256  # points at a time


@dataclass(frozen=True)
class Slopes:
    """k(x_i, z_j), and its gradient in x_i as alpha_ij x_i + beta_ij z_j."""

    K: Float[Array, "n k"]
    alpha: Float[Array, "n k"]
    beta: Float[Array, "n k"]


Kernel = Callable[[Array, Array], Slopes]


@dataclass(frozen=True)
class Path:
    """The predictors f_r = Σ_j A_rj k(·, x_j), one for each penalty; labels in a stack put their axes first."""

    kernel: Kernel
    X: Float[Array, "n d"]
    A: Float[Array, "*B r n"]

    def predict(self, Z: Float[Array, "k d"]) -> Float[Array, "*B r k"]:
        """f_r(z_i)."""
        return np.asarray(self.A @ self.kernel(Z, self.X).K.T)

    def gradient_norms(self, Z: Float[Array, "k d"], p: float = 2.0) -> Float[Array, "*B r k"]:
        """‖∇f_r(z_i)‖_q with 1/p + 1/q = 1: the rate at which small perturbations in ℓp move f_r."""
        slopes, A = self.kernel(Z, self.X), self.A.reshape(-1, len(self.X))
        out = np.empty((len(A), len(Z)))
        for i, (z, alpha, beta) in enumerate(zip(Z, slopes.alpha, slopes.beta, strict=True)):
            out[:, i] = lengths((A * beta) @ self.X + np.outer(A @ alpha, z), conjugate(p))
        return out.reshape(*self.A.shape[:-1], len(Z))

    def at(
        self, Z: Float[Array, "k d"], which: npt.NDArray[np.intp]
    ) -> tuple[Float[Array, " k"], Float[Array, "k d"]]:
        """f_r(z_i) and ∇f_r(z_i) with r = which[i]: each point has its own predictor."""
        A, value, gradient = self.A.reshape(-1, len(self.X)), np.empty(len(Z)), np.empty(Z.shape)
        for start in range(0, len(Z), BLOCK):
            part = slice(start, start + BLOCK)
            slopes, a = self.kernel(Z[part], self.X), A[which[part]]
            value[part] = np.sum(slopes.K * a, axis=1)
            gradient[part] = np.sum(slopes.alpha * a, axis=1)[:, None] * Z[part] + (slopes.beta * a) @ self.X
        return value, gradient


def ridge(X: Float[Array, "n d"], y: Float[Array, "*B n"], lams: Float[Array, " r"], kernel: Kernel) -> Path:
    """(K + n lam I) a = y for each lam > 0, from K = V diag(s) Vᵀ.

    Errors: relative error of order u · (s₁ + n lam)/(s_n + n lam), u the machine precision.
    Raises:
        ValueError: if a lam is not positive and finite, or X and y disagree in length or are not finite.
    """
    X, y, lams = (np.asarray(array, dtype=np.float64) for array in (X, y, lams))
    if X.ndim != 2 or y.shape[-1:] != (len(X),) or not (np.isfinite(X).all() and np.isfinite(y).all()):
        raise ValueError(f"X (n, d) and y (…, n) must be finite and agree, got shapes {X.shape} and {y.shape}")
    if lams.ndim != 1 or not ((lams > 0) & np.isfinite(lams)).all():
        raise ValueError(f"lams must be a path of numbers > 0, got {lams}; a tiny one stands for interpolation")
    s, V = np.linalg.eigh(kernel(X, X).K)
    return Path(kernel, X, ((y @ V)[..., None, :] / (s + len(X) * lams[:, None])) @ V.T)


def named(name: str, X: Float[Array, "n d"]) -> tuple[Kernel, float]:
    """The tangent kernel, or the Gaussian one with its usual width; and that width, NaN where there is none.

    Raises:
        ValueError: if the name is neither tangent nor gaussian, or all points of X coincide.
    """
    if name == "tangent":
        return tangent, math.nan
    if name == "gaussian":
        width = median_distance(X)
        return gaussian(width), width
    raise ValueError(f"kernel must be tangent or gaussian, got {name!r}")


def penalties(X: Float[Array, "n d"], kernel: Kernel, shares: Float[Array, " r"]) -> Float[Array, " r"]:
    """Penalties as shares of the mean of k(x_i, x_i), so that their scale is that of the kernel."""
    return np.asarray(shares * np.mean(np.diag(kernel(X, X).K)))


def tangent(X: Float[Array, "n d"], Z: Float[Array, "k d"]) -> Slopes:
    """|x||z| (2u(π − θ) + sin θ)/π, u = cos θ: both layers of √(2/m) Σ a_j relu(⟨w_j, x⟩) trained, m → ∞.

    On one ray, where it has a kink, the two one-sided gradients are averaged.
    """
    theta, u, sine = angles(X, Z)
    return homogeneous(
        X, Z, u, (2 * u * (math.pi - theta) + sine) / math.pi, (2 * (math.pi - theta) + over(u, sine)) / math.pi
    )


def linear(X: Float[Array, "n d"], Z: Float[Array, "k d"]) -> Slopes:
    """⟨x, z⟩."""
    K = X @ Z.T
    return Slopes(K, np.zeros_like(K), np.ones_like(K))


def gaussian(width: float) -> Kernel:
    """exp(−|x − z|²/(2 width²)).

    Raises:
        ValueError: if width is not positive.
    """
    if not 0 < width < math.inf:
        raise ValueError(f"width must be a number > 0, got {width}")

    def kernel(X: Float[Array, "n d"], Z: Float[Array, "k d"]) -> Slopes:
        K = np.exp(-squared_distances(X, Z) / (2 * width**2))
        return Slopes(K, -K / width**2, K / width**2)

    return kernel


def median_distance(X: Float[Array, "n d"]) -> float:
    """The median of |x_i − x_j| over pairs: the usual width of a Gaussian kernel."""
    return float(np.sqrt(np.median(squared_distances(X, X)[np.triu_indices(len(X), 1)])))


def squared_distances(X: Float[Array, "n d"], Z: Float[Array, "k d"]) -> Float[Array, "n k"]:
    """|x_i − z_j|²."""
    return np.asarray(np.maximum(np.sum(X**2, axis=1)[:, None] + np.sum(Z**2, axis=1) - 2 * X @ Z.T, 0))


def angles(
    X: Float[Array, "n d"], Z: Float[Array, "k d"]
) -> tuple[Float[Array, "n k"], Float[Array, "n k"], Float[Array, "n k"]]:
    """θ, its cosine and its sine."""
    u = (X / size(X)[:, None]) @ (Z / size(Z)[:, None]).T
    on_ray = 1 - np.abs(u) < COINCIDENT**2  # an arc cosine would magnify their rounding
    u[on_ray] = np.rint(u[on_ray])
    return np.arccos(u), u, np.sqrt((1 - u) * (1 + u))


def homogeneous(X: Array, Z: Array, u: Array, h: Array, slope: Array) -> Slopes:
    """|x||z| h(u), of gradient |z|(h − u h′) x/|x| + h′ z."""
    norms, others = np.linalg.norm(X, axis=1)[:, None], np.linalg.norm(Z, axis=1)
    return Slopes(h * norms * others, (h - u * slope) / size(X)[:, None] * others, slope)


def size(X: Float[Array, "n d"]) -> Float[Array, " n"]:
    """The lengths of the rows; a zero row, which has no angle to anything, counts as of length 1."""
    norms = np.linalg.norm(X, axis=1)
    return np.where(norms > 0, norms, 1.0)


def over(u: Float[Array, "n k"], sine: Float[Array, "n k"]) -> Float[Array, "n k"]:
    """u/sin θ, 0 on one ray."""
    return np.divide(u, sine, out=np.zeros_like(u), where=sine > COINCIDENT)

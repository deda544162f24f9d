"""The variance of the tangent kernel of a finite two-layer ReLU network, exact at every width."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import arc_cosine, checks


def ntk_variance(X: Float[Array, "n d"], Z: Float[Array, "k d"], *, fourth: float = 3.0) -> Float[Array, "n k"]:
    """The variance m Var Theta_m(x, z) of the tangent kernel of f(x) = √(2/m) Σ a_j relu(⟨w_j, x⟩).

    Here w_j ~ N(0, I), E a_j² = 1 and E a_j⁴ = `fourth`, all independent and all trained. Theta_m is the mean over
    units of 2s + 2a²(x·z)b with s = relu(⟨w, x⟩) relu(⟨w, z⟩) and b = 1 where both are active. On unit vectors at
    angle theta, u = cos theta, E b = k0/2, E s = E sb = k1/2 and E s² = J2/(2π) with k0 = 1 − theta/π,
    k1 = (u(π − theta) + sin theta)/π, J2 = 3u sin theta + (π − theta)(1 + 2u²); so

        m Var Theta_m = 2 fourth u² k0 + 4u k1 + 2 J2/π − (u k0 + k1)²,

    times (‖x‖‖z‖)². On the diagonal of Gaussian networks it is 12.

    Errors: a few units in the last place of the largest term.
    Raises:
        ValueError: if X and Z differ in dimension, hold a zero row or entries that are not finite, or fourth < 1.
    Source: Cho & Saul 2009 for k0, k1, J2.
    """
    X, Z = (checks.real(points, name, 2, reach=checks.CUBE) for points, name in ((X, "X"), (Z, "Z")))
    if not checks.finite(fourth, "fourth") >= 1:
        raise ValueError(f"fourth must be at least 1 = (E a²)², got {fourth}; 3 for Gaussian weights")
    if X.shape[1] != Z.shape[1]:
        raise ValueError(f"X and Z must have as many columns, got {X.shape} and {Z.shape}")
    size, other = np.linalg.norm(X, axis=1)[:, None], np.linalg.norm(Z, axis=1)
    if not (size > 0).all() or not (other > 0).all():
        raise ValueError("rows of X and Z must not be 0: an angle is needed; drop such rows")
    A, B = (X / size)[:, None, :], (Z / other[:, None])[None, :, :]
    near, far = np.linalg.norm(A - B, axis=2), np.linalg.norm(A + B, axis=2)
    theta, phi = 2 * np.arctan2(near, far), 2 * np.arctan2(far, near)  # θ and π − θ, neither by subtraction
    u, v = np.cos(theta), np.sin(theta)
    k0, k1 = phi / np.pi, arc_cosine.fold(phi) / np.pi
    J2 = 3 * u * v + phi * (1 + 2 * u**2)
    per_unit = 2 * fourth * u**2 * k0 + 4 * u * k1 + 2 * J2 / np.pi - (u * k0 + k1) ** 2
    return np.asarray((size * other) ** 2 * per_unit)

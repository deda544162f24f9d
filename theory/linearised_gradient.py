"""The input gradient of a linearised two-layer ReLU network: the kernel's gradient, short of one term.

Between the hyperplanes on which a unit switches, the features relu(⟨w, x⟩) and a 1{⟨w, x⟩ > 0} x of the linearised
network are smooth, and their derivatives do not see the switching. The first are continuous, so in the mean
nothing is lost; the second are not: of ∇(⟨x, z⟩ k0) only k0 z remains.
"""

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory.classical_kernels import weighted
from theory.kernels import gaussian_process


def linearised_gradient(
    X: Float[Array, "n d"], Z: Float[Array, "k d"], A: Float[Array, "r k"]
) -> Float[Array, "r n d"]:
    """Σ_j A_rj (∇ₓ nngp(x_i, z_j) + k0 z_j), with k0 = 1 − θ/π: the limit m → ∞ of the gradient almost everywhere.

    `theory.kernels.tangent().gradient` is the gradient of the limit. It has the further term
    Σ_j A_rj ⟨x_i, z_j⟩ ∇ₓ k0, which every finite width puts into jumps.

    Errors: 1e-8 of Σ |A_j||z_j| where x is parallel to a z_j, 1e-13 else.
    Raises:
        ValueError: on bad input.
    Source: Tsilivis & Kempe, What can the neural tangent kernel tell us about adversarial robustness?, NeurIPS
        2022, for the gradient; the difference by exchanging limit and derivative term by term.
    """
    X, Z, A = weighted(X, Z, A)
    length, length_z = np.linalg.norm(X, axis=1), np.linalg.norm(Z, axis=1)
    scale = np.outer(np.where(length > 0, length, 1), np.where(length_z > 0, length_z, 1))
    k0 = np.arccos(-np.clip(X @ Z.T / scale, -1, 1)) / np.pi
    return np.asarray(gaussian_process().gradient(X, Z, A) + np.stack([(k0 * a) @ Z for a in A]))

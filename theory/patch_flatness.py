"""Average-case flatness of the robust loss of the patch network on fresh points, for the cubic activation.

There a margin is what is left of the signal, g³U, plus symmetric noise V, both small, and log(1 + e^{−margin}) is
log 2 − margin/2 + margin²/8 + O(margin⁴): random weights ν on a sphere are seen through the variance of V that
they add, and hardly through the signal. Added variance is known by Isserlis' theorem.
"""

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory.checks import amount
from theory.patch_errors import noise_covariance
from theory.patch_model import PatchModel


def added_variance(model: PatchModel, W: Float[Array, "m d"], w_star: Float[Array, " d"], radius: float) -> float:
    """E Var V(W + ν) − Var V(W) for the ν of entries N(0, s²), s = radius/√(md).

    On a noise patch each neuron gains an independent N(0, t), t = s² sigma² (d − 1), and the variance grows by
    (P − 1)[18t Σ_rs C_rr C_rs + 9t² Σ_rs C_rs + Σ_r (27t C_rr² + 36t² C_rr + 15t³)], C as in `noise_covariance`.

    Errors: rounding; ν on the sphere of this radius, and ‖X[j]‖² in place of its mean, change it by O(1/d).
    Raises:
        ValueError: if the power is not 3, the radius is negative, W does not fit the model, or on bad input.
    """
    cubic(model)
    C, t = noise_covariance(model, W, w_star), variance(model, radius) * model.energy
    own = np.diag(C)
    pairs = 18 * t * float(own @ C.sum(axis=1)) + 9 * t**2 * float(C.sum())
    return (model.patches - 1) * (pairs + float(np.sum(27 * t * own**2 + 36 * t**2 * own + 15 * t**3)))


def average_flatness(
    model: PatchModel, W: Float[Array, "m d"], w_star: Float[Array, " d"], radius: float
) -> float:
    """E R(W + ν) − R(W) on fresh points, ν uniform on the sphere: added variance/8 − g³ 3s² Σ u_r/2.

    Errors: terms of fourth order in the margins; and U must stay positive under ν, or the attack turns it against
        the network: U ≫ max_r u_r² s.
    Raises:
        ValueError: as `added_variance`.
    """
    added = added_variance(model, W, w_star, radius)
    signal = 3 * variance(model, radius) * float((np.asarray(W) @ w_star).sum())  # what ν adds to U on average
    return added / 8 - model.left**3 * signal / 2


def variance(model: PatchModel, radius: float) -> float:
    """Of an entry of ν: radius²/(md)."""
    return amount(radius, "radius") ** 2 / (model.m * model.d)


def cubic(model: PatchModel) -> None:
    """Refuse other activations, whose moments are others."""
    if model.power != 3:
        raise ValueError(
            f"the power must be 3, got {model.power}: moments are worked out for the cubic activation"
        )

"""Flatness of the robust loss of the patch network: on average over spheres of weights, and at worst in balls.

The weights are one tensor, ‖ν‖ ≤ radius a ball around it, and the signal patch is attacked anew at every W + ν.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from sims import patch
from sims.patch import PatchData

Array = npt.NDArray[np.float64]


def average(
    W: Float[Array, "m d"],
    data: PatchData,
    power: float,
    left: float,
    radius: float,
    rng: np.random.Generator,
    *,
    pairs: int,
    signs: Sequence[float] = (1.0,),
) -> float:
    """The mean of R(W + ν) − R(W), ν uniform on the sphere of this radius: so many draws, each with its opposite.

    With signs (1, −1) it is over the images and the same with their noise reversed, which is distributed alike;
    the odd parts of the noise then cancel.
    """
    A, seen = patch.signed_noise(data), []
    for _ in range(pairs):
        change = rng.standard_normal(W.shape)
        change *= radius / np.linalg.norm(change)
        for there in (W + change, W - change):
            seen.append(np.mean([robust_loss(there, sign * A, data, power, left) for sign in signs]))
    at_rest = np.mean([robust_loss(W, sign * A, data, power, left) for sign in signs])
    return float(np.mean(seen) - at_rest)


def worst(
    W: Float[Array, "m d"],
    data: PatchData,
    power: float,
    left: float,
    radius: float,
    rng: np.random.Generator,
    *,
    steps: int,
    step: float = 0.25,
) -> float:
    """The largest R(W + ν) − R(W) along projected ascent in ‖ν‖ ≤ radius, from below; steps are in radii.

    The largest value is kept, ν = 0 among them, so that more steps never find less.
    """
    A, change = patch.signed_noise(data), rng.standard_normal(W.shape)
    change *= radius * rng.random() / np.linalg.norm(change)
    at_rest = top = robust_loss(W, A, data, power, left)
    for _ in range(steps):
        loss, gradient = loss_and_gradient(W + change, A, data, power, left)
        top = max(top, loss)
        change = change + step * radius * gradient / max(float(np.linalg.norm(gradient)), np.finfo(float).tiny)
        change *= min(1.0, radius / max(float(np.linalg.norm(change)), np.finfo(float).tiny))
    return max(top, robust_loss(W + change, A, data, power, left)) - at_rest


def robust_loss(
    W: Float[Array, "m d"], A: Float[Array, "R d"], data: PatchData, power: float, left: float
) -> float:
    """R(W), the mean of log(1 + e^{−margin}) at the worst shifts of the signal; A are the signed noise patches."""
    return float(np.logaddexp(0, -worst_margins(W, A, data, power, left)[0]).mean())


def loss_and_gradient(
    W: Float[Array, "m d"], A: Float[Array, "R d"], data: PatchData, power: float, left: float
) -> tuple[float, Float[Array, "m d"]]:
    """R and its gradient, the shift kept."""
    margins, u, z, gain = worst_margins(W, A, data, power, left)
    pull = np.exp(-np.logaddexp(0, margins)) / len(margins)  # minus the slope of the mean loss in each margin
    each = np.repeat(pull, len(A) // len(pull))[:, None]
    along = -gain * pull.sum() * power * np.abs(u) ** (power - 1)
    gradient = np.outer(along, data.w_star) - (each * power * np.abs(z) ** (power - 1)).T @ A
    return float(np.logaddexp(0, -margins).mean()), gradient


def worst_margins(
    W: Float[Array, "m d"], A: Float[Array, "R d"], data: PatchData, power: float, left: float
) -> tuple[Float[Array, " n"], Float[Array, " m"], Float[Array, "R m"], float]:
    """The least margins, the components of signal and noise, and the factor of the signal's sum in the margins.

    The worst shift leaves `left` of each signal if their sum is positive, else it stretches all to 2 alpha − left.
    """
    u, z = W @ data.w_star, A @ W.T
    signal = float(patch.odd_power(u, power).sum())
    kept = left if signal >= 0 else 2 * data.alpha - left
    gain = float(patch.odd_power(np.array(kept), power))
    noise = patch.odd_power(z, power).sum(-1).reshape(len(data.y), -1).sum(-1)
    return gain * signal + noise, u, z, gain

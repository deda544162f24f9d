"""Average-case flatness: how much the clean or robust loss grows on spheres of weights around a classifier.

With R(w) the mean over points of max_{‖δ‖ ≤ eps} loss, or of the loss itself where there is no attack, it is
E R(w + ν) − R(w), ν uniform on the sphere of each block of a ball of weights. The adversary searches anew for each
ν, with the steps, the restarts and the random starts that it has at w.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from sims import losses, weight_ball
from sims.classifier import Classifier
from sims.landscape import attacked, generators, mean_loss, seeds
from sims.losses import Loss
from sims.network_attack import Attack
from sims.weight_ball import WeightBall


@dataclass(frozen=True)
class Average:
    """The loss at the weights and at each draw of them.

    Attributes:
        reference: R(w).
        draws: R(w + ν), a column for each ν.
    """

    reference: Float[Tensor, " B"]
    draws: Float[Tensor, "B k"]

    @property
    def flatness(self) -> Float[Tensor, " B"]:
        """The mean of R(w + ν) − R(w)."""
        return self.draws.mean(1) - self.reference


@torch.no_grad()
def average(
    net: Classifier,
    X: Tensor,
    y: Tensor,
    ball: WeightBall,
    rngs: Sequence[np.random.Generator],
    attack: Attack | None = None,
    *,
    draws: int = 10,
    mirrored: bool = False,
    frozen: bool = False,
    loss: Loss = losses.cross_entropy,
) -> Average:
    """Average-case flatness of each member; without an attack that of the clean loss.

    Generators that draw the same numbers (`weight_ball.common`) give all members the same directions and starts.
    More draws continue the sequence of fewer. Mirrored, every second ν is minus the one before, so that the terms
    of odd order in ν cancel. Frozen, the points are attacked once, at w.

    Errors: that of a mean of `draws` values; attacks that search find no more than there is, on either side.
    Raises:
        ValueError: if shapes do not fit, draws < 1 (or odd and mirrored), or what is frozen is no attack.
    Source: Stutz, Hein & Schiele 2021, average-case flatness.
    """
    if draws < 1 or (mirrored and draws % 2):
        raise ValueError(f"draws must be at least 1, and even where they come mirrored in pairs, got {draws}")
    starts, directions = seeds(rngs), generators(seeds(rngs))
    if frozen:
        if attack is None:
            raise ValueError("frozen needs an attack, whose points at w are kept")
        X, attack = attacked(net, X, y, attack, starts), None
    reference = mean_loss(net, X, y, attack, starts, loss)
    columns: list[Tensor] = []
    change: list[Tensor] = []
    for k in range(draws):
        flip = mirrored and k % 2 == 1
        change = [-v for v in change] if flip else weight_ball.sphere(ball, net, directions)
        there = weight_ball.shifted(net, change, ball.only)
        columns.append(mean_loss(there, X, y, attack, starts, loss))
    return Average(reference, torch.stack(columns, 1))

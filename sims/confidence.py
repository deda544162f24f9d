"""How sure classifiers are: probabilities of the softmax, and by how much the label leads."""

import torch
from jaxtyping import Float
from torch import Tensor

from sims import losses


def confidence(F: Float[Tensor, "B n K"]) -> Float[Tensor, "B n"]:
    """The largest probability, whatever the label."""
    return losses.pair(F).softmax(-1).amax(-1)


def probability_margins(F: Float[Tensor, "B n K"], y: Tensor) -> Float[Tensor, "B n"]:
    """p_y − max_{j≠y} p_j, in [−1, 1]; for a single output f with labels ±1 this is tanh(y f/2)."""
    if F.shape[-1] == 1:
        return torch.tanh(y * F[..., 0] / 2)
    P = F.softmax(-1)
    return losses.chosen(P, y) - losses.others(P, y).amax(-1)


def mean_where(values: Float[Tensor, "B n"], chosen: Tensor) -> Float[Tensor, " B"]:
    """The mean of the values that are chosen, NaN where none is."""
    return (values * chosen).sum(-1) / chosen.sum(-1)

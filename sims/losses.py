"""Losses of a classifier's outputs, each with the direction in which it grows and the weight of that direction.

The gradient in the outputs is weight × direction. An adversary follows the direction alone: it has length of order
one however well a point is classified, where the gradient itself would be lost to rounding.

K outputs have labels 0 … K − 1; a single output f has labels ±1, and stands for the margin y f.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

Function = Callable[[Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Loss:
    """A loss of outputs (B, n, K) against a target whose first axes are (B, n).

    Attributes:
        values: the loss of each point, (B, n).
        directions: of the gradient in the outputs, (B, n, K).
        weights: the positive factor that makes the direction the gradient, (B, n).
    """

    values: Function
    directions: Function
    weights: Function


def margins(F: Float[Tensor, "B n K"], y: Tensor) -> Float[Tensor, "B n"]:
    """The margin, y f or F_y − max_{j≠y} F_j: a point is misclassified where it is not positive."""
    if F.shape[-1] == 1:
        return F[..., 0] * y
    return chosen(F, y) - others(F, y).amax(-1)


def soft_margins(F: Float[Tensor, "B n K"], y: Tensor) -> Float[Tensor, "B n"]:
    """The soft margin, y f or F_y − log Σ_{j≠y} exp F_j."""
    if F.shape[-1] == 1:
        return F[..., 0] * y
    return chosen(F, y) - torch.logsumexp(others(F, y), -1)


def away(F: Float[Tensor, "B n K"], y: Tensor) -> Float[Tensor, "B n K"]:
    """Minus the gradient of the soft margin: −y, or the softmax of the other classes minus e_y."""
    if F.shape[-1] == 1:
        return -y[..., None].to(F.dtype).expand_as(F)
    u = others(F, y)
    shares = (u - u.amax(-1, keepdim=True)).exp_()  # over few classes softmax itself takes twice as long
    return shares.div_(shares.sum(-1, keepdim=True)).scatter_(-1, y[..., None], -1.0)


def runner_up(F: Float[Tensor, "B n K"], y: Tensor) -> Float[Tensor, "B n K"]:
    """Minus the gradient of the margin: −y, or e_j − e_y with j the best of the other classes."""
    if F.shape[-1] == 1:
        return away(F, y)
    best = others(F, y).argmax(-1, keepdim=True)
    return torch.zeros_like(F).scatter_(-1, best, 1.0).scatter_(-1, y[..., None], -1.0)


def chosen(F: Float[Tensor, "B n K"], y: Tensor) -> Float[Tensor, "B n"]:
    """F_y."""
    return F.gather(-1, y[..., None])[..., 0]


def others(F: Float[Tensor, "B n K"], y: Tensor) -> Float[Tensor, "B n K"]:
    """F with −∞ in place of F_y."""
    return F.scatter(-1, y[..., None], -torch.inf)


def diverged(F: Float[Tensor, "B n K"], reference: Float[Tensor, "B n K"]) -> Float[Tensor, "B n"]:
    """KL(p ‖ p') with p' = softmax F and p = softmax of the reference."""
    log_p = pair(reference).log_softmax(-1)
    return (log_p.exp() * (log_p - pair(F).log_softmax(-1))).sum(-1)


def difference(F: Float[Tensor, "B n K"], reference: Float[Tensor, "B n K"]) -> Float[Tensor, "B n K"]:
    """The difference p' − p, the gradient of KL(p ‖ p') in F."""
    change = pair(F).softmax(-1) - pair(reference).softmax(-1)
    return change if F.shape[-1] > 1 else change[..., :1]


def pair(F: Float[Tensor, "B n K"]) -> Tensor:
    """A single output as the two (f, 0), whose softmax gives the class +1 the probability σ(f)."""
    return F if F.shape[-1] > 1 else torch.cat([F, torch.zeros_like(F)], -1)


def ones(F: Tensor, _: Tensor) -> Tensor:
    """Weight 1 for each point."""
    return F.new_ones(()).expand(F.shape[:-1])


cross_entropy = Loss(
    lambda F, y: torch.nn.functional.softplus(-soft_margins(F, y)),
    away,
    lambda F, y: torch.sigmoid(-soft_margins(F, y)),
)
"""log(1 + exp(−soft margin)): minus the log of the probability of the label."""

exponential = Loss(lambda F, y: (-soft_margins(F, y)).exp(), away, lambda F, y: (-soft_margins(F, y)).exp())
"""exp(−soft margin)."""

margin = Loss(lambda F, y: -margins(F, y), runner_up, ones)
"""Minus the margin; at 0 and above a point is misclassified."""

divergence = Loss(diverged, difference, ones)
"""KL(p ‖ p') from fixed outputs, the target, to those of the classifier; where they agree its gradient is 0."""

"""Losses that a step descends where a point is seen more than once: smoothed, boosted, or beside a divergence.

Each takes the outputs at the examples and has a value for each point of the batch, and the gradient of their mean
in the outputs.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from sims import losses
from sims.losses import Loss
from sims.rotations import TURNS


@dataclass(frozen=True)
class Examples:
    """Points that a step is taken at, their labels, and the turns of the last ones where there are any."""

    X: Float[Tensor, "B k d"]
    y: Tensor
    turns: Int[Tensor, "B m"] | None = None


Measured = tuple[Float[Tensor, "B n"], Float[Tensor, "B k K"]]
Measure = Callable[[Tensor, Examples, Loss, Float[Tensor, "B 1 1"]], Measured]


def plain(F: Tensor, examples: Examples, loss: Loss, strength: Tensor) -> Measured:
    """The loss itself."""
    weights = loss.weights(F, examples.y) / F.shape[1]
    return loss.values(F, examples.y), loss.directions(F, examples.y) * weights[..., None]


def smooth(F: Tensor, examples: Examples, loss: Loss, strength: Tensor) -> Measured:
    """Cross-entropy of smoothed labels."""
    n, K = F.shape[1:]
    t = (1 - strength) * one_hot(F, examples.y) + strength / K
    log_p = F.log_softmax(-1)
    return -(t * log_p).sum(-1), (log_p.exp() - t) / n


def trades(F: Tensor, examples: Examples, loss: Loss, strength: Tensor) -> Measured:
    """The loss at the points and λ times the divergence from them."""
    n = examples.y.shape[1]
    at, away = F[:, :n], F[:, n:]
    values, slopes = plain(at, examples, loss, strength)
    far, moved, pull = diverging(at, away)
    return values + strength[..., 0] * far, torch.cat([slopes + strength / n * moved, strength / n * pull], 1)


def mart(F: Tensor, examples: Examples, loss: Loss, strength: Tensor) -> Measured:
    """The boosted loss at the attacked points and λ times the divergence, weighted by 1 − p_y."""
    n, y = examples.y.shape[1], examples.y
    at, away = F[:, :n], F[:, n:]
    values, slopes = plain(away, examples, loss, strength)
    q, e_y = away.softmax(-1), one_hot(away, y)
    best = one_hot(away, losses.others(away, y).argmax(-1))
    top = (q * best).sum(-1, keepdim=True)
    room = 1.0001 - top
    p = at.softmax(-1)
    p_y = (p * e_y).sum(-1, keepdim=True)
    far, moved, pull = diverging(at, away)
    values = values - room[..., 0].log() + (strength * (1 - p_y))[..., 0] * far
    in_at = strength * ((1 - p_y) * moved - far[..., None] * p_y * (e_y - p))
    in_away = top * (best - q) / room + strength * (1 - p_y) * pull
    return values, torch.cat([in_at / n, slopes + in_away / n], 1)


def supervised(F: Tensor, examples: Examples, loss: Loss, strength: Tensor) -> Measured:
    """The loss of the classes and λ times the mean loss of the turns."""
    n, turns = examples.y.shape[1], examples.turns
    assert turns is not None
    values, classes = plain(F[:, :n, :-TURNS], examples, loss, strength)
    missed, told = plain(F[:, n:, -TURNS:], Examples(examples.X, turns), loss, strength)
    slopes = torch.zeros_like(F)
    slopes[:, :n, :-TURNS], slopes[:, n:, -TURNS:] = classes, strength * told
    return values + strength[..., 0] * missed.mean(1, keepdim=True), slopes


def diverging(at: Float[Tensor, "B n K"], away: Float[Tensor, "B n K"]) -> tuple[Tensor, Tensor, Tensor]:
    """KL(p ‖ p') with p = softmax at, p' = softmax away, and its gradients in both."""
    log_p, log_q = at.log_softmax(-1), away.log_softmax(-1)
    p, ratio = log_p.exp(), log_p - log_q
    far = (p * ratio).sum(-1)
    return far, p * (ratio - far[..., None]), log_q.exp() - p


def one_hot(F: Float[Tensor, "B n K"], y: Int[Tensor, "B n"]) -> Float[Tensor, "B n K"]:
    """The vectors e_y."""
    return torch.zeros_like(F).scatter_(-1, y[..., None], 1.0)

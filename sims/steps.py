"""One step of every member of a stack: along the gradient, its signs, its largest entry, or Adam's ratio."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from sims.classifier import Classifier

DESCENTS = ("gradient", "sign", "coordinate", "adam")
FORGET, GUARD = 0.999, 1e-8  # Adam's mean of squares, and what keeps its ratio finite (Kingma & Ba 2015)


@dataclass
class Moments:
    """What a descent remembers of its gradients: their running sums, for Adam of squares too, and how many."""

    first: list[Tensor]
    second: list[Tensor]
    taken: int = 0


def moments(net: Classifier, descent: str, momentum: Tensor) -> Moments:
    """The memory that a descent begins with."""
    adam = descent == "adam"
    first = [torch.zeros_like(W) for W in net.parameters] if adam or momentum.any() else []
    return Moments(first, [torch.zeros_like(W) for W in net.parameters] if adam else [])


def descend(
    net: Classifier,
    gradients: list[Tensor],
    memory: Moments,
    descent: str,
    nesterov: bool,
    columns: dict[str, Tensor],
    factor: float,
) -> None:
    """One step of all members, in place, each with its rate, momentum and decay."""
    if columns["decay"].any():
        for W, g in zip(net.parameters, gradients, strict=True):
            g += column(columns["decay"], W) * W
    ways = gradients
    if descent == "adam":
        ways = ratios(gradients, memory, columns["momentum"])
    elif memory.first:
        for v, g in zip(memory.first, gradients, strict=True):
            v.mul_(column(columns["momentum"], v)).add_(g)
        ways = memory.first
        if nesterov:
            pairs = zip(memory.first, gradients, strict=True)
            ways = [g + column(columns["momentum"], v) * v for v, g in pairs]
    if descent == "sign":
        ways = [v.sign() for v in ways]
    elif descent == "coordinate":
        ways = largest(ways)
    for W, v in zip(net.parameters, ways, strict=True):
        W -= (factor * column(columns["rate"], W)) * v


def ratios(gradients: Sequence[Tensor], memory: Moments, momentum: Float[Tensor, "B 1 1"]) -> list[Tensor]:
    """Adam's direction: the mean of the gradients over the root of the mean of their squares, both unbiased."""
    memory.taken += 1
    ways = []
    for m, v, g in zip(memory.first, memory.second, gradients, strict=True):
        beta = column(momentum, m)
        m.mul_(beta).add_((1 - beta) * g)
        v.mul_(FORGET).addcmul_(g, g, value=1 - FORGET)
        ways.append(m / (1 - beta**memory.taken) / ((v / (1 - FORGET**memory.taken)).sqrt() + GUARD))
    return ways


def largest(gradients: Sequence[Tensor]) -> list[Tensor]:
    """The entry of largest size over all tensors of a member, and 0 elsewhere."""
    flat = torch.cat([g.flatten(1) for g in gradients], 1)
    j = flat.abs().argmax(1, keepdim=True)
    alone = torch.zeros_like(flat).scatter_(1, j, flat.gather(1, j))
    parts = torch.split(alone, [g[0].numel() for g in gradients], 1)
    return [part.reshape(g.shape) for part, g in zip(parts, gradients, strict=True)]


def column(numbers: Float[Tensor, "B 1 1"], like: Tensor) -> Tensor:
    """One number per member, ready to multiply a tensor of any rank."""
    return numbers.reshape(-1, *[1] * (like.ndim - 1))

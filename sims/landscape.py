"""The clean or robust loss of classifiers as a function of their weights: at a point, along lines, over planes."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from sims import classifier, losses, stack, weight_ball
from sims.classifier import Classifier
from sims.losses import Loss
from sims.network_attack import Attack, aligned, pgd
from sims.weight_ball import Shift


def along(
    net: Classifier,
    X: Tensor,
    y: Tensor,
    direction: Shift,
    steps: Sequence[float],
    rngs: Sequence[np.random.Generator] = (),
    attack: Attack | None = None,
    *,
    only: Sequence[str] | None = None,
    loss: Loss = losses.cross_entropy,
) -> Float[Tensor, "B k"]:
    """R(w + t·direction) for each t of steps and each member, R the mean loss; attacked anew at each t.

    Directions: `weight_ball.sphere` draws random ones, the `change` of `flatness.worst` is adversarial, and
    `weight_ball.stretched` brings any other to the radius of a ball.

    Raises:
        ValueError: if shapes do not fit, or a random start has no generators.
    """
    nothing = [torch.zeros_like(v) for v in direction]
    return plane(net, X, y, (direction, nothing), steps, (0.0,), rngs, attack, only=only, loss=loss)[..., 0]


@torch.no_grad()
def plane(
    net: Classifier,
    X: Tensor,
    y: Tensor,
    directions: tuple[Shift, Shift],
    first: Sequence[float],
    second: Sequence[float],
    rngs: Sequence[np.random.Generator] = (),
    attack: Attack | None = None,
    *,
    only: Sequence[str] | None = None,
    loss: Loss = losses.cross_entropy,
) -> Float[Tensor, "B j k"]:
    """R(w + s·u + t·v) for each s of `first`, t of `second` and each member, with directions (u, v).

    Raises:
        ValueError: if shapes do not fit, or a random start has no generators.
    """
    starts = seeds(rngs)
    rows = []
    for s in first:
        for t in second:
            change = [s * u + t * v for u, v in zip(*directions, strict=True)]
            there = weight_ball.shifted(net, change, only)
            rows.append(mean_loss(there, X, y, attack, starts, loss))
    return torch.stack(rows, 1).reshape(net.members, len(first), len(second))


@torch.no_grad()
def mean_loss(
    net: Classifier,
    X: Tensor,
    y: Tensor,
    attack: Attack | None,
    starts: Sequence[int],
    loss: Loss = losses.cross_entropy,
) -> Float[Tensor, " B"]:
    """R(w): the mean loss at the points that the attack finds from these starts, or at the points themselves."""
    Z = classifier.stacked(net, X) if attack is None else attacked(net, X, y, attack, starts)
    y = aligned(net, y, X.shape[-2], loss)
    parts = [
        loss.values(classifier.outputs(stack.taken(net, s), Z[s]), y[s]).mean(1)
        for s in stack.portions(net, X.shape[-2])
    ]
    return torch.cat(parts)


def attacked(
    net: Classifier, X: Tensor, y: Tensor, attack: Attack, starts: Sequence[int]
) -> Float[Tensor, "B n d"]:
    """The points that the attack finds; equal starts draw equal numbers, whatever the weights."""
    return pgd(net, X, y, attack, generators(starts))[0]


def seeds(rngs: Sequence[np.random.Generator]) -> list[int]:
    """One number from the generator of each member, from which others start again and again."""
    return [int(rng.integers(2**63)) for rng in rngs]


def generators(starts: Sequence[int]) -> list[np.random.Generator]:
    """The generators of these seeds, at their beginning."""
    return [np.random.default_rng(seed) for seed in starts]

"""Convolutions of a stack with batch normalisation after them: by the batch at hand, or by running statistics.

A layer is W (B, out, c, k, k), then s, shift, mean and variance (B, out); it scales by 1 + s.
"""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

GUARD, FORGET = 1e-5, 0.1  # added to a variance; the share of a batch in a running mean


def normalised(layer: Sequence[Tensor], h: Tensor, stride: int, by_batch: bool) -> Tensor:
    """Convolution and normalisation; by running means they are one convolution."""
    W, s, shift, mean, variance = layer
    pad, groups = W.shape[-1] // 2, len(W)
    if by_batch:
        z = torch.nn.functional.conv2d(h, W.flatten(0, 1), None, stride, pad, groups=groups)
        return torch.nn.functional.batch_norm(
            z, mean.view(-1), variance.view(-1), (1 + s).flatten(), shift.flatten(), True, FORGET, GUARD
        )
    W, b = folded(layer)
    return torch.nn.functional.conv2d(h, W.flatten(0, 1), b.flatten(), stride, pad, groups=groups)


def folded(layer: Sequence[Tensor]) -> tuple[Float[Tensor, "B out c k k"], Float[Tensor, "B out"]]:
    """Weights and biases of the one convolution that it is with its normalisation by running statistics."""
    W, s, shift, *statistics = layer
    factor, b = affine(1 + s, shift, statistics)
    return W * factor[..., None, None, None], b


def affine(
    gain: Float[Tensor, "*B out"],
    shift: Float[Tensor, "*B out"],
    statistics: Sequence[Float[Tensor, "*B out"]],
    guard: float = GUARD,
) -> tuple[Float[Tensor, "*B out"], Float[Tensor, "*B out"]]:
    """γ (z − μ)/√(v + guard) + β as factor · z + offset; statistics are the running μ and v."""
    mean, variance = statistics
    factor = gain * (variance + guard).rsqrt()
    return factor, shift - mean * factor

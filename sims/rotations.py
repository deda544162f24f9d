"""Quarter turns of square images, which a network can be asked to tell: labels that cost nothing."""

import math

import torch
from jaxtyping import Float, Int
from torch import Tensor

from sims.classifier import Classifier

TURNS = 4


def turned(X: Float[Tensor, "B n d"], turns: Int[Tensor, "B n"], side: int) -> Float[Tensor, "B n d"]:
    """Each image turned by its own multiple of 90° to the left; channels, if there are several, alike."""
    images = X.reshape(*X.shape[:2], -1, side, side)
    every = torch.stack([torch.rot90(images, k, (-2, -1)) for k in range(TURNS)], 2)
    index = turns[:, :, None, None, None, None].expand(-1, -1, 1, *images.shape[2:])
    return every.gather(2, index).reshape(X.shape)


def side(net: Classifier) -> int:
    """The side of the square images that a network sees, of one channel unless it convolves."""
    d = net.weights[0].shape[2]
    height, width = net.image[1:] if net.image else (math.isqrt(d), d // max(math.isqrt(d), 1))
    if height != width or (not net.image and height * width != d):
        raise ValueError(f"turns need square images, got {net.image or f'{d} pixels'}")
    return height

"""Convolutional layers of a stack of networks, all members at once, and their gradients.

Between these layers a stack of B images lies as (n, B·channels, height, width): a convolution in B groups.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor

aten = torch.ops.aten
SMOOTH: dict[str, tuple[Any, Any]] = {
    "silu": (torch.nn.functional.silu, aten.silu_backward),
    "gelu": (torch.nn.functional.gelu, aten.gelu_backward),
    "mish": (torch.nn.functional.mish, aten.mish_backward),
}  # not monotone: their slope has to be taken at what entered them


@dataclass(frozen=True)
class Convolved:
    """A layer's values after the activation, their maxima over 2 × 2, where these stand, and those before it.

    The last ones are kept for activations that are not monotone.
    """

    active: Tensor
    pooled: Tensor
    places: Tensor
    before: Tensor | None = None


def convolve(W: Float[Tensor, "B out c k k"], b: Tensor | None, h: Tensor, activation: str) -> Convolved:
    """Convolution, activation, maxima."""
    z = torch.nn.functional.conv2d(
        h, W.flatten(0, 1), None if b is None else b.flatten(), padding=W.shape[-1] // 2, groups=len(W)
    )
    active = active_(activation, z)
    pooled, places = torch.nn.functional.max_pool2d(active, 2, return_indices=True)
    return Convolved(active, pooled, places, z if activation in SMOOTH else None)


def unpool(delta: Tensor, layer: Convolved, activation: str) -> Tensor:
    """The gradient before the activation from that of the maxima."""
    up = aten.max_pool2d_with_indices_backward(
        delta, layer.active, [2, 2], [2, 2], [0, 0], [1, 1], False, layer.places
    )
    return slope_(activation, up, layer.active, layer.before)


def active_(activation: str, z: Tensor) -> Tensor:
    """The activation; in the memory of z if it is monotone."""
    if activation in SMOOTH:
        return SMOOTH[activation][0](z)  # type: ignore[no-any-return]
    return z.relu_() if activation == "relu" else z.tanh_()


def slope_(activation: str, delta: Tensor, h: Tensor, z: Tensor | None = None) -> Tensor:
    """Multiply delta by the slope of the activation with value h at z, in place if monotone; 0 at the kink."""
    if activation in SMOOTH:
        return SMOOTH[activation][1](delta, z)  # type: ignore[no-any-return]
    if activation == "relu":
        return aten.threshold_backward.grad_input(delta, h, 0, grad_input=delta)  # type: ignore[no-any-return]
    return aten.tanh_backward.grad_input(delta, h, grad_input=delta)  # type: ignore[no-any-return]


def input_gradient(W: Float[Tensor, "B out c k k"], h: Tensor, delta: Tensor) -> Tensor:
    """The gradient in what entered the layer."""
    return pulled(W, h, delta, [True, False, False])[0]


def weight_gradient(W: Float[Tensor, "B out c k k"], h: Tensor, delta: Tensor) -> Float[Tensor, "B out c k k"]:
    """The gradient in the weights, summed over images and places."""
    return pulled(W, h, delta, [False, True, False])[1].reshape(W.shape)


def pulled(W: Tensor, h: Tensor, delta: Tensor, wanted: list[bool]) -> tuple[Tensor, Tensor, Tensor]:
    """The gradients of a convolution."""
    pad = W.shape[-1] // 2
    found: tuple[Tensor, Tensor, Tensor] = aten.convolution_backward(
        delta, h, W.flatten(0, 1), None, [1, 1], [pad, pad], [1, 1], False, [0, 0], len(W), wanted
    )
    return found


def total(W: Tensor, delta: Tensor) -> Float[Tensor, "B out"]:
    """The gradient in the biases of a layer, convolutional or not."""
    return delta.sum((0, 2, 3)).reshape(W.shape[:2]) if W.ndim == 5 else delta.sum(1)


def unfolded(h: Float[Tensor, "B n d"], image: Sequence[int], members: int = 0) -> Tensor:
    """Rows as images, members beside channels; `image` is one member's shape, or with `members` that of all."""
    B, n, _ = h.shape
    channels = image[0] // members if members else image[0]
    return h.reshape(B, n, channels, *image[1:]).transpose(0, 1).reshape(n, B * channels, *image[1:])


def folded(h: Tensor, members: int) -> Float[Tensor, "B n d"]:
    """Images as rows, members first."""
    return h.reshape(len(h), members, -1).transpose(0, 1).contiguous()

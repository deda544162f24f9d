"""Many classifiers of one shape side by side, fully connected or small convolutional, and their gradients.

Weights carry an axis of members first, so that a stack is trained, attacked and read in one call. Gradients are
written out: an attack needs those in the inputs and none in the weights, and layers keep their place in memory.
"""

import functools
import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from sims import convolution
from sims.scratch import Scratch

ACTIVATIONS = ("relu", "tanh", *convolution.SMOOTH)


@dataclass(frozen=True)
class Classifier:
    """x ↦ W_L h_{L−1} + b_L with h_l = act(W_l h_{l−1} + b_l), for each member of the stack.

    A convolutional layer keeps height and width, and halves them after the activation by maxima over 2 × 2.

    Attributes:
        weights: one per layer: (B, out, in), or (B, out, in, k, k) of a convolution; these come first.
        biases: one per layer, (B, out), or none at all; ReLU networks are then homogeneous.
        activation: relu, tanh, silu, gelu or mish.
        image: channels, height and width of a point where a layer convolves; points are rows all the same.
    """

    LEARNED: ClassVar[tuple[str, ...]] = ("weights", "biases")
    RUNNING: ClassVar[tuple[str, ...]] = ()  # what training keeps beside what it learns

    weights: tuple[Tensor, ...]
    biases: tuple[Float[Tensor, "B out"], ...] = ()
    activation: str = "relu"
    image: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse layers that do not fit together."""
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {self.activation!r}")
        if not self.weights or len({len(W) for W in self.weights}) > 1:
            raise ValueError("a classifier has a layer or more, each with an axis of members first")
        if self.biases and [b.shape for b in self.biases] != [W.shape[:2] for W in self.weights]:
            raise ValueError("biases must be as many as layers, each (members, out), or none at all")

    @property
    def members(self) -> int:
        """B."""
        return len(self.weights[0])

    @property
    def parameters(self) -> tuple[Tensor, ...]:
        """Weights, then biases, then what else is learned."""
        return sum((getattr(self, name) for name in self.LEARNED), ())

    @property
    def running(self) -> tuple[Tensor, ...]:
        """What training keeps beside the parameters."""
        return sum((getattr(self, name) for name in self.RUNNING), ())

    @property
    def units(self) -> int:
        """How many numbers leave the layers of one member at one point."""
        convolved = sum(W.ndim == 5 for W in self.weights)
        pixels = [math.prod(side >> i for side in self.image[1:]) for i in range(convolved)]
        sizes = [*pixels, *[1] * (len(self.weights) - convolved)]
        return sum(W.shape[1] * size for W, size in zip(self.weights, sizes, strict=True))

    def learning(self) -> "Classifier":
        """The network as a step of its training sees it."""
        return self


@dataclass(frozen=True)
class Trace:
    """One pass over points: what entered each layer, where its maxima stood, and the outputs (B, n, K).

    Before: what stood in a fully connected layer ahead of an activation whose value does not tell its slope.
    """

    entering: list[Tensor]
    convolved: list[convolution.Convolved]
    outputs: Float[Tensor, "B n K"]
    before: dict[int, Tensor] = field(default_factory=dict)


def fully_connected(
    rngs: Sequence[np.random.Generator],
    widths: Sequence[int],
    *,
    bias: bool = True,
    scale: float = 1.0,
    activation: str = "relu",
    dtype: torch.dtype = torch.float64,
    device: str = "cpu",
) -> Classifier:
    """Networks of widths (d, m_1, …, K), all entries uniform on ± scale/√fan-in, one member per generator.

    The scale 1 is the usual one, √6 is He's. Widths (d, K) give linear models.

    Raises:
        ValueError: if there are fewer than two widths or one is below 1.
    """
    if len(widths) < 2 or min(widths) < 1:
        raise ValueError(f"widths must be (d, m_1, …, K), all at least 1, got {tuple(widths)}")
    shapes = [(out, fan_in) for fan_in, out in itertools.pairwise(widths)]
    return Classifier(*drawn(rngs, shapes, bias, scale, dtype, device), activation)


def convolutional(
    rngs: Sequence[np.random.Generator],
    image: tuple[int, int, int],
    channels: Sequence[int],
    widths: Sequence[int],
    *,
    kernel: int = 5,
    bias: bool = True,
    scale: float = 1.0,
    activation: str = "relu",
    dtype: torch.dtype = torch.float64,
    device: str = "cpu",
) -> Classifier:
    """Networks on images (channels, height, width): convolutions to `channels`, then layers of `widths`.

    Raises:
        ValueError: if the kernel is even, or the image has not a pixel left after all halvings.
    """
    if kernel % 2 == 0 or not channels or not widths or min(*channels, *widths) < 1:
        raise ValueError(
            f"a convolutional network needs an odd kernel, channels and widths, got kernel {kernel}, channels "
            f"{tuple(channels)} and widths {tuple(widths)}"
        )
    height, width = (side >> len(channels) for side in image[1:])
    if height < 1 or width < 1:
        raise ValueError(f"an image of {image[1]} × {image[2]} cannot be halved {len(channels)} times")
    convolutions = [(out, fan, kernel, kernel) for fan, out in itertools.pairwise([image[0], *channels])]
    dense = [(out, fan) for fan, out in itertools.pairwise([channels[-1] * height * width, *widths])]
    return Classifier(*drawn(rngs, [*convolutions, *dense], bias, scale, dtype, device), activation, tuple(image))


def drawn(
    rngs: Sequence[np.random.Generator],
    shapes: Sequence[tuple[int, ...]],
    bias: bool,
    scale: float,
    dtype: torch.dtype,
    device: str,
) -> tuple[tuple[Tensor, ...], tuple[Tensor, ...]]:
    """Weights and biases, layer by layer from the generator of each member."""
    if not rngs:
        raise ValueError("a stack has a member or more: give one generator for each")
    members: list[list[Tensor]] = []
    for rng in rngs:
        bounds = [scale / math.sqrt(math.prod(shape[1:])) for shape in shapes]
        weights = [rng.uniform(-c, c, shape) for c, shape in zip(bounds, shapes, strict=True)]
        offsets = [rng.uniform(-c, c, shape[0]) for c, shape in zip(bounds, shapes, strict=True)] if bias else []
        members.append([torch.from_numpy(a) for a in (*weights, *offsets)])
    tensors = [torch.stack(layer).to(device, dtype) for layer in zip(*members, strict=True)]
    return tuple(tensors[: len(shapes)]), tuple(tensors[len(shapes) :])


def outputs(net: Classifier, X: Tensor) -> Float[Tensor, "B n K"]:
    """The outputs at points (n, d), or (B, n, d) where each member has its own."""
    return sweep(net, stacked(net, X)).outputs


@functools.singledispatch
def sweep(net: Classifier, X: Float[Tensor, "B n d"], scratch: Scratch | None = None) -> Trace:
    """One pass over the points, kept for gradients; in a scratch only until the next pass there."""
    h = X
    entering: list[Tensor] = []
    convolved: list[convolution.Convolved] = []
    before: dict[int, Tensor] = {}
    last = len(net.weights) - 1
    if net.image:
        h = convolution.unfolded(h, net.image)
    for i, W in enumerate(net.weights):
        if W.ndim == 5:
            entering.append(h)
            b = net.biases[i] if net.biases else None
            convolved.append(convolution.convolve(W, b, h, net.activation))
            h = convolved[-1].pooled
            continue
        if net.image and i == len(convolved):
            h = convolution.folded(h, net.members)
        entering.append(h)
        h = product(h, W.mT, scratch, f"z{i}")
        if net.biases:
            h = h.add_(net.biases[i][:, None])
        if i < last:
            if net.activation in convolution.SMOOTH:
                before[i] = h
            h = convolution.active_(net.activation, h)
    return Trace(entering, convolved, h, before)


@functools.singledispatch
def backward(
    net: Classifier, trace: Trace, slopes: Float[Tensor, "B n K"], scratch: Scratch | None = None
) -> list[Tensor]:
    """∂/∂z_l of Σ ⟨slopes, outputs⟩ for each layer, first to last, z_l what leaves it before the activation."""
    deltas = [slopes]
    for i in range(len(net.weights) - 1, 0, -1):
        W, delta = net.weights[i], deltas[-1]
        if W.ndim == 5:
            pulled = convolution.input_gradient(W, trace.entering[i], delta)
        else:
            pulled = product(delta, W, scratch, f"d{i}")
        if i <= len(trace.convolved):
            if i == len(trace.convolved):
                pulled = convolution.unfolded(pulled, trace.convolved[-1].pooled.shape[1:], net.members)
            deltas.append(convolution.unpool(pulled, trace.convolved[i - 1], net.activation))
        else:
            deltas.append(convolution.slope_(net.activation, pulled, trace.entering[i], trace.before.get(i - 1)))
    return deltas[::-1]


@functools.singledispatch
def input_gradient(
    net: Classifier, trace: Trace, deltas: Sequence[Tensor], scratch: Scratch | None = None
) -> Float[Tensor, "B n d"]:
    """The gradient in each point, from its backward pass."""
    W = net.weights[0]
    if W.ndim == 5:
        return convolution.folded(convolution.input_gradient(W, trace.entering[0], deltas[0]), net.members)
    return product(deltas[0], W, scratch, "x")


@functools.singledispatch
def weight_gradients(
    net: Classifier, trace: Trace, deltas: Sequence[Tensor], scratch: Scratch | None = None
) -> list[Tensor]:
    """The gradients in the weights, then in the biases, summed over the points."""
    layers = list(zip(net.weights, trace.entering, deltas, strict=True))
    weights = [
        convolution.weight_gradient(W, h, delta) if W.ndim == 5 else product(delta.mT, h, scratch, f"w{i}")
        for i, (W, h, delta) in enumerate(layers)
    ]
    return [*weights, *(convolution.total(W, delta) for W, _, delta in layers if net.biases)]


def product(A: Float[Tensor, "B i j"], C: Float[Tensor, "B j k"], scratch: Scratch | None, name: str) -> Tensor:
    """A C for each member; in a scratch on a CPU by NumPy, whose products are often the faster ones."""
    if scratch is None:
        return torch.bmm(A, C)
    B, i, j = A.shape
    out, array = scratch.room(name, (B, i, C.shape[2]), A)
    if j == 1:  # an outer product, which no matrix routine does well
        return torch.mul(A, C, out=out)
    if array is None:
        return torch.bmm(A, C, out=out)
    np.matmul(A.numpy(), C.numpy(), out=array)
    return out


def stacked(net: Classifier, X: Tensor) -> Float[Tensor, "B n d"]:
    """Points for each member: the same ones, or its own."""
    d = math.prod(net.image) if net.image else net.weights[0].shape[2]
    if X.ndim not in (2, 3) or X.shape[-1] != d or (X.ndim == 3 and len(X) != net.members):
        raise ValueError(
            f"X must be (n, {d}), or ({net.members}, n, {d}) with points for each member, got {tuple(X.shape)}"
        )
    return X.expand(net.members, *X.shape[-2:])

"""Stacks of residual networks with batch normalisation, with the gradients of automatic differentiation.

A block is act(shortcut(h) + norm(W₂ ∗ act(norm(W₁ ∗ h)))), and `norm` scales by 1 + s and shifts: by the mean and
variance of the batch where a step of training is taken, by their running means wherever else.
"""

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from sims import classifier, convolution, convolution_operator, features, jacobians, normalisation, spectra, stack
from sims.classifier import Classifier, Trace
from sims.normalisation import normalised
from sims.scratch import Scratch


@dataclass(frozen=True)
class Residual(Classifier):
    """Stem, blocks, mean over places, linear layer; convolutions of 3 × 3, and 1 × 1 where shapes change.

    `sims.features` and `sims.jacobians` read it by its parts: stem, blocks, mean with linear layer. Where the
    batch at hand normalises, no point has values of its own, and they refuse it. `sims.spectra` reads each
    convolution with the normalisation after it, always by running means and variances.

    Attributes:
        weights: stem; two convolutions of each block, then that of its shortcut if it has one; linear layer.
        biases: that of the linear layer; before a normalisation they would do nothing.
        scales: s, one per convolution, (B, out).
        shifts: likewise.
        means: running ones of what enters each normalisation, (B, out).
        variances: likewise.
        strides: of each block.
        by_batch: normalise by the batch at hand, and let it move the running means.
    """

    LEARNED: ClassVar[tuple[str, ...]] = ("weights", "biases", "scales", "shifts")
    RUNNING: ClassVar[tuple[str, ...]] = ("means", "variances")

    scales: tuple[Float[Tensor, "B out"], ...] = ()
    shifts: tuple[Float[Tensor, "B out"], ...] = ()
    means: tuple[Float[Tensor, "B out"], ...] = ()
    variances: tuple[Float[Tensor, "B out"], ...] = ()
    strides: tuple[int, ...] = ()
    by_batch: bool = False

    def __post_init__(self) -> None:
        """Refuse normalisations that do not fit the convolutions."""
        if self.activation not in classifier.ACTIVATIONS:
            raise ValueError(
                f"activation must be one of {', '.join(classifier.ACTIVATIONS)}, got {self.activation!r}"
            )
        shapes = [W.shape[:2] for W in self.weights[:-1]]
        for name in ("scales", "shifts", "means", "variances"):
            if [v.shape for v in getattr(self, name)] != shapes:
                raise ValueError(f"{name} must be one per convolution, each (members, out)")
        if 1 + sum(map(of_block, self.strides)) != len(shapes):
            raise ValueError(f"a stem and blocks of strides {self.strides} do not have {len(shapes)} convolutions")

    @property
    def units(self) -> int:
        """How many numbers leave the layers of one member at one point."""
        places = [convolution_operator.leaving(*place) for place in reached(self.image, self.strides)]
        return sum(W.shape[1] * math.prod(at) for W, at in zip(self.weights, [*places, ()], strict=True))

    def learning(self) -> "Residual":
        """The network that normalises by the batch; its running means are those of this one."""
        return replace(self, by_batch=True)


def of_block(stride: int) -> int:
    """How many convolutions a block has."""
    return 2 if stride == 1 else 3


@dataclass(frozen=True)
class Tape(Trace):
    """One pass over points, recorded, with the parameters to differentiate in."""

    parameters: tuple[Tensor, ...] = ()


def residual(
    rngs: Sequence[np.random.Generator],
    image: tuple[int, int, int],
    channels: Sequence[int],
    classes: int,
    *,
    blocks: int = 1,
    activation: str = "relu",
    dtype: torch.dtype = torch.float32,
    device: str = "cpu",
) -> Residual:
    """So many blocks at each number of channels, one member per generator; a new number halves height and width.

    Convolutions are N(0, 2/(out · k²)), the linear layer is uniform on ± 1/√fan-in; biases, s and shifts are 0.

    Raises:
        ValueError: if there are no channels, blocks or generators.
    Source: He, Zhang, Ren & Sun 2016; initialisation and 1 + s as Stutz, Hein & Schiele 2021.
    """
    if not rngs or not channels or min(*channels, classes, blocks) < 1:
        raise ValueError(
            "a residual network needs generators, channels, classes and blocks, got "
            f"{len(rngs)}, {tuple(channels)}, {classes} and {blocks}"
        )
    shapes, strides = [(channels[0], image[0], 3, 3)], []
    for i, (fan, out) in enumerate(itertools.pairwise((channels[0], *channels))):
        for j in range(blocks):
            stride = 2 if i > 0 and j == 0 else 1
            entering = fan if j == 0 else out
            strides.append(stride)
            shapes += [(out, entering, 3, 3), (out, out, 3, 3), *[(out, entering, 1, 1)] * (stride > 1)]
    bound = 1 / math.sqrt(channels[-1])
    members = [
        [
            *(rng.standard_normal(shape) * math.sqrt(2 / (shape[0] * shape[2] ** 2)) for shape in shapes),
            rng.uniform(-bound, bound, (classes, channels[-1])),
        ]
        for rng in rngs
    ]
    weights = tuple(torch.from_numpy(np.stack(layer)).to(device, dtype) for layer in zip(*members, strict=True))
    nothing = tuple(W.new_zeros(W.shape[:2]) for W in weights)
    scales, shifts, means = (tuple(v.clone() for v in nothing[:-1]) for _ in range(3))
    variances = tuple(torch.ones_like(v) for v in nothing[:-1])
    return Residual(
        weights, nothing[-1:], activation, tuple(image), scales, shifts, means, variances, tuple(strides)
    )


@classifier.sweep.register
def sweep(net: Residual, X: Float[Tensor, "B n d"], scratch: Scratch | None = None) -> Tape:
    """One pass over the points, recorded."""
    X, *parameters = (v if v.requires_grad else v.detach().requires_grad_() for v in (X, *net.parameters))
    there = stack.with_parameters(net, parameters)
    with torch.enable_grad():
        return Tape([X], [], forward(there, X), parameters=there.parameters)


@classifier.backward.register
def backward(
    net: Residual, trace: Tape, slopes: Float[Tensor, "B n K"], scratch: Scratch | None = None
) -> list[Tensor]:
    """What the gradients are pulled back from."""
    return [slopes]


@classifier.input_gradient.register
def input_gradient(
    net: Residual, trace: Tape, deltas: Sequence[Tensor], scratch: Scratch | None = None
) -> Float[Tensor, "B n d"]:
    """The gradient in each point."""
    return torch.autograd.grad(trace.outputs, trace.entering[0], deltas[0], retain_graph=True)[0]


@classifier.weight_gradients.register
def weight_gradients(
    net: Residual, trace: Tape, deltas: Sequence[Tensor], scratch: Scratch | None = None
) -> list[Tensor]:
    """The gradients in the parameters, summed over the points."""
    return list(torch.autograd.grad(trace.outputs, trace.parameters, deltas[0], retain_graph=True))


def forward(net: Residual, X: Float[Tensor, "B n d"]) -> Float[Tensor, "B n K"]:
    """The outputs."""
    h = convolution.unfolded(X, net.image)
    for part in parts(net):
        h = part(h)
    return h


def parts(net: Residual) -> list[Callable[[Tensor], Tensor]]:
    """Stem, blocks, and mean over places with linear layer: the network is one after the other."""
    layers = convolutions(net)
    first = next(layers)
    blocks = [(stride, list(itertools.islice(layers, of_block(stride)))) for stride in net.strides]
    return [partial(stem, net, first), *(partial(block, net, *own) for own in blocks), partial(head, net)]


def convolutions(net: Residual) -> Iterator[Sequence[Tensor]]:
    """W, s, shift, mean and variance of each."""
    return zip(net.weights[:-1], net.scales, net.shifts, net.means, net.variances, strict=True)


def stem(net: Residual, layer: Sequence[Tensor], h: Tensor) -> Tensor:
    """act(norm(W ∗ h))."""
    return active(net, normalised(layer, h, 1, net.by_batch))


def block(net: Residual, stride: int, layers: Sequence[Sequence[Tensor]], h: Tensor) -> Tensor:
    """act(shortcut(h) + norm(W₂ ∗ act(norm(W₁ ∗ h)))); without a convolution of its own the shortcut is h."""
    first, second, *shortcut = layers
    inner = active(net, normalised(first, h, stride, net.by_batch))
    inner = normalised(second, inner, 1, net.by_batch)
    return active(net, inner + (normalised(shortcut[0], h, stride, net.by_batch) if shortcut else h))


def head(net: Residual, h: Tensor) -> Float[Tensor, "B n K"]:
    """The linear layer at the mean over places."""
    pooled = h.mean((2, 3)).reshape(len(h), net.members, -1).transpose(0, 1)
    return torch.baddbmm(net.biases[0][:, None], pooled, net.weights[-1].mT)


def active(net: Residual, z: Tensor) -> Tensor:
    """The activation; z stays as it is."""
    return getattr(torch.nn.functional, net.activation)(z)  # type: ignore[no-any-return]


@torch.no_grad()
def operators(net: Residual) -> list[tuple[Float[Tensor, "B out c k k"], tuple[int, ...], int]]:
    """Each convolution with its normalisation, height and width of the images that reach it, and its stride.

    Raises:
        ValueError: if a running variance is negative.
    """
    least = min(float(v.min()) for v in net.variances)
    if least < 0:
        raise ValueError(f"variances must be ≥ 0, got {least}")
    layers = zip(convolutions(net), reached(net.image, net.strides), strict=True)
    return [(normalisation.folded(layer)[0], *place) for layer, place in layers]


def reached(image: Sequence[int], strides: Sequence[int]) -> list[tuple[tuple[int, ...], int]]:
    """Height and width of the images that reach each convolution, and its stride."""
    here = tuple(image[1:])
    places = [(here, 1)]
    for stride in strides:
        there = convolution_operator.leaving(here, stride)
        places += [(here, stride), (there, 1), (here, stride)][: of_block(stride)]
        here = there
    return places


@spectra.singular_values.register
def singular_values(net: Residual) -> list[Float[Tensor, "B r"]]:
    """Of each convolution as an operator, then of the linear layer."""
    found = [spectra.of_convolution(*operator) for operator in operators(net)]
    return [*found, torch.linalg.svdvals(net.weights[-1])]


@jacobians.pointwise.register
def pointwise(net: Residual) -> None:
    """Refuse to read by the batch what is asked of one point, which would move the running means besides."""
    if net.by_batch:
        raise ValueError(
            "a network is read point by point, and by_batch = True normalises a point by those beside it: take "
            "dataclasses.replace(net, by_batch=False), which normalises by the running means"
        )


@features.of.register
def leaving(net: Residual, X: Tensor) -> list[Float[Tensor, "B n units"]]:
    """What leaves each part."""
    return [rows(net, h) for h in passed(net, X)[1:]]


@jacobians.of_layer.register
def of_layer(net: Residual, X: Tensor, i: int) -> Float[Tensor, "B n out in"]:
    """∂/∂h of a part at what enters it, by one backward pass for each of its outputs."""
    every = parts(net)
    if not 0 <= i < len(every):
        raise ValueError(f"layers are 0 … {len(every) - 1}, got {i}")
    h = passed(net, X)[i].detach().requires_grad_()
    with torch.enable_grad():
        z = rows(net, every[i](h)).sum((0, 1))  # of members and points, none of which sees another
    slopes = [torch.autograd.grad(z[k], h, retain_graph=True)[0] for k in range(len(z))]
    return torch.stack([rows(net, slope) for slope in slopes], 2)


@torch.no_grad()
def passed(net: Residual, X: Tensor) -> list[Tensor]:
    """The points as images, and what leaves each part."""
    pointwise(net)
    found = [convolution.unfolded(classifier.stacked(net, X), net.image)]
    for part in parts(net):
        found.append(part(found[-1]))
    return found


def rows(net: Residual, h: Tensor) -> Float[Tensor, "B n units"]:
    """Images as rows, members first; outputs as they are."""
    return convolution.folded(h, net.members) if h.ndim == 4 else h

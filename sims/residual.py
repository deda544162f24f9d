"""Stacks of residual networks with batch normalisation, with the gradients of automatic differentiation.

A block is act(shortcut(h) + norm(W₂ ∗ act(norm(W₁ ∗ h)))), and `norm` scales by 1 + s and shifts: by the mean and
variance of the batch where a step of training is taken, by their running means wherever else.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from sims import classifier, convolution, stack
from sims.classifier import Classifier, Trace
from sims.scratch import Scratch

GUARD, FORGET = 1e-5, 0.1  # added to a variance; the share of a batch in a running mean


@dataclass(frozen=True)
class Residual(Classifier):
    """Stem, blocks, mean over places, linear layer; convolutions of 3 × 3, and 1 × 1 where shapes change.

    Trained, attacked, and measured by flatness and Hessians; layer by layer (`sims.spectra`, `sims.features`,
    `sims.jacobians`) networks are read that are chains, which this one is not.

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

    def learning(self) -> "Residual":
        """The network that normalises by the batch; its running means are those of this one."""
        return replace(self, by_batch=True)


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
    act = getattr(torch.nn.functional, net.activation)
    layers = zip(net.weights[:-1], net.scales, net.shifts, net.means, net.variances, strict=True)
    h = act(normalised(*next(layers), convolution.unfolded(X, net.image), 1, net.by_batch))
    for stride in net.strides:
        inner = act(normalised(*next(layers), h, stride, net.by_batch))
        inner = normalised(*next(layers), inner, 1, net.by_batch)
        h = act(inner + (h if stride == 1 else normalised(*next(layers), h, stride, net.by_batch)))
    pooled = h.mean((2, 3)).unflatten(1, (net.members, -1)).transpose(0, 1)
    return torch.baddbmm(net.biases[0][:, None], pooled, net.weights[-1].mT)


def normalised(
    W: Float[Tensor, "B out c k k"],
    s: Float[Tensor, "B out"],
    shift: Float[Tensor, "B out"],
    mean: Float[Tensor, "B out"],
    variance: Float[Tensor, "B out"],
    h: Tensor,
    stride: int,
    by_batch: bool,
) -> Tensor:
    """Convolution and normalisation; by running means they are one convolution."""
    pad, groups = W.shape[-1] // 2, len(W)
    if by_batch:
        z = torch.nn.functional.conv2d(h, W.flatten(0, 1), None, stride, pad, groups=groups)
        return torch.nn.functional.batch_norm(
            z, mean.view(-1), variance.view(-1), (1 + s).flatten(), shift.flatten(), True, FORGET, GUARD
        )
    factor = (1 + s) * (variance + GUARD).rsqrt()
    W, b = W * factor[..., None, None, None], shift - mean * factor
    return torch.nn.functional.conv2d(h, W.flatten(0, 1), b.flatten(), stride, pad, groups=groups)

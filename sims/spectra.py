"""The singular values of each layer of classifiers, and what a spectrum says whatever its scale."""

import functools
import math
from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from sims import convolution_operator, normalisation
from sims.classifier import Classifier

LARGEST = 4096  # rows or columns up to which the matrix of a convolution is written out


@functools.singledispatch
def singular_values(net: Classifier) -> list[Float[Tensor, "B r"]]:
    """Of each layer, largest first; a convolution is the operator on images of the size that reaches it.

    Activations and maxima are no part of it. Of a residual network (`sims.residual`) a layer is a convolution with
    its stride and the normalisation after it, by running statistics: the stem, the two of each block and that of
    its shortcut if it has one; then the linear layer, without the mean over places before it.

    Raises:
        ValueError: if the matrix of a convolution is too large to be written out. For a residual network
            `residual.operators` gives what `convolution_operator.leading` then takes.
    """
    found = []
    height, width = net.image[1:] if net.image else (0, 0)
    for W in net.weights:
        if W.ndim == 3:
            found.append(torch.linalg.svdvals(W))
            continue
        found.append(of_convolution(W, (height, width)))
        height, width = height // 2, width // 2
    return found


def of_convolution(W: Float[Tensor, "B out c k k"], shape: Sequence[int], stride: int = 1) -> Float[Tensor, "B r"]:
    """Those of each member's convolution on images of height and width `shape`, zeros around them.

    Raises:
        ValueError: if its matrix is too large to be written out.
    """
    rows, columns = math.prod(convolution_operator.leaving(shape, stride)), math.prod(shape)
    if max(W.shape[1] * rows, W.shape[2] * columns) > LARGEST:
        raise ValueError(
            f"a convolution of {W.shape[2]} to {W.shape[1]} channels on {shape[0]} × {shape[1]} pixels has over "
            f"{LARGEST} rows or columns: take the largest values by convolution_operator.leading"
        )
    return torch.stack([convolution_operator.singular_values(V, shape, stride=stride) for V in W])


def stable_rank(s: Float[Tensor, "*B r"]) -> Float[Tensor, "*B"]:
    """‖W‖_F²/σ_max², between 1 and the rank; 0 for a layer that is 0."""
    return ((s / s.amax(-1, keepdim=True).clamp(min=torch.finfo(s.dtype).tiny)) ** 2).sum(-1)


def peak(s: Float[Tensor, "*B r"]) -> Float[Tensor, "*B"]:
    """σ_max over the mean singular value, 1 where all are equal."""
    return s.amax(-1) / s.mean(-1)


def variation(s: Float[Tensor, "*B r"]) -> Float[Tensor, "*B"]:
    """The standard deviation of the singular values over their mean."""
    return s.std(-1, correction=0) / s.mean(-1)


def with_normalisation(
    W: Float[Tensor, "out ..."],
    b: Float[Tensor, " out"],
    gain: Float[Tensor, " out"],
    shift: Float[Tensor, " out"],
    statistics: Sequence[Float[Tensor, " out"]],
    guard: float = normalisation.GUARD,
) -> tuple[Float[Tensor, "out ..."], Float[Tensor, " out"]]:
    """A layer with the batch normalisation after it folded in: γ (Wx + b − μ)/√(v + guard) + β as one W'x + b'.

    Without this the scale of W is arbitrary: what normalises divides it out. Statistics are the running μ and v.
    """
    mean, variance = statistics
    if (variance < 0).any():
        raise ValueError(f"variances must be ≥ 0, got {float(variance.min())}")
    factor, offset = normalisation.affine(gain, shift, (mean - b, variance), guard)
    return factor.reshape(-1, *[1] * (W.ndim - 1)) * W, offset

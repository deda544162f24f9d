"""The singular values of each layer of classifiers, and what a spectrum says whatever its scale."""

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from sims import convolution_operator
from sims.classifier import Classifier

LARGEST = 4096  # rows or columns up to which the matrix of a convolution is written out


def singular_values(net: Classifier) -> list[Float[Tensor, "B r"]]:
    """Of each layer, largest first; a convolution is the operator on images of the size that reaches it.

    Activations and maxima are no part of it.

    Raises:
        ValueError: if the matrix of a convolution is too large to be written out.
    """
    found = []
    height, width = net.image[1:] if net.image else (0, 0)
    for W in net.weights:
        if W.ndim == 3:
            found.append(torch.linalg.svdvals(W))
            continue
        if max(W.shape[1:3]) * height * width > LARGEST:
            raise ValueError(
                f"a convolution of {W.shape[2]} to {W.shape[1]} channels on {height} × {width} pixels has over "
                f"{LARGEST} rows or columns: take the largest values by convolution_operator.leading"
            )
        found.append(torch.stack([convolution_operator.singular_values(V, (height, width)) for V in W]))
        height, width = height // 2, width // 2
    return found


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
    guard: float = 1e-5,
) -> tuple[Float[Tensor, "out ..."], Float[Tensor, " out"]]:
    """A layer with the batch normalisation after it folded in: γ (Wx + b − μ)/√(v + guard) + β as one W'x + b'.

    Without this the scale of W is arbitrary: what normalises divides it out. Statistics are the running μ and v.
    """
    mean, variance = statistics
    if (variance < 0).any():
        raise ValueError(f"variances must be ≥ 0, got {float(variance.min())}")
    factor = gain / (variance + guard).sqrt()
    return factor.reshape(-1, *[1] * (W.ndim - 1)) * W, factor * (b - mean) + shift

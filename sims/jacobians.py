"""Jacobians of classifiers at points: of the outputs in the input, and of one layer in what enters it."""

import functools

import torch
from jaxtyping import Float
from torch import Tensor

from sims import classifier, convolution
from sims.classifier import Classifier


@torch.no_grad()
def of_network(net: Classifier, X: Tensor) -> Float[Tensor, "B n K d"]:
    """∂F_k/∂x at each point, by one backward pass for each output; on a kink one of the one-sided values.

    Raises:
        ValueError: if the outputs at a point depend on the other points.
    """
    pointwise(net)
    trace = classifier.sweep(net, classifier.stacked(net, X))
    rows = []
    for k in range(trace.outputs.shape[-1]):
        slopes = torch.zeros_like(trace.outputs)
        slopes[..., k] = 1
        rows.append(classifier.input_gradient(net, trace, classifier.backward(net, trace, slopes)))
    return torch.stack(rows, 2)


@functools.singledispatch
def pointwise(net: Classifier) -> None:
    """Refuse networks whose outputs at a point depend on the other points; a chain is none of them."""


@functools.singledispatch
@torch.no_grad()
def of_layer(net: Classifier, X: Tensor, i: int) -> Float[Tensor, "B n out in"]:
    """∂h_i/∂h_{i−1} at each point, i = 0 the first layer: activation and maxima included, none on the outputs.

    The channels of an image stand one after the other, each of them row by row. Of a residual network
    (`sims.residual`) the layers are the stem, the blocks, and the mean over places with the linear layer.

    Raises:
        ValueError: if there is no such layer, or what leaves it at a point depends on the other points.
    """
    last = len(net.weights) - 1
    if not 0 <= i <= last:
        raise ValueError(f"layers are 0 … {last}, got {i}")
    trace = classifier.sweep(net, classifier.stacked(net, X))
    h, W, image = trace.entering[i], net.weights[i], W_image(net, i)
    h = convolution.folded(h, net.members) if W.ndim == 5 else h
    b = net.biases[i] if net.biases else W.new_zeros(W.shape[:2])

    def layer(x: Tensor, W: Tensor, b: Tensor) -> Tensor:
        if W.ndim == 4:
            return convolution.convolve(W[None], b[None], x.reshape(1, *image), net.activation).pooled.flatten()
        z = W @ x + b
        return z if i == last else convolution.active_(net.activation, z)

    at_points = torch.func.vmap(torch.func.jacrev(layer), in_dims=(0, None, None))
    return torch.stack([at_points(*member) for member in zip(h, W, b, strict=True)])


def W_image(net: Classifier, i: int) -> tuple[int, ...]:  # noqa: N802
    """Channels, height and width of what enters a convolution."""
    if net.weights[i].ndim != 5:
        return ()
    return (net.weights[i].shape[2], *(side >> i for side in net.image[1:]))

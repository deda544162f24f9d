"""What leaves each layer of classifiers, and how much of it an attack changes."""

import functools

import torch
from jaxtyping import Float
from torch import Tensor

from sims import classifier, convolution
from sims.classifier import Classifier


@functools.singledispatch
@torch.no_grad()
def of(net: Classifier, X: Tensor) -> list[Float[Tensor, "B n units"]]:
    """h_1, …, h_{L−1} after activation and maxima, and the outputs.

    Of a residual network (`sims.residual`): what leaves the stem and each block after activation, and the outputs.

    Raises:
        ValueError: if what leaves a layer at a point depends on the other points.
    """
    trace = classifier.sweep(net, classifier.stacked(net, X))
    folded = [
        convolution.folded(h, net.members) if net.weights[i].ndim == 5 else h
        for i, h in enumerate(trace.entering[1:], start=1)
    ]
    return [*folded, trace.outputs]


def changes(net: Classifier, X: Tensor, Z: Tensor) -> Float[Tensor, "B L"]:
    """The mean of ‖h_l(z) − h_l(x)‖ over that of ‖h_l(x)‖, for each layer; 0/0 is 0.

    Points at which a whole layer is inactive, where a ratio of its own is infinite, do no harm.
    """
    found = []
    for h, moved in zip(of(net, X), of(net, Z), strict=True):
        length = torch.linalg.vector_norm(moved - h, dim=-1).mean(1)
        found.append(torch.where(length > 0, length / torch.linalg.vector_norm(h, dim=-1).mean(1), 0.0))
    return torch.stack(found, 1)

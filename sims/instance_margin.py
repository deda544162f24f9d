"""Distances in input space from points to the boundary of a classifier's decision: estimates and upper bounds.

The decision at a point is its predicted class, not its label.
"""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from sims import classifier, jacobians
from sims.classifier import Classifier

BEYOND = 1.02  # each step goes this much further than the linearised boundary
HALVINGS = 40  # of the segment on which the decision changes


@dataclass(frozen=True)
class Boundary:
    """A point of another decision for each point, and how far it is; infinite where none was found."""

    points: Float[Tensor, "B n d"]
    distances: Float[Tensor, "B n"]


@torch.no_grad()
def linearised(net: Classifier, X: Tensor, p: float = 2) -> Float[Tensor, "B n"]:
    """min_j (F_c − F_j)/‖∇(F_c − F_j)‖_q with c the predicted class: the distance where the network is linear.

    Raises:
        ValueError: as `boundary`.
    Source: Hein & Andriushchenko 2017; Moosavi-Dezfooli, Fawzi & Frossard 2016.
    """
    jacobians.pointwise(net)
    X = classifier.stacked(net, X)
    return nearest(net, X, predicted(net, X), p)[0]


@torch.no_grad()
def boundary(net: Classifier, X: Tensor, p: float = 2, *, steps: int = 20) -> Boundary:
    """Steps to the linearised boundary until the decision changes, then halvings of the way back.

    Errors: distances are upper bounds. On a linear classifier they are exact to rounding.
    Raises:
        ValueError: if there is a single output, p is neither 2 nor ∞, or outputs at a point depend on the others.
    """
    jacobians.pointwise(net)
    X = classifier.stacked(net, X)
    at_start, Z = predicted(net, X), X.clone()
    for _ in range(steps):
        same = predicted(net, Z) == at_start
        if not same.any():
            break
        length, way = nearest(net, Z, at_start, p)
        same &= length.isfinite()  # where nothing changes the outputs a point stays
        Z = torch.where(same[..., None], Z + BEYOND * length[..., None] * way, Z)
    F = classifier.outputs(net, Z)
    crossed = (F.argmax(-1) != at_start) & F.isfinite().all(-1)
    low, high = torch.zeros_like(Z[..., :1]), torch.ones_like(Z[..., :1])
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        beyond = (predicted(net, X + middle * (Z - X)) != at_start)[..., None]
        low, high = torch.where(beyond, low, middle), torch.where(beyond, middle, high)
    Z = X + high * (Z - X)
    return Boundary(Z, torch.where(crossed, torch.linalg.vector_norm(Z - X, ord=p, dim=-1), torch.inf))


def nearest(
    net: Classifier, X: Float[Tensor, "B n d"], c: Int[Tensor, "B n"], p: float
) -> tuple[Float[Tensor, "B n"], Float[Tensor, "B n d"]]:
    """The distance to the nearest linearised boundary of class c, and the direction of length 1 towards it."""
    if net.weights[-1].shape[1] < 2 or p not in (2, math.inf):
        raise ValueError(
            f"a boundary needs two outputs or more and p = 2 or ∞, got {net.weights[-1].shape[1]} and {p}"
        )
    F, J = classifier.outputs(net, X), jacobians.of_network(net, X)
    own = c[..., None]
    leads = F.gather(-1, own) - F
    slopes = J.gather(2, own[..., None].expand(*own.shape, J.shape[-1])) - J
    sizes = torch.linalg.vector_norm(slopes, ord=2 if p == 2 else 1, dim=-1)
    distances = torch.where(sizes > 0, leads / sizes, torch.inf).scatter(-1, own, torch.inf)
    length, j = distances.min(-1)
    g = slopes.gather(2, j[..., None, None].expand(*j.shape, 1, J.shape[-1]))[..., 0, :]
    way = -g / torch.linalg.vector_norm(g, dim=-1, keepdim=True) if p == 2 else -g.sign()
    return length, torch.where(length.isfinite()[..., None], way, 0.0)


def predicted(net: Classifier, X: Float[Tensor, "B n d"]) -> Int[Tensor, "B n"]:
    """The class of the largest output, the first of them."""
    return classifier.outputs(net, X).argmax(-1)

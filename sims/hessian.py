"""The Hessian of a loss in the weights of classifiers, as its products with vectors; traces of its blocks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from sims import classifier, losses, stack, weight_ball
from sims.classifier import Classifier
from sims.losses import Loss
from sims.network_attack import aligned

Objective = Callable[[Sequence[Tensor]], Float[Tensor, " B"]]
TOGETHER = 32  # products taken in one call where a matrix is written out


@dataclass(frozen=True)
class Hessian:
    """The Hessian of each member's loss in some of its parameters, held as its products.

    Attributes:
        product: v ↦ Hv of flat vectors (B, P), for all members at once; or of k of them, (k, B, P), in one call.
        sizes: how many entries of a vector belong to each tensor, in their order.
        like: a tensor of the type and on the device of the parameters, (B, P).
    """

    product: Callable[[Float[Tensor, "*k B P"]], Float[Tensor, "*k B P"]]
    sizes: tuple[int, ...]
    like: Float[Tensor, "B P"]


def of_loss(
    net: Classifier,
    X: Tensor,
    y: Tensor,
    only: Sequence[str] | None = None,
    loss: Loss = losses.cross_entropy,
) -> Hessian:
    """The Hessian of the mean loss at points (n, d), or (B, n, d): those of an attack at w give the frozen one.

    `only` names tensors as in `weight_ball.names`; the rest of the network is constant.

    Raises:
        ValueError: if shapes do not fit or a name is unknown.
    """
    X, y = classifier.stacked(net, X), aligned(net, y, X.shape[-2], loss)
    places = weight_ball.positions(net, only)

    def objective(tensors: Sequence[Tensor]) -> Tensor:
        parameters = list(net.parameters)
        for i, W in zip(places, tensors, strict=True):
            parameters[i] = W
        return loss.values(classifier.sweep(stack.with_parameters(net, parameters), X).outputs, y).mean(1)

    return of(objective, [net.parameters[i] for i in places])


def of(objective: Objective, parameters: Sequence[Tensor]) -> Hessian:
    """The Hessian of any function of tensors (B, …) that gives one number per member; members must not mix.

    Errors: those of automatic differentiation, machine precision times the condition of the function; on a kink
    (measure 0) one of the one-sided values.
    """
    held = [W.detach().clone().requires_grad_() for W in parameters]
    with torch.enable_grad():
        values = objective(held)
        gradients = torch.autograd.grad(values.sum(), held, create_graph=True)
        flat = torch.cat([g.flatten(1) for g in gradients], 1)
        flat = flat + 0 * torch.cat([W.flatten(1) for W in held], 1)  # so that linear functions have one too

    def product(v: Tensor) -> Tensor:
        found = torch.autograd.grad(flat, held, v, retain_graph=True, is_grads_batched=v.ndim == 3)
        return torch.cat([g.flatten(v.ndim - 1) for g in found], -1)

    return Hessian(product, tuple(W[0].numel() for W in held), flat.detach())


def dense(H: Hessian) -> Float[Tensor, "B P P"]:
    """The matrices, written out by P products; for small networks."""
    B, P = H.like.shape
    basis = torch.eye(P, dtype=H.like.dtype, device=H.like.device)[:, None].expand(P, B, P)
    M = torch.cat([H.product(rows) for rows in torch.split(basis, TOGETHER)]).transpose(0, 1)
    return (M + M.mT) / 2


def traces(
    H: Hessian, rngs: Sequence[np.random.Generator], *, probes: int = 20
) -> tuple[Float[Tensor, "B tensors"], Float[Tensor, "B tensors"]]:
    """The trace of the block of each tensor, and the standard error of the estimate: means of ⟨z, Hz⟩.

    The signs z fill one tensor at a time, so that other blocks add no noise.

    Raises:
        ValueError: if there are fewer than two probes.
    Source: Hutchinson 1989.
    """
    if probes < 2:
        raise ValueError(f"a standard error needs two probes or more, got {probes}")
    owner = np.repeat(np.arange(len(H.sizes)), H.sizes)
    masks = torch.from_numpy(owner == np.arange(len(H.sizes))[:, None]).to(H.like)[:, None]
    seen = H.like.new_zeros((probes, len(H.like), len(H.sizes)))
    for k in range(probes):
        parts = masks * draw(H, rngs, signs=True)
        seen[k] = (parts * H.product(parts)).sum(2).T
    return seen.mean(0), seen.std(0) / probes**0.5


def exact_traces(H: Hessian) -> Float[Tensor, "B tensors"]:
    """The trace of the block of each tensor, by P products."""
    diagonal = dense(H).diagonal(dim1=1, dim2=2)
    return torch.stack([part.sum(1) for part in torch.split(diagonal, list(H.sizes), 1)], 1)


def draw(H: Hessian, rngs: Sequence[np.random.Generator], *, signs: bool) -> Float[Tensor, "B P"]:
    """Gaussian vectors or signs, from the generator of each member."""
    B, P = H.like.shape
    if len(rngs) != B:
        raise ValueError(f"a draw needs one generator for each of {B} members, got {len(rngs)}")
    rows = [rng.choice([-1.0, 1.0], P) if signs else rng.standard_normal(P) for rng in rngs]
    return torch.from_numpy(np.stack(rows)).to(H.like)

"""Fully connected networks of finite width in the tangent parametrisation, and their empirical tangent kernels.

All weights are N(0, 1) and the factors of the layers are explicit, so that one gradient step moves every layer
by an amount that has a limit as the widths grow. With z_l = g_l W_l h_{l−1}, h_l = act(z_l) and delta_l = ∂f/∂z_l
each weight gradient is the outer product g_l delta_l ⊗ h_{l−1}; kernels and gradients are built from these.
"""

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

ACTIVATIONS = ("relu", "tanh")
ENTRIES = 2**24  # entries of a Jacobian held at once: 128 MiB


@dataclass(frozen=True)
class Network:
    """f(x) = Σ_c signs_c f_c(x) with f_c(x) = g_L W_L act(… g_2 W_2 act(g_1 W_1 x)), copies c of one shape.

    Attributes:
        weights: W_l, one tensor per layer, (copies, out, in); a stack of networks has its axis first.
        gains: g_l, one factor per layer.
        signs: one sign per copy: (1,), or (1, −1) for the antisymmetric doubling.
        activation: relu or tanh.
    """

    weights: tuple[Float[Tensor, "*B c out in"], ...]
    gains: tuple[float, ...]
    signs: tuple[float, ...] = (1.0,)
    activation: str = "relu"

    def __post_init__(self) -> None:
        """Refuse layers that do not fit together."""
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"activation must be one of {', '.join(ACTIVATIONS)}, got {self.activation!r}")
        if len(self.weights) < 2 or len(self.weights) != len(self.gains):
            raise ValueError(
                f"a network has two layers or more and one gain for each, got {len(self.weights)} layers and "
                f"{len(self.gains)} gains"
            )


def two_layer(
    rng: np.random.Generator,
    m: int,
    d: int,
    *,
    gain: float = 2.0,
    activation: str = "relu",
    k: int | None = None,
    device: str = "cpu",
) -> Network:
    """f(x) = √(gain/m) Σ_j a_j act(⟨w_j, x⟩), all N(0, 1): 2 is He's gain, 1 leaves m^(−1/2).

    With `k` a stack of k independent networks.
    """
    return fully_connected(rng, (d, m), gain=gain, activation=activation, k=k, device=device)


def fully_connected(
    rng: np.random.Generator,
    widths: Sequence[int],
    *,
    gain: float = 2.0,
    activation: str = "relu",
    k: int | None = None,
    device: str = "cpu",
) -> Network:
    """The network of widths (d, m_1, …, m_L) and one output, √(gain/fan-in) on every layer after the first.

    The first layer has no factor: on the unit sphere its preactivations are N(0, 1), and with ReLU and He's gain
    of 2 all later ones keep variance 1 on average. With `k` a stack of k independent networks.

    Raises:
        ValueError: if there is no hidden layer or a width is below 1.
    """
    shape = [*widths, 1]
    if len(shape) < 3 or min(shape) < 1:
        raise ValueError(f"widths must be (d, m_1, …) with a hidden layer, all at least 1, got {tuple(widths)}")
    batch = () if k is None else (k,)
    return Network(
        tuple(
            torch.from_numpy(rng.standard_normal((*batch, 1, out, fan_in))).to(device)
            for fan_in, out in itertools.pairwise(shape)
        ),
        (1.0, *(math.sqrt(gain / m) for m in shape[1:-1])),
        activation=activation,
    )


def antisymmetric(net: Network) -> Network:
    """(f(W) − f(W'))/√2 at W' = W, W and W' trained apart: it starts at 0 exactly, with the kernel of f.

    Second-order terms of its training cancel as well. Source: Chizat et al. 2019, section 1.2.
    """
    return replace(
        net,
        weights=tuple(torch.cat([W, W], dim=-3) for W in net.weights),
        gains=(*net.gains[:-1], net.gains[-1] / math.sqrt(2)),
        signs=(*net.signs, *(-sign for sign in net.signs)),
    )


def scaled(net: Network, alpha: float) -> Network:
    """alpha·f: large alpha makes training lazy."""
    return replace(net, gains=(*net.gains[:-1], alpha * net.gains[-1]))


def stack(nets: Sequence[Network]) -> Network:
    """Several networks of one shape as one, the new axis first; functions of it return one entry for each."""
    first = nets[0]
    for net in nets:
        if (net.gains, net.signs, net.activation) != (first.gains, first.signs, first.activation):
            raise ValueError("networks of one stack share gains, signs and activation: these differ")
    return replace(
        first,
        weights=tuple(torch.stack(layer) for layer in zip(*(net.weights for net in nets), strict=True)),
    )


def forward(net: Network, X: Float[Tensor, "n d"]) -> Float[Tensor, "*B n"]:
    """The outputs f(x_i)."""
    _, outputs = sweep(net, X)
    return combined(net, outputs[-1])


def sweep(net: Network, X: Float[Tensor, "n d"]) -> tuple[list[Tensor], list[Tensor]]:
    """What enters each layer, h_{l−1}, and what leaves it, z_l, as (…, copies, points, units)."""
    if X.ndim < 2 or X.shape[-1] != net.weights[0].shape[-1]:
        raise ValueError(
            f"X must be points in {net.weights[0].shape[-1]} dimensions, one per row, got {tuple(X.shape)}"
        )
    h = X.unsqueeze(-3)
    entering, leaving = [], []
    for W, gain in zip(net.weights, net.gains, strict=True):
        entering.append(h)
        leaving.append(gain * applied(W, h))
        h = act(net, leaving[-1])
    return entering, leaving


def applied(W: Float[Tensor, "*B c out in"], h: Float[Tensor, "*B c n in"]) -> Float[Tensor, "*B c n out"]:
    """Products h Wᵀ, each copy in memory of its own: off a cache line a product may round differently.

    So equal copies give equal numbers, and an antisymmetric network starts at 0 to the last bit.
    """
    if W.shape[-3] == 1:
        return h @ W.mT
    inputs = h.expand(*h.shape[:-3], W.shape[-3], *h.shape[-2:]).unbind(-3)
    return torch.stack([k.clone() @ V.clone().mT for k, V in zip(inputs, W.unbind(-3), strict=True)], dim=-3)


def combined(net: Network, outputs: Float[Tensor, "*B c n 1"]) -> Float[Tensor, "*B n"]:
    """Σ_c signs_c f_c: one copy after the other, so that equal copies of opposite sign leave exactly 0."""
    copies = outputs[..., 0].unbind(-2)
    return sum((sign * f for sign, f in zip(net.signs[1:], copies[1:], strict=True)), net.signs[0] * copies[0])


def act(net: Network, z: Tensor) -> Tensor:
    """The activation."""
    return torch.relu(z) if net.activation == "relu" else torch.tanh(z)


def slope(net: Network, z: Tensor) -> Tensor:
    """The derivative of the activation; 0 at the kink."""
    return (z > 0).to(z.dtype) if net.activation == "relu" else 1 - torch.tanh(z) ** 2


def pullback(net: Network, leaving: Sequence[Tensor]) -> list[Tensor]:
    """delta_l = ∂f(x_i)/∂z_l for each layer, first to last, as (…, copies, points, units)."""
    signs = torch.tensor(net.signs, dtype=leaving[-1].dtype, device=leaving[-1].device)
    delta = [signs[:, None, None].expand_as(leaving[-1])]
    for W, gain, z in zip(net.weights[:0:-1], net.gains[:0:-1], leaving[-2::-1], strict=True):
        delta.append(gain * (delta[-1] @ W) * slope(net, z))
    return delta[::-1]


def tangent_kernel(
    net: Network, X: Float[Tensor, "n d"], Z: Float[Tensor, "k d"] | None = None
) -> Float[Tensor, "*B n k"]:
    """⟨∂f(x_i)/∂W, ∂f(z_j)/∂W⟩ over all weights: Σ_l g_l² (h_{l−1} h_{l−1}ᵀ) ∘ (delta_l delta_lᵀ).

    Two matrix products and an entrywise one for each layer; no Jacobian is formed.
    """
    entering, leaving = sweep(net, X)
    delta = pullback(net, leaving)
    if Z is None:
        others, other_delta = entering, delta
    else:
        others, leaving = sweep(net, Z)
        other_delta = pullback(net, leaving)
    parts = (
        gain**2 * ((h @ k.mT) * (u @ v.mT)).sum(-3)
        for gain, h, k, u, v in zip(net.gains, entering, others, delta, other_delta, strict=True)
    )
    return sum(parts, torch.zeros((), dtype=X.dtype, device=X.device))


def jacobian_kernel(
    net: Network, X: Float[Tensor, "n d"], Z: Float[Tensor, "k d"] | None = None, *, entries: int = ENTRIES
) -> Float[Tensor, "n k"]:
    """The same kernel of one network from its Jacobian by automatic differentiation, in blocks of points.

    At most `entries` numbers of a Jacobian are held for each of the two sets of points.
    """
    Z = X if Z is None else Z
    rows = []
    for A in jacobians(net, X, entries):
        rows.append(torch.cat([A @ B.T for B in jacobians(net, Z, entries)], dim=1))
    return torch.cat(rows)


def jacobian(net: Network, X: Float[Tensor, "n d"]) -> Float[Tensor, "n P"]:
    """∂f(x_i)/∂W, all weights of one network in one row, by automatic differentiation."""

    def output(weights: tuple[Tensor, ...], x: Tensor) -> Tensor:
        return forward(replace(net, weights=weights), x[None])[0]

    parts = torch.func.vmap(torch.func.grad(output), in_dims=(None, 0))(net.weights, X)
    return torch.cat([part.flatten(1) for part in parts], dim=1)


def jacobians(net: Network, X: Float[Tensor, "n d"], entries: int) -> Iterator[Float[Tensor, "b P"]]:
    """Blocks of the Jacobian with at most so many entries each, one point at least."""
    points = max(1, entries // sum(W.numel() for W in net.weights))
    return (jacobian(net, block) for block in torch.split(X, points))


def input_gradient(net: Network, X: Float[Tensor, "n d"]) -> Float[Tensor, "*B n d"]:
    """∂f(x_i)/∂x, one row per point."""
    delta = pullback(net, sweep(net, X)[1])[0]
    return (net.gains[0] * (delta @ net.weights[0])).sum(-3)


def weight_gradients(
    net: Network, entering: Sequence[Tensor], leaving: Sequence[Tensor], r: Float[Tensor, "*B n"]
) -> tuple[Float[Tensor, "*B c out in"], ...]:
    """Σ_i r_i ∂f(x_i)/∂W_l for each layer, from the sweep over the points."""
    return tuple(
        gain * (delta * r[..., None, :, None]).mT @ h
        for gain, delta, h in zip(net.gains, pullback(net, leaving), entering, strict=True)
    )


def distance(net: Network, other: Network) -> Float[Tensor, "*B"]:
    """The Euclidean distance of two networks' weights."""
    squares = [((W - V) ** 2).sum((-3, -2, -1)) for W, V in zip(net.weights, other.weights, strict=True)]
    return torch.stack(squares).sum(0).sqrt()

"""The smallest two-layer ReLU network that adversarial training makes robust: all widths and restarts at once."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Bool, Float
from torch import Tensor

Array = npt.NDArray[np.float64]

RATE, DECAY, STABLE = 0.1, (0.9, 0.999), 1e-8  # Adam
SIGNS = (1.0, 0.5)  # steps of the attack in units of the radius, first half and second half


@dataclass(frozen=True)
class Stack:
    """f_k(x) = Σ_j a_kj relu(⟨w_kj, x⟩ + b_kj) + c_k for each k; units beyond the width of k are 0 and stay 0."""

    W: Float[Tensor, "k m d"]
    b: Float[Tensor, "k m"]
    a: Float[Tensor, "k m"]
    c: Float[Tensor, " k"]


def drawn(rng: np.random.Generator, widths: Sequence[int], d: int) -> tuple[Stack, Float[Tensor, "k m"]]:
    """Networks of these widths at random, and which of their units exist."""
    k, m = len(widths), max(widths)
    alive = torch.arange(m) < torch.tensor(widths)[:, None]
    unit = alive.to(torch.float32)
    share = torch.tensor(widths, dtype=torch.float32)[:, None]
    W, b, a = (torch.from_numpy(rng.standard_normal(shape)).float() for shape in ((k, m, d), (k, m), (k, m)))
    return Stack(
        W * unit[..., None] * math.sqrt(2 / d), b * unit, a * unit * (2 / share).sqrt(), torch.zeros(k)
    ), unit


def hidden(net: Stack, X: Float[Tensor, "k n d"]) -> Float[Tensor, "k n m"]:
    """What enters the ReLUs."""
    return torch.baddbmm(net.b[:, None], X, net.W.mT)


def outputs(net: Stack, X: Float[Tensor, "k n d"]) -> Float[Tensor, "k n"]:
    """The scores f_k(x)."""
    return torch.baddbmm(net.c[:, None, None], hidden(net, X).clamp_(min=0), net.a[..., None])[..., 0]


def attacked(
    net: Stack, X: Float[Tensor, "k n d"], y: Float[Tensor, "k n"], eps: float, steps: int, noise: torch.Generator
) -> Float[Tensor, "k n d"]:
    """Points of ‖x' − x‖_∞ ≤ eps after signed gradient steps on the margin, from a random start."""
    delta = (2 * torch.rand(X.shape, generator=noise) - 1) * eps
    for step in range(steps):
        open_ = (hidden(net, X + delta) > 0) * net.a[:, None]
        slope = torch.bmm(open_, net.W) * y[..., None]
        delta = (delta - eps * SIGNS[2 * step >= steps] * slope.sign()).clamp_(-eps, eps)
    return X + delta


def train(
    rng: np.random.Generator,
    X: Float[Tensor, "k n d"],
    y: Float[Tensor, "k n"],
    eps: float,
    widths: Sequence[int],
    *,
    steps: int,
    search: int = 3,
) -> Stack:
    """One network per width, each on points of its own: Adam on the mean logistic loss of attacked points.

    The rate falls linearly to 0.
    """
    net, unit = drawn(rng, widths, X.shape[-1])
    noise = torch.Generator().manual_seed(int(rng.integers(2**62)))
    firsts, seconds = ([torch.zeros_like(p) for p in parts(net)] for _ in range(2))
    for step in range(steps):
        moved = attacked(net, X, y, eps, search, noise)
        h = hidden(net, moved)
        f = torch.bmm(h.clamp(min=0), net.a[..., None])[..., 0] + net.c[:, None]
        r = -y * torch.sigmoid(-y * f) / y.shape[-1]
        back = (h > 0) * net.a[:, None] * r[..., None]
        slopes = (
            torch.bmm(back.mT, moved),
            back.sum(1),
            torch.bmm(r[:, None], h.clamp_(min=0))[:, 0] * unit,
            r.sum(1),
        )
        rate = RATE * (1 - step / steps) * math.sqrt(1 - DECAY[1] ** (step + 1)) / (1 - DECAY[0] ** (step + 1))
        for p, g, first, second in zip(parts(net), slopes, firsts, seconds, strict=True):
            first.lerp_(g, 1 - DECAY[0])
            second.mul_(DECAY[1]).addcmul_(g, g, value=1 - DECAY[1])
            p.addcdiv_(first, second.sqrt().add_(STABLE), value=-rate)
    return net


def parts(net: Stack) -> tuple[Tensor, ...]:
    """The tensors that training moves."""
    return net.W, net.b, net.a, net.c


def robust(
    net: Stack, X: Float[Tensor, "k n d"], y: Float[Tensor, "k n"], eps: float, rng: np.random.Generator
) -> Bool[Tensor, "k n"]:
    """Where neither a corner of ‖x − x_i‖_∞ ≤ eps nor x_i nor a search from five starts breaks the label."""
    noise = torch.Generator().manual_seed(int(rng.integers(2**62)))
    good = y * outputs(net, X) > 0
    if eps == 0:
        return good
    for corner in itertools.product((-eps, eps), repeat=X.shape[-1]):
        good &= y * outputs(net, X + torch.tensor(corner)) > 0
    for _ in range(5):
        good &= y * outputs(net, attacked(net, X, y, eps, 20, noise)) > 0
    return good


def smallest(
    rng: np.random.Generator,
    X: Float[Array, "k n d"],
    y: Float[Array, "k n"],
    eps: float,
    widths: Sequence[int],
    *,
    restarts: int,
    steps: int,
    share: float,
) -> Float[Array, " k"]:
    """For each of k sets the smallest width at which a restart is robust on more than `share` of the points.

    The largest where there is none. Below it, as far as the attack finds what there is, an upper bound of the
    smallest robust width: training may miss a smaller network.
    """
    each = len(widths) * restarts
    points, labels = (torch.from_numpy(part).float().repeat_interleave(each, dim=0) for part in (X, y))
    net = train(rng, points, labels, eps, [m for m in widths for _ in range(restarts)] * len(X), steps=steps)
    good = robust(net, points, labels, eps, rng).double().mean(1).reshape(len(X), len(widths), restarts).amax(2)
    reached = np.append(good.numpy() > share, np.ones((len(X), 1), dtype=bool), axis=1)
    return np.asarray(np.append(widths, float(max(widths)))[reached.argmax(axis=1)])

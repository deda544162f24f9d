"""The classifier that memorises boxes around training points, written down directly, and what is seen of it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Bool, Float
from torch import Tensor

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Memory:
    """f(x) = clip(⟨w, x⟩ + b, ±M) off the boxes of radius reach around the x_i, y_i on those of radius eps."""

    w: Float[Array, " d"]
    b: float
    M: float
    X: Float[Array, "n d"]
    y: Float[Array, " n"]
    eps: float
    reach: float


def values(memory: Memory, Z: Float[Tensor, "k d"]) -> Float[Tensor, " k"]:
    """The scores of the points z."""
    X, y = torch.from_numpy(memory.X), torch.from_numpy(memory.y)
    clean = (Z @ torch.from_numpy(memory.w) + memory.b).clamp(-memory.M, memory.M)
    outside = ((Z[:, None] - X).abs() - memory.eps).clamp(min=0).sum(-1)
    inside = (1 - outside / (memory.reach - memory.eps)).clamp(min=0)
    plus, minus = ((inside * (y == sign)).sum(-1).clamp(max=1) for sign in (1, -1))
    kept = clean.sign() * (clean.abs() - memory.M * (plus + minus)).clamp(min=0)
    return kept + plus - minus


def scores(memory: Memory, Z: Float[Array, "k d"]) -> Float[Array, " k"]:
    """The same as NumPy."""
    return np.concatenate([values(memory, part).numpy() for part in torch.split(torch.from_numpy(Z), 64)])


def margins(memory: Memory, y: Float[Array, " k"]) -> Callable[[Array], tuple[Array, Array]]:
    """Margins and their gradients, as an adversary that searches wants them."""

    def score(Z: Array) -> tuple[Array, Array]:
        z = torch.from_numpy(Z).requires_grad_()
        margin = torch.from_numpy(y) * values(memory, z)
        (gradient,) = torch.autograd.grad(margin.sum(), z)
        return margin.detach().numpy(), gradient.numpy()

    return score


def broken(
    memory: Memory, Z: Float[Array, "k d"], y: Float[Array, " k"], eps: float
) -> Bool[npt.NDArray[np.bool_], " k"]:
    """Where a point of ‖x − z‖_∞ ≤ eps that was tried breaks the label; a score of 0 does.

    Tried are z itself, the corner that is worst for the linear score, and the point nearest to each x_i.
    """
    found = []
    for z, label in zip(Z, y, strict=True):
        corner = z - eps * label * np.sign(memory.w)
        tried = np.concatenate([z[None], corner[None], memory.X.clip(z - eps, z + eps)])
        found.append(bool((label * scores(memory, tried) <= 0).any()))
    return np.array(found)


def unbreakable(
    memory: Memory, Z: Float[Array, "k d"], y: Float[Array, " k"], eps: float
) -> Bool[npt.NDArray[np.bool_], " k"]:
    """Where no point of ‖x − z‖_∞ ≤ eps can break the label, and a reason is at hand.

    No box of the other class is met, and the linear score is right all over or a box of the own class contains it.
    """
    own, other = (
        np.array(
            [np.abs(memory.X[(memory.y == label) == same] - z).max(1).min() for z, label in zip(Z, y, strict=True)]
        )
        for same in (True, False)
    )
    right = y * (Z @ memory.w + memory.b) - eps * np.abs(memory.w).sum() > 0
    return np.asarray((other > eps + memory.reach) & (right | (own + eps <= memory.eps)))


def dense_layers(memory: Memory) -> list[tuple[Array, Array]]:
    """Matrices and biases of the same classifier as layers of ReLUs, written down block by block."""
    n, d = memory.X.shape
    M, gap = memory.M, memory.reach - memory.eps
    sides = np.vstack([np.eye(d), -np.eye(d)])
    clip_in = np.concatenate([np.tile(sides, (n, 1)), memory.w[None]])
    shift = np.append(np.concatenate([-memory.X, memory.X], axis=1).ravel() - memory.eps, memory.b + M)
    inside = np.zeros((n + 1, 2 * n * d + 1))
    for i in range(n):
        inside[i, 2 * d * i : 2 * d * (i + 1)] = -1 / gap
    inside[n, -1] = -1.0
    sums = np.zeros((4, n + 1))  # clean⁺, clean⁻, 1 − sum over class +, 1 − sum over class −
    sums[0, n], sums[1, n] = -1.0, 1.0
    sums[2, :n], sums[3, :n] = -1.0 * (memory.y > 0), -1.0 * (memory.y < 0)
    gates = np.array([[1, -1, M, M], [-1, 1, M, M], [0, 0, 1, 0], [0, 0, 0, 1]])
    return [
        (clip_in, shift),
        (inside, np.append(np.ones(n), 2 * M)),
        (sums, np.array([M, -M, 1.0, 1.0])),
        (gates, np.array([-2 * M, -2 * M, 0.0, 0.0])),
        (np.array([[1.0, -1.0, -1.0, 1.0]]), np.zeros(1)),
    ]


def through(layers: list[tuple[Array, Array]], Z: Float[Array, "k d"]) -> Float[Array, " k"]:
    """The output of the layers, a ReLU after each but the last."""
    h = Z.T
    for W, b in layers[:-1]:
        h = np.maximum(W @ h + b[:, None], 0)
    return np.asarray((layers[-1][0] @ h + layers[-1][1][:, None])[0])

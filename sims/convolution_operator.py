"""A convolution as the linear operator that it is on images of one size: its matrix, its singular values.

The matrix of a kernel reshaped to (out, c·k·k) has other singular values, off by factors up to k.
"""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float
from scipy.sparse import linalg
from torch import Tensor

Array = npt.NDArray[np.float64]
PADDINGS = ("zeros", "circular")


def matrix(
    W: Float[Tensor, "out c k k"], shape: Sequence[int], padding: str = "zeros", stride: int = 1
) -> Float[Tensor, "p q"]:
    """The matrix of images (c, height, width) ↦ (out, …), each row by row: Σ_ij W_ij ⊗ S_i ⊗ S_j.

    S_i shifts an image by i − (k − 1)/2 pixels; what leaves it is lost, or comes back on the other side. A stride
    s keeps rows 0, s, 2s, … of S_i and S_j.
    """
    check(W, shape, padding, stride)
    half = W.shape[-1] // 2
    rows, columns = ([shift(side, i - half, padding, W)[::stride] for i in range(W.shape[-1])] for side in shape)
    parts = [
        torch.kron(W[:, :, i, j].contiguous(), torch.kron(S, T))
        for i, S in enumerate(rows)
        for j, T in enumerate(columns)
    ]
    return torch.stack(parts).sum(0)


def shift(side: int, by: int, padding: str, like: Tensor) -> Float[Tensor, "side side"]:
    """The matrix that has entry r + `by` of a vector at place r."""
    S = torch.eye(side, dtype=like.dtype, device=like.device)
    if padding == "circular":
        return torch.roll(S, by, 1)
    return torch.diag(S.new_ones(max(side - abs(by), 0)), by) if abs(by) < side else torch.zeros_like(S)


def singular_values(
    W: Float[Tensor, "out c k k"], shape: Sequence[int], padding: str = "zeros", stride: int = 1
) -> Float[Tensor, " r"]:
    """All of them, largest first: of the matrix; with circular padding and stride 1 of its blocks by frequency.

    Errors: those of a singular value decomposition, machine precision times the largest.
    Source: Sedghi, Gupta & Long 2019, Theorem 6 (circular padding).
    """
    check(W, shape, padding, stride)
    if padding == "zeros" or stride > 1:
        values: Tensor = torch.linalg.svdvals(matrix(W, shape, padding, stride))
        return values
    E, F = (waves(side, W.shape[-1]).to(W.device) for side in shape)
    blocks = torch.einsum("ocij,fi,gj->fgoc", W.to(E.dtype), E, F)
    values = torch.linalg.svdvals(blocks).flatten()
    return values.sort(descending=True).values.to(W.dtype)


def waves(side: int, k: int) -> Tensor:
    """exp(2πi f j/side) for each frequency f and place j of the kernel."""
    turns = torch.outer(torch.arange(side), torch.arange(k)) % side
    angle = 2 * torch.pi / side * turns.double()
    return torch.polar(torch.ones_like(angle), angle)


def leading(
    W: Float[Tensor, "out c k k"],
    shape: Sequence[int],
    k: int,
    rng: np.random.Generator,
    *,
    stride: int = 1,
    tol: float = 1e-10,
) -> Array:
    """The k largest singular values with zero padding, by Lanczos: no matrix is formed.

    Errors: relative to the largest about `tol`.
    Raises:
        ValueError: if k is not below the number of singular values; `singular_values` gives all of them.
        scipy.sparse.linalg.ArpackNoConvergence: if the iteration does not converge.
    """
    check(W, shape, "zeros", stride)
    out, c, side = W.shape[0], W.shape[1], W.shape[-1]
    there = leaving(shape, stride)
    p, q = out * math.prod(there), c * math.prod(shape)
    if not 1 <= k < min(p, q):
        raise ValueError(f"k must lie below {min(p, q)}, got {k}: singular_values gives all of them")
    beyond = [entering - (left - 1) * stride - 1 for entering, left in zip(shape, there, strict=True)]

    def product(v: Array) -> Array:
        image = torch.from_numpy(v.reshape(1, c, *shape)).to(W)
        moved = torch.nn.functional.conv2d(image, W, stride=stride, padding=side // 2)
        return np.asarray(moved.flatten().cpu(), np.float64)

    def adjoint(u: Array) -> Array:
        image = torch.from_numpy(u.reshape(1, out, *there)).to(W)
        pulled = torch.nn.functional.conv_transpose2d(
            image, W, stride=stride, padding=side // 2, output_padding=beyond
        )
        return np.asarray(pulled.flatten().cpu(), np.float64)

    operator = linalg.LinearOperator((p, q), matvec=product, rmatvec=adjoint, dtype=np.dtype(np.float64))
    start = rng.standard_normal(min(p, q))
    found = linalg.svds(operator, k, v0=start, tol=tol, return_singular_vectors=False)
    return np.sort(np.asarray(found, np.float64))[::-1].copy()


def leaving(shape: Sequence[int], stride: int) -> tuple[int, ...]:
    """Height and width of what a convolution with this stride makes of images of this shape."""
    return tuple((side - 1) // stride + 1 for side in shape)


def check(W: Tensor, shape: Sequence[int], padding: str, stride: int) -> None:
    """Refuse what is no convolution that keeps the size of an image, but for its stride."""
    if W.ndim != 4 or W.shape[-1] != W.shape[-2] or W.shape[-1] % 2 == 0:
        raise ValueError(f"a kernel is (out, channels, k, k) with k odd, got {tuple(W.shape)}")
    if len(shape) != 2 or min(shape) < 1:
        raise ValueError(f"shape must be (height, width), both at least 1, got {tuple(shape)}")
    if padding not in PADDINGS:
        raise ValueError(f"padding must be one of {', '.join(PADDINGS)}, got {padding!r}")
    if stride < 1:
        raise ValueError(f"stride must be at least 1, got {stride}: 1 keeps every pixel")

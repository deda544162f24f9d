"""What an adversary may reach: the ball around each point, cut by the box of the pixels; exact projections."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

Box = tuple[float, float] | None


def project(
    Z: Float[Tensor, "*B n d"], X: Float[Tensor, "*B n d"], eps: Tensor, p: float, box: Box
) -> Float[Tensor, "*B n d"]:
    """The point nearest to Z in ‖·‖₂ with ‖z − X‖ₚ ≤ eps and entries in the box, for each row; p is 2 or ∞.

    Both sets at once, not one after the other: for p = ∞ they are a smaller box; for p = 2 the point is
    X + min(c |Z − X|, room) entrywise in the direction of Z − X, with c ≤ 1 found from the sorted breakpoints.
    X must lie in the box; eps broadcasts against the rows, (…, 1, 1).

    Errors: ‖z − X‖ₚ exceeds eps by rounding at most, a few units in the last place of the entries of X.
    """
    if p == math.inf:
        low, high = bounds(X, eps, box)
        return torch.clamp(Z, low, high)
    change = Z - X
    if box is None:
        return X + shortened(change, eps)
    a = change.abs()
    room = torch.where(change > 0, box[1] - X, X - box[0])
    short = torch.minimum(multiple(a, room, eps) * a, room)
    return torch.clamp(X + shortened(torch.copysign(short, change), eps), *box)


def bounds(X: Tensor, eps: Tensor, box: Box) -> tuple[Tensor, Tensor]:
    """The least and the largest entries within eps of X and in the box."""
    low, high = X - eps, X + eps
    return (low, high) if box is None else (low.clamp(min=box[0]), high.clamp(max=box[1]))


def shortened(change: Tensor, eps: Tensor) -> Tensor:
    """Rows longer than eps brought to this length."""
    length = torch.linalg.vector_norm(change, dim=-1, keepdim=True)
    return torch.where(length > eps, change * (eps / length), change)


def multiple(a: Tensor, room: Tensor, eps: Tensor) -> Tensor:
    """The largest c ≤ 1 with Σ_j min(c a_j, room_j)² ≤ eps² for each row, from the sorted breakpoints room_j/a_j.

    Between two of them the sum is a square and a constant; the first piece on which it reaches eps² holds c.
    """
    turn = torch.where(a > 0, room / a, torch.inf)
    turn, order = turn.sort(dim=-1)
    full = room.gather(-1, order).square().cumsum(-1)
    free = a.gather(-1, order).square()
    free = free.flip(-1).cumsum(-1).flip(-1)  # Σ of the entries from this one on
    full = torch.cat([torch.zeros_like(full[..., :1]), full[..., :-1]], -1)  # Σ of the entries before this one
    c = ((eps**2 - full).clamp(min=0) / free).sqrt()
    reached = (c <= turn) & (free > 0)
    first = reached.to(torch.uint8).argmax(-1, keepdim=True)
    c = torch.where(reached.any(-1, keepdim=True), c.gather(-1, first), 1.0)
    return c.clamp(max=1.0)

"""The steps of descent as a PyTorch program: all runs of a batch advance together, on any device."""

import math

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from sims.loops import LARGEST_LOSS

Array = npt.NDArray[np.float64]
Steps = npt.NDArray[np.int64]

LOOK = 500  # whether all runs have stopped is asked this often, since asking waits for the device


@torch.no_grad()
def descend(
    signed: Array,
    start: Array,
    r: float,
    eps: Array,
    q: float,
    smoothing: float,
    logistic: bool,
    schedule: int,
    rates: Array,
    log_until: float,
    grid: Steps,
    device: str,
) -> tuple[Array, Array, Array, Steps]:
    """What `sims.loops.descend` does, for all runs at once; points, slopes, losses, steps taken."""
    place = torch.device(device.removeprefix("torch:"))
    Z, w, radius, rate = (torch.tensor(a, dtype=torch.float64, device=place) for a in (signed, start, eps, rates))
    n = Z.shape[1]
    alive = torch.ones(len(w), dtype=torch.bool, device=place)
    taken = torch.zeros(len(w), dtype=torch.int64, device=place)
    points: list[Tensor] = []
    slopes: list[Tensor] = []
    losses: list[Tensor] = []
    for t in range(int(grid[-1]) + 1):
        N, norm, v = penalty(w, q, smoothing)
        m = (Z @ w[:, :, None])[..., 0]
        log_descended, a = weights(m - (radius * N)[:, None], logistic)
        log_true = log_descended
        if smoothing < math.inf:
            log_true = weights(m - (radius * norm)[:, None], logistic)[0]
        g = (radius * a.sum(1))[:, None] * v - (a[:, None, :] @ Z)[:, 0]
        alive = alive & (log_true >= log_until)
        if t == grid[len(points)]:
            points.append(w)
            slopes.append(torch.linalg.vector_norm(g, dual(r), dim=1))
            losses.append(log_true)
        if len(points) == len(grid):
            break
        if t % LOOK == 0 and not alive.any():
            left = len(grid) - len(points)
            slopes += [torch.linalg.vector_norm(g, dual(r), dim=1)] * left
            points, losses = points + [w] * left, losses + [log_true] * left
            break
        eta = rate
        if schedule == 1:
            eta = rate / math.sqrt(t + 1)
        elif schedule == 2:
            eta = rate * torch.exp((log_descended - math.log(n)).clamp(max=50.0)).clamp(max=LARGEST_LOSS)
        w = torch.where(alive[:, None], w + eta[:, None] * direction(g, r), w)
        taken += alive
    seen = [torch.stack(a, dim=1).cpu().numpy() for a in (points, slopes, losses)]
    return seen[0], seen[1], seen[2], taken.cpu().numpy()


def direction(g: Tensor, r: float) -> Tensor:
    """argmin_v ⟨g, v⟩ + ‖v‖_r²/2 for each row g."""
    if r == 2:
        return -g
    if r == math.inf:
        return -g.abs().sum(1, keepdim=True) * g.sign()
    j = g.abs().argmax(1, keepdim=True)
    return torch.zeros_like(g).scatter(1, j, -g.gather(1, j))


def weights(s: Tensor, logistic: bool) -> tuple[Tensor, Tensor]:
    """The log of the loss, log Σ l(s_i), and the weights −l'(s_i)/Σ l for each row s, all in logarithms."""
    log_l = log_slope = -s
    if logistic:
        log_slope = torch.nn.functional.logsigmoid(-s)
        small = s > 30  # log(1 + e^(−s)) = e^(−s) (1 − e^(−s)/2 …)
        log_l = torch.where(small, -s, torch.log(torch.nn.functional.softplus(-torch.where(small, 0.0, s))))
    total = torch.logsumexp(log_l, dim=1)
    return total, torch.exp(log_slope - total[:, None])


def penalty(w: Tensor, q: float, smoothing: float) -> tuple[Tensor, Tensor, Tensor]:
    """N(w), ‖w‖_q and a subgradient of N for each row w, as in `sims.loops.penalty`."""
    norm = torch.linalg.vector_norm(w, q, dim=1)
    if q == 1:
        if smoothing == math.inf:
            return norm, norm, w.sign()
        extra = torch.log1p(torch.exp(-smoothing * w.abs())) - math.log(2)
        return norm + 2 * extra.sum(1) / smoothing, norm, torch.tanh(smoothing * w / 2)
    if q == math.inf:
        if smoothing == math.inf:
            j = w.abs().argmax(1, keepdim=True)
            return norm, norm, torch.zeros_like(w).scatter(1, j, w.sign().gather(1, j))
        both = smoothing * torch.cat([w, -w], dim=1)
        up, down = torch.softmax(both, dim=1).chunk(2, dim=1)
        return torch.logsumexp(both, dim=1) / smoothing, norm, up - down
    unit = w.abs() / torch.where(norm > 0, norm, 1.0)[:, None]
    return norm, norm, w.sign() * unit ** (q - 1)


def dual(r: float) -> float:
    """The exponent dual to r in {1, 2, ∞}."""
    return {1.0: math.inf, 2.0: 2.0, math.inf: 1.0}[r]

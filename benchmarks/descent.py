"""How far is a step of descent from the memory traffic that it cannot avoid?

One core, n = 100, d = 500, float64; microseconds per step, least of three. The floor is two passes of dot
products over X in a compiled loop (one pass for coordinate descent); below it lies only what needs no pass over
X, descent in the span of the data. Beside it the usual ways: NumPy line by line, and PyTorch without a compiler.

Run: OMP_NUM_THREADS=1 python benchmarks/descent.py
"""

import math
import time
from collections.abc import Callable

import numba
import numpy as np
import torch

from sims import diagonal, sample
from sims.descent import descend

N, D, EPS = 100, 500, 0.01


def clock(run: Callable[[int], object], steps: int) -> float:
    """Microseconds per step, the least of three, compilation left out."""
    run(2)
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        run(steps)
        seconds.append(time.perf_counter() - start)
    return 1e6 * min(seconds) / steps


@numba.njit
def passes(Z, w, m, g, steps, two):
    for _ in range(steps):
        np.dot(Z, w, m)
        if two:
            np.dot(Z.T, m, g)


def by_numpy(Z, r, eps, steps):
    w = np.zeros(Z.shape[1])
    rate = 1e-3
    for _ in range(steps):
        m = Z @ w
        q = np.exp(m.min() - m)
        g = eps * np.sign(w) - (q / q.sum()) @ Z
        if r == 2:
            w -= rate * g
        elif r == 1:
            j = np.argmax(np.abs(g))
            w[j] -= rate * g[j]
        else:
            w -= rate * np.abs(g).sum() * np.sign(g)
    return w


def factors_by_numpy(Z, eps, steps):
    u = v = np.full(Z.shape[1], 0.1)
    for _ in range(steps):
        w = u * u - v * v
        m = Z @ w
        q = np.exp(m.min() - m)
        g = eps * np.sign(w) - (q / q.sum()) @ Z
        eta = 0.1 / np.sqrt(4 * g * g @ (u * u + v * v))
        u, v = u - 2 * eta * g * u, v + 2 * eta * g * v
    return u * u - v * v


@torch.no_grad()
def by_torch(Z, r, eps, steps):
    w = torch.zeros(Z.shape[1], dtype=torch.float64)
    rate = 1e-3
    for _ in range(steps):
        g = eps * w.sign() - torch.softmax(-(Z @ w), 0) @ Z
        if r == 2:
            w -= rate * g
        elif r == 1:
            j = g.abs().argmax()
            w[j] -= rate * g[j]
        else:
            w -= rate * g.abs().sum() * g.sign()
    return w


@torch.no_grad()
def factors_by_torch(Z, eps, steps):
    u = v = torch.full((Z.shape[1],), 0.1, dtype=torch.float64)
    for _ in range(steps):
        w = u * u - v * v
        g = eps * w.sign() - torch.softmax(-(Z @ w), 0) @ Z
        eta = 0.1 / torch.sqrt(4 * g * g @ (u * u + v * v))
        u, v = u - 2 * eta * g * u, v + 2 * eta * g * v
    return u * u - v * v


def main() -> None:
    torch.set_num_threads(1)
    rng = np.random.default_rng(0)
    X, y, _ = sample.planted(rng, N, D)
    Z = y[:, None] * X
    Zt = torch.from_numpy(Z)
    w, m, g = np.zeros(D), np.zeros(N), np.zeros(D)
    print(f"n = {N}, d = {D}, microseconds per step; the floor is measured beside each row")
    print(f"{'':24}{'ours':>9}{'floor':>9}{'x floor':>9}{'numpy':>9}{'torch':>9}")
    for name, r in (("gradient", 2.0), ("sign", math.inf), ("coordinate", 1.0), ("diagonal", None)):
        for eps in (0.0, EPS):
            floor = clock(lambda k, two=r != 1: passes(Z, w, m, g, k, two), 10_000)
            if r is None:
                ours = clock(lambda k, e=eps: diagonal.descend_powers(X, y, eps=e, steps=k), 10_000)
                numpy = clock(lambda k, e=eps: factors_by_numpy(Z, e, k), 2_000)
                eager = clock(lambda k, e=eps: factors_by_torch(Zt, e, k), 2_000)
            else:
                ours = clock(lambda k, a=r, e=eps: descend(X, y, geometry=a, eps=e, steps=k), 20_000)
                numpy = clock(lambda k, a=r, e=eps: by_numpy(Z, a, e, k), 2_000)
                eager = clock(lambda k, a=r, e=eps: by_torch(Zt, a, e, k), 2_000)
            kind = f"{name}, {'robust' if eps else 'clean'}"
            print(f"{kind:24}{ours:9.2f}{floor:9.2f}{ours / floor:9.2f}{numpy:9.2f}{eager:9.2f}")
    print("\nbatch of 64: microseconds per step and run, and that over the same run alone")
    data = [sample.planted(rng, N, D) for _ in range(64)]
    Xs, ys = np.stack([a for a, _, _ in data]), np.stack([b for _, b, _ in data])
    for name, r in (("gradient, robust", 2.0), ("sign, robust", math.inf), ("coordinate, robust", 1.0)):
        alone = clock(lambda k, a=r: descend(X, y, geometry=a, eps=EPS, steps=k), 2_000)
        batch = clock(lambda k, a=r: descend(Xs, ys, geometry=a, eps=EPS, steps=k), 500) / 64
        print(f"{name:24}{batch:9.2f}{batch / alone:9.2f}")


if __name__ == "__main__":
    main()

"""Gradient descent on the exponential loss, clean or under an ℓ2 attack, in the span of the data.

Every step lies in the span of the first point and the rows, w = c w₀ + Zᵀa, and margins move by ZZᵀ alone: a
step costs n² operations where two passes over Z cost 4nd.
"""

import math

import numpy as np
import numpy.typing as npt

from sims.loops import LARGEST_LOSS, NEGLIGIBLE, REFRESH, compiled

Array = npt.NDArray[np.float64]


@compiled
def descend(
    Z: Array,
    K: Array,
    w: Array,
    eps: float,
    schedule: int,
    rate: float,
    log_until: float,
    grid: npt.NDArray[np.int64],
    points: Array,
    slopes: Array,
    losses: Array,
) -> int:
    """Gradient descent with the schedules, records and stopping of `sims.loops.descend`; K = ZZᵀ.

    Margins and norm are computed afresh from w at each record and each REFRESH steps.
    """
    n, d = Z.shape
    m, a, b = np.zeros(n), np.zeros(n), np.zeros(n)
    g = np.zeros(d)
    Kb = np.zeros(n)
    square = 0.0
    k = 0
    t = 0
    while True:
        if t % REFRESH == 0 or t == grid[k]:
            for i in range(n):
                for j in range(d):
                    w[j] += a[i] * Z[i, j]
                a[i] = 0.0
            square = 0.0
            for j in range(d):
                square += w[j] * w[j]
            for i in range(n):
                s = 0.0
                for j in range(d):
                    s += Z[i, j] * w[j]
                m[i] = s
        low = np.min(m)
        total = 0.0
        for i in range(n):
            b[i] = math.exp(low - m[i])
            total += b[i]
        norm = math.sqrt(max(square, 0.0))
        log_true = math.log(total) - low + eps * norm
        for i in range(n):
            b[i] /= total
        stop = t == grid[-1] or log_true < log_until
        if t == grid[k] or stop:
            if t != grid[k]:
                for i in range(n):
                    for j in range(d):
                        w[j] += a[i] * Z[i, j]
                    a[i] = 0.0
            pull = eps / norm if norm > 0 else 0.0
            for j in range(d):
                g[j] = pull * w[j]
            for i in range(n):
                for j in range(d):
                    g[j] -= b[i] * Z[i, j]
            last = grid.shape[0] if stop else k + 1
            length = math.sqrt(np.dot(g, g))
            for row in range(k, last):
                points[row] = w
                slopes[row] = length
                losses[row] = log_true
            k = last
        if stop:
            return t
        t += 1
        eta = rate
        if schedule == 1:
            eta = rate / math.sqrt(t)
        elif schedule == 2:
            eta = rate * min(math.exp(min(log_true - math.log(n), 50.0)), LARGEST_LOSS)
        keep = 1 - eta * eps / norm if eps > 0 and norm > 0 else 1.0
        Kb[:] = 0.0
        for i in range(0, n - 3, 4):
            b0, b1, b2, b3 = b[i], b[i + 1], b[i + 2], b[i + 3]
            if b0 + b1 + b2 + b3 > NEGLIGIBLE:
                k0, k1, k2, k3 = K[i], K[i + 1], K[i + 2], K[i + 3]
                for h in range(n):
                    Kb[h] += (b0 * k0[h] + b1 * k1[h]) + (b2 * k2[h] + b3 * k3[h])
        for i in range(n - n % 4, n):
            for h in range(n):
                Kb[h] += b[i] * K[i, h]
        bm = 0.0
        bKb = 0.0
        for i in range(n):
            bm += b[i] * m[i]
            bKb += b[i] * Kb[i]
        square = keep * keep * square + 2 * keep * eta * bm + eta * eta * bKb
        for i in range(n):
            m[i] = keep * m[i] + eta * Kb[i]
            a[i] = keep * a[i] + eta * b[i]
        if keep != 1:
            for j in range(d):
                w[j] *= keep

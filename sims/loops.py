"""The compiled loops of descent: one pass over the data per step, one run after the other.

Each row of Z is read once per step: its margin, its weight in the loss and its share of the gradient are
taken while the row lies in the cache. Weights are scaled by e^ref with `ref` near the least margin, so that
nothing overflows and the largest weights never vanish, however large the margins are.

All that calls `sweep` lives in this file: a stored compilation is renewed when its own file changes, not
when another does.
"""

import math
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]
F = TypeVar("F", bound=Callable[..., Any])

NEGLIGIBLE = 1e-20  # a weight this small against the largest is below the rounding of the sum
REFRESH = 1024  # margins kept up by increments are computed afresh this often
LARGEST_LOSS = 1e5  # what the mean loss is capped at where it multiplies a constant rate


def compiled(function: F) -> F:
    """The function as machine code, kept on disk; sums may be reordered, infinities and NaN are respected."""
    return cast(F, numba.njit(cache=True, nogil=True, fastmath={"reassoc", "contract", "nsz"})(function))


def compiled_without_nan(function: F) -> F:
    """The same where NaN cannot occur, so that several entries are compared at once."""
    return cast(F, numba.njit(cache=True, nogil=True, fastmath={"nnan", "nsz"})(function))


@compiled
def sign(x: float) -> float:
    """The sign of x, 0 at 0."""
    return 1.0 if x > 0 else (-1.0 if x < 0 else 0.0)


@compiled
def weigh(s: float, ref: float, logistic: bool) -> tuple[float, float]:
    """e^ref times (−l'(s), l(s)), l the exponential or the logistic loss."""
    if not logistic:
        a = math.exp(ref - s)
        return a, a
    if s < 0:
        e = math.exp(s)
        return math.exp(ref) / (1 + e), math.exp(ref) * (math.log1p(e) - s)
    a, e = math.exp(ref - s), math.exp(-s)
    return a / (1 + e), a * (math.log1p(e) / e if e > 1e-17 else 1.0)


@compiled
def sweep(
    Z: Array, w: Array, m: Array, column: int, move: float, shift: float, logistic: bool, ref: float, g: Array
) -> tuple[float, float, float]:
    """One pass: margins m, g ← e^ref Σ −l'(s_i) z_i with s = m − shift; returns e^ref Σ −l', e^ref Σ l, ref.

    With column < 0 the margins are Zw; otherwise they move by `move` times that column of Z. The returned
    `ref` is within a few units of the least s (of 0 if that is larger, for the logistic loss).
    """
    n, d = Z.shape
    while True:
        g[:] = 0.0
        slope = 0.0
        total = 0.0
        low = math.inf
        for i in range(0, n, 4):
            size = min(4, n - i)
            z0, z1, z2, z3 = Z[i], Z[min(i + 1, n - 1)], Z[min(i + 2, n - 1)], Z[min(i + 3, n - 1)]
            if column < 0:
                s0 = s1 = s2 = s3 = 0.0
                if size == 4:
                    for j in range(d):
                        s0 += z0[j] * w[j]
                        s1 += z1[j] * w[j]
                        s2 += z2[j] * w[j]
                        s3 += z3[j] * w[j]
                    m[i], m[i + 1], m[i + 2], m[i + 3] = s0, s1, s2, s3
                else:
                    for k in range(i, n):
                        z0, s0 = Z[k], 0.0
                        for j in range(d):
                            s0 += z0[j] * w[j]
                        m[k] = s0
                    z0 = Z[i]
            elif move != 0:
                for k in range(i, i + size):
                    m[k] += move * Z[k, column]
            least = math.inf
            for k in range(i, i + size):
                least = min(least, m[k] - shift)
            low = min(low, least)
            if logistic:
                least = max(least, 0.0)
            if least < ref - 50:  # rare: what was gathered so far is small beside this row
                factor = math.exp(least - ref)
                ref = least
                slope *= factor
                total *= factor
                for j in range(d):
                    g[j] *= factor
            a0, b0 = weigh(m[i] - shift, ref, logistic)
            a1 = a2 = a3 = b1 = b2 = b3 = 0.0
            if size > 1:
                a1, b1 = weigh(m[i + 1] - shift, ref, logistic)
            if size > 2:
                a2, b2 = weigh(m[i + 2] - shift, ref, logistic)
            if size > 3:
                a3, b3 = weigh(m[i + 3] - shift, ref, logistic)
            slope += (a0 + a1) + (a2 + a3)
            total += (b0 + b1) + (b2 + b3)
            if a0 + a1 + a2 + a3 > NEGLIGIBLE:
                for j in range(d):
                    g[j] += (a0 * z0[j] + a1 * z1[j]) + (a2 * z2[j] + a3 * z3[j])
        level = max(low, 0.0) if logistic else low
        if level <= ref + 5:
            return slope, total, ref
        ref, column, move = level, 0, 0.0  # the margins are known now: weigh them again


@compiled
def penalty(w: Array, q: float, smoothing: float, v: Array) -> tuple[float, float]:
    """The penalty N(w), which is ‖w‖_q or its smoothing, and ‖w‖_q; v becomes a subgradient of N at w.

    Smoothed, with s = `smoothing`: (1/s) Σ [log(1 + e^(sw)) + log(1 + e^(−sw)) − 2 log 2] for q = 1, with
    gradient tanh(sw/2); (1/s) log Σ (e^(sw) + e^(−sw)) for q = ∞.
    """
    d = w.shape[0]
    if q == 1:
        norm = 0.0
        for j in range(d):
            norm += abs(w[j])
            v[j] = sign(w[j])
        if smoothing == math.inf:
            return norm, norm
        extra = 0.0
        for j in range(d):
            e = math.exp(-smoothing * abs(w[j]))
            extra += math.log1p(e) - math.log(2.0)
            v[j] *= (1 - e) / (1 + e)
        return norm + 2 * extra / smoothing, norm
    largest = 0.0
    at = 0
    for j in range(d):
        if abs(w[j]) > largest:
            largest = abs(w[j])
            at = j
    if q == math.inf:
        v[:] = 0.0
        if smoothing == math.inf:
            v[at] = sign(w[at])
            return largest, largest
        total = 0.0
        for j in range(d):
            up = math.exp(smoothing * (w[j] - largest))
            down = math.exp(-smoothing * (w[j] + largest))
            total += up + down
            v[j] = up - down
        for j in range(d):
            v[j] /= total
        return largest + math.log(total) / smoothing, largest
    if largest == 0:
        v[:] = 0.0
        return 0.0, 0.0
    total = 0.0
    for j in range(d):
        u = abs(w[j]) / largest
        total += u * u if q == 2 else u**q
    norm = largest * (math.sqrt(total) if q == 2 else total ** (1 / q))
    for j in range(d):
        v[j] = w[j] / norm if q == 2 else math.copysign((abs(w[j]) / norm) ** (q - 1), w[j])
    return norm, norm


@compiled
def log_loss(m: Array, shift: float, logistic: bool) -> float:
    """The log of the loss, log Σ l(m_i − shift)."""
    low = np.min(m) - shift
    ref = max(low, 0.0) if logistic else low
    total = 0.0
    for i in range(m.shape[0]):
        total += weigh(m[i] - shift, ref, logistic)[1]
    return math.log(total) - ref


@compiled_without_nan
def largest(g: Array) -> float:
    """The largest |g_j|."""
    top = 0.0
    for j in range(g.shape[0]):
        size = abs(g[j])
        if size > top:
            top = size
    return top


@compiled
def dual_length(g: Array, r: float) -> float:
    """‖g‖ in the norm dual to ‖·‖_r, r ∈ {1, 2, ∞}."""
    if r == 1:
        return largest(g)
    total = 0.0
    for j in range(g.shape[0]):
        total += g[j] * g[j] if r == 2 else abs(g[j])
    return math.sqrt(total) if r == 2 else total


@compiled
def descend(
    Z: Array,
    w: Array,
    r: float,
    eps: float,
    q: float,
    smoothing: float,
    logistic: bool,
    schedule: int,
    rate: float,
    log_until: float,
    grid: npt.NDArray[np.int64],
    points: Array,
    slopes: Array,
    losses: Array,
) -> int:
    """Steepest descent in ℓ_r from w, in place; fills the records at the steps `grid`, returns the steps taken.

    w ← w + rate · f · D(g/L), with f = 1, 1/√t or the mean loss for schedule 0, 1, 2.
    """
    n, d = Z.shape
    m = np.zeros(n)
    g = np.zeros(d)
    v = np.zeros(d)
    ref = 0.0
    column = -1
    move = 0.0
    k = 0
    t = 0
    while True:
        N, norm = penalty(w, q, smoothing, v) if eps > 0 else (0.0, 0.0)
        shift = eps * N if logistic else 0.0  # the exponential loss factors
        slope, total, ref = sweep(Z, w, m, -1 if t % REFRESH == 0 else column, move, shift, logistic, ref, g)
        log_descended = math.log(total) - ref + (0.0 if logistic else eps * N)
        log_true = log_descended
        if smoothing < math.inf and eps > 0:
            log_true = log_loss(m, eps * norm, True) if logistic else log_descended + eps * (norm - N)
        pull = eps * slope / total
        for j in range(d):
            g[j] = pull * v[j] - g[j] / total  # the gradient of the log of the loss
        stop = t == grid[-1] or log_true < log_until
        if t == grid[k] or stop:
            last = grid.shape[0] if stop else k + 1
            length = dual_length(g, r)
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
            eta = rate * min(math.exp(min(log_descended - math.log(n), 50.0)), LARGEST_LOSS)
        if r == 1:
            column = 0
            top = largest(g)
            while column < d - 1 and abs(g[column]) != top:
                column += 1
            move = -eta * g[column]
            w[column] += move
        elif r == 2:
            for j in range(d):
                w[j] -= eta * g[j]
        else:
            eta *= dual_length(g, r)
            for j in range(d):
                w[j] -= eta * sign(g[j])


@compiled
def power(x: float, k: int) -> float:
    """x^k for a small whole k ≥ 1."""
    value = x
    for _ in range(k - 1):
        value *= x
    return value


@compiled
def difference(u: float, v: float, k: int) -> float:
    """The difference u^k − v^k, u, v > 0, as (u − v)(u^(k−1) + … + v^(k−1)), whose sign is exact: 0 for u = v."""
    total = 1.0
    term = 1.0
    for _ in range(k - 1):
        term *= v
        total = total * u + term
    return (u - v) * total


@compiled
def descend_factors(
    Z: Array,
    u: Array,
    v: Array,
    product: bool,
    depth: int,
    eps: float,
    q: float,
    rate: float,
    log_until: float,
    grid: npt.NDArray[np.int64],
    points: Array,
    slopes: Array,
    losses: Array,
) -> int:
    """Gradient descent on the factors of w = u^depth − v^depth or w = u∘v, exponential loss; in place.

    (u, v) ← (u, v) − eta ∇ log L, eta = min{rate/‖∇ log L‖₂, 1/(2h)}: h is the largest relative rate of change
    of a factor, so that none ever changes by more than half of itself.
    """
    n, d = Z.shape
    m, g, w, sub = np.zeros(n), np.zeros(d), np.zeros(d), np.zeros(d)
    pu, pv = np.zeros(d), np.zeros(d)  # u, v to the power depth − 1
    ref = 0.0
    k = 0
    t = 0
    while True:
        if product:
            for j in range(d):
                w[j] = u[j] * v[j]
        elif depth == 2:  # the general line, without its inner loops
            for j in range(d):
                pu[j], pv[j] = u[j], v[j]
                w[j] = (u[j] - v[j]) * (u[j] + v[j])
        else:
            for j in range(d):
                pu[j], pv[j] = power(u[j], depth - 1), power(v[j], depth - 1)
                w[j] = difference(u[j], v[j], depth)
        N = penalty(w, q, math.inf, sub)[0] if eps > 0 else 0.0
        _, total, ref = sweep(Z, w, m, -1, 0.0, 0.0, False, ref, g)
        log_true = math.log(total) - ref + eps * N
        for j in range(d):
            g[j] = eps * sub[j] - g[j] / total
        stop = t == grid[-1] or log_true < log_until
        if t == grid[k] or stop:
            last = grid.shape[0] if stop else k + 1
            length = dual_length(g, 1.0)
            for row in range(k, last):
                points[row] = w
                slopes[row] = length
                losses[row] = log_true
            k = last
        if stop:
            return t
        t += 1
        square = 0.0
        if product:
            for j in range(d):
                square += g[j] * g[j] * (u[j] * u[j] + v[j] * v[j])
            h = largest(g)
        else:
            for j in range(d):
                g[j] *= depth
                square += g[j] * g[j] * (pu[j] * pu[j] + pv[j] * pv[j])
            h = largest(g)
            if depth > 2:
                h = 0.0
                for j in range(d):
                    h = max(h, abs(g[j]) * max(power(u[j], depth - 2), power(v[j], depth - 2)))
        if square == 0:
            continue  # a stationary point
        eta = min(rate / math.sqrt(square), 0.5 / h)
        for j in range(d):
            step = eta * g[j]
            if product:
                u[j], v[j] = u[j] - step * v[j], v[j] - step * u[j]
            else:
                u[j] -= step * pu[j]
                v[j] += step * pv[j]

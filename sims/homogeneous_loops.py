"""The compiled loops of steepest descent on homogeneous models: one gradient per margin, one step, one look."""

import math

import numpy as np
import numpy.typing as npt

from sims.loops import compiled

Array = npt.NDArray[np.float64]

LINEAR, DIAGONAL, NETWORK = 0, 1, 2


@compiled
def length(v: Array, r: float) -> float:
    """‖v‖_r, r ∈ {1, 2, ∞}."""
    total = 0.0
    for j in range(v.shape[0]):
        size = abs(v[j])
        total = max(total, size) if r == math.inf else total + (size if r == 1 else size * size)
    return math.sqrt(total) if r == 2 else total


@compiled
def dual(r: float) -> float:
    """The exponent of the dual norm, r ∈ {1, 2, ∞}."""
    return 1.0 if r == math.inf else (math.inf if r == 1 else 2.0)


@compiled
def sign(x: float) -> float:
    """The sign of x, 0 at 0."""
    return 1.0 if x > 0 else (-1.0 if x < 0 else 0.0)


@compiled
def differentiate(
    form: int, power: int, X: Array, y: Array, theta: Array, eps: float, q: float, s: Array, G: Array
) -> None:
    """The margins s of the model and, row by row, their gradients G.

    Linear and diagonal models have predictor w = theta or u∘u − v∘v, (u, v) = theta, and margins
    y_i⟨w, x_i⟩ − eps‖w‖_q, q ∈ {1, 2}; networks f = Σ a_j max(⟨w_j, x⟩, 0)^power, theta = (a, w_1, …, w_m).
    """
    n, d = X.shape
    if form == NETWORK:
        m = theta.shape[0] // (d + 1)
        for i in range(n):
            s[i] = 0.0
            for j in range(m):
                at = m + j * d
                h = 0.0
                for k in range(d):
                    h += theta[at + k] * X[i, k]
                h = max(h, 0.0)
                slope = y[i] * power if h > 0 else 0.0
                for _ in range(power - 1):
                    slope *= h
                G[i, j] = slope * h / power
                s[i] += theta[j] * G[i, j]
                slope *= theta[j]
                for k in range(d):
                    G[i, at + k] = slope * X[i, k]
        return
    w = theta.copy()
    if form == DIAGONAL:
        w = (theta[:d] - theta[d:]) * (theta[:d] + theta[d:])
    size = length(w, q) if eps > 0 else 0.0
    for i in range(n):
        s[i] = -eps * size
        for k in range(d):
            s[i] += y[i] * w[k] * X[i, k]
            pull = 0.0 if size == 0 else (sign(w[k]) if q == 1 else w[k] / size)
            slope = y[i] * X[i, k] - eps * pull
            if form == LINEAR:
                G[i, k] = slope
            else:
                G[i, k] = 2 * theta[k] * slope
                G[i, d + k] = -2 * theta[d + k] * slope


@compiled
def weigh(s: Array, G: Array, g: Array) -> float:
    """The log of 1/Σ e^(−s_i); g becomes its gradient, the mean of the rows of G by softmax weights."""
    low = np.min(s)
    total = 0.0
    g[:] = 0.0
    for i in range(s.shape[0]):
        a = math.exp(low - s[i])
        total += a
        for k in range(g.shape[0]):
            g[k] += a * G[i, k]
    for k in range(g.shape[0]):
        g[k] /= total
    return low - math.log(total)


@compiled
def move(theta: Array, g: Array, r: float, eta: float) -> None:
    """Theta moves by eta in ℓ_r where ⟨g, ·⟩ ascends most steeply: the first largest entry for r = 1."""
    size = length(g, dual(r))
    for k in range(theta.shape[0]):
        if r == 2:
            theta[k] += eta * g[k] / size
        elif r == math.inf:
            theta[k] += eta * sign(g[k])
        elif abs(g[k]) == size:
            theta[k] += eta * sign(g[k])
            return


@compiled
def flow(
    form: int,
    power: int,
    degree: int,
    X: Array,
    y: Array,
    theta: Array,
    r: float,
    eps: float,
    q: float,
    step: float,
    levels: Array,
    limit: int,
    points: Array,
    falls: Array,
) -> int:
    """Steepest flow from theta, in place, by steps that move no margin by more than about `step`.

    `points` are the parameters when log 1/L first reaches each of the levels; `falls` the largest falls, since
    the first of them, of log(log 1/L) − degree·log‖theta‖ in ℓ1, ℓ2, ℓ∞, and of the log of the least margin over
    ‖theta‖_r^degree. Returns the steps taken; points that `limit` steps do not reach stay as they are.
    """
    n, P = X.shape[0], theta.shape[0]
    s, G, g = np.zeros(n), np.zeros((n, P)), np.zeros(P)
    best, now = np.full(4, -math.inf), np.zeros(4)
    k = 0
    for t in range(limit):
        differentiate(form, power, X, y, theta, eps, q, s, G)
        level = weigh(s, G, g)
        while k < levels.shape[0] and level >= levels[k]:
            points[k] = theta
            k += 1
        own = length(theta, r)
        if k > 0:
            now[0] = math.log(level) - degree * math.log(length(theta, 1.0))
            now[1] = math.log(level) - degree * math.log(length(theta, 2.0))
            now[2] = math.log(level) - degree * math.log(length(theta, math.inf))
            now[3] = math.log(np.min(s)) - degree * math.log(own)
            for j in range(4):
                best[j] = max(best[j], now[j])
                falls[j] = max(falls[j], best[j] - now[j])
        if k == levels.shape[0] or length(g, dual(r)) == 0:
            return t
        steep = 1 / own
        for i in range(n):
            steep = max(steep, length(G[i], dual(r)))
        move(theta, g, r, step / steep)
    return limit


@compiled
def walk(
    form: int,
    power: int,
    X: Array,
    y: Array,
    r: float,
    eps: float,
    q: float,
    eta: float,
    steps: npt.NDArray[np.int64],
    points: Array,
) -> None:
    """Normalised steps of length eta from 0; `points` are the parameters after so many of them."""
    n, P = X.shape[0], points.shape[1]
    s, G, g, theta = np.zeros(n), np.zeros((n, P)), np.zeros(P), np.zeros(P)
    k = 0
    for t in range(steps[-1] + 1):
        if t == steps[k]:
            points[k] = theta
            k += 1
        differentiate(form, power, X, y, theta, eps, q, s, G)
        weigh(s, G, g)
        move(theta, g, r, eta)

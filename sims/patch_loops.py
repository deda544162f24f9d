"""The compiled loops of gradient descent on patch data: on the weights, and in the span of the patches."""

import math

import numpy as np
import numpy.typing as npt

from sims.loops import compiled

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]


@compiled
def power_of(x: float, q: float) -> float:
    """x^q for x ≥ 0; small whole powers by multiplication."""
    if q == 1:
        return x
    if q == 2:
        return x * x
    if q == 3:
        return x * x * x
    return float(x**q)


@compiled
def slope(margin: float) -> float:
    """1/(1 + e^margin), minus the derivative of log(1 + e^{−margin})."""
    return 1 / (1 + math.exp(margin)) if margin < 700 else 0.0


@compiled
def descent_direction(z: Array, n: int, alpha: float, left: float, mix: float, q: float, pull: Array) -> None:
    """Minus the gradient of the loss as coefficients `pull` of the rows, from their inner products z with weights.

    Row 0 is the direction of the signal, the others are the noise patches times their labels, image by image.
    """
    rows, m = z.shape
    each = (rows - 1) // n
    clean_pull = 0.0
    robust_pull = 0.0
    signal = 0.0
    for r in range(m):
        signal += math.copysign(power_of(abs(z[0, r]), q), z[0, r])
    clean_signal = power_of(alpha, q) * signal
    robust_signal = math.copysign(power_of(abs(left), q), left) * signal
    for i in range(n):
        noise = 0.0
        for j in range(1 + i * each, 1 + (i + 1) * each):
            for r in range(m):
                noise += math.copysign(power_of(abs(z[j, r]), q), z[j, r])
        clean = (1 - mix) * slope(clean_signal + noise) / n
        robust = mix * slope(robust_signal + noise) / n
        clean_pull += clean
        robust_pull += robust
        for j in range(1 + i * each, 1 + (i + 1) * each):
            for r in range(m):
                pull[j, r] = (clean + robust) * q * power_of(abs(z[j, r]), q - 1)
    along = clean_pull * power_of(alpha, q) + robust_pull * math.copysign(power_of(abs(left), q), left)
    for r in range(m):
        pull[0, r] = along * q * power_of(abs(z[0, r]), q - 1)


@compiled
def on_weights(
    rows: Array,
    W: Array,
    n: int,
    alpha: float,
    left: float,
    mix: float,
    q: float,
    eta: float,
    at: Index,
    out: Array,
) -> None:
    """W ← W + eta pullᵀ rows, at every step from the weights; `out` holds W after the steps `at`."""
    k = 0
    pull = np.empty((rows.shape[0], W.shape[0]))
    for t in range(at[-1] + 1):
        if t == at[k]:
            out[k] = W
            k += 1
        if t == at[-1]:
            return
        descent_direction(np.dot(rows, W.T), n, alpha, left, mix, q, pull)
        W += eta * np.dot(pull.T, rows)


@compiled
def in_span(
    gram: Array,
    z: Array,
    n: int,
    alpha: float,
    left: float,
    mix: float,
    q: float,
    eta: float,
    at: Index,
    out: Array,
) -> None:
    """The same in coordinates: z ← z + eta gram pull; `out` holds the sums of eta pull after the steps `at`."""
    k = 0
    pull = np.empty(z.shape)
    total = np.zeros(z.shape)
    for t in range(at[-1] + 1):
        if t == at[k]:
            out[k] = total
            k += 1
        if t == at[-1]:
            return
        descent_direction(z, n, alpha, left, mix, q, pull)
        pull *= eta
        total += pull
        z += np.dot(gram, pull)

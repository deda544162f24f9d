"""Data drawn from the models: teachers, inputs, labels, signs. Every draw takes its generator first."""

import itertools

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

Array = npt.NDArray[np.float64]

REDRAWS = 1000  # after so many rejected draws the request itself is at fault


def teacher(rng: np.random.Generator, d: int, k: int | None = None) -> Float[Array, " d"]:
    """True parameters: N(0, I), or exactly k entries ±1 at random places and 0 elsewhere.

    Raises:
        ValueError: if not 1 ≤ k ≤ d.
    """
    at_least(1, d=d)
    if k is None:
        return rng.standard_normal(d)
    sparsity(k, d)
    w_star = np.zeros(d)
    w_star[rng.choice(d, size=k, replace=False)] = rng.choice([-1.0, 1.0], size=k)
    return w_star


def inputs(rng: np.random.Generator, n: int, d: int, k: float | None = None) -> Float[Array, "n d"]:
    """Rows from N(0, I), or with i.i.d. entries −1, 0, 1 of which a share k/d does not vanish on average.

    Sparse rows that vanish altogether are drawn again.

    Raises:
        ValueError: if not 0 < k ≤ d.
    """
    at_least(1, n=n, d=d)
    if k is None:
        return rng.standard_normal((n, d))
    sparsity(k, d)
    X = np.zeros((n, d))
    empty = np.arange(n)
    while empty.size:
        present = rng.random((empty.size, d)) < k / d
        X[empty] = present * rng.choice([-1.0, 1.0], size=(empty.size, d))
        empty = empty[~present.any(axis=1)]
    return X


def labels(X: Float[Array, "n d"], w_star: Float[Array, " d"]) -> Float[Array, " n"]:
    """+1 where ⟨w*, x⟩ > 0 and −1 elsewhere, ties included."""
    X, w_star = matrix(X), vector(w_star, np.shape(X)[-1])
    return np.where(X @ w_star > 0, 1.0, -1.0)


def shift_margin(
    X: Float[Array, "n d"], y: Float[Array, " n"], w_star: Float[Array, " d"], rho: float
) -> Float[Array, "n d"]:
    """Points x + rho y ‖w*‖₁ w*/‖w*‖₂²: every ℓ∞ margin y⟨w*, x⟩/‖w*‖₁ grows by rho.

    Raises:
        ValueError: if rho < 0 or w* = 0.
    """
    X = matrix(X)
    w_star, y = vector(w_star, X.shape[1]), vector(y, X.shape[0])
    if not 0 <= rho < np.inf:
        raise ValueError(f"rho must be finite and ≥ 0, got {rho}: 0 leaves the points where they are")
    if not w_star.any():
        raise ValueError("w_star is 0, so there is no margin to shift: give a teacher with a nonzero entry")
    per_margin = np.abs(w_star).sum() / (w_star @ w_star) * w_star
    return np.asarray(X + rho * y[:, None] * per_margin)


def planted(
    rng: np.random.Generator, n: int, d: int, *, teacher_k: int | None = None, inputs_k: float | None = None
) -> tuple[Float[Array, "n d"], Float[Array, " n"], Float[Array, " d"]]:
    """X, y, w*: inputs labelled by a teacher, both labels present.

    The teacher is drawn once; all inputs are drawn again until both labels occur. Gaussian inputs are then
    separable by w* with probability one; sparse inputs may be orthogonal to w* and then carry the label −1.

    Raises:
        ValueError: if n < 2, or if both labels do not occur in REDRAWS draws.
    """
    at_least(2, n=n)
    w_star = teacher(rng, d, teacher_k)
    for _ in range(REDRAWS):
        X = inputs(rng, n, d, inputs_k)
        y = labels(X, w_star)
        if np.ptp(y) > 0:
            return X, y, w_star
    raise ValueError(f"one label only in {REDRAWS} draws of n={n} points: take more points or denser ones")


def signs(rng: np.random.Generator, k: int, n: int) -> Float[Array, "k n"]:
    """Sign vectors: k of them, n independent entries each, ±1 with probability 1/2 each."""
    at_least(1, k=k, n=n)
    return rng.choice([-1.0, 1.0], size=(k, n))


def all_signs(n: int) -> Float[Array, "two_to_the_n n"]:
    """The 2ⁿ vectors of n signs, in lexicographic order from all −1 to all +1.

    Raises:
        ValueError: if n > 20, a million vectors.
    """
    at_least(1, n=n)
    if n > 20:
        raise ValueError(f"n must be at most 20 to list 2^n sign vectors, got {n}: draw some with signs()")
    return np.array(list(itertools.product((-1.0, 1.0), repeat=n)))


def at_least(least: int, **sizes: int) -> None:
    """Refuse sizes below `least`."""
    for name, size in sizes.items():
        if size < least:
            raise ValueError(f"{name} must be at least {least}, got {size}")


def sparsity(k: float, d: int) -> None:
    """Refuse a number of nonzero entries outside (0, d]."""
    if not 0 < k <= d:
        raise ValueError(f"k must be positive and at most d={d}, got {k}: None means dense")


def matrix(X: Array) -> Array:
    """X as a finite float64 matrix, or a ValueError."""
    X = np.asarray(X, dtype=np.float64)
    if X.ndim != 2 or not np.isfinite(X).all():
        raise ValueError(f"X must be a finite (n, d) matrix, got shape {X.shape} with NaN or infinities, if 2-d")
    return X


def vector(w: Array, length: int) -> Array:
    """W as a finite float64 vector of this length, or a ValueError."""
    w = np.asarray(w, dtype=np.float64)
    if w.shape != (length,) or not np.isfinite(w).all():
        raise ValueError(f"expected {length} finite numbers to match X, got shape {w.shape}")
    return w

"""An intercept that costs nothing: the same fit to centred data, and the leave-one-out of such a ridge."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import checks, rank, ridge


def remove(
    X: Float[Array, "n d"], y: Float[Array, " n"]
) -> tuple[Float[Array, "n d"], Float[Array, " n"], Float[Array, " d"], float]:
    """X and y less their means, and the means: for any w the best b is the mean of y less ⟨w, mean of X⟩.

    Errors: what is left sums to 0 up to its own rounding, however large the means.
    Raises:
        ValueError: on bad input.
    """
    X, y = checks.regression(X, y)
    centre, level = X.mean(axis=0), float(y.mean())
    X, y = X - centre, y - level
    drift, more = X.mean(axis=0), float(y.mean())  # what rounding the means put on all rows alike
    return X - drift, y - more, centre + drift, level + more


def leave_one_out(X: Float[Array, "n d"], y: Float[Array, " n"], lams: Float[Array, " k"]) -> Float[Array, "k n"]:
    """Held-out residuals y_i − f₍₋ᵢ₎(x_i) of f = ⟨w, x⟩ + b, least ‖f(X) − y‖² + n lam‖w‖², b free.

    They are (My)ᵢ / Mᵢᵢ with M = C(CᵀXXᵀC + n lam I)⁻¹Cᵀ, the columns of C an orthonormal basis of the vectors
    that sum to 0. As in `theory.ridge.leave_one_out` the fit without a sample keeps n lam, and lam = 0 is a limit.

    Errors: as there, with CᵀX in place of X.
    Raises:
        ValueError: as there.
    Source: Golub, Heath & Wahba, Technometrics 1979, §2, on the residuals that no b can change.
    """
    X, y, _, _ = remove(X, y)
    lams = checks.path(lams, "lams", reach=checks.WIDE)
    n = len(y)
    if n < 2:
        raise ValueError(f"leaving one out needs at least 2 samples, got n={n}")
    size = float(np.abs(X).max()) or 1.0
    penalty = n * (lams / size) / size
    U, s, _ = np.linalg.svd(_turned(X / size)[1:], full_matrices=False)
    if penalty.min() <= max(X.shape) * ridge.UNIT * s[0] ** 2:
        r = rank.decide(s, *X.shape)
        U, s = U[:, :r], s[:r]
    U = _turned(np.vstack([np.zeros(len(s)), U]))
    return ridge.held_out(U, s, y, penalty, 1 / n)


def _turned(A: Float[Array, "n k"]) -> Float[Array, "n k"]:
    """HA, H = Hᵀ = H⁻¹ the reflection that swaps the direction of ones with −e₁: rows 2 to n of it are Cᵀ."""
    n = len(A)
    v = np.full(n, 1 / np.sqrt(n))
    v[0] += 1.0
    return np.asarray(A - np.outer(v, (v @ A) * (2 / (v @ v))))

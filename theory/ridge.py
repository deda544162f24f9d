"""The ridge path, the gradient-flow path and leave-one-out, all from one singular value decomposition."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import checks, interpolation, rank

UNIT = float(np.finfo(np.float64).eps)


def ridge_path(X: Float[Array, "n d"], y: Float[Array, " n"], lams: Float[Array, " k"]) -> Float[Array, "k d"]:
    """Argmin ‖Xw − y‖²/(2n) + lam‖w‖²/2 for each lam: w = V s/(s² + n lam) Uᵀy.

    At lam = 0 this is the limit, the least squares solution of least norm; there the columns, if
    independent, are scaled to unit length first, so that the units of the features cost no digits.
    A rank is decided only at lam = 0 and where n lam is below the rounding of X'X.

    Errors: relative error of order u · cond², u the machine precision and cond² = (s₁² + n lam)/(s² + n lam)
        at the smallest s; of order u · cond when y is nearly reached.
    Raises:
        ValueError: if a lam is negative or not finite, if a rank is needed and cannot be decided, or on
            bad input.
    Source: Hastie, Tibshirani & Friedman, The Elements of Statistical Learning, §3.4.1.
    """
    X, y = checks.regression(X, y)
    lams = checks.path(lams, "lams", reach=checks.WIDE)
    X, scale = _scaled(X)
    W = np.zeros((len(lams), X.shape[1]))
    some, none = lams > 0, lams == 0
    if some.any():
        penalty = len(y) * (lams[some] / scale) / scale
        U, s, Vt = _factor(X, float(penalty.min()))
        W[some] = (s / (s**2 + penalty[:, None]) * (U.T @ y)) @ Vt
    if none.any():
        W[none] = _least_squares(X, y)
    return W / scale


def flow_path(X: Float[Array, "n d"], y: Float[Array, " n"], times: Float[Array, " k"]) -> Float[Array, "k d"]:
    """Gradient flow of ‖Xw − y‖²/(2n) from w = 0, at each time: w = V (1 − exp(−t s²/n))/s Uᵀy.

    The time math.inf is allowed and gives the limit, the least squares solution of least norm.

    Errors: as for `ridge_path` with lam = 1/t.
    Raises:
        ValueError: if a time is negative or NaN, if a rank is needed and cannot be decided, or on bad
            input.
    Source: Ali, Kolter & Tibshirani, A continuous-time view of early stopping, AISTATS 2019, Lemma 1.
    """
    X, y = checks.regression(X, y)
    times = checks.path(times, "times", infinite=True, reach=checks.WIDE)
    X, scale = _scaled(X)
    W = np.zeros((len(times), X.shape[1]))
    some, end = (times > 0) & (times < np.inf), times == np.inf
    if some.any():
        with np.errstate(over="ignore"):
            t = times[some] * scale / len(y) * scale
        U, s, Vt = _factor(X, 1 / float(t.max()) if t.any() else np.inf)
        W[some] = (-np.expm1(-t[:, None] * s**2) / np.where(s > 0, s, 1) * (U.T @ y)) @ Vt
    if end.any():
        W[end] = _least_squares(X, y)
    return W / scale


def leave_one_out(X: Float[Array, "n d"], y: Float[Array, " n"], lams: Float[Array, " k"]) -> Float[Array, "k n"]:
    """Held-out residuals y_i − x_i·w₍₋ᵢ₎, where the fit without sample i keeps the penalty n lam‖w‖²/2.

    With G = XXᵀ + n lam I they are (G⁻¹y)ᵢ / (G⁻¹)ᵢᵢ. This has a limit at lam = 0: the projections of y and
    of eᵢ beyond the range of X take the place of G⁻¹y and G⁻¹eᵢ, except for a sample whose eᵢ lies in the
    range (leverage 1), where the part of G⁻¹ inside the range remains.

    Errors: relative error of order u · cond(G) inside the range and u/(1 − leverage) beyond it, u the machine
        precision; leverages within 100 n u of 1 count as 1.
    Raises:
        ValueError: if a lam is negative or not finite, if there is one sample only, if a rank is needed and
            cannot be decided, or on bad input.
    Source: Golub, Heath & Wahba, Technometrics 1979, §2, in dual form.
    """
    X, y = checks.regression(X, y)
    lams = checks.path(lams, "lams", reach=checks.WIDE)
    n = len(y)
    if n < 2:
        raise ValueError(f"leaving one out needs at least 2 samples, got n={n}")
    X, scale = _scaled(X)
    penalty = n * (lams / scale) / scale
    U, s, _ = _factor(X, float(penalty.min()))
    return held_out(U, s, y, penalty)


def held_out(
    U: Float[Array, "n r"],
    s: Float[Array, " r"],
    y: Float[Array, " n"],
    penalty: Float[Array, " k"],
    free: float = 0.0,
) -> Float[Array, "k n"]:
    """The quotients (My)ᵢ / Mᵢᵢ, M the inverse of US²Uᵀ + penalty on a space that holds y and the range of U.

    The projection on that space has the diagonal 1 − `free`: 1/n where an intercept takes the direction of ones.
    """
    n = len(y)
    beyond = 1 - free - np.sum(U**2, axis=1)
    spanned = np.full(n, len(s) == n) | (beyond <= rank.CLEAR * n * UNIT)
    missed = y - U @ (U.T @ y)
    residuals = np.empty((len(penalty), n))
    for k, strength in enumerate(penalty):
        least = s[-1] ** 2 + strength if len(s) else 1.0
        inverse = least / (s**2 + strength)  # least · M inside the range of U; beyond it, least / strength
        above = U @ (inverse * (U.T @ y))
        below = U**2 @ inverse
        above = np.where(spanned, above, strength * above + least * missed)
        below = np.where(spanned, below, strength * below + least * beyond)
        residuals[k] = above / below
    return residuals


def _scaled(X: Float[Array, "n d"]) -> tuple[Float[Array, "n d"], float]:
    """X with largest entry 1, and what it was divided by."""
    scale = float(np.abs(X).max()) or 1.0
    return X / scale, scale


def _factor(
    X: Float[Array, "n d"], strength: float
) -> tuple[Float[Array, "n r"], Float[Array, " r"], Float[Array, "r d"]]:
    """U, s, Vt of X, cut at its rank if a penalty of this strength would not hide the rounding in s."""
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    if strength > max(X.shape) * UNIT * s[0] ** 2:
        return U, s, Vt
    r = rank.decide(s, *X.shape)
    return U[:, :r], s[:r], Vt[:r]


def _least_squares(X: Float[Array, "n d"], y: Float[Array, " n"]) -> Float[Array, " d"]:
    """The least squares solution of least norm, scaled by columns or rows where that changes nothing."""
    n, d = X.shape
    tall = n >= d
    length = np.linalg.norm(X, axis=0 if tall else 1)
    if length.all():
        unit = X / length if tall else X / length[:, None]
        U, s, Vt = np.linalg.svd(unit, full_matrices=False)
        if s[-1] > max(n, d) * UNIT * s[0] and not tall:
            return interpolation.min_norm(X, y).w
        if s[-1] > max(n, d) * UNIT * s[0]:
            w = Vt.T @ ((U.T @ y) / s)
            w += Vt.T @ ((U.T @ (y - unit @ w)) / s)
            return np.asarray(w / length)
    U, s, Vt = _factor(X, 0.0)
    return np.asarray(Vt.T @ ((U.T @ y) / s))

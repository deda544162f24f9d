"""How good a ridge fit is, whoever computed it: it comes with a dual point, and that proves a bound."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import checks, robust_regression
from theory.solution import Solution

ENOUGH = 1e-11  # the gap at which no other dual point is tried


def linear(X: Float[Array, "n d"], y: Float[Array, " n"], w: Float[Array, " d"], lam: float) -> Solution:
    """The proof that w amounts to for ‖Xw − y‖²/(2n) + lam‖w‖²/2.

    Any a (n,) bounds it from below by a·y/n − ‖a‖²/(2n) − ‖Xᵀa‖²/(2n² lam), which is the value less
    ‖y − Xw − a‖²/(2n) + ‖lam w − Xᵀa/n‖²/(2 lam), and is computed so. The residuals are one such a; where
    their rounding proves too little, the nearest a with Xᵀa = n lam w is another. At lam = 0 all have Xᵀa = 0.

    Errors: a few roundings of the value.
    Raises:
        ValueError: if lam is negative or not finite, or on bad input.
    Source: Saunders, Gammerman & Vovk, Ridge regression learning algorithm in dual variables, ICML 1998.
    """
    X, y = checks.regression(X, y)
    given, lam = _point(X, w), checks.amount(lam, "lam", reach=checks.WIDE)
    n, size, height = len(y), float(np.abs(X).max()) or 1.0, float(np.abs(y).max()) or 1.0
    X, y, w, lam = X / size, y / height, given / height * size, lam / size / size
    if lam == 0:
        proof = robust_regression.certify(X, y, w, np.zeros(n), 0.0, 2.0, "squared")
        return Solution(given, proof.dual * height, proof.value * height * height, proof.bound * height * height)
    residuals = y - X @ w
    value = float(residuals @ residuals) / (2 * n) + lam * float(w @ w) / 2

    def short(a: Float[Array, " n"]) -> float:
        miss, pull = residuals - a, lam * w - X.T @ a / n
        return float(miss @ miss) / (2 * n) + float(pull @ pull) / (2 * lam)

    a = residuals
    if short(a) > ENOUGH * value:
        other = a + np.linalg.lstsq(X.T, n * lam * w - X.T @ a)[0]
        a = min(a, other, key=short)
    return Solution(given, a * height, value * height * height, (value - short(a)) * height * height)


def kernel(K: Float[Array, "n n"], y: Float[Array, " n"], w: Float[Array, " n"], lam: float) -> Solution:
    """The same for f = Σ w_j k(·, x_j) and ‖f(X) − y‖²/(2n) + lam‖f‖²/2, with the dual point a = n lam w.

    The bound a·y/n − ‖a‖²/(2n) − aᵀKa/(2n² lam) is then lower than the value by ‖y − Kw − n lam w‖²/(2n).
    At lam = 0 it is the least ‖f‖ that fits Kw, with the dual point w/‖f‖: the largest a·y over aᵀKa ≤ 1.

    Errors: a few roundings of the value.
    Raises:
        ValueError: if lam is negative or not finite, or on bad input.
    Source: as `linear`.
    """
    K, y = checks.regression(K, y)
    given, lam = _point(K, w), checks.amount(lam, "lam", reach=checks.WIDE)
    if K.shape[0] != K.shape[1]:
        raise ValueError(f"K must be square, got shape {K.shape}")
    n, height = len(y), float(np.abs(y).max()) or 1.0
    y, w = y / height, given / height
    square = max(0.0, float(w @ K @ w))
    if lam == 0:
        length = float(np.sqrt(square))
        a = w / length if length > 0 else 0 * w
        return Solution(given, a, length * height, float(a @ y) * height)
    residuals = y - K @ w
    miss = residuals - n * lam * w
    value = float(residuals @ residuals) / (2 * n) + lam * square / 2
    bound = value - float(miss @ miss) / (2 * n)
    return Solution(given, n * lam * given, value * height * height, bound * height * height)


def _point(X: Float[Array, "n d"], w: Float[Array, " d"]) -> Float[Array, " d"]:
    """One coefficient for each column."""
    w = checks.real(w, "w", 1, reach=checks.WIDE)
    if len(w) != X.shape[1]:
        raise ValueError(f"w has {len(w)} entries for {X.shape[1]} columns; they must agree")
    return w

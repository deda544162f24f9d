"""Exact risk of ridge and of the least-norm interpolator given the design, averaged over the label noise."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import checks, rank
from theory.risk import RidgeRisk


def conditional_risk(
    X: Float[Array, "n d"],
    w_star: Float[Array, " d"],
    Sigma: Float[Array, "d d"] | Float[Array, " d"],
    lams: float | Float[Array, " k"],
    noise: float,
) -> RidgeRisk:
    """Bias, variance, squared norm and training error of ridge at this X, for y = Xw_star + N(0, noise I).

    With K = XXᵀ, A = K + n lam I and v = XᵀA⁻¹Xw_star: bias (v − w_star)ᵀSigma(v − w_star), variance
    noise·tr A⁻¹XSigmaXᵀA⁻¹, squared norm ‖v‖² + noise·tr A⁻²K, training error
    lam² n (‖A⁻¹Xw_star‖² + noise tr A⁻²). Sigma is the covariance or its diagonal. One n × n (or d × d, if that is
    less) eigendecomposition serves all lams; for a diagonal Sigma and d ≥ n nothing of size d × d is formed.

    Errors: relative, roundings times cond(A).
    Raises:
        ValueError: if lam = 0 and the rank of X is below min(n, d), so that the inverse would be a hidden choice;
            if a lam or the noise is negative, shapes disagree, or on bad input.
    """
    X, w_star = (checks.real(v, name, k, reach=checks.CUBE) for v, name, k in ((X, "X", 2), (w_star, "w_star", 1)))
    Sigma = checks.real(Sigma, "Sigma", 1, 2, reach=checks.CUBE)
    n, d = X.shape
    if w_star.shape != (d,) or any(size != d for size in Sigma.shape):
        raise ValueError(f"X has {d} columns, so w_star must be ({d},) and Sigma ({d}, {d}) or ({d},)")
    lams, noise = np.atleast_1d(checks.path(lams, "lams", 0, 1)), checks.amount(noise, "noise")
    U, squares = _left(X)
    least = squares[-1] if len(squares) == min(n, d) else 0.0
    if (lams == 0).any() and least <= rank.CLEAR * max(n, d) * UNIT * squares[0]:
        raise ValueError(f"X ({n}, {d}) has not full rank {min(n, d)} to working precision: take lam > 0")
    Y = U.T @ X  # rows s_i v_iᵀ
    spread = np.sum((Y * Sigma if Sigma.ndim == 1 else Y @ Sigma) * Y, axis=1)  # diagonal of UᵀXSigmaXᵀU
    inverse = 1 / (squares + n * lams[:, None])
    signal = Y @ w_star
    V = (inverse * signal) @ Y
    miss = V - w_star
    bias = np.sum((miss * Sigma if Sigma.ndim == 1 else miss @ Sigma) * miss, axis=1)
    unfit = (n - len(squares)) * (lams > 0) + np.sum((n * lams[:, None] * inverse) ** 2, axis=1)
    if d < n:
        unfit = n - len(squares) + np.sum((n * lams[:, None] * inverse) ** 2, axis=1)
    fit = np.sum((n * lams[:, None] * inverse * signal) ** 2, axis=1)
    return RidgeRisk(
        lams=lams,
        bias=bias,
        variance=noise * inverse**2 @ spread,
        norm_signal=np.sum(V**2, axis=1),
        norm_noise=noise * inverse**2 @ squares,
        train=(fit + noise * unfit) / n,
        kappa=np.full(len(lams), np.nan),
    )


UNIT = float(np.finfo(np.float64).eps)


def _left(X: Float[Array, "n d"]) -> tuple[Float[Array, "n r"], Float[Array, " r"]]:
    """The left singular vectors and squared singular values, largest first: from XXᵀ for d ≥ n, else from X."""
    n, d = X.shape
    if d < n:
        U, s, _ = np.linalg.svd(X, full_matrices=False)
        return U, s**2
    squares, U = np.linalg.eigh(X @ X.T)
    return U[:, ::-1], np.maximum(squares[::-1], 0.0)

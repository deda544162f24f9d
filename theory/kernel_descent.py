"""Gradient descent on the squared loss of a model that is linear in its parameters, in closed form."""

import numpy as np
from jaxtyping import Float, Int
from numpy import ndarray as Array

from theory import checks


def descent_path(
    K: Float[Array, "n n"],
    y: Float[Array, " n"],
    rate: float,
    steps: Int[Array, " T"],
    K_test: Float[Array, "k n"],
) -> Float[Array, "T k"]:
    """Outputs K_test K⁻¹ (I − (I − rate K)ˢ) y after s steps of descent on ‖f − y‖²/2 from f = 0.

    With K = K_test these are the outputs at the training points. No inverse is taken: on an eigenvector of
    eigenvalue mu the factor is (1 − (1 − rate mu)ˢ)/mu, which is rate·s at mu = 0.

    Errors: of order machine precision times the norm of the result, as long as rate mu ≤ 2.
    Raises:
        ValueError: if K is not symmetric, a step count is negative, the rate not positive, or shapes do not fit.
    Source: Jacot, Gabriel & Hongler 2018, section 5, in discrete time.
    """
    K, K_test, y = (
        checks.real(v, name, k, reach=checks.CUBE)
        for v, name, k in ((K, "K", 2), (K_test, "K_test", 2), (y, "y", 1))
    )
    counts, rate = checks.path(steps, "steps"), checks.amount(rate, "rate", positive=True)
    if (counts != np.floor(counts)).any():
        raise ValueError(f"steps must be whole numbers, got {steps!r}")
    if K.shape != (len(y), len(y)) or K_test.shape[1] != len(y):
        raise ValueError(f"K, K_test, y must be (n, n), (k, n), (n,), got {K.shape}, {K_test.shape}, {y.shape}")
    skew = float(np.abs(K - K.T).max())
    if skew > 1e-10 * np.abs(K).max():
        raise ValueError(
            f"K must be symmetric, got |K − Kᵀ| up to {skew:.1e}: use (K + K.T)/2 if that is rounding"
        )
    mu, V = np.linalg.eigh((K + K.T) / 2)
    share = rate * mu
    small = np.abs(share) < 0.5
    slow = -np.expm1(counts[:, None] * np.log1p(-np.where(small, share, 0.0)))
    with np.errstate(over="ignore", invalid="ignore"):
        gone = np.where(small, slow, 1 - (1 - share) ** counts[:, None])
    if not np.isfinite(gone).all():
        raise ValueError(f"descent diverges beyond float64: rate {rate:g} times eigenvalue {mu[-1]:g} exceeds 2")
    factor = np.where(mu == 0, rate * counts[:, None], gone / np.where(mu == 0, 1.0, mu))
    return np.asarray(((V.T @ y) * factor) @ V.T @ K_test.T)

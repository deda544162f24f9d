"""The point of a convex hull nearest to the origin, which is the dual of the ℓ2 maximum margin."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy import linalg
from scipy.optimize import nnls


def nearest_point(Z: Float[Array, "n d"]) -> tuple[Float[Array, " d"], Float[Array, " n"]]:
    """(w, a): ‖Zᵀa‖₂ is least over the simplex, and w is least with Zw = 1 wherever a > 0.

    Non-negative least squares on [Zᵀ; 1ᵀ] a ≈ [0; 1] finds the support, one QR factorisation of the support
    both vectors. Where this fails (all points zero, a dependent support, too many steps), w is not finite.

    Errors: a few roundings times the condition number of the support.
    Source: Lawson & Hanson, Solving Least Squares Problems, ch. 23.
    """
    n, d = Z.shape
    w, weights = np.full(d, np.nan), np.zeros(n)
    if not Z.any():
        return w, weights
    Z = Z / np.abs(Z).max()
    M = linalg.qr(Z.T, mode="r", check_finite=False)[0][:n] if n < d else Z.T
    length = float(np.max(np.linalg.norm(M, axis=0)))
    for _ in range(3):
        try:
            a = nnls(np.vstack([M / length, np.ones(n)]), np.append(np.zeros(len(M)), 1.0), maxiter=30 * n)[0]
        except RuntimeError:  # out of steps
            return w, weights
        if not a.any():  # every coefficient was rounded away
            return w, weights
        distance = max(float(np.linalg.norm(M @ a) / a.sum()), 1e-15 * length)
        if distance > 1e-3 * length:
            break
        length = distance  # once more in units of the distance, so that its square is not lost beside 1
    support = np.flatnonzero(a)
    if len(support) <= d:
        Q, R, order = linalg.qr(Z[support].T, mode="economic", pivoting=True, check_finite=False)
        if np.all(np.diag(R) != 0):
            c = linalg.solve_triangular(R, np.ones(len(support)), trans="T")
            w = Q @ c
            weights[support[order]] = linalg.solve_triangular(R, c)
    return w, weights

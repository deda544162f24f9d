"""Kernel ridge for many points, at the memory of one single-precision matrix and the accuracy of double precision.

K + n lam I is assembled and factorised by tiles in float32. The factor serves as preconditioner of conjugate
gradients on the matrix itself, whose tiles are formed again in float64 for each product: the result has the
residual of float64, and says so.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Float
from numpy import ndarray as Array
from scipy.linalg import cho_solve, lapack
from scipy.sparse.linalg import LinearOperator, cg

from theory import checks
from theory.classical_kernels import Kernel
from theory.kernel_regression import Predictor

LEAST = 1e-15  # tolerance
TILE = 1024  # rows that are held in float64 at a time
PRODUCTS = 60  # with the matrix, at most; a handful is usual
SHIFT = 10.0  # what the factorised matrix is shifted by, in √n roundings of its diagonal; the solution is not


@dataclass(frozen=True)
class LargeFit:
    """One function of a ridge path, and how well its coefficients solve (K + n lam I) a = y.

    Attributes:
        predictor: the function, with one row of coefficients.
        residual: ‖y − (K + n lam I) a‖/‖y‖, evaluated in float64.
        dtype: of the matrix that was factorised.
        products: with K + n lam I in float64 that it took.
    """

    predictor: Predictor
    residual: float
    dtype: np.dtype[Any]
    products: int


def large_ridge(
    X: Float[Array, "n d"],
    y: Float[Array, " n"],
    lam: float,
    kernel: Kernel,
    *,
    dtype: npt.DTypeLike = np.float32,
    tolerance: float = 1e-10,
) -> LargeFit:
    """Argmin ‖f(X) − y‖²/(2n) + lam‖f‖²/2 over the space of the kernel, lam > 0.

    Errors: see `residual`; that of the coefficients is at most `residual` · cond(K + n lam I).
    Raises:
        ValueError: if lam is not positive, the residual does not fall below the tolerance (lam is then near the
            rounding of the dtype), dtype is neither float32 nor float64, or on bad input.
    Source: preconditioned conjugate gradients, Golub & Van Loan, Matrix Computations, §11.5; mixed precision as in
        Carson & Higham, SIAM J. Sci. Comput. 2018. Memory: n² numbers of the dtype and n × 1024 of float64.
    """
    X, y = checks.regression(X, y)
    n, penalty = len(y), len(y) * checks.amount(lam, "lam", positive=True)
    tolerance, held = checks.amount(tolerance, "tolerance", positive=True), np.dtype(dtype)
    if held not in (np.dtype(np.float32), np.dtype(np.float64)):
        raise ValueError(f"dtype must be float32 or float64, got {held}")
    if penalty > 1e-8 * np.finfo(held).max:
        raise ValueError(f"n lam must be far below the largest {held}, got {penalty:g}; take float64")
    if not y.any():
        return LargeFit(Predictor(kernel, X, np.zeros((1, n))), 0.0, held, 0)
    if tolerance < LEAST:
        raise ValueError(f"tolerance must be at least {LEAST:g}, got {tolerance}: residuals have rounding errors")
    height = float(np.abs(y).max())
    y, (factor, products) = y / height, (_factor(X, penalty, kernel, held), 0)

    def times(v: Array) -> Array:
        nonlocal products
        products += 1
        v, out = v.ravel(), penalty * v.ravel()
        for rows, left, square in _tiles(X, kernel):
            out[rows] += square @ v[rows]
            if left is not None:
                out[rows] += left @ v[: rows.start]
                out[: rows.start] += left.T @ v[rows]
        return out

    def undone(v: Array) -> Array:
        return cho_solve((factor, True), v.ravel().astype(held), check_finite=False).astype(np.float64)

    matrix, inverse = (LinearOperator((n, n), matvec=f, dtype=np.float64) for f in (times, undone))
    a, _ = cg(matrix, y, rtol=tolerance / 2, maxiter=PRODUCTS, M=inverse)
    residual = float(np.linalg.norm(y - times(a)) / np.linalg.norm(y))
    if not residual <= tolerance:
        raise ValueError(
            f"lam={lam} leaves a residual of {residual:.2g} in {held}; take dtype float64 or a larger lam"
        )
    return LargeFit(Predictor(kernel, X, height * a[None]), residual, held, products)


def _factor(X: Float[Array, "n d"], penalty: float, kernel: Kernel, dtype: np.dtype[Any]) -> Array:
    """The lower Cholesky factor of K + penalty I + shift, in place in the one matrix that is held."""
    G = np.empty((len(X), len(X)), dtype, order="F")
    for rows, left, square in _tiles(X, kernel):
        G[rows, rows] = square
        if left is not None:
            G[rows, : rows.start] = left
    diagonal = np.einsum("ii->i", G)
    diagonal += penalty + SHIFT * np.sqrt(len(X)) * float(np.finfo(dtype).eps) * float(diagonal.max())
    factorise = lapack.spotrf if dtype == np.float32 else lapack.dpotrf
    factor, failed = factorise(G, lower=True, clean=False, overwrite_a=True)
    if failed:
        raise ValueError(
            f"K must be positive semi-definite up to rounding in {dtype}; take float64 or a larger lam"
        )
    return np.asarray(factor)


def _tiles(X: Float[Array, "n d"], kernel: Kernel) -> Iterator[tuple[slice, Array | None, Array]]:
    """The lower triangle of K by rows: which rows, what lies left of the diagonal, and the square on it."""
    for start in range(0, len(X), TILE):
        rows = slice(start, min(start + TILE, len(X)))
        left = kernel.value(X[rows], X[:start]) if start else None
        yield rows, left, kernel.value(X[rows], None)

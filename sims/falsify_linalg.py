"""Linear algebra on exact numbers, under NumPy's names: rational where the data are, enclosed after roots."""

import math
from types import SimpleNamespace
from typing import Any

import numpy as np
from flint import acb_mat, arb_mat, fmpq, fmpq_mat

from sims.falsify_number import Inexact, Number

Exact = Any  # an array of Numbers


def lift(x: Any) -> Exact:
    """Constants as Numbers, entry by entry."""
    if not isinstance(x, (np.ndarray, list, tuple)):
        return Number.of(x)
    array = np.array(x, dtype=object)
    return np.array([Number.of(v) for v in array.flat], dtype=object).reshape(array.shape)


def flint(A: Exact) -> Any:
    """A matrix of Numbers for FLINT: of rationals if all are."""
    rows = lift(A)
    rows = rows if rows.ndim == 2 else rows[:, None]
    if all(v.rational for v in rows.flat):
        return fmpq_mat([[v.v for v in row] for row in rows])
    return arb_mat([[v.ball() for v in row] for row in rows])


def entries(A: Any, shape: tuple[int, ...]) -> Exact:
    """Back from FLINT."""
    return np.array([Number(v) for v in A.entries()], dtype=object).reshape(shape)


def solve(A: Exact, b: Exact) -> Exact:
    """The x with Ax = b."""
    left, right = flint(A), flint(b)
    if type(left) is not type(right):
        left, right = arb_mat(left), arb_mat(right)
    return entries(left.solve(right), np.shape(b))


def inv(A: Exact) -> Exact:
    """The inverse."""
    return entries(flint(A).inv(), np.shape(A))


def det(A: Exact) -> Number:
    """The determinant."""
    return Number(flint(A).det())


def matrix_rank(A: Exact) -> int:
    """The rank, of a rational matrix."""
    matrix = flint(A)
    if not isinstance(matrix, fmpq_mat):
        raise Inexact("the rank of a matrix of balls")
    return int(matrix.rank())


def pinv(A: Exact) -> Exact:
    """The inverse of Moore and Penrose, of a rational matrix: A = CB of full rank, A⁺ = Bᵀ(BBᵀ)⁻¹(CᵀC)⁻¹Cᵀ."""
    A = lift(A)
    matrix = flint(A)
    if not isinstance(matrix, fmpq_mat):
        raise Inexact("the pseudo-inverse of a matrix of balls")
    reduced, r = matrix.rref()
    if r == 0:
        return lift(np.zeros(A.T.shape, dtype=int))
    rows = entries(reduced, A.shape)[:r]
    pivots = [next(j for j, v in enumerate(row) if v != 0) for row in rows]
    B, C = flint(rows), flint(A[:, pivots])
    inner = (B * B.transpose()).inv() * (C.transpose() * C).inv()
    return entries(B.transpose() * inner * C.transpose(), A.T.shape)


def lstsq(A: Exact, b: Exact, rcond: Any = None) -> tuple[Exact, Exact, int, Exact]:
    """The least squares solution of least norm, residual squares where NumPy gives them, rank, singular values."""
    if rcond is not None:
        raise Inexact("a cut-off of singular values")
    A, b = lift(A), lift(b)
    x, rank = pinv(A) @ b, matrix_rank(A)
    full = rank == A.shape[1] < A.shape[0]
    rest = np.atleast_1d(((b - A @ x) ** 2).sum(axis=0)) if full else lift(np.zeros(0, dtype=int))
    return x, rest, rank, singular_values(A)


def eigvalsh(A: Exact) -> Exact:
    """The eigenvalues of a symmetric matrix, of which the lower triangle is read, in increasing order."""
    A = lift(np.tril(A) + np.tril(A, -1).T)
    if len(A) == 1:
        return A[0]
    if len(A) == 2:
        mean, half = (A[0, 0] + A[1, 1]) / 2, (A[0, 0] - A[1, 1]) / 2
        root = np.sqrt(half * half + A[0, 1] * A[0, 1])
        return np.array([mean - root, mean + root], dtype=object)
    found = acb_mat(arb_mat(flint(A))).eig(multiple=True)
    ends = (sorted(v.real.lower() for v in found), sorted(v.real.upper() for v in found))
    return np.array([Number(low.union(high)) for low, high in zip(*ends, strict=True)], dtype=object)


def singular_values(A: Exact) -> Exact:
    """The min(n, d) singular values, in decreasing order."""
    A = lift(A)
    small = A @ A.T if A.shape[0] <= A.shape[1] else A.T @ A
    values = [v if v.rational else Number(v.ball().max(fmpq(0))) for v in eigvalsh(small)[::-1]]
    return np.array([v.sqrt() for v in values], dtype=object)


def svd(A: Exact, full_matrices: bool = True, compute_uv: bool = True) -> Exact:
    """Singular values alone."""
    if compute_uv:
        raise Inexact("singular vectors")
    return singular_values(A)


def cond(A: Exact) -> Any:
    """The largest singular value over the smallest."""
    s = singular_values(A)
    return s[0] / s[-1]


def norm(x: Exact, ord: Any = None, axis: int | None = None) -> Any:
    """‖x‖ of a vector, a matrix, or the vectors along an axis."""
    x = lift(x)
    if axis is not None:
        rows = np.moveaxis(x, axis, -1)
        every = [norm(v, ord) for v in rows.reshape(-1, x.shape[axis])]
        return np.array(every, dtype=object).reshape(rows.shape[:-1])[()]
    if x.ndim == 2 and ord in (2, -2, "nuc"):
        s = singular_values(x)
        return s.sum() if ord == "nuc" else s[0 if ord == 2 else -1]
    if x.ndim == 2 and ord in (1, math.inf):
        return abs(x).sum(axis=0 if ord == 1 else 1).max()
    if x.ndim == 2 and ord not in (None, "fro"):
        raise Inexact(f"the norm of a matrix of order {ord}")
    flat = abs(x.ravel())
    if ord in (None, 2, "fro"):
        return (flat * flat).sum().sqrt() if flat.size else Number.of(0)
    if ord == 0:
        return Number.of(sum(bool(v != 0) for v in flat))
    if ord in (1, math.inf, -math.inf):
        return flat.sum() if ord == 1 else flat.max() if ord > 0 else flat.min()
    p = Number.of(ord)
    if p < 0:
        raise Inexact("a norm of negative order")
    return sum((v**p for v in flat if v != 0), Number.of(0)) ** (1 / p)


LINALG = SimpleNamespace(
    **{f.__name__: f for f in (solve, inv, det, matrix_rank, pinv, lstsq, eigvalsh, svd, cond, norm)},
    svdvals=singular_values,
    LinAlgError=np.linalg.LinAlgError,
)

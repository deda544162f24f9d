"""The pseudo-inverse without rounding."""

import numpy as np
from flint import fmpq_mat

from theory.exact_numbers import Exact, array, matrix, vector, zeros


def least(X: Exact, y: Exact) -> Exact:
    """X⁺y from a full-rank factorisation X = CB: Bᵀ(BBᵀ)⁻¹(CᵀC)⁻¹Cᵀy."""
    A = matrix(X)
    try:  # full rank, the usual case
        if len(X) < X.shape[1]:
            return vector(A.transpose() * (A * A.transpose()).solve(matrix(y)))
        return vector((A.transpose() * A).solve(A.transpose() * matrix(y)))
    except ZeroDivisionError:
        reduced, r = A.rref()
    if r == 0:
        return zeros(X.shape[1])
    rows = array(reduced)[:r]
    B = matrix(rows)
    C = matrix(X[:, [int(np.flatnonzero(row)[0]) for row in rows]])
    v: fmpq_mat = (C.transpose() * C).solve(C.transpose() * matrix(y))
    return vector(B.transpose() * (B * B.transpose()).solve(v))

"""Residuals in units of rounding, as LAPACK tests its drivers: each path that solves, ten types of matrices."""

import math
from collections.abc import Callable, Iterator

import numpy as np

from theory.interpolation import min_norm
from theory.kernel_regression import decompose, ridge_coefficients
from theory.least_squares import least_squares
from theory.ridge import ridge_path

UNIT = float(np.finfo(np.float64).eps)
SIZES = (1, 2, 3, 5, 10, 50, 300)


def matrices(n: int, d: int, g: np.random.Generator) -> Iterator[tuple[str, np.ndarray]]:
    """Ten types, n × d."""
    A = g.standard_normal((n, d))
    yield "Gaussian", A
    yield "entries near 1e150", 1e150 * A
    yield "entries near 1e-150", 1e-150 * A
    yield "a zero column", A * (np.arange(d) > 0)
    yield "repeated rows", A[np.arange(n) // 2]
    yield "all zero", 0 * A
    yield "rank one", np.outer(A[:, 0], A[0])
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    yield "condition 1e8", U * np.logspace(0, -8, len(s)) @ Vt
    yield "condition 1e13", U * np.logspace(0, -13, len(s)) @ Vt
    yield "graded columns", A * np.logspace(-6, 6, d)


def ratios(A: np.ndarray, b: np.ndarray) -> Iterator[tuple[str, Callable[[], float]]]:
    """Dimensionless residuals of each path that solves something, by the scale of what was solved."""
    n, d = A.shape
    size = float(np.abs(A).max()) or 1.0
    S = A / size  # what is measured is free of units; only the paths see the matrix itself
    length = np.linalg.norm(S, 2)
    K = S @ S.T

    def normal(w: np.ndarray, lam: float) -> float:
        r = np.concatenate([S @ (w * size) - b, math.sqrt(n * lam) * w * size])
        M = np.vstack([S, math.sqrt(n * lam) * np.eye(d)])
        size_M = np.linalg.norm(M, 2)
        scale = size_M * (size_M * np.linalg.norm(w * size) + np.linalg.norm(b))
        return float(np.linalg.norm(M.T @ r) / (max(n, d) * UNIT * scale)) if scale else 0.0

    def interpolated() -> float:
        w = min_norm(A, b).w * size
        scale = length * np.linalg.norm(w) + np.linalg.norm(b)
        return float(np.linalg.norm(S @ w - b) / (max(n, d) * UNIT * scale))

    def kernel() -> float:
        a = ridge_coefficients(decompose(K), b, np.array([1e-3]))[0]
        left = K @ a + n * 1e-3 * a - b
        return float(np.linalg.norm(left) / (n * UNIT * (length**2 + n * 1e-3) * np.linalg.norm(a)))

    def eigen() -> float:
        found = decompose(K)
        left = np.linalg.norm(found.V * found.s @ found.V.T - K, 2) / (length**2 or 1)
        skew = np.linalg.norm(found.V.T @ found.V - np.eye(n), 2)
        return float(max(left, skew) / (n * UNIT))

    yield "least squares", lambda: normal(ridge_path(A, b, np.zeros(1))[0], 0.0)
    yield "refined least squares", lambda: normal(least_squares(A, b).w, 0.0)
    yield "ridge", lambda: normal(ridge_path(A, b, np.array([1e-3 * size * size]))[0], 1e-3)
    yield "minimum norm", interpolated
    yield "kernel ridge", kernel
    yield "eigenvalues", eigen


def worst() -> tuple[float, str, int, int]:
    """The largest ratio and where it is, how many problems were refused in words, and how many there are."""
    largest, where, refused, total = 0.0, "", 0, 0
    for n in SIZES:
        g = np.random.default_rng(n)
        for shape in sorted({(n, n), (n, max(1, n // 2)), (max(1, n // 2), n)}):
            for kind, A in matrices(*shape, g):
                for path, ratio in ratios(A, g.standard_normal(shape[0])):
                    total += 1
                    try:
                        value = ratio()
                    except ValueError:  # a rank that is not full or not decided
                        refused += 1
                        continue
                    if not value <= largest:
                        largest, where = value, f"{path}, {kind}, {shape[0]} × {shape[1]}"
    return largest, where, refused, total


def nothing_is_refused() -> bool:
    """Whether no rows and no columns are."""
    refused = 0
    for A in (np.zeros((0, 3)), np.zeros((3, 0))):
        try:
            ridge_path(A, np.zeros(len(A)), np.zeros(1))
        except ValueError:
            refused += 1
    return refused == 2

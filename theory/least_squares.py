"""Least squares with standard errors, and the digits of each coefficient that can be promised."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy.linalg import solve_triangular

from theory import checks, rank
from theory.compensated import residual

UNIT = float(np.finfo(np.float64).eps)
HALF = UNIT / 2  # what rounding to the nearest float64 changes an entry by, relatively
PASSES = 20


@dataclass(frozen=True)
class LeastSquares:
    """The w of least ‖Xw − y‖ for X of full column rank, and how far to believe it.

    Attributes:
        w: the coefficients.
        residual: y − Xw, orthogonal to the columns of X.
        standard_errors: s √((XᵀX)⁻¹)_jj; NaN if n = d, where nothing is left to estimate s from.
        deviation: s = ‖y − Xw‖/√(n − d); NaN if n = d.
        clearance: the least singular value of X with unit columns, over the cut-off of `theory.rank`: above 1.
        error: |w − exact| at most, for the arrays as they stand.
        rounding: what rounding each entry of X and y to float64 may have moved w by; infinite if anything.
    """

    w: Float[Array, " d"]
    residual: Float[Array, " n"]
    standard_errors: Float[Array, " d"]
    deviation: float
    clearance: float
    error: Float[Array, " d"]
    rounding: Float[Array, " d"]

    @property
    def digits(self) -> Float[Array, " d"]:
        """The promise: how many digits of each coefficient are those of the numbers that X and y stand for."""
        doubt = self.error + self.rounding
        share = np.divide(doubt, np.abs(self.w), out=np.ones_like(doubt), where=self.w != 0)
        share[(self.w == 0) & (doubt == 0)] = 0.0
        return np.asarray(-np.log10(np.clip(share, UNIT, 1.0)))


def least_squares(X: Float[Array, "n d"], y: Float[Array, " n"]) -> LeastSquares:
    """Argmin ‖Xw − y‖, by QR and refinement of r + Xw = y, Xᵀr = 0 with residuals in twice the precision.

    Columns are first scaled by powers of 2, which rounds nothing. `rounding` is the first-order bound
    |X⁺|(|δX||w| + |δy|) + |(XᵀX)⁻¹||δX|ᵀ|r| at |δX| = u|X|, |δy| = u|y|, u = 2⁻⁵³, over 1 − ‖|X⁺||δX|‖.

    Errors: read `error` and `rounding`. The first is a few units in the last place where X with unit columns has
        a condition below 1e13; the second belongs to the problem, and no algorithm can lower it.
    Raises:
        ValueError: if the columns are dependent, as far as rounding can tell, or on bad input.
    Source: Björck, BIT 1967 (refinement) and BIT 1991, eq. 2.11 (componentwise perturbation).
    """
    X, y = checks.regression(X, y)
    n, d = X.shape
    A, unit = _scaled(X)
    column = np.linalg.norm(A, axis=0)
    s = np.linalg.svd(A / np.where(column > 0, column, 1.0), compute_uv=False)
    r = rank.decide(s, n, d)
    if r < d:
        raise ValueError(
            f"X must have independent columns, got rank {r} < d={d} (n={n}): the coefficients are not determined; "
            "drop columns, or take the solution of least norm, theory.ridge.ridge_path at lam = 0"
        )
    b, level = _scaled(y[:, None])
    Q, R = np.linalg.qr(A)
    w, missed, last = _refined(A, b[:, 0], Q, R)
    inverse = solve_triangular(R, np.eye(d))
    moved = _moved(A, b[:, 0], w, missed, inverse @ Q.T, inverse)
    back = level[0] / unit
    with np.errstate(divide="ignore", invalid="ignore"):
        deviation = np.linalg.norm(missed) / np.sqrt(n - d) if n > d else np.nan
    return LeastSquares(
        w=w * back,
        residual=missed * level[0],
        standard_errors=deviation * np.linalg.norm(inverse, axis=1) * back,
        deviation=float(deviation * level[0]),
        clearance=float(s[-1] / (max(n, d) * UNIT * s[0])),
        error=(last + UNIT * np.abs(w)) * back,
        rounding=moved * back,
    )


def _scaled(A: Float[Array, "n d"]) -> tuple[Float[Array, "n d"], Float[Array, " d"]]:
    """A with columns divided by powers of 2, so that their largest entry is in [1/2, 1), and these powers."""
    _, exponent = np.frexp(np.abs(A).max(axis=0))
    return np.ldexp(A, -exponent), np.ldexp(1.0, exponent)


def _refined(
    A: Float[Array, "n d"], b: Float[Array, " n"], Q: Float[Array, "n d"], R: Float[Array, "d d"]
) -> tuple[Float[Array, " d"], Float[Array, " n"], Float[Array, " d"]]:
    """The w and r = b − Aw with Aᵀr = 0, and how large the last correction of w was: none could halve it."""
    n, d = A.shape
    w, r = np.zeros(d), np.zeros(n)
    before = np.full(d, np.inf)
    for _ in range(PASSES):
        f = residual(b, A, w, r)
        g = residual(np.zeros(d), A.T, r, np.zeros(d))
        along, h = Q.T @ f, solve_triangular(R, g, trans="T")
        step = solve_triangular(R, along - h)
        if not np.abs(step).max() <= np.abs(before).max() / 2:
            return w, r, np.maximum(np.abs(step), np.abs(before) if np.isfinite(before).all() else np.abs(step))
        w, r, before = w + step, r + (f - Q @ (along - h)), step
        if (np.abs(step) <= HALF * np.abs(w)).all():
            break
    return w, r, np.abs(before)


def _moved(
    A: Float[Array, "n d"],
    b: Float[Array, " n"],
    w: Float[Array, " d"],
    r: Float[Array, " n"],
    pseudo: Float[Array, "d n"],
    inverse: Float[Array, "d d"],
) -> Float[Array, " d"]:
    """The bound on what half-unit changes of the entries of A and b can do to w."""
    shift = np.abs(pseudo) @ (np.abs(A) @ np.abs(w) + np.abs(b))
    turn = np.abs(inverse @ inverse.T) @ (np.abs(A).T @ np.abs(r))
    left = 1 - HALF * float((np.abs(pseudo) @ np.abs(A)).sum(axis=1).max())
    return HALF * (shift + turn) / left if left > 0 else np.full(len(w), np.inf)

"""The oracle of linear regression: fits in rational arithmetic, without rounding, for small instances.

Arguments may be floats, which count as the binary fractions that they are, or Fractions, or strings such as "0.1".
Margins are in `theory.exact_margin`, balls for everything irrational in `theory.exact_balls` and
`theory.exact_equivalents`, proofs of what a solver returned in `theory.exact_proof`.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory.exact_linear import least
from theory.exact_numbers import (
    Exact,
    ball,
    fraction,
    matrix,
    number,
    precision,
    rational,
    regression,
    times,
    vector,
    zeros,
)


@dataclass(frozen=True)
class Fit:
    """The least squares fit for independent columns: nothing in it is rounded.

    Attributes:
        w: the coefficients.
        rest: ‖y − Xw‖².
        variances: the squared standard errors, ‖y − Xw‖²/(n − d) · (XᵀX)⁻¹_jj; empty if n = d.
    """

    w: Exact
    rest: Fraction
    variances: Exact

    @property
    def standard_errors(self) -> Float[Array, " d"]:
        """The roots of the variances, correctly rounded."""
        return np.array([root(v) for v in self.variances])


def least_squares(X: Any, y: Any) -> Fit:
    """Argmin ‖Xw − y‖ and its standard errors.

    Errors: none.
    Raises:
        ValueError: if the columns of X are dependent, or on bad input.
    Source: the normal equations XᵀXw = Xᵀy.
    """
    X, y = regression(X, y)
    n, d = X.shape
    A, b = matrix(X), matrix(y)
    gram = A.transpose() * A
    try:
        inverse = gram.inv()
    except ZeroDivisionError:
        raise ValueError(
            f"X must have independent columns, got rank {gram.rank()} < d={d}; use ridge at lam = 0"
        ) from None
    w = inverse * (A.transpose() * b)
    missed = b - A * w
    rest = vector(missed.transpose() * missed)[0]
    diagonal = np.array([fraction(inverse[j, j]) for j in range(d)], dtype=object)
    variances = rest / (n - d) * diagonal if n > d else zeros(0)
    return Fit(vector(w), rest, variances)


def min_norm(X: Any, y: Any) -> Exact:
    """The w of least ‖w‖₂ with Xw = y, exactly.

    Raises:
        ValueError: if no w has Xw = y, or on bad input.
    """
    X, y = regression(X, y)
    w = least(X, y)
    missed = times(X, w) - y
    if missed.any():
        worst = int(np.argmax(abs(missed)))
        raise ValueError(f"Xw = y must have a solution, but equation {worst} cannot be met; use ridge at lam = 0")
    return w


def ridge(X: Any, y: Any, lam: Any) -> Exact:
    """Argmin ‖Xw − y‖²/(2n) + lam‖w‖²/2; at lam = 0 its limit, the least squares solution of least norm.

    Raises:
        ValueError: if lam < 0, or on bad input.
    """
    X, y = regression(X, y)
    return _ridge(X, y, len(y) * _strength(lam))


def leave_one_out(X: Any, y: Any, lam: Any) -> Exact:
    """The residuals y_i − x_i·w₍₋ᵢ₎ of n separate fits, each with the penalty n lam‖w‖²/2 of all n samples.

    Raises:
        ValueError: if lam < 0, n < 2, or on bad input.
    """
    X, y = regression(X, y)
    n, lam = len(y), _strength(lam)
    if n < 2:
        raise ValueError(f"leaving one out needs at least 2 samples, got n={n}")
    keep = [np.delete(np.arange(n), i) for i in range(n)]
    return np.array([y[i] - X[i] @ _ridge(X[k], y[k], n * lam) for i, k in enumerate(keep)], dtype=object)


def rank(X: Any) -> int:
    """The rank of X, which no rounding has touched.

    Raises:
        ValueError: on bad input.
    """
    return int(matrix(rational(X, "X", 2)).rank())


def root(value: Fraction) -> float:
    """√value, correctly rounded but for ties.

    Raises:
        ValueError: if the value is negative or no finite rational number.
    """
    exact = number(value, "value")
    if exact < 0:
        raise ValueError(f"value must be ≥ 0 to have a root, got {value}")
    with precision():
        return float(ball(exact).sqrt())


def _strength(lam: Any) -> Fraction:
    """A penalty ≥ 0."""
    exact = number(lam, "lam")
    if exact < 0:
        raise ValueError(f"lam must be ≥ 0, got {lam}; use 0 for none")
    return exact


def _ridge(X: Exact, y: Exact, penalty: Fraction) -> Exact:
    """(XᵀX + penalty I)⁻¹Xᵀy, or its limit."""
    if penalty == 0:
        return least(X, y)
    A = matrix(X)
    gram = A.transpose() * A + matrix(penalty * _identity(X.shape[1]))
    return vector(gram.solve(A.transpose() * matrix(y)))


def _identity(d: int) -> Exact:
    """The d × d identity, of Fractions."""
    return np.array([[Fraction(int(i == j)) for j in range(d)] for i in range(d)], dtype=object)

"""The numbers of the oracle: rationals without rounding, and balls that contain what is not rational.

Public functions take and return `Fraction`, singly or in NumPy arrays of objects; inside, FLINT computes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

try:
    import flint
    from flint import arb, fmpq, fmpq_mat
except ImportError as error:
    raise ImportError("theory.exact needs python-flint: pip install 'lemmata[exact]'") from error

Exact = npt.NDArray[Any]  # of Fraction
BITS = 256
EXPONENT = 10**7  # of a power of 2 that is written out


def rational(values: Any, name: str, ndim: int) -> Exact:
    """An array of Fractions: floats as the binary fractions that they are, strings such as "0.1" or "1/3" as read.

    Raises:
        ValueError: if an entry is no finite rational number, or the shape is not of `ndim` dimensions.
    """
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        raise ValueError(f"{name} has masked entries; drop or fill them first")
    try:
        array = np.array(values, dtype=object) if isinstance(values, (list, tuple)) else np.asarray(values)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a rectangular array of numbers, with rows of one length") from None
    if array.ndim != ndim or array.size == 0:
        raise ValueError(f"{name} must have {ndim} dimension(s) and an entry, got shape {array.shape}")
    return np.array([number(v, name) for v in array.ravel()], dtype=object).reshape(array.shape)


def number(value: Any, name: str) -> Fraction:
    """One finite rational number.

    Raises:
        ValueError: if it is none.
    """
    try:
        if isinstance(value, np.longdouble):  # whose item is itself
            return Fraction(*value.as_integer_ratio())
        return Fraction(value.item() if isinstance(value, np.generic) else value)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        raise ValueError(
            f"{name} must hold finite rational numbers, got {value!r}; give floats, Fractions or strings"
        ) from None


def regression(X: Any, y: Any) -> tuple[Exact, Exact]:
    """Points (n, d) with targets (n,), as Fractions.

    Raises:
        ValueError: if they do not agree in length, or are no rational numbers.
    """
    X, y = rational(X, "X", 2), rational(y, "y", 1)
    if len(X) != len(y):
        raise ValueError(f"X has {len(X)} rows but y has {len(y)} entries; they must agree")
    return X, y


def signed(X: Any, y: Any) -> Exact:
    """The points times their labels, z_i = y_i x_i.

    Raises:
        ValueError: if a label is not ±1, or one class is missing.
    """
    X, y = regression(X, y)
    if {abs(v) for v in y} != {1} or len(set(y)) == 1:
        raise ValueError(f"y must hold both labels -1 and +1 and nothing else, got {sorted(set(y))[:5]}")
    return np.asarray(y[:, None] * X)


def zeros(size: int) -> Exact:
    """A vector of exact zeros."""
    return np.array([Fraction(0)] * size, dtype=object)


def matrix(A: Exact) -> fmpq_mat:
    """Fractions (n, d) for FLINT; a vector is one column."""
    rows = A if A.ndim == 2 else A[:, None]
    return fmpq_mat([[fmpq(v.numerator, v.denominator) for v in row] for row in rows])


def array(A: fmpq_mat) -> Exact:
    """The matrix as Fractions."""
    return np.array([fraction(v) for v in A.entries()], dtype=object).reshape(A.nrows(), A.ncols())


def vector(A: fmpq_mat) -> Exact:
    """A matrix of one column as Fractions."""
    return np.asarray(array(A)[:, 0])


def times(A: Exact, v: Exact) -> Exact:
    """The product Av of a matrix and a vector; NumPy's own would reduce each fraction on the way."""
    return vector(matrix(A) * matrix(v))


def fraction(value: fmpq) -> Fraction:
    """The same number."""
    return Fraction(int(value.p), int(value.q))


def ball(value: Any) -> arb:
    """A ball that contains a rational number."""
    value = Fraction(value)
    return arb(fmpq(value.numerator, value.denominator))


def between(value: arb) -> tuple[Fraction, Fraction]:
    """Rational ends of a ball.

    Raises:
        ArithmeticError: if the ball is not finite, so that it says nothing.
    """
    if not value.is_finite():
        raise ArithmeticError("the enclosure is not finite: raise the precision")
    low, high = value.lower(), value.upper()
    if any(abs(int(end.man_exp()[1])) > EXPONENT for end in (low, high)):  # FLINT aborts where memory ends
        raise ArithmeticError("the enclosure has ends too large or too small to write down: rescale")
    return fraction(low.fmpq()), fraction(high.fmpq())


@contextmanager
def precision(bits: int = BITS) -> Iterator[None]:
    """So many bits for the balls inside."""
    with flint.ctx.workprec(bits):
        yield

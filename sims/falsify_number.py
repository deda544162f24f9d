"""A number that is rational as long as it can be and a ball of 256 bits after: what stands in for floats.

Code written for floats runs on it unchanged, `X @ w` and `np.sqrt` included, without rounding anything unseen: a
float that is no short constant, `float(x)` and a comparison that the ball leaves open are refused. A short
constant stands for its decimal and its float at once, since `1 / 10` gives the float too: 0.5 is rational, 0.1 a
ball.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from flint import arb, fmpq

from theory.exact_numbers import EXPONENT, between, fraction

DIGITS = 12  # a float that so many digits give back was typed; a longer one was computed, and rounded


class Inexact(ArithmeticError):  # noqa: N818 (reads as a sentence)
    """Somewhere a float was made or needed: what follows would not be exact."""


class Undecided(ArithmeticError):  # noqa: N818
    """The enclosures overlap: neither is larger, as far as they tell."""


class Number:
    """A rational without rounding (`fmpq`), or a ball that contains the number (`arb`)."""

    __slots__ = ("v",)

    def __init__(self, v: Any) -> None:
        self.v = v

    @staticmethod
    def of(value: Any) -> "Number":
        """A constant of the program: whole, rational, or a float short enough to have been typed.

        Raises:
            Inexact: if it is anything else.
        """
        if isinstance(value, Number):
            return value
        if isinstance(value, (int, np.integer, np.bool_)):
            return Number(fmpq(int(value)))
        if isinstance(value, Fraction):
            return Number(fmpq(value.numerator, value.denominator))
        if isinstance(value, (fmpq, arb)):
            return Number(value)
        if isinstance(value, (float, np.floating)):
            value = float(value)
            known = {math.pi: arb.pi, math.e: arb.const_e}.get(value)
            if known is not None:
                return Number(known())
            typed = f"{value:.{DIGITS}g}"
            if math.isfinite(value) and float(typed) == value:
                number, decimal = Number.exactly(value), Number.of(Fraction(typed))
                return number if number.v == decimal.v else Number(number.ball().union(decimal.ball()))
        raise Inexact(f"{value!r} is not exact: a float that was computed, or no number")

    @staticmethod
    def exactly(value: "float | np.floating[Any]") -> "Number":
        """The binary fraction that a finite float is, of whatever precision."""
        if not math.isfinite(value):
            raise Inexact(f"{value!r} is no rational number")
        return Number(fmpq(*value.as_integer_ratio()))

    @property
    def rational(self) -> bool:
        """Whether it is known without a radius."""
        return isinstance(self.v, fmpq)

    def ball(self) -> arb:
        """It as a ball, at the precision of the moment."""
        return arb(self.v) if self.rational else self.v

    def ends(self) -> tuple[Fraction, Fraction]:
        """Rational numbers below and above it.

        Raises:
            ArithmeticError: if the ball is not finite, or its ends are too long to write down.
        """
        if self.rational:
            return fraction(self.v), fraction(self.v)
        return between(self.v)

    def __add__(self, other: Any) -> Any:
        return _both(self, other, lambda a, b: a + b)

    def __sub__(self, other: Any) -> Any:
        return _both(self, other, lambda a, b: a - b)

    def __rsub__(self, other: Any) -> Any:
        return _both(self, other, lambda a, b: b - a)

    def __mul__(self, other: Any) -> Any:
        return _both(self, other, lambda a, b: a * b)

    def __truediv__(self, other: Any) -> Any:
        return _both(self, other, lambda a, b: a / b)

    def __rtruediv__(self, other: Any) -> Any:
        return _both(self, other, lambda a, b: b / a)

    __radd__, __rmul__ = __add__, __mul__

    def __pow__(self, other: Any) -> Any:
        return _both(self, other, power)

    def __rpow__(self, other: Any) -> Any:
        return _both(self, other, lambda a, b: power(b, a))

    def __neg__(self) -> "Number":
        return Number(-self.v)

    def __pos__(self) -> "Number":
        return self

    def __abs__(self) -> "Number":
        return Number(abs(self.v))

    def __lt__(self, other: Any) -> Any:
        return _compare(self, other, -1, strict=True)

    def __le__(self, other: Any) -> Any:
        return _compare(self, other, -1, strict=False)

    def __gt__(self, other: Any) -> Any:
        return _compare(self, other, 1, strict=True)

    def __ge__(self, other: Any) -> Any:
        return _compare(self, other, 1, strict=False)

    def __eq__(self, other: object) -> Any:
        if isinstance(other, np.ndarray):
            return NotImplemented
        try:
            return self <= other and self >= other
        except Inexact:
            if isinstance(other, (float, np.floating)):
                raise
            return False

    def __hash__(self) -> int:
        return hash(self.ends())

    def __bool__(self) -> bool:
        return bool(self != 0)

    def __float__(self) -> float:
        raise Inexact("a float was asked for")

    def __index__(self) -> int:
        if self.rational and self.v.q == 1:
            return int(self.v.p)
        raise TypeError("not a whole number")

    def __repr__(self) -> str:
        return str(self.v) if self.rational else self.v.str(17)

    def sqrt(self) -> "Number":
        """Its root: rational if it has a rational one."""
        if self.rational and self.v >= 0:
            roots = math.isqrt(int(self.v.p)), math.isqrt(int(self.v.q))
            if roots[0] ** 2 == self.v.p and roots[1] ** 2 == self.v.q:
                return Number(fmpq(*roots))
        return Number(self.ball().sqrt())

    def conjugate(self) -> "Number":
        """Itself: it is real."""
        return self


def power(a: Any, b: Any) -> Any:
    """The b-th power of a: exact for whole b, a root for b = 1/2; a ball for other b, and where it is too long."""
    if isinstance(b, fmpq) and b.q == 1:
        long = isinstance(a, fmpq) and a.height_bits() * abs(int(b.p)) > EXPONENT
        return (arb(a) if long else a) ** int(b.p)
    if isinstance(b, fmpq) and b == fmpq(1, 2):
        return Number(a).sqrt().v
    return arb(a) ** arb(b)


def _both(a: Number, other: Any, operation: Callable[[Any, Any], Any]) -> Any:
    if isinstance(other, np.ndarray):
        return NotImplemented  # NumPy goes through the entries
    b = Number.of(other)
    if a.rational and b.rational:
        result = operation(a.v, b.v)
    else:
        result = operation(a.ball(), b.ball() if operation is not power else b.v)
    return Number(result)


def _compare(a: Number, other: Any, sign: int, strict: bool) -> Any:
    """Whether a lies on that side of the other; an infinite float is on the far side of everything."""
    if isinstance(other, np.ndarray):
        return NotImplemented
    if isinstance(other, (float, np.floating)) and math.isinf(other):
        return (other > 0) == (sign < 0)
    difference = (a - other).v * sign
    if isinstance(difference, fmpq):
        return bool(difference > 0 if strict else difference >= 0)
    if difference > 0:
        return True
    if difference < 0:
        return False
    if difference == 0:
        return not strict
    raise Undecided(f"{a} against {other!r}")


BALLS = {
    **{name: name for name in ("exp", "expm1", "log", "log1p", "sin", "cos", "tan", "sinh", "cosh", "tanh")},
    **{"arcsin": "asin", "arccos": "acos", "arctan": "atan", "arcsinh": "asinh", "arctanh": "atanh"},
    **{"erf": "erf", "erfc": "erfc", "gamma": "gamma", "lgamma": "lgamma"},
}


def _function(name: str) -> Callable[[Number], Number]:
    def call(self: Number) -> Number:
        return Number(getattr(self.ball(), name)())

    return call


for _name, _method in BALLS.items():  # the names by which NumPy calls the entries of an array of objects
    setattr(Number, _name, _function(_method))

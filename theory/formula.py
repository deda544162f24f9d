"""Closed forms held once: one SymPy expression gives the number, more digits, and the typeset formula."""

import ast
import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

FUNCTIONS = frozenset(
    [
        "pi",
        "oo",
        "E",
        "sqrt",
        "exp",
        "log",
        "Abs",
        "Max",
        "Min",
        "Piecewise",
        "sin",
        "cos",
        "acos",
        "asin",
        "atan",
        "erf",
        "erfc",
    ]
)
LETTERS = {"eps": r"\varepsilon", "lam": r"\lambda", "noise": r"\sigma^2", "signal": r"\|w_\star\|^2"}
ONE = re.compile(r"(?<![\d.])1 \\frac")  # SymPy keeps 1/r as the product of 1 and 1/r
FRACTION = r"\\frac"
GUARD = 20  # digits beyond those asked, against cancellation


@dataclass(frozen=True)
class Formula:
    """`left` = `right`: LaTeX of what it is, and a SymPy expression in real quantities named as the arguments.

    Calling it evaluates the expression in float64, on numbers or on arrays that broadcast:

    >>> Formula("V", "noise*p/(n - p - 1)")(n=12, p=3, noise=0.5)
    0.1875

    Attributes:
        left: LaTeX.
        right: SymPy's own notation, kept in the order in which it is written.
        letters: LaTeX of quantities, where it is neither in LETTERS nor the name itself.
    """

    left: str
    right: str
    letters: Mapping[str, str] = field(default_factory=dict)

    def __call__(self, **values: Any) -> Any:
        """The number, float for numbers and an array for arrays; NaN and infinity come without warnings.

        Errors: those of float64 in the expression as it stands; `Evaluation.digits` tells the truth.
        Raises:
            TypeError: if the arguments are not the quantities of the formula.
            ValueError: if one holds anything but real numbers.
        """
        if set(values) != set(self.names):
            raise TypeError(f"this formula takes {', '.join(self.names)}; got {', '.join(values) or 'nothing'}")
        values = {name: _real(values[name], name) for name in self.names}
        tape = _TAPE.get()
        if tape is not None and all(entry.formula is not self for entry in tape):
            tape.append(Evaluation(self, {name: _first(values[name]) for name in self.names}))
        with np.errstate(all="ignore"):
            number = self._compiled(*(values[name] for name in self.names))
        return float(number) if np.ndim(number) == 0 else np.asarray(number, dtype=np.float64)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The quantities, in the order in which they appear."""
        tree = ast.parse(self.right, mode="eval")
        used = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
        used.sort(key=lambda node: (node.lineno, node.col_offset))
        return tuple(dict.fromkeys(x.id for x in used if x.id in self.letters or x.id not in FUNCTIONS))

    @cached_property
    def expression(self) -> Any:
        """The SymPy expression, unevaluated, so that it reads as it was written."""
        from sympy.parsing.sympy_parser import parse_expr

        return parse_expr(self.right, local_dict=self._symbols, evaluate=False)

    @property
    def latex(self) -> str:
        """The equation, typeset."""
        names = {symbol: self.letter(name) for name, symbol in self._symbols.items()}
        right = _sympy().latex(self.expression, order="none", symbol_names=names)
        return f"{self.left} = {ONE.sub(FRACTION, right)}"

    def letter(self, name: str) -> str:
        """LaTeX of a quantity."""
        return ({**LETTERS, **self.letters}).get(name) or _sympy().latex(_sympy().Symbol(name))

    @cached_property
    def _symbols(self) -> dict[str, Any]:
        return {name: _sympy().Symbol(name, real=True) for name in self.names}

    @cached_property
    def _compiled(self) -> Any:
        return _sympy().lambdify([self._symbols[name] for name in self.names], self.expression, ["numpy", "scipy"])


@dataclass(frozen=True)
class Evaluation:
    """A formula at exact float64 values of its quantities."""

    formula: Formula
    at: Mapping[str, float]

    def digits(self, count: int = 20) -> str:
        """The value to so many digits, from the expression in arithmetic of more."""
        sympy = _sympy()
        exact = {name: _exact(value) for name, value in self.at.items()}
        value = self.formula.expression.subs({self.formula._symbols[k]: v for k, v in exact.items()}).doit()
        text = str(sympy.N(sympy.N(value, count + GUARD), count))
        return text.replace("oo", "inf")

    @property
    def number(self) -> float:
        """The value in float64."""
        return float(self.formula(**self.at))

    @property
    def where(self) -> str:
        """LaTeX of the values."""
        return r",\ ".join(f"{self.formula.letter(name)} {_shown(value)}" for name, value in self.at.items())


_TAPE: ContextVar[list[Evaluation] | None] = ContextVar("tape", default=None)


@contextmanager
def evaluated() -> Iterator[list[Evaluation]]:
    """The list of formulas that are evaluated inside, each at its first values; arrays count with their first."""
    tape: list[Evaluation] = []
    token = _TAPE.set(tape)
    try:
        yield tape
    finally:
        _TAPE.reset(token)


def _sympy() -> Any:
    """SymPy, loaded when the first formula is read: the rest of `theory` does without."""
    import sympy

    return sympy


def _real(value: Any, name: str) -> Any:
    """A float64 array of any shape; NaN and infinity are let through."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError):
        array = np.array(None)
    if array.dtype.kind not in "fiub" or isinstance(value, np.ma.MaskedArray):
        raise ValueError(f"{name} must be real numbers that float64 can hold, got {value!r}")
    return array.astype(np.float64)


def _first(value: Any) -> float:
    return float(value.ravel()[0])


def _exact(value: float) -> Any:
    """The rational number that a float64 is."""
    sympy = _sympy()
    if math.isinf(value):
        return sympy.oo if value > 0 else -sympy.oo
    return sympy.Rational(*value.as_integer_ratio())


def _shown(value: float) -> str:
    """LaTeX of a value and what it is to it: equal, or near in the six digits shown."""
    if math.isinf(value):
        return r"= \infty" if value > 0 else r"= -\infty"
    text = f"{value:.6g}"
    mantissa, _, exponent = text.partition("e")
    power = rf" \cdot 10^{{{int(exponent)}}}" if exponent else ""
    relation = "=" if float(text) == value else r"\approx"
    return f"{relation} {mantissa}{power}"

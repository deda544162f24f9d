"""A `Formula` in balls: its SymPy expression, evaluated so that the radius covers all rounding."""

import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import reduce
from typing import Any

from flint import arb

from theory.exact_numbers import ball, number, precision
from theory.formula import Formula

WORK = 512  # bits
ONE: Mapping[str, Callable[[arb], arb]] = {
    "exp": arb.exp,
    "log": arb.log,
    "Abs": abs,
    "sin": arb.sin,
    "cos": arb.cos,
    "acos": arb.acos,
    "asin": arb.asin,
    "atan": arb.atan,
    "erf": arb.erf,
    "erfc": arb.erfc,
}
RELATIONS: Mapping[str, tuple[Callable[[arb, arb], bool], Callable[[arb, arb], bool]]] = {  # and their negations
    "StrictLessThan": (operator.lt, operator.ge),
    "LessThan": (operator.le, operator.gt),
    "StrictGreaterThan": (operator.gt, operator.le),
    "GreaterThan": (operator.ge, operator.lt),
}


def enclose(formula: Formula, **values: Any) -> arb:
    """The value of the formula at these numbers, as a ball; floats count as the binary fractions that they are.

    Raises:
        TypeError: if the arguments are not the quantities of the formula.
        ValueError: if a value is no finite rational number, a condition is too close to call, or a function is
            unknown here.
    """
    if set(values) != set(formula.names):
        raise TypeError(f"this formula takes {', '.join(formula.names)}; got {', '.join(values) or 'nothing'}")
    exact = {name: number(value, name) for name, value in values.items()}
    with precision(WORK):
        return _value(formula.expression, {name: ball(value) for name, value in exact.items()})


def _value(node: Any, at: Mapping[str, arb]) -> arb:
    """The ball of a SymPy node."""
    kind = type(node).__name__
    if node.is_Symbol:
        return at[node.name]
    if node.is_Rational:
        return ball(Fraction(int(node.p), int(node.q)))
    if kind == "Pi":
        return arb.pi()
    if kind == "Infinity":
        return arb.pos_inf()
    if kind == "Exp1":
        return arb(1).exp()
    if kind == "Piecewise":
        return _branch(node, at)
    parts = [_value(child, at) for child in node.args]
    if kind == "Add":
        return sum(parts, arb(0))
    if kind == "Mul":
        return reduce(lambda a, b: a * b, parts)
    if kind == "Pow":
        return _power(node, *parts)
    if kind in ("Max", "Min"):
        return reduce(arb.max if kind == "Max" else arb.min, parts)
    if kind in ONE:
        return ONE[kind](parts[0])
    raise ValueError(f"the expression has {kind}, which has no ball here: add it to theory.exact_formula")


def _power(node: Any, base: arb, exponent: arb) -> arb:
    """A power; whole and half exponents exactly so, because a base may be negative or zero."""
    power = node.args[1].doit()
    if power.is_Integer:
        return base ** int(power)
    if power.is_Rational and power.q == 2:
        return base.sqrt() ** int(power.p)
    return arb(0) if base == 0 and exponent > 0 else base**exponent


def _branch(node: Any, at: Mapping[str, arb]) -> arb:
    """The first piece whose condition holds."""
    for piece, condition in node.args:
        if type(condition).__name__ == "BooleanTrue" or _holds(condition, at):
            return _value(piece, at)
    raise ValueError("no condition of the Piecewise holds at these values")


def _holds(condition: Any, at: Mapping[str, arb]) -> bool:
    """Whether a relation holds for all that the balls contain, or for nothing."""
    relation = RELATIONS.get(type(condition).__name__)
    if relation is None:
        raise ValueError(f"the condition {condition} has no ball here: add it to theory.exact_formula")
    holds, fails = relation
    left, right = (_value(child, at) for child in condition.args)
    if holds(left, right):
        return True
    if fails(left, right):
        return False
    raise ValueError(f"the condition {condition} cannot be decided at these values: they are too close to it")

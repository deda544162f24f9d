"""Every closed form of the theory lies, in float64, where its ball says, at 200 drawn arguments."""

import importlib
import math
import pkgutil
from fractions import Fraction

import numpy as np
import pytest

import theory
from theory.exact_balls import holds
from theory.exact_formula import enclose
from theory.formula import Formula

ROUNDINGS = 64 * np.finfo(float).eps  # relative; a formula has some ten operations, powers up to the 20th
COUNT = 200
WHOLE = {"n", "d", "p", "k", "D"}  # at thresholds such as p = n − 1 differences must be exact
SHARE = {"delta", "chance", "r"}
MODULES = [m.name for m in pkgutil.iter_modules(theory.__path__) if not m.name.startswith("exact")]
FORMULAS = {
    f"{name}.{key}": value
    for name in MODULES
    for key, value in vars(importlib.import_module(f"theory.{name}")).items()
    if isinstance(value, Formula)
}


def draw(g, name):
    """A value that a quantity of this name may have."""
    if name in WHOLE:
        return float(g.integers(1, 9))
    if name == "q":
        return float(g.uniform(2.1, 8))
    return float(g.uniform(0.05, 0.95)) if name in SHARE else float(10 ** g.uniform(-1, 1))


@pytest.mark.parametrize("name", FORMULAS)
def test_predictions_are_enclosed(name):
    formula, g = FORMULAS[name], np.random.default_rng(0)
    for _ in range(COUNT):
        values = {letter: draw(g, letter) for letter in formula.names}
        truth, seen = enclose(formula, **values), formula(**values)
        assert not truth.is_nan(), f"{values} is outside the domain: add a range to this file"
        assert seen == math.inf if truth == math.inf else holds(truth, seen, ROUNDINGS), values


def test_a_cancellation_shows():
    formula = Formula("x", "1 - cos(x)")
    assert not holds(enclose(formula, x=1e-6), formula(x=1e-6), ROUNDINGS)
    assert float(enclose(formula, x=1e-6)) == pytest.approx(5e-13, rel=1e-12)


def test_functions_powers_and_pieces():
    for right, x, value in [
        ("sqrt(x)**3", 4, 8),
        ("(-x)**3/x", 2, -4),
        ("x**(-1/2)", 4, 0.5),
        ("x**pi", 0, 0),
        ("Min(x, 2) + Max(x, 2) + Abs(x)", -3, 2),
        ("exp(log(E)) + 0*x", 1, math.e),
        ("erf(x) + erfc(x) + sin(acos(x))**2 + cos(asin(x))**2", 0.5, 2.5),
        ("Piecewise((x, x <= 1), (2*x, x >= 3), (oo, True))", 2, math.inf),
        ("Piecewise((1, x < 1), (2*x, x > 1))", Fraction(3, 2), 3),
    ]:
        assert float(enclose(Formula("f", right), x=x)) == pytest.approx(value, rel=1e-15)


def test_what_cannot_be_enclosed_is_refused():
    for right, message in [
        ("Piecewise((1, x < 1), (2, x > 1))", "no condition"),
        ("Piecewise((1, sqrt(2)*sqrt(2)*x < 2), (2, True))", "cannot be decided"),
    ]:
        with pytest.raises(ValueError, match=message):
            enclose(Formula("f", right), x=1)
    with pytest.raises(TypeError, match="takes x"):
        enclose(Formula("f", "x"), y=1)
    with pytest.raises(ValueError, match="finite rational"):
        enclose(Formula("f", "x"), x=math.inf)

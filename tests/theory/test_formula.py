"""Formulas: one expression gives number, digits and typeset text; the tape sees what was evaluated."""

import math

import numpy as np
import pytest
from mpmath import mp, mpf

from theory.formula import Formula, evaluated

VARIANCE = Formula("V", "noise*Piecewise((p/(n - p - 1), p < n - 1), (n/(p - n - 1), p > n + 1), (oo, True))")
FACTOR = Formula("C", "Max(1, d**(1 - 1/r - 1/attack))", {"attack": "p"})


def test_the_number():
    assert VARIANCE(n=12, p=3, noise=0.5) == 0.1875
    assert VARIANCE(n=12, p=12, noise=0.5) == math.inf
    assert FACTOR(d=100, r=2, attack=math.inf) == 10
    np.testing.assert_array_equal(VARIANCE(n=12, p=np.array([3, 20]), noise=1.0), [3 / 8, 12 / 7])


def test_the_digits_are_those_of_the_float64_that_went_in():
    mp.dps = 40
    with evaluated() as tape:
        VARIANCE(n=12, p=3, noise=0.1)
    exact = mpf(0.1) * 3 / 8
    assert abs(mpf(tape[0].digits(30)) / exact - 1) < 1e-29
    assert tape[0].number == pytest.approx(float(exact), rel=1e-15)


def test_cancellation_costs_digits_of_the_number_alone():
    with evaluated() as tape:
        Formula("x", "sqrt(1 + u) - 1")(u=1e-14)
    assert float(tape[0].digits()) == pytest.approx(5e-15, rel=1e-12)
    assert abs(tape[0].number / float(tape[0].digits()) - 1) > 1e-4


def test_the_typeset_text_reads_as_it_was_written():
    assert FACTOR.latex == r"C = \max\left(1, d^{1 - \frac{1}{r} - \frac{1}{p}}\right)"
    assert Formula("R", "a + 2*sqrt(2/pi)*eps*sqrt(a)").latex == (
        r"R = a + 2 \sqrt{\frac{2}{\pi}} \varepsilon \sqrt{a}"
    )


def test_the_tape_keeps_the_first_evaluation_of_each_formula():
    with evaluated() as tape:
        FACTOR(d=100, r=2, attack=math.inf)
        FACTOR(d=200, r=2, attack=math.inf)
        VARIANCE(n=12, p=np.array([3, 20]), noise=1.0)
    assert [entry.formula for entry in tape] == [FACTOR, VARIANCE]
    assert tape[0].where == r"d = 100,\ r = 2,\ p = \infty"
    assert tape[1].at == {"noise": 1.0, "p": 3.0, "n": 12.0}
    VARIANCE(n=12, p=3, noise=1.0)
    assert len(tape) == 2


def test_values_are_told_as_they_are():
    with evaluated() as tape:
        Formula("x", "a + b + c")(a=1 / 3, b=2e-9, c=-math.inf)
    assert tape[0].where == r"a \approx 0.333333,\ b = 2 \cdot 10^{-9},\ c = -\infty"
    assert tape[0].digits() == "-inf"


def test_other_quantities_are_refused():
    with pytest.raises(TypeError, match="takes noise, p, n; got n"):
        VARIANCE(n=3)

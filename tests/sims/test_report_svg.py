"""Bars and plots of the report stay inside their pictures, whatever the values."""

import itertools
import math
import re
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from report_records import record

from sims import report_svg
from sims.claim import Verdict


@pytest.mark.parametrize("gap", [-1e9, -0.5, 0.0, 1e-300, 0.5, 1e300, math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("doubt", [0.0, 0.3, math.inf, math.nan])
@pytest.mark.parametrize("allowed", [0.0, 1e-12, 1.0, math.inf, math.nan])
def test_a_bar_stays_inside_its_picture(gap, doubt, allowed):
    drawn = report_svg.bar(Verdict(gap, doubt, allowed), Verdict(gap, doubt, allowed))
    ET.fromstring(drawn)
    lines = re.findall(r' (?:d|cx)="([^"]*)"', drawn)
    assert lines and all(
        -5 <= float(x) <= 180 for line in lines for x in re.findall(r"(?:[MHV]|^)(-?\d+\.?\d*)", line)
    )
    assert "nan" not in "".join(lines)


def test_the_limit_stands_at_the_same_place_in_every_row():
    places = {
        re.search(r'class="limit" d="([^"]*)"', report_svg.bar(Verdict(gap, 0, allowed), None))[1]
        for gap, allowed in [(1e-9, 1e-6), (3.0, 0.5), (-1.0, 20.0)]
    }
    assert len(places) == 1


def test_many_entries_are_thinned_and_the_worst_is_kept():
    predicted = np.linspace(0, 1, 5000)
    observed = predicted.copy()
    observed[1234] += 9
    chosen = report_svg.thinned(predicted, observed)
    assert len(chosen) == report_svg.POINTS and 1234 in chosen


@pytest.mark.parametrize(
    "values",
    [
        {"predicted": (), "observed": (), "rivalled": (), "doubt": ()},
        {"observed": (np.full((), np.nan),) * 32},
        {"observed": (np.zeros(3),) * 32, "predicted": (np.zeros(2),) * 32},
    ],
)
def test_without_anything_to_draw_there_is_no_plot(values):
    assert report_svg.plot(record("p", "c", Verdict(0, 0, 1), None, **values)) == ""


@pytest.mark.parametrize("value", [0.0, 1.0, -3e-200, 1e280])
def test_one_value_everywhere_is_a_strip(value):
    flat = (np.asarray(value),) * 4
    made = record("p", "c", Verdict(0, 0, 1), None, rows=4, predicted=flat, observed=flat, rivalled=())
    drawn = report_svg.plot(made)
    assert "entry" in drawn and "nan" not in drawn
    ET.fromstring(drawn)


EXTREMES = [0.0, 5e-324, 1e-280, -1.0, 1.0, 1e280, 1e308, math.inf]


@pytest.mark.parametrize("values", list(itertools.product(EXTREMES, repeat=2)))
def test_extreme_values_are_drawn_or_left_out(values):
    a, b = (np.asarray(v) for v in values)
    made = record(
        "p",
        "c",
        Verdict(0, 0, 1),
        None,
        predicted=(a, b, a),
        observed=(b, a, a),
        rivalled=(a, a, b),
        doubt=(abs(b), np.asarray(1.0), b),
    )
    drawn = report_svg.plot(made)
    assert "nan" not in drawn and "inf" not in drawn
    if drawn:
        ET.fromstring(drawn)

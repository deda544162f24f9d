"""Numbers, intervals, verdicts and cases are said in the report as they would be on paper."""

import math

import pytest
from report_records import record

from sims import report_words
from sims.claim import Verdict


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.0012, "0.0012"),
        (0.00123456, "0.00123"),
        (3.1e-9, "3.1 × 10⁻⁹"),
        (-0.31, "−0.31"),
        (0.0, "0"),
        (100.0, "100"),
        (12345.6, "12300"),
        (1e6, "10⁶"),
        (-1e-6, "−10⁻⁶"),
        (-2.5e-6, "−2.5 × 10⁻⁶"),
        (0.9996, "1"),
        (math.nan, "not a number"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
    ],
)
def test_numbers_are_printed_as_on_paper(value, shown):
    assert report_words.number(value) == shown


@pytest.mark.parametrize(
    ("gap", "doubt", "shown"),
    [
        (3.2e-9, 1.1e-9, "(3.2 ± 1.1) × 10⁻⁹"),
        (-3.2e7, 1e6, "(−3.2 ± 0.1) × 10⁷"),
        (3.2e-9, 0, "3.2 × 10⁻⁹ ± 0"),
        (3.2e-9, math.inf, "3.2 × 10⁻⁹ ± ∞"),
        (3.2e-9, 1e-3, "0 ± 0.001"),
        (0.000468, 0.00678, "0.0005 ± 0.0068"),
        (-0.31, 0.06, "−0.31 ± 0.06"),
        (123.4, 56.0, "123 ± 56"),
        (1e-310, 1e-310, "(1 ± 1) × 10⁻³¹⁰"),
    ],
)
def test_an_interval_shares_its_power_of_ten(gap, doubt, shown):
    assert report_words.interval(Verdict(gap, doubt, 1)) == shown


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        (Verdict(0.0012, 0.0003, 0.005), "claim holds; a departure above 0.0056 would have been caught."),
        (Verdict(0.08, 0.01, 0.02), "the claim fails"),
        (Verdict(0.013, 0.01, 0.02), "the interval reaches both sides"),
        (Verdict(math.nan, 0, 0.02), "Seen not a number ± 0, allowed 0.02: the question is open"),
        (Verdict(-0.31, 0, 0), "Seen −0.31 ± 0, allowed 0: the claim holds"),
    ],
)
def test_a_verdict_is_a_sentence(verdict, words):
    said = report_words.in_words(record("p", "c", verdict, Verdict(0.43, 0.01, 0.02)))
    assert words in said and said.endswith("The rival was rejected with 0.43 ± 0.01 on the same rows.")


def test_the_axes_list_few_values_and_count_many():
    cases = [{"d": 64, "p": p, "seed": k, "kind": f"k{k}"} for p in (1.5, math.inf) for k in range(16)]
    assert report_words.axes(cases) == [
        ("d", "∈ {64}"),
        ("p", "∈ {1.5, ∞}"),
        ("seed", ": 16 values, 0 to 15"),
        ("kind", ": 16 values"),
    ]

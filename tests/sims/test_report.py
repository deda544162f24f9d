"""The ledger page holds everything it shows, shows text as text, and is the same bytes each time."""

import base64
import itertools
import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from sims import report, report_svg, report_words
from sims.claim import Verdict
from sims.record import Record

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
VOID = {"meta", "img", "br", "hr", "path", "circle", "wbr"}


def record(paper, name, verdict, rival, *, rows=32, shape=(), spread=1e-3, **changes):
    """A record of so many rows whose observations scatter around the prediction."""
    rng = np.random.default_rng(sum(map(ord, name)))
    predicted = tuple(np.asarray(rng.uniform(0.5, 2, shape)) for _ in range(rows))
    made = Record(
        paper=paper,
        name=name,
        statement=r"The solution satisfies $\lVert w\rVert_p\le\varepsilon$.",
        source="Somebody et al. 2020, Thm 1",
        assumptions=(r"$n\le d$", "the data are separable"),
        mode="full",
        looks=1,
        verdict=verdict,
        rival=rival,
        fingerprint="0" * 16,
        cases=tuple({"n": 16, "d": 64, "seed": k} for k in range(rows)),
        predicted=predicted,
        rivalled=tuple(1.2 * a for a in predicted),
        observed=tuple(a * (1 + spread * rng.standard_normal(shape)) for a in predicted),
        doubt=tuple(np.full(shape, 2 * spread) for _ in range(rows)),
        exhibits=({},) * rows,
        failures=(),
        seconds=12.5,
        versions={"numpy": "2.1.0", "torch": "2.6.0"},
    )
    return replace(made, **changes)


def ledger():
    """Eight claims of two papers: every outcome, scalars and vectors, a row that raised, 400 rows."""
    bias, benign = "price_of_implicit_bias", "benign_overfitting"
    case = {"n": 16, "d": 64, "seed": 99}
    return [
        record(
            bias,
            "descent_finds_min_norm",
            Verdict(3.2e-9, 1.1e-9, 1e-6),
            Verdict(0.43, 1e-9, 1e-6),
            rows=400,
            statement="Steepest descent in the geometry of $\\ell_p$, begun at zero, on squared loss converges\n"
            "to the interpolator of least norm,\n\n"
            "$$w_\\infty=\\operatorname*{argmin}_{w:\\,Xw=y}\\lVert w\\rVert_p,\\qquad p\\in(1,2].$$",
            source="Gunasekar et al. 2018, Thm 1; $p=2$ is classical",
            looks=1,
            seconds=4321.0,
        ),
        record(
            bias,
            "robust_margin_is_penalised",
            Verdict(0.0012, 0.0003, 0.005),
            Verdict(0.43, 0.002, 0.005),
            shape=(12,),
            spread=0.02,
            statement=r"The robust margin of $w$ is "
            r"$\min_i y_i\langle w,x_i\rangle-\varepsilon\lVert w\rVert_{p^*}$, and its maximiser over "
            r"$\lVert w\rVert_p\le 1$ has $\tilde R_S(w)\le\frac{2\varepsilon^\star}{\sqrt n}$ for every "
            r"$\varepsilon<\varepsilon^\star$.",
        ),
        record(bias, "bound_is_never_crossed", Verdict(-0.31, 0, 0.0), Verdict(0.08, 0, 0.0), mode="quick"),
        record(bias, "worst_case_loss_is_closed_form", None, None, failures=((case, FAILURE, "…\n" + FAILURE),)),
        record(
            benign,
            "excess_risk_follows_effective_ranks",
            Verdict(0.013, 0.006, 0.02),
            Verdict(0.9, 0.01, 0.02),
            looks=3,
            shape=(5,),
            predicted=tuple(np.logspace(-3, 1, 5) for _ in range(32)),
            observed=tuple(np.logspace(-3, 1, 5) * (1 + 0.01 * k / 32) for k in range(32)),
            rivalled=tuple(np.logspace(-3, 1, 5) * 3 for _ in range(32)),
            doubt=tuple(np.logspace(-4, 0, 5) for _ in range(32)),
        ),
        record(benign, "variance_peaks_at_n_equals_d", Verdict(0.08, 0.01, 0.02), Verdict(0.5, 0.01, 0.02)),
        record(
            benign, "adversarial_training_generalises_worse", Verdict(-0.04, 0.06, 0.0), Verdict(-0.01, 0.005, 0.0)
        ),
        record(
            benign,
            "noise_is_absorbed",
            Verdict(math.nan, math.inf, 0.02),
            Verdict(0.5, math.inf, 0.02),
            predicted=(np.array(1.0),) * 32,
            rivalled=(np.array(1.1),) * 32,
        ),
    ]


FAILURE = "ValueError: X has rank 15 < n=16 (d=64): not every y can be interpolated, <b>really</b>"


class Page(HTMLParser):
    """The elements of a page, with what stands open at the end of a tag that never opened."""

    def __init__(self, text):
        super().__init__()
        self.open, self.wrong, self.elements, self.text = [], [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ledger")
    (folder / "figure.png").write_bytes(PNG)
    names = ["descent_finds_min_norm", "benign_overfitting/double_descent", "elsewhere"]
    fresh = {f"{r.paper}/{r.name}": r.name != "variance_peaks_at_n_equals_d" for r in ledger()}
    where = report.write(
        ledger(), folder / "report.html", fresh=fresh, figures=dict.fromkeys(names, folder / "figure.png")
    )
    return where.read_text(encoding="utf-8")


def one(tmp_path, *records, **options):
    return report.write(records, tmp_path / "report.html", **options).read_text(encoding="utf-8")


def test_the_page_is_well_formed_and_its_mathematics_is_xml(page):
    parsed = Page(page)
    assert parsed.wrong == [] and parsed.open == []
    formulas = re.findall(r"<math.*?</math>", page, re.S)
    assert len(formulas) > 10
    for formula in formulas + re.findall(r"<svg.*?</svg>", page, re.S):
        ET.fromstring(formula)


def test_the_page_needs_no_script_and_no_network(page):
    parsed = Page(page)
    assert not {"script", "link", "iframe", "object", "base"} & {tag for tag, _ in parsed.elements}
    for _, attributes in parsed.elements:
        assert not any(name.startswith("on") for name in attributes)
        assert attributes.get("src", "data:image/png").startswith("data:image/png")
        assert attributes.get("href", "#").startswith("#")
    urls = set(re.findall(r"https?://[^\"' )]+", page))
    assert urls <= {"http://www.w3.org/1998/Math/MathML"}
    assert "@import" not in page and "url(" not in page


def test_every_link_has_its_anchor_and_every_anchor_is_alone(page):
    elements = Page(page).elements
    anchors = [attributes["id"] for _, attributes in elements if "id" in attributes]
    assert len(anchors) == len(set(anchors))
    assert {a["href"][1:] for tag, a in elements if tag == "a"} <= set(anchors)


def test_headings_descend_one_level_at_a_time_and_table_headers_have_a_scope(page):
    elements = Page(page).elements
    levels = [int(tag[1]) for tag, _ in elements if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))
    assert all("scope" in attributes for tag, attributes in elements if tag == "th")
    assert all(attributes.get("alt") for tag, attributes in elements if tag == "img")


def test_the_totals_count_claims_and_fallen_rivals():
    entries = [report.Entry(r, True, ()) for r in ledger()]
    assert [(n, word) for n, word, _ in report.totals(entries)] == [
        (4, "hold"),
        (5, "rivals rejected"),
        (2, "open"),
        (1, "failed"),
        (1, "error"),
        (1, "quick"),
    ]


def test_stale_and_quick_records_are_marked_in_words(page):
    text = " ".join(Page(page).text.split())
    assert "the code behind this record has changed since it was made" in text
    assert "Quick: a short run" in text
    assert "was not checked" not in text


def test_an_unchecked_ledger_says_so(tmp_path):
    assert "fresh was not checked" in one(tmp_path, ledger()[0])
    assert "unchecked" in one(tmp_path, ledger()[0], fresh={})


def test_a_figure_goes_where_its_name_says(page):
    records = ledger()
    assert report.home("descent_finds_min_norm", records) == "price_of_implicit_bias/descent_finds_min_norm"
    assert report.home("benign_overfitting/noise_is_absorbed/b", records) == "benign_overfitting/noise_is_absorbed"
    assert report.home("benign_overfitting/double_descent", records) == "benign_overfitting"
    assert report.home("elsewhere", records) == ""
    assert page.count("data:image/png;base64,") == 3


def test_text_of_a_hostile_claim_is_shown_as_text(tmp_path):
    evil = "<script>alert(1)</script><img src=x onerror=alert(2)> "
    evil += "\u202egnp \x1b[31m \ud800 $\\write18{rm -rf /}$ {{ 7*7 }}"
    hostile = record(
        'evil"><script>',
        "' onclick='alert(3)",
        Verdict(0, 0, 1),
        None,
        statement=evil
        + r" $\text{<script>alert(4)</script>}$ $\href{javascript:alert(5)}{x}$ $\style{a:url(b)}{x}$",
        source=evil,
        assumptions=(evil,),
        cases=({evil: evil},),
        failures=(({evil: evil}, evil, evil),),
        mode=evil,
        versions={evil: evil},
    )
    text = one(tmp_path, hostile)
    parsed = Page(text)
    assert parsed.wrong == [] and parsed.open == []
    assert "script" not in {tag for tag, _ in parsed.elements}
    assert "img" not in {tag for tag, _ in parsed.elements}
    assert not any(name.startswith("on") for _, attributes in parsed.elements for name in attributes)
    assert all(attributes.get("href", "#").startswith("#") for _, attributes in parsed.elements)
    assert "\u202e" not in text and "\x1b" not in text
    assert "<script>alert(1)</script>" in parsed.text and r"\u202egnp" in parsed.text
    assert r"\write18{rm -rf /}" in parsed.text and "{{ 7*7 }}" in parsed.text


def test_a_failure_is_shown_with_its_case_and_the_lines_that_run_it_again(page):
    text = Page(page).text
    assert FAILURE in text
    assert "There is no verdict: of 33 rows, 1 raised an error." in text
    assert "1 row, the first with n = 16, d = 64, seed = 99" in text
    assert "lemmata replay price_of_implicit_bias/worst_case_loss_is_closed_form --case 0 --full" in text
    assert "lemmata verify price_of_implicit_bias/worst_case_loss_is_closed_form --full" in text


def test_a_quick_record_is_replayed_among_the_quick_rows(page):
    lines = re.findall(r"lemmata replay \S*/bound_is_never_crossed --case 0.*", Page(page).text)
    assert lines and not any("--full" in line for line in lines)


def test_the_bytes_do_not_depend_on_the_order_or_the_day(tmp_path, page):
    first = report.write(ledger(), tmp_path / "a.html").read_bytes()
    assert report.write(ledger()[::-1], tmp_path / "b.html").read_bytes() == first


def test_an_empty_ledger_is_a_page():
    assert report.totals([])[0] == (0, "hold", "none")


def test_an_empty_ledger_says_so(tmp_path):
    text = one(tmp_path)
    assert "There are no records yet." in text and Page(text).wrong == []


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


@pytest.mark.parametrize("gap", [-1e9, -0.5, 0.0, 1e-300, 0.5, 1e300, math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("doubt", [0.0, 0.3, math.inf, math.nan])
@pytest.mark.parametrize("allowed", [0.0, 1e-12, 1.0, math.inf, math.nan])
def test_a_bar_stays_inside_its_picture(gap, doubt, allowed):
    drawn = report_svg.bar(Verdict(gap, doubt, allowed), Verdict(gap, doubt, allowed))
    ET.fromstring(drawn)
    lines = re.findall(r' (?:d|cx)="([^"]*)"', drawn)
    assert all(-5 <= float(x) <= 180 for line in lines for x in re.findall(r"(?:[MHV]|^)(-?\d+\.?\d*)", line))
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

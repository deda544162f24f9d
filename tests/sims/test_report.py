"""The ledger page holds everything it shows, shows text as text, and is the same bytes each time."""

import base64
import itertools
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest
from report_records import FAILURE, ledger, record

from sims import report
from sims.claim import Verdict

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

VOID = {"meta", "img", "br", "hr", "path", "circle", "wbr"}


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


def test_the_bytes_do_not_depend_on_the_order_or_the_day(tmp_path):
    first = report.write(ledger(), tmp_path / "a.html").read_bytes()
    assert report.write(ledger()[::-1], tmp_path / "b.html").read_bytes() == first


def test_the_totals_of_an_empty_ledger_say_none():
    assert report.totals([])[0] == (0, "hold", "none")


def test_an_empty_ledger_says_so(tmp_path):
    text = one(tmp_path)
    assert "There are no records yet." in text and Page(text).wrong == []

"""Formulas become MathML that browsers draw; everything else in the text stays text."""

import xml.etree.ElementTree as ET

import pytest
from markupsafe import Markup

from sims.mathematics import TAGS, line, mathml, render

M = "{http://www.w3.org/1998/Math/MathML}"


def formula(latex):
    return ET.fromstring(str(line(f"${latex}$")))


def text(latex):
    return "".join(formula(latex).itertext())


@pytest.mark.parametrize(
    ("latex", "shown"),
    [
        (r"\lVert w\rVert_p", "‖w‖p"),
        (r"\bigl\lVert w\bigr\rVert_p", "‖w‖p"),
        (r"\min_i y_i\langle w,x_i\rangle-\varepsilon\lVert w\rVert_{p^*}", "miniyi⟨w,xi⟩−ε‖w‖p*"),
        (r"\tilde R_S", "R˜S"),
        (r"\mathbb{R}^d", "ℝd"),
        (r"\mathbb E", "𝔼"),
        (r"\mathbb 1", "𝟙"),
        (r"\mathcal N", "𝒩"),
        (r"\mathcal{H}", "ℋ"),
        (r"\mathfrak R", "ℜ"),
        (r"\mathbf w", "𝐰"),
        (r"\boldsymbol\beta", "𝜷"),
        (r"\operatorname{sign}(x)", "sign(x)"),
        (r"\operatorname{arg\,min}", "arg\u2009min"),
        (r"\arg\min_w", "argminw"),
        (r"\mathrm{tr}(\Sigma)", "tr(Σ)"),
        (r"n\le d", "n≤d"),
        (r"x\sim P", "x∼P"),
        (r"a<b", "a<b"),
        (r"\Phi", "Φ"),
        (r"\varepsilon^\star", "ε⋆"),
    ],
)
def test_typical_formulas_are_typeset(latex, shown):
    assert text(latex) == shown


def test_fractions_roots_and_sums_have_their_structure():
    tags = {e.tag.removeprefix(M) for e in formula(r"\sqrt{\frac{1}{n}\sum_{i=1}^n x_i}").iter()}
    assert {"msqrt", "mfrac", "msubsup"} <= tags


@pytest.mark.parametrize(
    ("latex", "tag"), [(r"\sum_{i=1}^n", "munderover"), (r"\min_w", "munder"), (r"\sup_x", "munder")]
)
def test_limits_stand_below_on_display(latex, tag):
    shown = str(render(f"$${latex} f$$"))
    assert f"<{tag}>" in shown and 'display="block"' in shown


def test_letters_of_an_upright_name_are_one_word():
    assert [e.text for e in formula(r"\mathrm{tr}").iter(f"{M}mi")] == ["tr"]


def test_paragraphs_come_from_blank_lines():
    assert render("one\ntwo\n\n  three") == Markup("<p>one\ntwo</p>\n<p>three</p>")
    assert render("") == Markup("")


@pytest.mark.parametrize(
    "plain", ["it costs 5$", "$", "from $5 to", "from 5 $ to 6 $ and", "$$ alone", "a $ b", "x$$"]
)
def test_a_dollar_without_its_partner_is_a_dollar(plain):
    assert line(plain) == plain


def test_an_escaped_dollar_is_a_dollar():
    assert line(r"\$5 and \$6") == "$5 and $6"


@pytest.mark.parametrize(
    "broken",
    [
        r"$\frac$",
        r"$x_$",
        r"$\left($",
        r"$\write18{rm -rf /}$",
        r"$\unknown x$",
        r"$\def\a{\a\a}\a$",
        r"$\newcommand{\a}{b}\a$",
        "$a & b$",
        "$\u202ex$",
        r"$\unicode{x202e}$",
        "$" + "{" * 5000 + "}" * 5000 + "$",
    ],
)
def test_what_cannot_be_read_is_shown_as_its_source(broken):
    shown = line(broken)
    assert shown.startswith("<code>") and shown.endswith("</code>")
    assert "\u202e" not in shown


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        r"$\text{<script>alert(1)</script>}$",
        r"$\mbox{</math><img src=x onerror=alert(1)>}$",
        r"$\text{&lt;script&gt;}$",
        r"$\href{javascript:alert(1)}{x}$",
        r"$\style{background:url(http://x)}{x}$",
        r"$\class{a}{b}$",
        r"$\color{red;background:url(x)}{x}$",
        "$<img src=x onerror=alert(1)>$",
        r"$\hspace{1em;x:y}a$",
        "</p><b>bold</b>",
    ],
)
def test_hostile_text_is_only_text(hostile):
    root = ET.fromstring(f"<p>{line(hostile)}</p>")
    for element in root.iter():
        assert element.tag.removeprefix(M) in TAGS | {"p", "code"}
        assert not {"href", "style", "class", "onerror", "src", "mathcolor"} & set(element.attrib)


def test_controls_and_direction_marks_are_spelled_out():
    assert line("a\u202eb\x1b[31m\u200f\ud800\u2066") == r"a\u202eb\x1b[31m\u200f\ud800\u2066"


def test_one_formula_leaves_nothing_behind_for_the_next():
    before = ET.tostring(mathml("x", "inline"))
    line(r"$\newcommand{\x}{y}$")
    assert ET.tostring(mathml("x", "inline")) == before

r"""Text with formulas between dollar signs, as HTML whose formulas are MathML.

`$…$` is a formula in the line, `$$…$$` one on display, `\$` a dollar sign; a blank line ends a paragraph.
A single dollar touches its formula, as in $x$, so that prices stay prices. Everything else is text and is
shown as text: markup, scripts and control characters included. A formula that the converter cannot read,
or reads only in part, appears as its own source.
"""

import html
import re
import unicodedata
import xml.etree.ElementTree as ET

from latex2mathml.converter import convert_to_element
from markupsafe import Markup, escape

FORMULA = re.compile(
    r"(?<!\\)\$\$(?P<display>(?:\\.|[^$\\])+)\$\$|(?<!\\)\$(?=\S)(?P<inline>(?:\\.|[^$\\])+)(?<!\s)\$", re.S
)
MACROS = re.compile(r"\\(def|let|[egx]def|\w*command|DeclareMathOperator)(?![a-zA-Z])")  # could expand for ever
SPELLINGS = [  # what the converter does not know, as what it does
    (re.compile(r"\\(arg|tr|diag|sign|rank|supp|Var|erf)(?![a-zA-Z])"), r"\\operatorname{\1}"),
    (re.compile(r"\\(begin|end)\{(aligned|align|split|gathered)\}"), r"\\\1{align*}"),
    (re.compile(r"(\\operatorname\*?\{\w+)\\,(\w+\})"), "\\1\u2009\\2"),
    (re.compile(r"\\[bB]igg?[lrm]?\\([lr]Vert|\||[lr]angle)"), r"\\\1"),
]

LEAVES = {"mi", "mo", "mn", "mtext", "mspace"}
SCRIPTED = {"msub", "msup", "msubsup", "munder", "mover", "munderover"}
BOXES = {"math", "mrow", "mfrac", "msqrt", "mroot", "mstyle", "mpadded", "mtable", "mtr", "mtd"}
TAGS = LEAVES | SCRIPTED | BOXES
SIZES = {"minsize", "maxsize", "linethickness", "width", "height", "depth", "lspace", "voffset", "scriptlevel"}
ATTRIBUTES = SIZES | {"display", "stretchy", "fence", "form", "displaystyle", "accent", "movablelimits"}
LIMITS = {"min", "max", "sup", "inf", "lim", "argmin", "argmax", "lim\u2006sup", "lim\u2006inf", "arg\u2009min"}
UNDER = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
ACCENTS = {"~": "˜", "^": "ˆ", "¯": "¯", "―": "¯", "→": "→", "˙": "˙", "¨": "¨", "ˇ": "ˇ", "˘": "˘", "˚": "˚"}
OPERATORS = {"~": "∼", "⧵": "∖"}  # what the converter takes for letters, as they should look
ALPHABETS = {"double-struck": "DOUBLE-STRUCK", "script": "SCRIPT", "fraktur": "FRAKTUR", "bold": "BOLD"} | {
    "bold-italic": "BOLD ITALIC",
    "sans-serif": "SANS-SERIF",
    "bold-sans-serif": "SANS-SERIF BOLD",
    "bold-script": "BOLD SCRIPT",
    "bold-fraktur": "BOLD FRAKTUR",
    "monospace": "MONOSPACE",
}
KINDS = {"Lu": "CAPITAL", "Ll": "SMALL", "Nd": "DIGIT"}


class UnreadableError(ValueError):
    """A formula that has to be shown as its source."""


def render(text: str) -> Markup:
    """Paragraphs of text and typeset formulas; dollar signs without a partner are dollar signs."""
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    return Markup("\n").join(Markup("<p>{}</p>").format(line(part)) for part in paragraphs)


def line(text: str) -> Markup:
    """One run of text with its formulas, for where a paragraph is too much."""
    pieces, end = [], 0
    for match in FORMULA.finditer(text):
        pieces += [escape(visible(text[end : match.start()].replace(r"\$", "$"))), formula(match)]
        end = match.end()
    return Markup("").join([*pieces, escape(visible(text[end:].replace(r"\$", "$")))])


def formula(match: re.Match[str]) -> Markup:
    """The MathML of one match; its source in <code> when that fails for whatever reason."""
    display = match["display"] is not None
    try:
        element = mathml(match["display"] if display else match["inline"], "block" if display else "inline")
        return Markup(ET.tostring(element, encoding="unicode"))
    except Exception:  # the converter raises whatever its stack raises: KeyError, RecursionError, StopIteration …
        return Markup("<code>{}</code>").format(visible(match[0]))


def visible(text: str) -> str:
    r"""The text with every control, direction mark and lone surrogate spelled out, as in \u202e."""
    return "".join(c if c in "\n\t" or ordinary(c) else c.encode("unicode_escape").decode() for c in text)


def ordinary(character: str) -> bool:
    """Whether a character is seen where it stands and changes nothing around it."""
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def mathml(latex: str, display: str) -> ET.Element:
    """The formula as a tree of presentation elements that browsers draw without help.

    The converter's own text output unescapes markup, so only its tree is used, element by element.
    Raises:
        UnreadableError: if a command is unknown, a macro is defined, or an element could do more than show.
    """
    if MACROS.search(latex) or visible(latex) != latex:
        raise UnreadableError(latex)
    for spelling, known in SPELLINGS:
        latex = spelling.sub(known, latex)
    tree = convert_to_element(latex, display=display)
    for element in tree.iter():
        settle(element)
    for parent in tree.iter():
        if len(parent):
            arrange(parent, display == "block")
    tree.set("xmlns", "http://www.w3.org/1998/Math/MathML")
    return tree


def settle(element: ET.Element) -> None:
    """One element by itself: known tag and attributes, its text in the right alphabet and role."""
    raw = element.text or ""
    if element.tag not in TAGS or "\\" in raw or raw == "&":
        raise UnreadableError(raw)
    variant, align = element.get("mathvariant", ""), element.get("columnalign")
    kept = {k: v for k, v in element.attrib.items() if k in ATTRIBUTES and re.fullmatch(r"[-+.%\w]*", v)}
    element.attrib.clear()
    element.attrib.update(kept)
    if align in ("left", "right"):
        element.set("style", f"text-align:{align}" + ";padding-inline-end:0" * (align == "right"))
    if element.text is not None:
        text = html.unescape(raw)
        if visible(text) != text:
            raise UnreadableError(raw)
        element.text = "".join(letter(c, ALPHABETS[variant]) for c in text) if variant in ALPHABETS else text
        play(element, text, variant)


def play(element: ET.Element, text: str, variant: str) -> None:
    """The role of a text: relations and names of functions are operators, ∞ and ⊤ are not, Φ stands upright."""
    if element.tag == "mi" and text in OPERATORS:
        element.tag, element.text = "mo", OPERATORS[text]
    elif element.tag == "mi" and text not in "…∞." and not variant:
        named = len(text) > 1 and text.isalpha()  # log, exp, sin
        element.tag = "mo" if named or unicodedata.category(text[0]) in ("Sm", "Po") else "mi"
    elif element.tag == "mo" and text in ("∞", "⊤", "∅", "⋆", "∂", "′", "ℓ"):
        element.tag = "mi"
    if element.tag == "mi" and (variant == "normal" or re.fullmatch("[Α-Ω]", text)):
        element.set("mathvariant", "normal")
    if element.tag == "mo" and text in ("‖", "|", "⟨", "⟩", "/", ".") and element.get("stretchy") != "true":
        element.attrib.update(lspace="0", rspace="0", stretchy="false")


def letter(character: str, alphabet: str) -> str:
    """The character in another mathematical alphabet, where Unicode has it."""
    name = unicodedata.name(character, "").removeprefix("GREEK ").split()
    size = KINDS.get(unicodedata.category(character), "")
    older = "BLACK-LETTER" if alphabet == "FRAKTUR" else alphabet  # ℝ, ℋ, ℜ were there before the alphabets
    for row in (f"MATHEMATICAL {alphabet}", older):
        try:
            return unicodedata.lookup(" ".join([row, *filter(None, [size]), *name[-1:]]))
        except KeyError:
            continue
    return character


def arrange(parent: ET.Element, display: bool) -> None:
    """The children of one element beside each other: limits below, accents close, names apart, words whole."""
    for child in list(parent):
        core = nucleus(child)
        if display and child.tag in UNDER and core.text in LIMITS:
            child.tag = UNDER[child.tag]
        if child.tag == "mover" and len(child) == 2 and child[1].tag == "mo" and child[1].text in ACCENTS:
            child.set("accent", "true")
            child[1].text = ACCENTS[child[1].text or ""]
    run: ET.Element | None = None  # \mathrm{tr} arrives letter by letter
    for child in list(parent):
        upright = parent.tag == "mrow" and child.tag == "mi" and child.get("mathvariant") == "normal"
        if run is not None and upright and (child.text or "").isascii() and (run.text or "").isascii():
            run.text = f"{run.text}{child.text}"
            parent.remove(child)
        else:
            run = child if upright else None
    before: ET.Element | None = None
    for child, after in zip(list(parent), [*list(parent)[1:], None], strict=True):
        core = nucleus(child)
        if core.tag == "mo" and (core.text or "")[:1].isalpha():
            opens = after is None or nucleus(after).text in ("(", "[", "{") or nucleus(after).tag == "mspace"
            follows = before is not None and before.tag not in ("mo", "mspace")
            core.attrib.update(lspace="0.167em" if follows else "0", rspace="0" if opens else "0.167em")
        before = core


def nucleus(element: ET.Element) -> ET.Element:
    """What carries the scripts: the ‖ of ‖ with an index p."""
    while element.tag in SCRIPTED and len(element):
        element = element[0]
    return element

"""The ledger page: every record in one HTML file that needs no script, no network and no font of its own.

A figure belongs where its name says: under a claim if the name is `claim` or `paper/claim`, with or without
more behind it (`paper/claim/detail`); else in the gallery of a paper if it begins with the paper's folder
(`paper`, `paper/anything`); else in the gallery that ends the page. The same input gives the same bytes.
"""

import base64
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from sims import mathematics, report_svg, report_words
from sims.claim import Outcome, Verdict
from sims.record import Record

HERE = Path(__file__).parent
GOOD = ("✓", "good")
BAD = ("✗", "bad")
UNDECIDED = ("?", "undecided")
ERROR = ("!", "error")


@dataclass(frozen=True)
class Badge:
    """A word with a sign and a tone; the word alone says it all."""

    word: str
    sign: str
    tone: str


CLAIM = {
    Outcome.HOLDS: Badge("holds", *GOOD),
    Outcome.FAILS: Badge("fails", *BAD),
    Outcome.OPEN: Badge("open", *UNDECIDED),
    Outcome.ERROR: Badge("error", *ERROR),
}
RIVAL = {  # a rival is there to fall
    Outcome.HOLDS: Badge("survives", *BAD),
    Outcome.FAILS: Badge("rejected", *GOOD),
    Outcome.OPEN: Badge("undecided", *UNDECIDED),
    Outcome.ERROR: Badge("not judged", *ERROR),
}


@dataclass(frozen=True)
class Picture:
    """A figure as the page shows it: its name, its data URI, and its caption with formulas typeset."""

    name: str
    uri: str
    caption: Markup


@dataclass(frozen=True)
class Entry:
    """One claim as the page shows it: its record, whether that is fresh (None: not known), and its figures."""

    record: Record
    fresh: bool | None
    figures: tuple["Picture", ...]

    @property
    def name(self) -> str:
        """Paper and claim, as the command line has them."""
        return f"{self.record.paper}/{self.record.name}"

    @property
    def outcome(self) -> Outcome:
        """Of the claim."""
        return outcome(self.record.verdict)

    @property
    def rival(self) -> Outcome:
        """Of its rival."""
        return outcome(self.record.rival)

    @property
    def marks(self) -> list[tuple[str, str]]:
        """What a reader must know before trusting the row."""
        stale = "the code behind this record has changed since it was made"
        quick = "a short run; the cases that count are those of --full"
        unsure = "whether the code has changed since this record was made was not checked"
        marks = [("stale", stale)] if self.fresh is False else []
        marks += [("quick", quick)] if self.record.mode != "full" else []
        return marks + ([("unchecked", unsure)] if self.fresh is None else [])


def write(
    records: Sequence[Record],
    path: Path,
    *,
    fresh: Mapping[str, bool] | None = None,
    figures: Mapping[str, Path] | None = None,
    captions: Mapping[str, str] | None = None,
) -> Path:
    """The ledger of these records as one HTML file at `path`, which is returned.

    `fresh` says for "paper/name" whether the code behind a record is still what it was; `figures` gives for
    the name of a figure its PNG, which is embedded, and `captions` its caption, the name in words by default.
    """
    homes = {name: home(name, records) for name in figures or {}}

    def picture(name: str, png: Path) -> Picture:
        word = report_words.title(name.split("/")[-1])
        return Picture(word, embedded(png), mathematics.line((captions or {}).get(name, word)))

    def pictures(place: str) -> tuple[Picture, ...]:
        return tuple(picture(n, png) for n, png in sorted((figures or {}).items()) if homes[n] == place)

    entries = [
        Entry(r, fresh is None or fresh.get(f"{r.paper}/{r.name}"), pictures(f"{r.paper}/{r.name}"))
        for r in sorted(records, key=lambda r: (r.paper, r.name))
    ]
    papers = {r.paper: [e for e in entries if e.record.paper == r.paper] for r in (e.record for e in entries)}
    page = (
        environment()
        .get_template("report.html")
        .render(
            papers=papers,
            totals=totals(entries),
            versions=versions(records),
            checked=fresh is not None,
            galleries={place: pictures(place) for place in [*papers, ""]},
            style=Markup((HERE / "report.css").read_text(encoding="utf-8")),
        )
    )
    path.write_text(page, encoding="utf-8", newline="\n")
    return path


def outcome(verdict: Verdict | None) -> Outcome:
    """The outcome, ERROR where there is no verdict."""
    return Outcome.ERROR if verdict is None else verdict.outcome


def home(figure: str, records: Sequence[Record]) -> str:
    """Where a figure belongs: "paper/claim", "paper", or "" for the end of the page."""
    for record in records:
        for claim in (f"{record.paper}/{record.name}", record.name):
            if f"{figure}/".startswith(f"{claim}/"):
                return f"{record.paper}/{record.name}"
    paper = figure.split("/")[0]
    return paper if any(record.paper == paper for record in records) else ""


def slug(name: str) -> str:
    """A name as an anchor."""
    return re.sub(r"[^\w-]+", "--", name)


def embedded(png: Path) -> str:
    """The picture as a data URI."""
    return "data:image/png;base64," + base64.b64encode(png.read_bytes()).decode("ascii")


def totals(entries: Sequence[Entry]) -> list[tuple[int, str, str]]:
    """The counts of the header with what they count and their tone; an empty count keeps quiet unless good."""
    count = Counter(entry.outcome for entry in entries)
    fallen = sum(entry.rival is Outcome.FAILS for entry in entries)
    kinds = Counter(word for entry in entries for word, _ in entry.marks)
    all_of = [
        (count[Outcome.HOLDS], "hold" if count[Outcome.HOLDS] != 1 else "holds", "good"),
        (fallen, "rivals rejected" if fallen != 1 else "rival rejected", "good"),
        (count[Outcome.OPEN], "open", "undecided"),
        (count[Outcome.FAILS], "failed", "bad"),
        (count[Outcome.ERROR], "errors" if count[Outcome.ERROR] != 1 else "error", "error"),
        *((kinds[word], word, "undecided") for word in ("stale", "quick") if kinds[word]),
    ]
    return [(n, word, tone if n else "none") for n, word, tone in all_of]


def versions(records: Sequence[Record]) -> list[tuple[str, str]]:
    """Each package with every version that some record was made with."""
    seen = sorted({(package, v) for record in records for package, v in record.versions.items()})
    return [(p, ", ".join(v for q, v in seen if q == p)) for p in dict.fromkeys(p for p, _ in seen)]


def environment() -> jinja2.Environment:
    """Templates that escape everything, control characters included, except what is already markup."""

    def shown(value: Any) -> Any:
        return mathematics.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(HERE),
        autoescape=True,
        finalize=shown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        words=report_words, svg=report_svg, mathematics=mathematics, CLAIM=CLAIM, RIVAL=RIVAL, slug=slug
    )
    return made

"""Verdicts, numbers and cases in words that a reviewer can read."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sims.claim import Outcome, Verdict
from sims.record import Record

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
LISTED = 6  # values of an axis that are spelled out


def title(name: str) -> str:
    """A file name as a title."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def number(value: float, digits: int = 3) -> str:
    """A number to so many significant digits, as print has it: 0.0012, 3.1 × 10⁻⁹, −∞, not a number."""
    if math.isnan(value):
        return "not a number"
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    power = int(exponent)
    if value == 0 or -4 <= power < 5:
        text = f"{float(f'{mantissa}e{exponent}'):.{max(0, digits - 1 - power)}f}" if value else "0"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        short = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
        text = f"{short} × 10{str(power).translate(SUPERSCRIPTS)}"
        text = text.replace("1 × ", "") if short in ("1", "-1") else text
    return text.replace("-", "−")


def interval(verdict: Verdict) -> str:
    """The gap and the doubt about it, with a power of ten in common where there is one: (3.2 ± 1.1) × 10⁻⁹."""
    gap, doubt = verdict.gap, verdict.doubt
    if gap and doubt > 0 and math.isfinite(gap) and math.isfinite(doubt):
        power = math.floor(math.log10(abs(gap)))
        ratio = doubt / abs(gap)
        if not -4 <= power < 5 and 1e-2 < ratio < 1e2:
            mantissa = f"{gap:.2e}".split("e")[0]
            pair = f"{number(float(mantissa))} ± {number(ratio * abs(float(mantissa)), 2)}"
            return f"({pair}) × 10{str(power).translate(SUPERSCRIPTS)}"
        last = 1 - math.floor(math.log10(doubt))  # the last place of the doubt, beyond which the gap says nothing
        gap = round(gap, last) + 0.0 if abs(last) < 300 else gap
    return f"{number(gap)} ± {number(doubt, 2)}"


def duration(seconds: float) -> str:
    """A time as one would say it."""
    if not seconds < 60:
        whole = round(seconds) if math.isfinite(seconds) else 0
        hours, minutes = divmod(whole // 60, 60)
        return f"{hours} h {minutes} min" if hours else f"{minutes} min {whole % 60} s"
    return f"{seconds:.1f} s" if seconds >= 0.05 else f"{1000 * seconds:.2g} ms"


def count(n: int, thing: str) -> str:
    """`1 row`, `1,600 rows`."""
    return f"{n:,} {thing}{'' if n == 1 else 's'}"


def every_case(record: Record) -> list[Mapping[str, Any]]:
    """The cases that gave a row and those that raised."""
    return [*record.cases, *(case for case, _, _ in record.failures)]


def complaints(record: Record) -> list[tuple[str, str]]:
    """Each message that rows ended in, with how many they are and the case of the first."""
    cases: dict[str, list[Mapping[str, Any]]] = {}
    for case, last, _ in record.failures:
        cases.setdefault(last, []).append(case)
    return [(last, f"{count(len(c), 'row')}, the first with {one_case(c[0])}") for last, c in cases.items()]


def sizes(record: Record) -> str:
    """How much was run: rows, seeds and looks."""
    ran = every_case(record)
    seeds = len({written(case["seed"]) for case in ran if "seed" in case})
    parts = [count(len(ran), "row"), *([count(seeds, "seed")] if seeds else [])]
    return ", ".join([*parts, *([count(record.looks, "look")] if record.looks > 1 else [])])


def in_words(record: Record) -> str:
    """The verdict as one or two sentences."""
    if record.verdict is None:
        raised, rows = len(record.failures), len(every_case(record))
        return f"There is no verdict: of {count(rows, 'row')}, {raised:,} raised an error."
    verdict = record.verdict
    seen = f"Seen {interval(verdict)}, allowed {number(verdict.allowed)}"
    caught = f"a departure above {number(verdict.catches)} would have been caught"
    match verdict.outcome:
        case Outcome.HOLDS:
            said = f"{seen}: the claim holds; {caught}."
        case Outcome.FAILS:
            said = f"{seen}: the claim fails, because the whole interval lies above what is allowed."
        case _ if math.isfinite(verdict.gap) and math.isfinite(verdict.doubt):
            said = f"{seen}: the question is open, because the interval reaches both sides of what is allowed."
        case _:
            said = f"{seen}: the question is open, because these numbers decide nothing."
    return f"{said} {of_the_rival(record.rival)}"


def of_the_rival(verdict: Verdict | None) -> str:
    """What became of the wrong theory."""
    if verdict is None:
        return "The rival was not judged."
    seen = f"{interval(verdict)} on the same rows"
    match verdict.outcome:
        case Outcome.FAILS:
            return f"The rival was rejected with {seen}."
        case Outcome.HOLDS:
            return f"The rival was not rejected: it passes with {seen}, so these rows prove little."
        case _:
            return f"The rival is undecided, with {seen}."


def written(value: Any) -> str:
    """One value of a case field, on one line."""
    if isinstance(value, float):
        return number(value, 6)
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False, default=repr)


def one_case(case: Mapping[str, Any]) -> str:
    """The fields of one case, on one line."""
    return ", ".join(f"{field} = {written(value)}" for field, value in case.items())


def axes(cases: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """For each field of the cases, the distinct values: listed if few, else their number and range."""
    fields = dict.fromkeys(name for case in cases for name in case)
    return [(field, spread([case[field] for case in cases if field in case])) for field in fields]


def spread(values: Sequence[Any]) -> str:
    """The distinct values of one axis."""
    distinct = {written(value): value for value in values}
    listed = ", ".join(distinct)
    if len(distinct) == 1 or (len(distinct) <= LISTED and len(listed) <= 60):
        return f"∈ {{{listed}}}"
    plain = [v for v in distinct.values() if isinstance(v, int | float) and not isinstance(v, bool)]
    if len(plain) < len(distinct):
        return f": {len(distinct):,} values"
    return f": {len(distinct):,} values, {written(min(plain))} to {written(max(plain))}"


def replay(record: Record) -> str:
    """The command that runs the first row again."""
    return f"lemmata replay {quoted(f'{record.paper}/{record.name}')} --case 0{mode(record)}"


def verify(record: Record) -> str:
    """The command that runs what is missing of a record; where rows raise, it prints the line that replays one."""
    return f"lemmata verify {quoted(f'{record.paper}/{record.name}')}{mode(record)}"


def mode(record: Record) -> str:
    """The option that makes the command line count the rows of this record: the quick ones are its default."""
    return " --full" if record.mode == "full" else ""


def quoted(word: str) -> str:
    """A word as a shell reads it back."""
    return word if re.fullmatch(r"[\w./-]+", word, re.A) else "'" + word.replace("'", "'\"'\"'") + "'"

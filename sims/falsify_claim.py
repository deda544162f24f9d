"""A claim as a statement over its cases: parameters vary between those of its grid, its own judge decides.

One instance is what the judge needs to have a say: a single row, the seeds of one setting, or the seeds of several
settings that differ in one field. The second look takes fresh seeds, twice as many, at the budget's next level.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from sims.claim import Claim, Evidence, Outcome, Verdict, as_array
from sims.falsify_statement import Grade, Look, Statement
from sims.judge import level

FRESH = 8  # seeds of the second look, where a single row was judged
APART = 10**6  # seeds of a hunt begin here, far from those of records; those of second looks at thousand times it


@dataclass(frozen=True)
class Trial:
    """What is judged at once: a case for each of `along`'s values and each of k seeds from `seed` on."""

    case: Any
    along: str
    values: tuple[Any, ...]
    seed: int
    k: int

    def cases(self) -> tuple[Any, ...]:
        """The rows."""
        settings = [replace(self.case, **{self.along: v}) for v in self.values] if self.along else [self.case]
        if not _seeded(self.case):
            return tuple(settings)
        return tuple(replace(c, seed=self.seed + i) for c in settings for i in range(self.k))


def statement(target: str, *, full: bool = False) -> Statement:
    """The claim of that name or file.

    Raises:
        ValueError: if it means no single claim, or the file cannot be used.
    """
    from sims.registry import find, load

    entries = find([target])
    if len(entries) != 1:
        raise ValueError(f"{target!r} means {len(entries)} claims; give one as paper/claim")
    claim = load(entries[0])
    if not claim.quick:
        raise ValueError(
            f"{entries[0].label} has no quick cases, where a hunt begins; give it some with grid(Case, …)"
        )
    rows = claim.quick + (claim.cases if full else ())
    along, k = needed(claim)
    attempts = itertools.count(1)
    return Statement(
        name=entries[0].id.replace("/", "."),
        words=" ".join(claim.statement.split()),
        instances=trials(rows, claim.quick, along, k),
        assume=lambda x: all(test(case) for test in claim.assumptions.values() for case in x.cases()),
        conclude=lambda x: sides(judged(claim, x.cases(), 1)),
        check=lambda x: second_look(claim, x, next(attempts)),
        notes=varied(rows, along, k),
        show=lambda x: {
            **{f.name: getattr(x.case, f.name) for f in fields(x.case) if f.name not in ("seed", x.along)},
            **({x.along: list(x.values)} if x.along else {}),
            **({"seeds": f"{x.seed} to {x.seed + x.k - 1}"} if _seeded(x.case) else {}),
        },
    )


def _seeded(case: Any) -> bool:
    return hasattr(case, "seed")


def judged(claim: Claim[Any], cases: Sequence[Any], look: int) -> Verdict:
    """Predictions against fresh simulations of these cases."""
    seen = [claim.simulate(case) for case in cases]
    return claim.judge(
        Evidence(
            tuple(cases),
            tuple(as_array(claim.predict(case)) for case in cases),
            tuple(s.value for s in seen),
            tuple(s.doubt for s in seen),
            look,
        )
    )


def sides(verdict: Verdict) -> tuple[float, float]:
    """A verdict as an inequality: gap ≤ allowed + doubt, which is violated where the judge says FAILS."""
    return verdict.gap, verdict.allowed + verdict.doubt


def second_look(claim: Claim[Any], x: Trial, attempt: int) -> Look:
    """The same parameters with seeds that nothing was chosen by; rows without a seed are simulated again."""
    fresh = replace(x, seed=1000 * APART + attempt * APART + x.seed % APART, k=max(2 * x.k, FRESH))
    cases = fresh.cases()
    if not all(test(case) for test in claim.assumptions.values() for case in cases):
        return Look(Grade.NO, "the assumptions do not hold at fresh seeds")
    verdict = judged(claim, cases, attempt)
    lhs, rhs = sides(verdict)
    seeds = f"{fresh.k} fresh seeds ({fresh.seed} and after)" if _seeded(x.case) else "a fresh simulation"
    error = f"error probability at most {level(attempt, 1):.2g}"
    how = f"the claim's judge on {seeds} says {verdict.outcome}, {error}"
    texts = f"gap {verdict.gap:.6g}", f"allowed {verdict.allowed:.6g} + doubt {verdict.doubt:.6g}"
    if verdict.outcome is Outcome.FAILS:
        return Look(Grade.REFUTED, how, *texts, lhs - rhs)
    if x.k == 1 and _seeded(x.case) and judged(claim, x.cases(), attempt).outcome is Outcome.FAILS:
        return Look(Grade.SUSPECT, f"it fails at this seed each time, but {how}", *texts, lhs - rhs, final=False)
    return Look(Grade.NO, how, *texts, lhs - rhs)


def needed(claim: Claim[Any]) -> tuple[str, int]:
    """The field that has to vary for the judge to have a say ("" if none), and the seeds of each of its values.

    Found out on made-up evidence: observations near a prediction of 1, which nothing was simulated for.
    """
    first = claim.quick[0]
    if _has_say(claim, [first]):
        return "", 1
    names = [f.name for f in fields(first) if f.name != "seed"]
    for along in ("", *names):
        rows = _alike(claim.quick, first, {along, "seed"})
        if _has_say(claim, rows):
            settings = {getattr(row, along) for row in rows} if along else {0}
            return along, max(1, len(rows) // len(settings))
    raise ValueError("the judge needs rows that differ in several fields; a hunt over one setting cannot ask it")


def _alike(rows: Sequence[Any], first: Any, but: set[str]) -> list[Any]:
    """The rows that agree with one in all fields but some."""
    same = [f.name for f in fields(first) if f.name not in but]
    return [row for row in rows if all(getattr(row, n) == getattr(first, n) for n in same)]


def _has_say(claim: Claim[Any], rows: Sequence[Any]) -> bool:
    one, stream = np.ones(2), np.random.default_rng(0)
    evidence = Evidence(
        tuple(rows),
        tuple(one for _ in rows),
        tuple(one + 0.1 * stream.uniform(0.1, 1, 2) for _ in rows),
        tuple(0 * one for _ in rows),
    )
    try:
        verdict = claim.judge(evidence)
    except (ValueError, IndexError, ZeroDivisionError):
        return False
    return math.isfinite(verdict.gap) and math.isfinite(verdict.doubt)


def trials(rows: Sequence[Any], quick: Sequence[Any], along: str, k: int) -> st.SearchStrategy[Trial]:
    """Each field between its values on the grid, the one that varies at its values of the quick cases."""
    free = [f.name for f in fields(rows[0]) if f.name not in ("seed", along)]
    values = tuple(dict.fromkeys(getattr(row, along) for row in quick)) if along else ()
    axes = {name: axis([getattr(row, name) for row in rows]) for name in free}
    seeds = st.integers(APART, 2 * APART - 1) if _seeded(rows[0]) else st.just(0)

    def made(setting: dict[str, Any], seed: int) -> Trial:
        return Trial(replace(rows[0], **setting), along, values, seed, k)

    return st.builds(made, st.fixed_dictionaries(axes), seeds)


def axis(seen: Sequence[Any]) -> st.SearchStrategy[Any]:
    """Values between those seen if they are numbers that differ; else one of them."""
    distinct = list(dict.fromkeys(seen))
    finite = [v for v in distinct if isinstance(v, (int, float)) and not isinstance(v, bool) and math.isfinite(v)]
    if len(finite) < 2:
        return st.sampled_from(distinct)
    low, high = min(finite), max(finite)
    whole = all(isinstance(v, int) for v in finite)
    between: st.SearchStrategy[Any] = (
        st.integers(int(low), int(high)) if whole else st.floats(float(low), float(high))
    )
    return st.one_of(st.sampled_from(distinct), between)


def varied(rows: Sequence[Any], along: str, k: int) -> tuple[str, ...]:
    """What a hunt moves and what it leaves, in words."""
    moved, still = [], []
    for name in (f.name for f in fields(rows[0]) if f.name != "seed"):
        distinct = list(dict.fromkeys(getattr(row, name) for row in rows))
        numeric = [v for v in distinct if isinstance(v, (int, float)) and not isinstance(v, bool)]
        if name == along:
            moved.append(f"{name} at once in {distinct}")
        elif len(distinct) == 1:
            still.append(f"{name} = {distinct[0]}")
        else:
            spans = len(numeric) == len(distinct)
            moved.append(f"{name} in {min(numeric)} … {max(numeric)}" if spans else f"{name} among {distinct}")
    seeds = [f"{k} seed(s) per setting"] if _seeded(rows[0]) else []
    fixed = [f"fixed: {', '.join(still)}" + ("; --full spans the cases of records")] if still else []
    return (f"varied: {', '.join([*moved, *seeds]) or 'nothing'}", *fixed)

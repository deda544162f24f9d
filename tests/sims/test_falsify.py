"""The falsifier: what it finds, what it leaves standing, and what each answer says."""

import dataclasses
import math
import types
from fractions import Fraction
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from scipy.linalg import hilbert

from sims import falsify_draws as draws
from sims.__main__ import main
from sims.falsify_answer import Answer, answer, as_text
from sims.falsify_figure import picture
from sims.falsify_file import in_floats, statement
from sims.falsify_hunt import Hunt
from sims.falsify_search import run
from sims.falsify_statement import Grade, excess
from sims.falsify_walk import nested, numbers, size

unit = st.floats(0, 1)
UNIT = "import numpy as np\nfrom hypothesis import strategies as st\ninstances = unit = st.floats(0, 1)\n"


def hunted(budget: float = 20.0, **parts: Any) -> Hunt:
    made = types.ModuleType("made")
    vars(made).update(parts)
    hunt = Hunt(statement(made, "made"), budget)
    run(hunt)
    return hunt


def test_the_optimiser_finds_what_hypothesis_does_not() -> None:
    hunt = hunted(
        instances=st.tuples(unit, unit, unit),
        conclude=lambda x: (
            2 - (x[0] - 0.1234567) ** 2 - (x[1] - 0.7654321) ** 2 - (x[2] - x[0]) ** 2,
            1.99999999,
        ),
        budget=15,
    )
    assert hunt.witnesses and hunt.counts["turned"] > 100
    assert hunt.smallest is not None and all(0 <= v <= 1 for v in numbers(hunt.smallest[0].instance))


def test_violations_by_rounding_do_not_lead_the_search() -> None:
    hunt = hunted(instances=unit, conclude=lambda x: ((x + 1) - 1, x), budget=1)
    assert hunt.best and all(over <= 0 for over, *_ in hunt.best)


def test_assume_of_hypothesis_may_be_used_and_imported() -> None:
    def conclude(x: float) -> tuple[float, float]:
        hypothesis.assume(x > 0.5)
        return 1, 2 * x

    hunt = hunted(instances=unit, assume=hypothesis.assume, conclude=conclude, budget=1)
    assert answer(hunt)[0] is Answer.NOTHING and hunt.counts["refused"] and hunt.rate == 1
    assert "the file assumes nothing" in as_text(hunt, *answer(hunt), [])


@pytest.mark.parametrize(
    ("instances", "conclude", "drawn"),
    [
        (st.tuples(unit, unit), lambda x: (x[0] + x[1], 1), True),
        (st.tuples(unit, unit).map(np.array), lambda x: (x.sum(), 1), True),
        (st.just(np.array([[1.0, 2.0], [0.5, -1.0], [0.0, 1.0]])), lambda X: (X.sum(), 1), True),
        (
            st.fixed_dictionaries({"X": st.just(np.eye(2)), "y": st.just(np.array([1.0, -1.0]))}),
            lambda x: (1, 0),
            True,
        ),
        (st.tuples(unit, unit, unit), lambda x: (sum(x), 1), False),
    ],
)
def test_what_lies_in_a_plane_is_drawn(instances: Any, conclude: Any, drawn: bool) -> None:
    hunt = hunted(instances=instances, conclude=conclude, budget=3)
    assert hunt.smallest is not None
    image = picture(hunt)
    assert (image is not None) == drawn and (image is None or image.startswith(b"\x89PNG"))
    own = dataclasses.replace(hunt, statement=dataclasses.replace(hunt.statement, draw=lambda ax, x: False))
    assert picture(own) is None


def test_a_search_stays_inside_its_strategy() -> None:
    seen: list[float] = []
    hunt = hunted(
        instances=st.floats(0.25, 0.75).map(lambda v: 2 * v),
        conclude=lambda x: (seen.append(x) or x, 1.6),  # type: ignore[func-returns-value]
        budget=5,
    )
    assert not hunt.witnesses and hunt.counts["turned"] and 0.5 <= min(seen) <= max(seen) <= 1.5


def test_witnesses_shrink() -> None:
    hunt = hunted(
        instances=st.lists(st.floats(-100, 100), max_size=8).map(np.array),
        conclude=lambda x: (np.abs(x).sum(), 1.4 * np.linalg.norm(x)),
        budget=8,
    )
    assert answer(hunt)[0] is Answer.REFUTED and hunt.smallest is not None
    drawn, look = hunt.smallest
    assert size(drawn.instance)[:2] <= (2, 4) and look.excess > 0


def test_nan_is_neither_a_violation_nor_a_pass() -> None:
    always = hunted(instances=unit, conclude=lambda x: (math.nan, 1), budget=1)
    assert answer(always)[0] is Answer.UNDECIDED and answer(always)[0].code == 2
    assert not always.witnesses and not always.suspects
    mixed = hunted(instances=unit, conclude=lambda x: (math.nan if x > 0.5 else x, 1), budget=1)
    assert answer(mixed)[0] is Answer.NOTHING and "gave NaN" in as_text(mixed, *answer(mixed), [])
    pairs = [(math.nan, 1), (1, math.nan), (math.inf, math.inf), (-math.inf, -math.inf)]
    assert all(math.isnan(excess(*pair)) for pair in pairs)
    assert excess(math.inf, 1) == 1 and excess(1, math.inf) == -2 and excess(2, 1) > 0 > excess(-2, -1)
    assert excess(1e308, -1e308) == 1 and excess(0, 0) == 0 and abs(excess(3, 1) - 0.5) < 1e-15


def test_a_search_has_a_slope_on_either_side_of_zero() -> None:
    rising = [(-1e308, 1e308), (-2, 1), (-1, 1), (-0.5, 0), (0, 0.25), (1, 1000), (1, 2), (-2, -3), (1, 0.5)]
    values = [excess(*pair) for pair in rising]
    assert values == sorted(values) and values[0] >= -2 and values[-1] > 0


def test_a_violation_that_is_rounding_falls_at_the_second_look() -> None:
    hunt = hunted(instances=unit, conclude=lambda x: ((x + 1) - 1, x), budget=1.5)
    assert answer(hunt)[0] is Answer.NOTHING and hunt.counts["second look: no"] > 0


def test_hypotheses_are_checked_exactly_too() -> None:
    """In floats 0.1 + 0.2 > 0.3 and x + 1e-20 = x: what holds by rounding only is no witness."""
    hunt = hunted(instances=st.just(1.0), assume=lambda x: x + 1e-20 <= x, conclude=lambda x: (x, 0.5), budget=1)
    assert not hunt.witnesses and not hunt.suspects and hunt.counts["second look: no"] > 0


def test_without_an_exact_check_a_violation_is_suspect_and_the_answer_says_so(home: Path) -> None:
    hunt = hunted(instances=unit, conclude=lambda x: (np.float64(x).astype(np.float64) + x**2, 1), budget=5)
    found, reason = answer(hunt)
    assert found is Answer.SUSPECT and found.code == 2 and hunt.smallest is not None
    said = as_text(hunt, found, reason, [])
    assert "in floats only" in said and "allowed for rounding" in said
    exact = hunted(
        instances=unit,
        conclude=lambda x: (np.float64(x).astype(np.float64) + x**2, 1),
        exact=lambda x: (Fraction(x) + Fraction(x) ** 2, 1),
        budget=5,
    )
    assert answer(exact)[0] is Answer.REFUTED


def test_the_allowance_of_floats_sees_the_condition() -> None:
    """A system of condition 1e16 misses its solution (1, …, 1) by far more than 1e-9, and this is rounding."""

    def conclude(H: Any) -> tuple[float, float]:
        return np.abs(np.linalg.solve(H, H @ np.ones(12)) - 1).max(), 1e-9

    assert conclude(hilbert(12))[0] > 1e-3
    assert in_floats(conclude, hilbert(12), "").grade is Grade.NO
    assert in_floats(lambda H: (np.abs(H).sum(), 3), hilbert(12), "").grade is Grade.SUSPECT


def test_code_that_raises_is_counted_and_an_error_if_it_always_does() -> None:
    def conclude(x: Any) -> tuple[float, float]:
        if x > 0.5:
            raise RuntimeError("too large")
        return x, 1

    hunt = hunted(instances=unit, conclude=conclude, budget=1)
    assert answer(hunt)[0] is Answer.NOTHING and "RuntimeError: too large" in as_text(hunt, *answer(hunt), [])
    with pytest.raises(ValueError, match="raised on every instance: ZeroDivisionError"):
        answer(hunted(instances=unit, conclude=lambda x: (1 / 0, 1), budget=1))


def test_a_hunt_ends_with_its_budget_whatever_the_code_does() -> None:
    def conclude(x: Any) -> tuple[float, float]:
        while True:
            pass

    hunt = hunted(instances=unit, conclude=conclude, budget=1)
    assert hunt.ended - hunt.began < 3 and answer(hunt)[0] is Answer.UNDECIDED


def test_a_budget_may_be_longer_than_any_alarm() -> None:
    assert hunted(instances=st.just(1.0), conclude=lambda x: (x, 0), budget=1e13).witnesses


def test_what_was_seen_before_an_interrupt_is_told(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        "import itertools\nn = itertools.count()\ndef conclude(x):\n    if next(n) > 20: raise KeyboardInterrupt\n"
    )
    (tmp_path / "mine.py").write_text(UNIT + text + "    return x, 2")
    assert main(["falsify", str(tmp_path / "mine.py")]) == 130
    told = capsys.readouterr()
    assert "no violation in 21 instances" in told.out and "interrupted" in told.err


def test_a_second_look_that_fails_dismisses_nothing() -> None:
    hunt = hunted(instances=unit, conclude=lambda x: (x, 0.5), exact_assume=lambda x: 1 / 0, budget=1)
    found, reason = answer(hunt)
    assert found is Answer.UNDECIDED and "ZeroDivisionError" in reason and not hunt.witnesses
    overflow = hunted(instances=unit, conclude=lambda x: (np.float32(1 + x) * np.inf, 1), budget=1)
    assert answer(overflow)[0] is Answer.UNDECIDED


def test_a_witness_is_saved_though_its_picture_fails(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "def conclude(x): return x, 0.5\ndef draw(ax, x): return 1 / 0"
    (tmp_path / "mine.py").write_text(UNIT + text)
    assert main(["falsify", str(tmp_path / "mine.py"), "--budget", "2s"]) == 1
    assert "no picture: ZeroDivisionError" in capsys.readouterr().err
    assert {path.suffix for path in (home / "falsified").iterdir()} == {".json", ".npz"}


def test_numbers_beyond_floats_are_looked_at() -> None:
    large = hunted(instances=st.floats(10, 100), conclude=lambda x: ((np.array([x]) ** 400)[0], 1e300), budget=3)
    assert answer(large)[0] is Answer.REFUTED
    assert (
        answer(hunted(instances=st.integers(0, 10**400), conclude=lambda k: (k, 1), budget=3))[0] is Answer.REFUTED
    )


def test_choices_make_the_instance_again() -> None:
    strategy = st.fixed_dictionaries({"n": st.integers(1, 3), "x": st.lists(st.floats(-1, 1), min_size=2)})
    drawn = draws.plain(strategy, 7)
    assert drawn is not None
    again = draws.again(strategy, drawn.choices)
    assert again is not None and nested(again.instance) == nested(drawn.instance)
    assert draws.again(strategy, drawn.choices[:1]) is None
    assert all(k.low <= k.value <= k.high for k in drawn.knobs)

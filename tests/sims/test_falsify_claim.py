"""Claims and laws under the falsifier: cases between those of the grid, the claim's own judge, fresh seeds."""

import json
import types
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from sims import falsify_law
from sims.__main__ import main
from sims.claim import Claim, Observation, grid, rng
from sims.falsify_answer import Answer, answer, as_text
from sims.falsify_claim import APART, Trial, axis, needed, second_look
from sims.falsify_hunt import Hunt
from sims.falsify_search import run
from sims.falsify_statement import Grade
from sims.judge import at_most, equal, mean_equal, ordered, rate

CLAIM = '''
"""The mean squared length of a Gaussian vector in $d$ dimensions is $d$."""

from dataclasses import dataclass

import numpy as np

from sims.claim import Claim, Observation, grid, rng
from sims.judge import equal, mean_equal


@dataclass(frozen=True)
class Case:
    d: int
    scale: float
    seed: int


def simulate(c):
    x = c.scale * rng(c, "x").standard_normal((200, c.d))
    return Observation((x**2).sum(axis=1).mean() / c.scale**2)


CLAIM = Claim(
    statement=__doc__,
    source="folklore",
    assumptions={"$d\\\\ge1$": lambda c: c.d >= 1, "scale": lambda c: SCALE},
    cases=grid(Case, d=[4, 64], scale=[0.5, 2.0], seed=range(20)),
    quick=grid(Case, d=[4, 64], scale=[0.5, 2.0], seed=range(8)),
    predict=lambda c: PREDICT,
    rival=lambda c: c.d - 1,
    simulate=simulate,
    judge=JUDGE,
)
'''


@dataclass(frozen=True)
class Case:
    m: int
    d: int
    seed: int


def claim(judge: Any, **parts: Any) -> Claim[Case]:
    rest = {"predict": lambda c: 1.0, "simulate": lambda c: Observation(1 + rng(c, "x").normal() / c.m)} | parts
    rows = grid(Case, m=[4, 16, 64, 256], d=[2, 3], seed=range(6))
    return Claim("", "", {}, rows, rows, rival=lambda c: 2.0, judge=judge, **rest)


def hunt_in(tmp_path: Path, capsys: Any, scale: str, predict: str, judge: str, budget: str) -> dict[str, Any]:
    text = CLAIM.replace("SCALE", scale).replace("PREDICT", predict).replace("JUDGE", judge)
    (tmp_path / "mine.py").write_text(text)
    code = main(["falsify", str(tmp_path / "mine.py"), "--budget", budget, "--json"])
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told | {"code": code}


pytestmark = pytest.mark.usefixtures("home")


@pytest.mark.parametrize("judge", ["mean_equal(0.1, by=('d', 'scale'))", "equal(0.9)"])
def test_a_true_claim_stands(tmp_path: Path, capsys: pytest.CaptureFixture[str], judge: str) -> None:
    told = hunt_in(tmp_path, capsys, "True", "c.d", judge, "2s")
    assert told["code"] == 0 and told["counts"]["looked"] > 0


@pytest.mark.parametrize("judge", ["mean_equal(0.1, by=('d', 'scale'))", "equal(0.5)"])
def test_a_claim_that_fails_between_its_cases_is_refuted_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], judge: str
) -> None:
    told = hunt_in(tmp_path, capsys, "True", "c.d if c.d in (4, 64) else 2 * c.d", judge, "20s")
    assert told["answer"] == "REFUTED" and told["code"] == 1
    assert 4 < told["witness"]["case"]["d"] < 64 and " says fails" in told["check"]
    assert "fresh seeds (1" in told["check"]  # by which the check can be made again


def test_assumptions_bound_the_hunt(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = hunt_in(tmp_path, capsys, "c.scale == 1.2345", "2 * c.d", "equal(0.5)", "20s")
    assert told["answer"] == "VACUOUS" and told["code"] == 2


def test_fresh_seeds_are_fresh_and_more() -> None:
    seen: list[int] = []

    def simulate(c: Case) -> Observation:
        seen.append(c.seed)
        return Observation(2.0 + rng(c, "x").normal() / 100)

    trial = Trial(Case(4, 2, 0), "", (), APART + 5, 6)
    failing = second_look(claim(mean_equal(0.1, by=("m", "d")), simulate=simulate), trial, 1)
    assert failing.grade is Grade.REFUTED and "12 fresh seeds" in failing.how
    assert len(seen) == 12 and min(seen) > APART + 10
    again = second_look(claim(mean_equal(0.1), simulate=simulate), trial, 2)
    assert again.grade is Grade.REFUTED and not set(seen[:12]) & set(seen[12:])


def test_what_fails_at_one_seed_alone_is_suspect_and_chance_is_nothing() -> None:
    chosen = APART + 5
    once = claim(equal(0.1), simulate=lambda c: Observation(2.0 if c.seed == chosen else 1.0))
    assert second_look(once, Trial(Case(4, 2, 0), "", (), chosen, 1), 1).grade is Grade.SUSPECT
    assert second_look(once, Trial(Case(4, 2, 0), "", (), chosen + 1, 1), 1).grade is Grade.NO
    nan = claim(equal(0.1), simulate=lambda c: Observation(np.nan))
    assert second_look(nan, Trial(Case(4, 2, 0), "", (), chosen, 1), 1).grade is Grade.NO


@pytest.mark.parametrize(
    ("judge", "along", "k"),
    [
        (equal(0.1), "", 1),
        (at_most(0.0), "", 1),
        (mean_equal(0.1, by=("m", "d")), "", 6),
        (ordered(by="d"), "", 6),
        (rate(order=1.0, along="m", by="d"), "m", 6),
    ],
)
def test_what_a_judge_needs_is_found_out(judge: Any, along: str, k: int) -> None:
    assert needed(claim(judge)) == (along, k)


def test_an_axis_spans_its_values() -> None:
    assert {type(v) for v in draws(axis([1, 5]))} == {int} and all(1 <= v <= 5 for v in draws(axis([1, 5])))
    assert all(0.1 <= v <= np.inf for v in draws(axis([0.1, 2.0, np.inf])))
    assert (
        draws(axis([True, False])) <= {True, False} and draws(axis(["a"])) == {"a"} and draws(axis([3, 3])) == {3}
    )


def draws(strategy: st.SearchStrategy[Any]) -> set[Any]:
    from sims.falsify_draws import plain

    return {drawn.instance for seed in range(40) if (drawn := plain(strategy, seed)) is not None}


def law(deviation: Any) -> Any:
    return types.SimpleNamespace(
        name="planted",
        statement="f(−x) = −f(x)",
        source="",
        kinds=("odd functions",),
        instances=st.floats(-3, 3),
        applies=lambda f: callable(f),
        deviation=deviation,
    )


def odd(f: Any, x: float, tol: float = 0.0) -> tuple[float, float]:
    if abs(x) < 0.1:
        raise ValueError("too near")
    return abs(f(-x) + f(x)), 1e-12 + tol


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("sin", Answer.NOTHING),
        ("cos", Answer.REFUTED),
        ("nearly", Answer.NOTHING),  # 20 times the allowance may still be rounding
        ("roughly", Answer.SUSPECT),  # 2000 times may be an algorithm that is less stable
    ],
)
def test_a_law_is_said_of_an_estimator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, found: Answer
) -> None:
    functions = ["def nearly(x): return sin(x) + 1e-11", "def roughly(x): return sin(x) + 1e-9"]
    (tmp_path / "models.py").write_text("\n".join(["from math import sin, cos", "number = 3", *functions]))
    monkeypatch.setattr(falsify_law, "laws", lambda: {"planted": law(odd)})
    hunt = Hunt(falsify_law.statement("planted", f"{tmp_path / 'models.py'}:{name}"), 1.5)
    run(hunt)
    assert answer(hunt)[0] is found, as_text(hunt, *answer(hunt), [])
    if name == "nearly":
        assert hunt.counts["second look: no"] > 0
    for target in ("number", "missing"):
        with pytest.raises(ValueError, match=r"does not apply|cannot be made"):
            falsify_law.statement("planted", f"{tmp_path / 'models.py'}:{target}")
    with pytest.raises(ValueError, match="about an estimator"):
        falsify_law.statement("planted", None)


def test_nan_from_an_estimator_refutes_no_law() -> None:
    undefined = law(lambda f, x, tol=0.0: (np.nan, 1e-12 + tol))
    assert falsify_law.second_look(undefined, None, 1.0, 1e-6).grade is Grade.NO


def test_a_law_that_refuses_every_instance_is_vacuous(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(f: Any, x: float, tol: float = 0.0) -> tuple[float, float]:
        raise ValueError("no")

    monkeypatch.setattr(falsify_law, "laws", lambda: {"planted": law(refuses)})
    hunt = Hunt(falsify_law.statement("planted", "math:sin"), 3)
    run(hunt)
    assert answer(hunt)[0] is Answer.VACUOUS


def test_the_laws_of_theory_have_what_a_hunt_needs() -> None:
    every = falsify_law.laws()
    assert every
    for one in every.values():
        assert isinstance(one.instances, st.SearchStrategy) and one.statement and one.source
        assert callable(one.applies) and callable(one.deviation)

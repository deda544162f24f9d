"""Statements whose hypotheses hardly ever hold, or whose bound says nothing, are VACUOUS: 20 planted ones."""

import math
import types
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import assume
from hypothesis import strategies as st

from sims.falsify_answer import Answer, answer
from sims.falsify_file import statement
from sims.falsify_hunt import Hunt
from sims.falsify_search import run

unit = st.floats(0, 1)
pairs = st.tuples(unit, unit)


def cube(d: int) -> st.SearchStrategy[Any]:
    return st.tuples(*[st.floats(-1, 1)] * d).map(np.array)


def refused(x: Any) -> Any:
    if x > 0.002:
        raise RuntimeError("no")
    return x < 0.001


NEVER: dict[str, tuple[st.SearchStrategy[Any], Callable[[Any], Any]]] = {
    "outside of the strategy": (unit, lambda x: x > 2),
    "a contradiction": (st.floats(-1, 1), lambda x: x < 0 < x),
    "NaN from a strategy without": (unit, lambda x: x != x),
    "one point": (unit, lambda x: x == 0.3),
    "one point that is a constant of this file": (unit, lambda x: x == 0.7297352569),
    "the diagonal": (pairs, lambda x: x[0] == x[1]),
    "a line": (pairs, lambda x: x[0] + x[1] == 1),
    "a circle": (pairs, lambda x: x[0] ** 2 + x[1] ** 2 == 1),
    "one in 211": (st.integers(0, 10**6), lambda k: k % 211 == 5),
    "one of 4096 sign patterns": (cube(12), lambda x: (x > 0).all()),
    "the ball in the cube": (cube(11), lambda x: x @ x <= 1),
    "a sorted list": (cube(6), lambda x: (np.diff(x) > 0).all()),
    "a symmetric matrix": (cube(4).map(lambda v: v.reshape(2, 2)), lambda A: A[0, 1] == A[1, 0]),
    "an orthogonal matrix": (cube(4).map(lambda v: v.reshape(2, 2)), lambda A: np.allclose(A @ A.T, np.eye(2))),
    "a singular matrix": (cube(4).map(lambda v: v.reshape(2, 2)), lambda A: np.linalg.matrix_rank(A) < 2),
    "a test that raises": (unit, refused),
    "a test that gives up": (unit, lambda x: assume(False)),
    "a filter that passes nothing": (unit.filter(lambda x: x > 1), lambda x: True),
}
EMPTY: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any] | None]] = {
    "an infinite bound": (lambda x: (x, math.inf), None),
    "a bound above the trivial one": (lambda x: (x, 1.5 + x), lambda x: 1),
}


def hunted(budget: float = 30.0, **parts: Any) -> tuple[Answer, Hunt]:
    module = types.ModuleType("planted")
    vars(module).update(parts)
    hunt = Hunt(statement(module, "planted"), budget)
    run(hunt)
    return answer(hunt)[0], hunt


def test_there_are_twenty() -> None:
    assert len(NEVER) + len(EMPTY) == 20


@pytest.mark.parametrize("name", NEVER)
@pytest.mark.parametrize("right", [True, False])
def test_hypotheses_that_hold_below_one_in_a_hundred(name: str, right: bool) -> None:
    instances, holds = NEVER[name]
    found, hunt = hunted(instances=instances, assume=holds, conclude=lambda x: (0, 1) if right else (1, 0))
    assert found is Answer.VACUOUS and found.code == 2 and hunt.rate < 0.01
    assert not hunt.counts["looked"] and not hunt.witnesses


@pytest.mark.parametrize("name", EMPTY)
def test_bounds_that_say_nothing(name: str) -> None:
    conclude, trivial = EMPTY[name]
    parts = {"trivial": trivial} if trivial else {}
    found, _ = hunted(instances=st.integers(0, 200).map(lambda k: k / 200), conclude=conclude, budget=1.5, **parts)
    assert found is Answer.VACUOUS


@pytest.mark.parametrize("share", [0.02, 0.1, 1.0])
def test_rare_is_not_vacuous(share: float) -> None:
    instances = st.integers(0, 999)
    found, hunt = hunted(
        instances=instances, assume=lambda k: k < 1000 * share, conclude=lambda k: (k, 1000), budget=1.5
    )
    assert found is Answer.NOTHING and found.code == 0
    assert abs(hunt.rate - share) < 4 * math.sqrt(share / hunt.counts["plain"])

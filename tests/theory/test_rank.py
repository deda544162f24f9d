"""A rank is kept, dropped and how clearly, or no decision."""

import math

import numpy as np
import pytest

from theory.interpolation import min_norm
from theory.rank import CLEAR, Rank, decide, decision

UNIT = np.finfo(float).eps


def test_a_decision_counts_what_it_keeps_and_drops():
    s = np.array([4.0, 2.0, 1.0, 1e-17, 0.0])
    found = decision(s, 5, 9)
    assert (found.kept, found.dropped) == (3, 2)
    assert found.gap == pytest.approx(1 / (9 * UNIT * 4))  # nothing dropped reaches the cut-off
    assert decide(s, 5, 9) == 3
    assert decision(np.zeros(3), 3, 3) == Rank(0, 3, math.inf)


@pytest.mark.parametrize(("share", "clear"), [(1.5 * CLEAR, True), (CLEAR / 2, False)])
def test_a_gap_that_is_too_small_is_refused_only_where_something_is_dropped(share, clear):
    least = share * 3 * UNIT
    assert decision(np.array([1.0, least]), 3, 2).gap == pytest.approx(share)
    if clear:
        assert decide(np.array([1.0, least, 0.0]), 3, 3) == 2
    else:
        with pytest.raises(ValueError, match="decidable"):
            decide(np.array([1.0, least, 0.0]), 3, 3)


def test_an_interpolator_shows_the_decision():
    X = np.random.default_rng(0).standard_normal((4, 7))
    X = np.vstack([X, X[:2]])
    solution = min_norm(X, X @ np.ones(7))
    assert (solution.rank, solution.decision.kept, solution.decision.dropped) == (4, 4, 2)
    assert solution.decision.gap > CLEAR

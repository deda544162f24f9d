"""The partition bound: its two terms, its balance, and its suprema."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.partition_bound import balanced_cells, cell_suprema, deviation, partition_bound


def test_the_bound_is_the_sum_of_its_terms_and_capped():
    suprema = np.array([[1.0, 3.0], [100.0, 0.0]])
    tail = 2.0 * np.sqrt((8 * np.log(2) + np.log(100)) / 200)
    assert partition_bound(suprema, 2, 2, 100, 2.0, chance=0.01) == pytest.approx((0.5 + 1.5 + 2.0) / 4 + tail)


@given(k=st.integers(1, 4), n=st.integers(20, 200), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_no_union_of_cells_is_rarer_than_the_deviation_says(k, n, seed):
    rng = np.random.default_rng(seed)
    shares = rng.multinomial(n, np.full(2 * k, 1 / (2 * k))) / n
    assert np.maximum(1 / (2 * k) - shares, 0).sum() <= deviation(k, 1, n, chance=1e-9)


@pytest.mark.parametrize("D", [1, 2, 3])
def test_balanced_cells_make_the_bound_fall_at_its_rate(D):
    sizes = [10 ** (D + 2), 100 ** (D + 2)]
    assert [balanced_cells(n, D) for n in sizes] == [10, 100]
    small, large = (partition_bound(np.ones(1), balanced_cells(n, D), D, n, 50.0, chance=0.5) for n in sizes)
    assert small / large == pytest.approx(10, rel=0.05)


def test_suprema_are_those_of_every_enlarged_cell():
    rng = np.random.default_rng(0)
    axis = (np.arange(-2, 12) + 0.5) / 10
    slopes = rng.random((14, 14))
    found = cell_suprema(slopes, axis, 5, 0.1)
    for i in range(5):
        for j in range(5):
            near = [np.flatnonzero((axis >= c / 5 - 0.1) & (axis <= (c + 1) / 5 + 0.1)) for c in (i, j)]
            assert found[i, j] == slopes[np.ix_(*near)].max()


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: partition_bound(-np.ones(1), 1, 1, 10, 1.0, chance=0.1), "≥ 0"),
        (lambda: partition_bound(np.ones(1), 1, 1, 10, 0.0, chance=0.1), "M must be"),
        (lambda: deviation(1, 1, 10, chance=1.0), "strictly between"),
        (lambda: balanced_cells(0, 1), "n must be"),
        (lambda: cell_suprema(np.ones((3, 4)), np.arange(3.0), 1, 0.0), "along each axis"),
        (lambda: cell_suprema(np.ones(2), np.array([0.1, 0.2]), 3, 0.0), "finer"),
    ],
)
def test_bad_input_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()

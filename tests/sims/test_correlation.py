import numpy as np
import pytest

from sims.correlation import interval


def pairs(n, rho, rng):
    x = rng.standard_normal(n)
    return x, rho * x + np.sqrt(1 - rho**2) * rng.standard_normal(n)


def test_what_is_constant_has_no_correlation():
    x = np.arange(5.0)
    assert np.isnan(interval(x, np.ones(5), np.random.default_rng(0))).all()


def test_resamples_that_are_constant_are_left_out():
    x, y = np.arange(5.0), np.array([0.0, 0.0, 0.0, 0.0, 1.0])  # a third of the resamples miss the last pair
    seen, low, high = interval(x, y, np.random.default_rng(0))
    assert seen == pytest.approx(1 / np.sqrt(2)) and -1 <= low <= seen <= high <= 1


def test_the_interval_covers_the_truth_about_as_often_as_it_says():
    rng = np.random.default_rng(1)
    found = [interval(*pairs(30, 0.7, rng), rng) for _ in range(120)]
    assert all(low <= seen <= high for seen, low, high in found)
    covered = np.mean([low <= 0.7 <= high for _, low, high in found])
    assert 0.85 <= covered <= 1.0  # 0.95 within four standard errors and a little for 30 pairs
    width = [np.mean([high - low for _, low, high in found])]
    more = [interval(*pairs(120, 0.7, rng), rng) for _ in range(20)]
    assert np.mean([high - low for _, low, high in more]) == pytest.approx(width[0] / 2, rel=0.3)


def test_the_same_generator_gives_the_same_interval():
    x, y = pairs(10, 0.5, np.random.default_rng(2))
    again = [interval(x, y, np.random.default_rng(3)) for _ in range(2)]
    assert again[0] == again[1]
    assert again[0] != interval(x, y, np.random.default_rng(4))


@pytest.mark.parametrize("shapes", [((3,), (4,)), ((2,), (2,)), ((5, 2), (5, 2)), ((), ())])
def test_fewer_than_three_pairs_or_other_shapes_are_refused(shapes):
    with pytest.raises(ValueError, match="three pairs or more, got shapes"):
        interval(*(np.zeros(shape) for shape in shapes), np.random.default_rng(0))

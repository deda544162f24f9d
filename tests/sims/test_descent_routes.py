"""One descent by many routes: alone or in a batch, compiled or in torch, in the span or over the features."""

import math

import numpy as np
import pytest
from descent_data import data

from sims.descent import GEOMETRIES, LOSSES, descend


@pytest.mark.parametrize("attack", [1.0, 1.5, 2.0, math.inf])
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_a_batch_gives_the_numbers_of_its_runs_to_the_last_bit(geometry, attack):
    pairs = [data(seed, 7, 9) for seed in range(3)]
    X, y = (np.stack(a) for a in zip(*pairs, strict=True))
    eps, start = np.array([0.0, 0.1, 0.3]), np.random.default_rng(5).standard_normal((3, 9))
    options = {"geometry": geometry, "attack": attack, "steps": 3000, "until": 1e-8}
    many = descend(X, y, eps=eps, start=start, **options)
    again = descend(X, y, eps=eps, start=start, **options)
    for b in range(3):
        one = descend(X[b], y[b], eps=float(eps[b]), start=start[b], **options)
        for name in ("points", "slopes", "losses", "taken"):
            assert np.array_equal(getattr(many, name)[b], getattr(one, name)), name
            assert np.array_equal(getattr(many, name), getattr(again, name))


def test_data_are_shared_by_runs_that_differ_in_radius_or_start():
    X, y = data(0)
    eps = np.array([0.0, 0.1])
    by_eps = descend(X, y, geometry=2, eps=eps, steps=50)
    assert by_eps.points.shape == (2, len(by_eps.steps), 30) and by_eps.taken.tolist() == [50, 50]
    assert np.array_equal(by_eps.points[1], descend(X, y, geometry=2, eps=0.1, steps=50).points)
    start = np.random.default_rng(0).standard_normal((3, 30))
    by_start = descend(X, y, geometry=1, start=start, steps=50)
    assert np.array_equal(by_start.points[2], descend(X, y, geometry=1, start=start[2], steps=50).points)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("geometry", GEOMETRIES)
def test_the_torch_program_gives_the_compiled_numbers(geometry, loss):
    pairs = [data(seed) for seed in range(2)]
    X, y = (np.stack(a) for a in zip(*pairs, strict=True))
    for attack, smoothing in [
        (1.0, math.inf),
        (1.0, 5.0),
        (1.5, math.inf),
        (2.0, math.inf),
        (math.inf, math.inf),
        (math.inf, 5.0),
    ]:
        for schedule in ("theorem", "root", "constant"):
            options = {
                "geometry": geometry,
                "attack": attack,
                "smoothing": smoothing,
                "loss": loss,
                "schedule": schedule,
                "eps": np.array([0.0, 0.05]),
                "until": 0.3,
                "steps": 1000 if schedule == "theorem" else 200,
            }
            ours, theirs = descend(X, y, **options), descend(X, y, device="torch:cpu", **options)
            np.testing.assert_allclose(ours.points, theirs.points, rtol=0, atol=1e-10 * np.abs(ours.points).max())
            np.testing.assert_allclose(ours.slopes, theirs.slopes, rtol=0, atol=1e-10)
            np.testing.assert_allclose(ours.losses, theirs.losses, rtol=0, atol=1e-10)
            assert np.array_equal(ours.taken, theirs.taken)


def test_the_torch_program_ends_when_all_runs_have_stopped():
    X, y = data(0)
    ours, theirs = (descend(X, y, geometry=2, until=0.5, steps=10**6, device=a) for a in ("cpu", "torch:cpu"))
    assert ours.taken == theirs.taken < 10_000
    np.testing.assert_allclose(ours.points, theirs.points, atol=1e-11)


def test_in_the_span_and_over_the_features_are_the_same_descent():
    X, y = data(0)
    wide = descend(X, y, geometry=2, eps=0.3, attack=2.0, steps=5000)  # n < d: the Gram matrix
    few = descend(X, y, geometry=2, eps=0.3, attack=2.0 + 1e-12, steps=5000)  # any other exponent: passes over X
    np.testing.assert_allclose(wide.points, few.points, rtol=0, atol=1e-8)
    np.testing.assert_allclose(wide.losses, few.losses, rtol=0, atol=1e-8)

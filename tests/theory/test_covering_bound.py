"""Coverings of circle and sphere, counted twice, and the bound that rests on them."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from theory.covering_bound import (
    circle_cover,
    robust_generalization_bound,
    sphere_centres,
    sphere_cover,
    sphere_cover_floor,
)


def farthest(points, centres):
    """The largest distance from a point to its nearest centre."""
    return np.sqrt(np.maximum(2 - 2 * (points @ centres.T).max(axis=1), 0)).max()


def circle(angles):
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


@given(r=st.floats(0.02, 1.99))
@settings(max_examples=40, deadline=None)
def test_so_many_even_centres_cover_the_circle_and_one_fewer_do_not(r):
    k, fine = circle_cover(r), circle(np.linspace(0, 2 * np.pi, 20_011))
    assert farthest(fine, circle(2 * np.pi * np.arange(k) / k)) <= r * (1 + 1e-9)
    if k > 1:  # k − 1 arcs of angle 4 arcsin(r/2) are too short together, however they lie
        assert (k - 1) * 4 * math.asin(r / 2) < 2 * np.pi


@pytest.mark.parametrize("k", range(1, 200))
def test_a_radius_at_which_the_number_jumps_counts_as_that_one(k):
    assert circle_cover(2 * math.sin(math.pi / (2 * k))) == k


@pytest.mark.parametrize(
    "k, cos",
    [(1, -1.0), (2, 0.0), (4, 1 / 3), (6, 1 / math.sqrt(3)), (12, math.sqrt((5 + 2 * math.sqrt(5)) / 15))],
)
def test_the_floor_is_sharp_where_the_best_coverings_are_regular(k, cos):
    r = math.sqrt(2 - 2 * cos)
    assert sphere_cover_floor(r * (1 + 1e-9)) == k
    if r < 2:
        assert sphere_cover_floor(r * (1 - 1e-6)) > k


@pytest.mark.parametrize("solid", ["octahedron", "icosahedron"])
def test_regular_coverings_do_cover(solid):
    g = (1 + math.sqrt(5)) / 2
    signs = np.array([[a, b] for a in (-1, 1) for b in (-1, 1)])
    corners = np.column_stack([np.zeros(4), signs[:, 0], signs[:, 1] * g])
    C = (
        np.vstack([np.eye(3), -np.eye(3)])
        if solid == "octahedron"
        else np.vstack([np.roll(corners, i, axis=1) for i in range(3)]) / math.sqrt(1 + g**2)
    )
    points = np.random.default_rng(0).standard_normal((20_000, 3))
    reach = farthest(points / np.linalg.norm(points, axis=1, keepdims=True), C)
    assert sphere_cover_floor(reach * 1.02) <= len(C) <= sphere_cover(reach)


@given(r=st.floats(0.01, 2.5))
@settings(max_examples=60, deadline=None)
def test_the_number_lies_between_its_bounds_and_the_areas_agree(r):
    assert sphere_cover_floor(r) <= sphere_cover(r) <= 3 * sphere_cover_floor(r)
    assert sphere_cover_floor(r) >= 4 / r**2 - 1e-9  # a ball of radius r holds the share r²/4 of the sphere


@given(r=st.floats(0.08, 2.5))
@settings(max_examples=30, deadline=None)
def test_the_centres_cover_the_sphere(r):
    points = np.random.default_rng(1).standard_normal((2000, 3))
    centres = sphere_centres(r)
    assert np.linalg.norm(centres, axis=1) == pytest.approx(1)
    assert farthest(points / np.linalg.norm(points, axis=1, keepdims=True), centres) <= r * (1 + 1e-9)


@given(cells=st.integers(1, 12), n=st.integers(5, 100), seed=st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_no_classifier_beats_the_bound_over_cells(cells, n, seed):
    rng = np.random.default_rng(seed)
    mass = rng.dirichlet(np.ones(2 * cells))
    shares = rng.multinomial(n, mass) / n
    worst = max(np.maximum(mass - shares, 0).sum(), np.maximum(shares - mass, 0).sum())
    assert worst <= robust_generalization_bound(cells, n, 1.0, 1.0, chance=1e-9, k=2)


def test_the_bound_is_margin_term_and_covering_term():
    tail = math.sqrt((20 * math.log(2) + math.log(100)) / 1000)
    assert robust_generalization_bound(10, 500, 0.5, 2.0, chance=0.01, k=2) == pytest.approx(0.75 + tail)
    assert robust_generalization_bound(10, 500, 3.0, 2.0, chance=0.01, k=2) == pytest.approx(tail)
    published = math.sqrt((2 * 20 * math.log(2) + 2 * math.log(100)) / 500)
    assert published == pytest.approx(2 * tail)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: circle_cover(0.0), "r must be"),
        (lambda: sphere_cover(math.nan), "r must be"),
        (lambda: sphere_cover_floor(-1.0), "r must be"),
        (lambda: robust_generalization_bound(0, 1, 1.0, 1.0, chance=0.1, k=2), "cover must be"),
        (lambda: robust_generalization_bound(1, 1, -1.0, 1.0, chance=0.1, k=2), "margin must be"),
        (lambda: robust_generalization_bound(1, 1, 1.0, 0.0, chance=0.1, k=2), "gamma must be"),
        (lambda: robust_generalization_bound(1, 1, 1.0, 1.0, chance=1.0, k=2), "strictly between"),
    ],
)
def test_bad_input_is_refused(call, words):
    with pytest.raises(ValueError, match=words):
        call()

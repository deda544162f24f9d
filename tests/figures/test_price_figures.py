"""Figures of the price of implicit bias, from records made up: what is in their tables is in the records."""

import math

import numpy as np
import pytest
from made_figures import records, table

from figures.sparsity_table import mark


def test_a_gap_is_test_error_less_training_error_averaged_over_seeds() -> None:
    made = records(full=True)
    found = {(r["eps / eps*"], r["algorithm"], r["n"]): r for r in table("price_dense", full=True)}
    record = made["misaligned_geometry_pays"]
    here = [i for i, case in enumerate(record.cases) if case["n"] == 128 and case["k"] == 512]
    gaps = np.array([record.exhibits[i]["test"][1, 1] - record.exhibits[i]["train"][1, 1] for i in here])
    row = found["0.5", "gradient descent", "128"]
    assert float(row["gap"]) == pytest.approx(gaps.mean(), rel=1e-5)
    assert float(row["standard error"]) == pytest.approx(gaps.std(ddof=1) / math.sqrt(len(gaps)), rel=1e-5)
    assert found["0", "diagonal network", "1024"]["standard error"] == "nan"  # one training set
    assert len(found) == 2 * 3 * 5


def test_dense_and_sparse_teachers_are_told_apart() -> None:
    assert table("price_dense") != table("price_sparse")


def test_the_heat_map_has_the_prices() -> None:
    made = records()
    record = made["sparsity_decides_and_the_attack_shifts_the_sign"]
    for row in table("price_heat_map"):
        share = [0.0, 0.25, 0.5].index(float(row["eps / eps*"]))
        here = [
            record.exhibits[i]["price"][share]
            for i, case in enumerate(record.cases)
            if (case["k_W"], case["k_X"]) == (int(row["k_W"]), int(row["k_X"]))
        ]
        assert float(row["price"]) == pytest.approx(np.mean(here), rel=1e-5)


def test_a_sign_is_marked_by_two_standard_errors() -> None:
    assert mark(1, 0.3, 0.1) == "agrees"
    assert mark(-1, 0.3, 0.1) == "differs"
    assert mark(-1, -0.1, 0.1) == mark(1, 0.3, math.nan) == "unclear"
    assert mark(0, 0.3, 0.1) == ""


def test_a_margin_is_measured_against_the_prediction() -> None:
    made = records()
    found = table("margins")
    last = [r for r in found if (r["attack"], r["geometry"], r["step"]) == ("inf", "1", "100000")]
    record = made["steepest_descent_finds_the_robust_maximum_margin"]
    away = [
        1 - o / p
        for case, p, o in zip(record.cases, record.predicted, record.observed, strict=True)
        if (case["attack"], case["geometry"]) == (math.inf, 1.0)
    ]
    assert float(last[0]["1 - margin / maximum"]) == pytest.approx(np.mean(away), rel=1e-4)


def test_the_boxes_have_the_radius_that_coordinate_descent_found() -> None:
    found = table("separators", full=True)
    assert sum(row["what"] == "point" for row in found) == 24
    assert [row["x_1"] for row in found if row["what"] == "box radius"] == ["0.4"]


def test_cosines_and_horizons_are_means_over_training_sets() -> None:
    made = records()
    angles = made["price_vanishes_at_the_largest_radius"]
    cosines = [float(row["cosine"]) for row in table("alignment")]
    np.testing.assert_allclose(cosines, np.mean(angles.observed, axis=0), rtol=1e-5)
    horizons = made["attack_speeds_up_constant_steps"]
    shown = [r for r in table("constant_steps") if r["what"] == "robust loss, best eps"]
    away = np.reshape([1 - o for o in horizons.observed], (5, 4)).mean(axis=1)
    np.testing.assert_allclose([float(r["1 - margin / maximum"]) for r in shown], away, rtol=1e-5)

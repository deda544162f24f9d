"""Figures of risks and of tangent kernels, from records made up: what is in their tables is in the records."""

import math

import numpy as np
import pytest
from made_figures import records, table

from figures.risks import shared


def test_risks_are_means_beside_the_theory_which_goes_on_beyond_them() -> None:
    record = records(full=True)["interpolation_explodes_while_it_overfits_benignly"]
    for row in table("adversarial_risk_explodes", full=True):
        n, a = float(row["n"]), float(row["a"])
        here = [
            exhibit[row["risk"]]
            for case, exhibit in zip(record.cases, record.exhibits, strict=True)
            if (case["n"], case["a"]) == (n, a)
        ]
        assert math.isnan(float(row["simulation"])) == (not here) == (n > 800)
        if here:
            assert float(row["simulation"]) == pytest.approx(np.mean(here), rel=1e-5)
        if row["risk"] == "adversarial" and n == 1e6:
            assert float(row["theory"]) == pytest.approx(n ** (1 - a), rel=0.06)


def test_the_table_of_penalties_has_the_largest_size_the_weaker_attack_and_the_minima() -> None:
    found = table("ridge_penalties", full=True)
    record = records(full=True)["robustness_wants_the_larger_penalty"]
    start = next(r for r in found if (r["power of n"], r["risk"], r["penalty"]) == ("3", "standard", "0"))
    here = [
        exhibit["standard"][0]
        for case, exhibit in zip(record.cases, record.exhibits, strict=True)
        if (case["n"], case["power"], case["eps"]) == (400, 3.0, 0.3)
    ]
    assert float(start["simulation"]) == pytest.approx(np.mean(here), rel=1e-5)
    best = {(r["power of n"], r["risk"]): float(r["penalty"]) for r in found if r["risk"].startswith("best")}
    assert best["3", "best penalty, standard"] == 0 < best["3", "best penalty, adversarial"]
    lines = {
        float(r["penalty"]): float(r["theory"])
        for r in found
        if (r["power of n"], r["risk"]) == ("1.2", "adversarial")
    }
    nearest = min(lines, key=lines.__getitem__)
    assert best["1.2", "best penalty, adversarial"] == pytest.approx(nearest, rel=0.45)  # a step of the grid


def test_ridgeless_and_ridge_share_a_figure() -> None:
    found = table("double_descent", full=True)
    peak = [r for r in found if (r["risk"], r["penalty"], r["gamma"]) == ("excess risk", "0", "0.9")]
    assert float(peak[0]["theory"]) == pytest.approx(0.5 * 0.9 / (1 - 0.9), rel=1e-5)
    made = records(full=True)["marchenko_pastur_predicts_ridge"]
    parts = [
        o[:2].sum() for c, o in zip(made.cases, made.observed, strict=True) if (c["gamma"], c["lam"]) == (1, 2)
    ]
    ridge = [r for r in found if (r["risk"], r["penalty"], r["gamma"]) == ("excess risk", "2", "1")]
    assert float(ridge[0]["simulation"]) == pytest.approx(np.mean(parts), rel=1e-5)


def test_widths_and_scales_are_those_of_the_records() -> None:
    found = table("tangent_kernel_convergence", full=True)
    made = records(full=True)["empirical_tangent_kernel_converges"]
    errors = [
        np.linalg.norm(o - p) / np.linalg.norm(p)
        for case, o, p in zip(made.cases, made.observed, made.predicted, strict=True)
        if case["m"] == 1024
    ]
    row = next(r for r in found if r["what"].endswith("1 hidden layer") and r["width or scale"] == "1024")
    assert float(row["error"]) == pytest.approx(np.mean(errors), rel=1e-5)
    assert sum(r["what"] == "weights" for r in found) == 6
    networks = table("tangent_kernel_risks", full=True)
    ours = [r for r in networks if r["of"] == "networks" and r["risk"] == "adversarial"]
    assert [float(r["n or width"]) for r in ours] == [64, 256, 1024, 4096]
    assert all(float(r["simulation"]) > float(r["theory or limit"]) for r in ours)


def test_cases_that_must_agree_are_refused_when_they_differ() -> None:
    with pytest.raises(ValueError, match="must agree in gamma"):
        shared(records(full=True)["ridgeless_risk_descends_twice"], "gamma")

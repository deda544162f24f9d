"""Figures of weight space, from records made up: what is in their tables is in the records."""

import landscape_records
import numpy as np
import pytest
from made_figures import table


def test_lines_and_planes_agree_where_weights_are_those_trained() -> None:
    exhibits = [row[3] for row in landscape_records.directions(True)]
    rest = np.mean([e["adversarial"][10] for e in exhibits])
    line = table("loss_along_directions", full=True)
    lines = {float(r["relative length"]): float(r["robust loss"]) for r in line}
    assert lines[0.0] == pytest.approx(rest, rel=1e-5)
    at = {
        (r["second direction"], float(r["along the first"]), float(r["along the second"])): r
        for r in table("loss_surface", full=True)
    }
    assert float(at["adversarial", 0.0, 0.0]["robust loss"]) == pytest.approx(rest, rel=1e-5)
    assert ("adversarial", 0.5, 0.02) in at and ("random", 0.5, 0.5) in at


def test_relative_balls_stay_and_eigenvalues_follow_the_square() -> None:
    found = {(r["what"], float(r["c"])): float(r["ratio"]) for r in table("scale_invariance", full=True)}
    assert found["relative, on average", 10.0] == pytest.approx(1)
    assert found[r"\lambda_{\max}", 3.0] == pytest.approx(1 / 9, rel=1e-4)
    assert found["absolute, on average", 10.0] < 0.2


def test_wrong_flatness_stands_beside_the_right_one() -> None:
    for r in table("wrong_flatness", full=True):
        right, wrong = float(r["right"]), float(r["wrong"])
        if r["what"] == "frozen attack":
            assert wrong == pytest.approx(right / 2, rel=1e-4)
        elif r["what"] == "unequal restarts":
            assert wrong == pytest.approx(right - 0.004, rel=1e-3)
        else:
            assert right == 1 and wrong == pytest.approx(1 / float(r["xi or c"]), rel=0.2)


def test_sharpness_has_its_closed_form_beside_it() -> None:
    found = [r for r in table("patch_sharpness", full=True) if r["what"] == "average, with closed form"]
    assert [float(r["closed form"]) for r in found] == pytest.approx([8e-7, 4e-6, 7.2e-6, 1.6e-5])
    assert all(float(r["mean"]) == pytest.approx(float(r["closed form"]), rel=0.1) for r in found)

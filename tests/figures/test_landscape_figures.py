"""Figures of weight space, from records made up: what is in their tables is in the records."""

import csv
import importlib
import io

import landscape_records
import numpy as np
import pytest
from figure_records import record

from figures import draw
from figures.registry import claims

FIGURES = ("loss_along_directions", "loss_surface", "scale_invariance", "wrong_flatness", "patch_sharpness")


def drawn(name: str, full: bool) -> dict[str, bytes]:
    made = [record(c, landscape_records.MADE[c](full), "full" if full else "quick") for c in claims()[name]]
    return draw.rendered(importlib.import_module(f"figures.{name}"), tuple(made))


def rows(name: str, full: bool) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(drawn(name, full)["csv"].decode())))


@pytest.mark.parametrize("full", [False, True], ids=["quick", "full"])
@pytest.mark.parametrize("name", FIGURES)
def test_it_is_drawn_from_quick_and_full_records(name: str, full: bool) -> None:
    files = drawn(name, full)
    assert files["pdf"].startswith(b"%PDF") and files["png"][1:4] == b"PNG"
    table = list(csv.DictReader(io.StringIO(files["csv"].decode())))
    assert table and all(None not in row.values() for row in table)


def test_lines_and_planes_agree_where_weights_are_those_trained() -> None:
    exhibits = [row[3] for row in landscape_records.directions(True)]
    rest = np.mean([e["adversarial"][10] for e in exhibits])
    lines = {float(r["relative length"]): float(r["robust loss"]) for r in rows("loss_along_directions", True)}
    assert lines[0.0] == pytest.approx(rest, rel=1e-5)
    at = {
        (r["second direction"], float(r["along the first"]), float(r["along the second"])): r
        for r in rows("loss_surface", True)
    }
    assert float(at["adversarial", 0.0, 0.0]["robust loss"]) == pytest.approx(rest, rel=1e-5)
    assert ("adversarial", 0.5, 0.02) in at and ("random", 0.5, 0.5) in at


def test_relative_balls_stay_and_eigenvalues_follow_the_square() -> None:
    found = {(r["what"], float(r["c"])): float(r["ratio"]) for r in rows("scale_invariance", True)}
    assert found["relative, on average", 10.0] == pytest.approx(1)
    assert found[r"\lambda_{\max}", 3.0] == pytest.approx(1 / 9, rel=1e-4)
    assert found["absolute, on average", 10.0] < 0.2


def test_wrong_flatness_stands_beside_the_right_one() -> None:
    for r in rows("wrong_flatness", True):
        right, wrong = float(r["right"]), float(r["wrong"])
        if r["what"] == "frozen attack":
            assert wrong == pytest.approx(right / 2, rel=1e-4)
        elif r["what"] == "unequal restarts":
            assert wrong == pytest.approx(right - 0.004, rel=1e-3)
        else:
            assert right == 1 and wrong == pytest.approx(1 / float(r["xi or c"]), rel=0.2)


def test_sharpness_has_its_closed_form_beside_it() -> None:
    found = [r for r in rows("patch_sharpness", True) if r["what"] == "average, with closed form"]
    assert [float(r["closed form"]) for r in found] == pytest.approx([8e-7, 4e-6, 7.2e-6, 1.6e-5])
    assert all(float(r["mean"]) == pytest.approx(float(r["closed form"]), rel=0.1) for r in found)

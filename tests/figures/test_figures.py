"""Every figure is drawn from records alone, the same twice, and its CSV holds the numbers drawn."""

import csv
import functools
import hashlib
import importlib
import io
import itertools
import math
import os
import struct
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import figure_records
import matplotlib.style
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from figures import draw
from figures.registry import claims, find
from sims.record import Record
from sims.registry import find as claims_called
from sims.report import home
from sims.store import Withheld, established

FIGURES = tuple(claims())
GROWING = (  # other shapes on full cases
    *("price_dense", "price_sparse", "price_heat_map", "sparsity_table", "ridge_penalties", "risk_tradeoff"),
    *("penalty_on_digits", "patch_phases", "patch_boundary", "patch_dimension", "patch_table"),
    *("capacity", "loss_flatness", "adversarial_regularization", "margin_histograms"),
    *("adversarial_risk_explodes", "double_descent", "tangent_kernel_convergence", "tangent_kernel_risks"),
)
ROOT = Path(__file__).resolve().parents[2]


@functools.cache
def records(full: bool = False) -> Mapping[str, Record]:
    return figure_records.records(full)


@functools.cache
def drawn(name: str, full: bool = False) -> dict[str, bytes]:
    return rendered(name, records(full))


def rendered(name: str, made: Mapping[str, Record]) -> dict[str, bytes]:
    return draw.rendered(importlib.import_module(f"figures.{name}"), tuple(made[c] for c in claims()[name]))


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


def pixels(png: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_the_folder_is_the_registry() -> None:
    assert "margins" in FIGURES
    assert not {"draw", "registry", "paper", "gaps", "risks", "__init__"} & set(FIGURES)
    assert find() == FIGURES
    assert find(["margins", "alignment", "margins"]) == ("margins", "alignment")


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_reads_claims_that_exist_and_belongs_under_the_first(name: str) -> None:
    entries = [claims_called([claim]) for claim in claims()[name]]
    assert all(len(found) == 1 for found in entries)
    main = records()[claims()[name][0]]
    assert home(f"{main.name}/{name}", [main]) == f"{main.paper}/{main.name}"


@pytest.mark.parametrize(
    ("name", "full"), [*((name, False) for name in FIGURES), *((name, True) for name in GROWING)]
)
def test_a_figure_is_drawn_in_three_formats(name: str, full: bool) -> None:
    files = drawn(name, full)
    assert files["pdf"].startswith(b"%PDF")
    assert b"CreationDate" not in files["pdf"]
    width, height = pixels(files["png"])
    assert width in (int(3.4 * 300), 7 * 300)
    assert 300 < height < 5 * 300
    table = rows(files["csv"])
    assert table and all(None not in row and None not in row.values() for row in table)


def test_the_bytes_are_the_same_in_another_process() -> None:
    code = (
        "import sys; sys.path.insert(0, 'tests/figures')\n"
        "from test_figures import FIGURES, digest\n"
        "print(*map(digest, FIGURES))\n"
        "assert not {'torch', 'sims.run', 'sims.claims', 'matplotlib.pyplot'} & set(sys.modules)\n"
    )
    told = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "1"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert told.split() == [digest(name) for name in FIGURES]


def digest(name: str) -> str:
    return hashlib.sha256(b"".join(drawn(name).values())).hexdigest()


def test_a_gap_is_test_error_less_training_error_averaged_over_seeds() -> None:
    made = records(full=True)
    found = {(r["eps / eps*"], r["algorithm"], r["n"]): r for r in rows(drawn("price_dense", full=True)["csv"])}
    record = made["misaligned_geometry_pays"]
    here = [i for i, case in enumerate(record.cases) if case["n"] == 128 and case["k"] == 512]
    gaps = np.array([record.exhibits[i]["test"][1, 1] - record.exhibits[i]["train"][1, 1] for i in here])
    row = found["0.5", "gradient descent", "128"]
    assert float(row["gap"]) == pytest.approx(gaps.mean(), rel=1e-5)
    assert float(row["standard error"]) == pytest.approx(gaps.std(ddof=1) / math.sqrt(len(gaps)), rel=1e-5)
    assert found["0", "diagonal network", "1024"]["standard error"] == "nan"  # one training set
    assert len(found) == 2 * 3 * 5


def test_dense_and_sparse_teachers_are_told_apart() -> None:
    assert drawn("price_dense")["csv"] != drawn("price_sparse")["csv"]


def test_the_heat_map_has_the_prices() -> None:
    made = records()
    record = made["sparsity_decides_and_the_attack_shifts_the_sign"]
    for row in rows(drawn("price_heat_map")["csv"]):
        share = [0.0, 0.25, 0.5].index(float(row["eps / eps*"]))
        here = [
            record.exhibits[i]["price"][share]
            for i, case in enumerate(record.cases)
            if (case["k_W"], case["k_X"]) == (int(row["k_W"]), int(row["k_X"]))
        ]
        assert float(row["price"]) == pytest.approx(np.mean(here), rel=1e-5)


def test_a_sign_is_marked_by_two_standard_errors() -> None:
    from figures.sparsity_table import mark

    assert mark(1, 0.3, 0.1) == "agrees"
    assert mark(-1, 0.3, 0.1) == "differs"
    assert mark(-1, -0.1, 0.1) == mark(1, 0.3, math.nan) == "unclear"
    assert mark(0, 0.3, 0.1) == ""


def test_a_margin_is_measured_against_the_prediction() -> None:
    made = records()
    found = rows(drawn("margins")["csv"])
    last = [r for r in found if (r["attack"], r["geometry"], r["step"]) == ("inf", "1", "100000")]
    record = made["steepest_descent_finds_the_robust_maximum_margin"]
    away = [
        1 - o / p
        for case, p, o in zip(record.cases, record.predicted, record.observed, strict=True)
        if (case["attack"], case["geometry"]) == (math.inf, 1.0)
    ]
    assert float(last[0]["1 - margin / maximum"]) == pytest.approx(np.mean(away), rel=1e-4)


def test_the_boxes_have_the_radius_that_coordinate_descent_found() -> None:
    table = rows(drawn("separators", full=True)["csv"])
    assert sum(row["what"] == "point" for row in table) == 24
    assert [row["x_1"] for row in table if row["what"] == "box radius"] == ["0.4"]


def test_the_rest_of_the_tables_is_what_the_records_say() -> None:
    made = records()
    angles = made["price_vanishes_at_the_largest_radius"]
    cosines = [float(row["cosine"]) for row in rows(drawn("alignment")["csv"])]
    np.testing.assert_allclose(cosines, np.mean(angles.observed, axis=0), rtol=1e-5)
    horizons = made["attack_speeds_up_constant_steps"]
    shown = [r for r in rows(drawn("constant_steps")["csv"]) if r["what"] == "robust loss, best eps"]
    away = np.reshape([1 - o for o in horizons.observed], (5, 4)).mean(axis=1)
    np.testing.assert_allclose([float(r["1 - margin / maximum"]) for r in shown], away, rtol=1e-5)


def test_risks_are_means_beside_the_theory_which_goes_on_beyond_them() -> None:
    record = records(full=True)["interpolation_explodes_while_it_overfits_benignly"]
    for row in rows(drawn("adversarial_risk_explodes", full=True)["csv"]):
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
    found = rows(drawn("ridge_penalties", full=True)["csv"])
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
    found = rows(drawn("double_descent", full=True)["csv"])
    peak = [r for r in found if (r["risk"], r["penalty"], r["gamma"]) == ("excess risk", "0", "0.9")]
    assert float(peak[0]["theory"]) == pytest.approx(0.5 * 0.9 / (1 - 0.9), rel=1e-5)
    made = records(full=True)["marchenko_pastur_predicts_ridge"]
    parts = [
        o[:2].sum() for c, o in zip(made.cases, made.observed, strict=True) if (c["gamma"], c["lam"]) == (1, 2)
    ]
    ridge = [r for r in found if (r["risk"], r["penalty"], r["gamma"]) == ("excess risk", "2", "1")]
    assert float(ridge[0]["simulation"]) == pytest.approx(np.mean(parts), rel=1e-5)


def test_widths_and_scales_are_those_of_the_records() -> None:
    found = rows(drawn("tangent_kernel_convergence", full=True)["csv"])
    made = records(full=True)["empirical_tangent_kernel_converges"]
    errors = [
        np.linalg.norm(o - p) / np.linalg.norm(p)
        for case, o, p in zip(made.cases, made.observed, made.predicted, strict=True)
        if case["m"] == 1024
    ]
    row = next(r for r in found if r["what"].endswith("1 hidden layer") and r["width or scale"] == "1024")
    assert float(row["error"]) == pytest.approx(np.mean(errors), rel=1e-5)
    assert sum(r["what"] == "weights" for r in found) == 6
    networks = rows(drawn("tangent_kernel_risks", full=True)["csv"])
    ours = [r for r in networks if r["of"] == "networks" and r["risk"] == "adversarial"]
    assert [float(r["n or width"]) for r in ours] == [64, 256, 1024, 4096]
    assert all(float(r["simulation"]) > float(r["theory or limit"]) for r in ours)


def test_cases_that_must_agree_are_refused_when_they_differ() -> None:
    from figures.risks import shared

    with pytest.raises(ValueError, match="must agree in gamma"):
        shared(records(full=True)["ridgeless_risk_descends_twice"], "gamma")


@pytest.mark.parametrize("full", [False, True], ids=["quick", "full"])
@pytest.mark.parametrize("name", ["sparsity_table", "price_heat_map", "patch_table"])
def test_texts_do_not_overlap(name: str, full: bool) -> None:
    module = importlib.import_module(f"figures.{name}")
    made = records(full)
    with matplotlib.style.context(draw.STYLE, after_reset=True):
        figure = Figure()
        FigureCanvasAgg(figure)
        module.draw(figure, tuple(made[claim] for claim in claims()[name]))
        figure.draw_without_rendering()
        boxes = [
            text.get_window_extent().shrunk(0.98, 0.7)
            for ax in figure.axes
            for text in ax.texts
            if text.get_text()
        ]
        assert not [pair for pair in itertools.combinations(boxes, 2) if pair[0].overlaps(pair[1])]


def test_a_withheld_record_costs_its_figures_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = records()

    def shown(name: str) -> Record:
        if name == "misaligned_geometry_pays":
            raise Withheld(f"{name} is stale; run `lemmata verify {name} --full`")
        return made[name]

    monkeypatch.setattr(draw, "established", shown)
    (tmp_path / "price_dense.png").write_bytes(b"from a record of the past")
    assert draw.main(["alignment", "price_dense"], tmp_path) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"alignment.pdf", "alignment.png", "alignment.csv"}
    out, err = capsys.readouterr()
    assert out.startswith("alignment: ") and "quick" in out and len(out.splitlines()) == 1
    assert "price_dense" in err and "run `lemmata verify misaligned_geometry_pays --full`" in err
    assert len(err.splitlines()) == 1
    assert draw.main(["alignment"], tmp_path / "new" / "folder") == 0
    assert (tmp_path / "alignment.pdf").read_bytes() == (tmp_path / "new/folder/alignment.pdf").read_bytes()


def test_an_unknown_name_is_refused_with_those_near_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no figure is called 'margin'; near it: margins"):
        draw.main(["margin"], tmp_path)
    with pytest.raises(ValueError, match=r"there are .*alignment, .*separators"):
        draw.main(["xyzzy"], tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = records()
    monkeypatch.setattr(draw, "established", made.__getitem__)
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ValueError, match="choose another --out"):
        draw.main(["alignment"], tmp_path / "taken")


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_is_drawn_from_the_committed_records(name: str) -> None:
    made = {claim: established(claim) for claim in claims()[name]}
    assert rows(rendered(name, made)["csv"])

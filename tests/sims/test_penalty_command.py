"""`lemmata penalty`: its numbers agree with fits made here, its words with its numbers; refusals."""

import csv
import json
import math

import numpy as np
import pytest

from sims import kernel_ridge, penalty, penalty_study
from sims.__main__ import main
from sims.claim import ROOT
from sims.dataset import load
from theory.kernel_regression import kernel_ridge as theoretical
from theory.kernels import tangent


@pytest.fixture
def small(tmp_path, monkeypatch):
    """Two clouds of points with a little overlap."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    y = np.arange(60) % 2
    X = 0.6 * rng.standard_normal((60, 3)) + np.where(y[:, None] > 0, 1.0, -1.0)
    np.savez("small.npz", X=X[:40], y=y[:40], X_test=X[40:], y_test=y[40:])
    return "small.npz"


def found(source, **options):
    data = penalty.subset(source, 1000, 500)
    return penalty_study.study(data, **{"noise": [0.0, 0.2], "count": 12} | options)


def test_without_noise_the_path_is_the_theorys(small):
    seen = found(small)
    data = load(small)
    path = theoretical(data.X, data.y, seen.lams, tangent())
    f, slopes = path.predict(data.X_test), np.linalg.norm(path.gradient(data.X_test), axis=2)
    np.testing.assert_allclose(seen.clean["error"][0], np.mean(data.y_test * f <= 0, axis=1), atol=1e-12)
    np.testing.assert_allclose(seen.clean["risk"][0], np.mean((f - data.y_test) ** 2, axis=1), rtol=1e-8)
    worst = (np.abs(f - data.y_test) + seen.eps * slopes) ** 2
    np.testing.assert_allclose(seen.robust["risk"][0], worst.mean(axis=1), rtol=1e-8)
    np.testing.assert_allclose(seen.gradient[0], np.sqrt(np.mean(slopes**2, axis=1)), rtol=1e-8)


def test_the_best_penalties_are_minima_the_last_or_first_of_them(small):
    seen = found(small, draws=2)
    for loss in penalty_study.LOSSES:
        for i in range(2):
            clean, robust = seen.best[loss][i]
            assert seen.clean[loss][i, clean] == pytest.approx(seen.clean[loss][i].min(), abs=1e-12)
            assert seen.robust[loss][i, robust] == pytest.approx(seen.robust[loss][i].min(), abs=1e-12)
            assert not np.any(seen.clean[loss][i, clean + 1 :] <= seen.clean[loss][i, clean])
            assert not np.any(seen.robust[loss][i, :robust] <= seen.robust[loss][i, robust])
            assert (seen.searched[loss][i] >= seen.clean[loss][i, [clean, robust]]).all()
    assert (np.diff(seen.gradient) < 0).all()  # on these data


def test_at_a_tiny_radius_the_search_agrees_with_first_order(small):
    seen = found(small, eps=1e-3, draws=2)
    for i in range(2):
        np.testing.assert_allclose(
            seen.searched["risk"][i], seen.robust["risk"][i, seen.best["risk"][i]], rtol=1e-3
        )


def test_defaults_are_said(small, capsys):
    assert main(["penalty", small, "--kernel", "gaussian", "--noise", "0,0.3", "--lams", "15"]) == 0
    out = capsys.readouterr().out
    data = load(small)
    assert f"Gaussian kernel, width {kernel_ridge.median_distance(data.X):.4g}, the median distance" in out
    apart = np.linalg.norm(data.X[:, None] - data.X[None], axis=2)
    nearest = np.array([row[data.y != label].min() for row, label in zip(apart, data.y, strict=True)])
    assert f"ℓ2, eps = {0.25 * np.median(nearest):.4g}, 0.25 of the median distance" in out
    assert "(K + n lam I) a = y at 15 penalties" in out and "mean of 3 draws" in out
    assert out.count("best penalty under attack / best without: ") == 2


def test_the_table_and_the_sentence_are_the_numbers(small, capsys):
    words = ["penalty", small, "--noise", "0,0.2", "--lams", "12", "--draws", "2"]
    assert main(words) == 0
    out = capsys.readouterr().out.splitlines()
    assert main([*words, "--json"]) == 0
    seen = json.loads(capsys.readouterr().out)
    place = seen["best"]["risk"][1]
    row = [line.split() for line in out if line.strip().startswith("0.2 ")][1]
    assert row[0] == "0.2"
    numbers = [row[1:6], row[6:11]]
    for j, part in enumerate(numbers):
        lam, clean, attacked, searched, gradient = part
        assert float(lam.strip("≤≥")) == pytest.approx(seen["lam"][place[j]], rel=0.05)
        assert float(clean) == pytest.approx(seen["clean"]["risk"][1][place[j]], abs=1e-4)
        assert float(attacked) == pytest.approx(seen["robust"]["risk"][1][place[j]], abs=1e-4)
        assert float(searched) == pytest.approx(seen["searched"]["risk"][1][j], abs=1e-4)
        assert float(gradient) == pytest.approx(seen["gradient"][1][place[j]], rel=0.01)
    factor = seen["lam"][place[1]] / seen["lam"][place[0]]
    assert f"{factor:.2g} at noise 0.2" in [line for line in out if line.startswith("best penalty")][1]


def test_ties_leave_the_order_undecided():
    from sims.penalty_table import sentence, where

    seen = found("digits", noise=[0.0], count=40)
    assert np.count_nonzero(seen.clean["error"][0] == 0) > 1  # no 2 is taken for a 7 over decades of penalties
    assert " … " in where(seen, "error", 0, 0)
    assert "undecided at noise 0, where penalties tie" in sentence(seen, "error")
    assert where(seen, "risk", 0, 0).startswith("≤")


def test_points_are_drawn_the_same_way_each_time(small):
    one, two = (penalty.subset(small, 25, 8) for _ in range(2))
    assert one.X.shape == (25, 3) and one.X_test.shape == (8, 3)
    np.testing.assert_array_equal(one.X, two.X)
    assert f"25 of 40 training points are used, drawn with seed {ROOT}" in one.remarks
    assert f"8 of 20 held-out points are used, drawn with seed {ROOT}" in one.remarks


def test_mnist_comes_from_the_folder_and_is_cut(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    digit = np.array([2, 7, 1] * 20)
    pixels = rng.integers(0, 255, (60, 28, 28)).astype(np.uint8)
    np.savez(tmp_path / "mnist.npz", x_train=pixels, y_train=digit, x_test=pixels[:30], y_test=digit[:30])
    monkeypatch.setenv("LEMMATA_DATA", str(tmp_path))
    data = penalty.subset("mnist", 30, 500)
    assert data.X.shape == (30, 784) and len(data.y_test) == 20
    assert data.remarks[0] == "labels: 2 is −1, 7 is +1"


@pytest.mark.parametrize("ending", ["pdf", "png"])
def test_a_figure_is_drawn_if_asked_for(small, tmp_path, capsys, ending):
    words = ["penalty", small, "--noise", "0.1", "--lams", "9", "--attack", "inf", "--figure", f"path.{ending}"]
    assert main(words) == 0
    assert capsys.readouterr().out.endswith(f"written: path.{ending}\n")
    magic = {"pdf": b"%PDF", "png": b"\x89PNG"}[ending]
    first = (tmp_path / f"path.{ending}").read_bytes()
    assert first.startswith(magic)
    assert main(words) == 0
    assert (tmp_path / f"path.{ending}").read_bytes() == first


def test_a_csv_works_as_well(small, tmp_path, capsys):
    data = load(small)
    with (tmp_path / "points.csv").open("w", newline="") as file:
        csv.writer(file).writerows(np.column_stack([data.X, data.y]))
    assert main(["penalty", "points.csv", "--noise", "0.1", "--lams", "9"]) == 0
    assert "points: n = 20 training points" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--noise", "0.5"], "noise is a share of flipped labels and must be in [0, 0.5), got 0.5"),
        (["--noise", "-0.1"], "must be in [0, 0.5), got -0.1"),
        (["--noise", "nan"], "must be in [0, 0.5), got nan"),
        (["--eps", "-1"], "eps must be a finite number ≥ 0, got -1"),
        (["--figure", "path.svg"], "the figure must be a .pdf or .png file, got path.svg"),
        (["--figure", "absent/path.pdf"], "there is no folder absent"),
        (["--train", "1"], "y has one class only"),
    ],
)
def test_bad_options_are_one_line_and_3(small, capsys, words, said):
    assert main(["penalty", small, *words]) == 3
    seen = capsys.readouterr()
    assert said in seen.err and seen.err.count("\n") == 1 and seen.out == ""


@pytest.mark.parametrize("words", [["--kernel", "cubic"], ["--attack", "1"], ["--lams", "0"], ["--noise", "a"]])
def test_options_that_are_none_are_refused_by_the_parser(small, capsys, words):
    with pytest.raises(SystemExit) as stop:
        main(["penalty", small, *words])
    assert stop.value.code == 3
    assert capsys.readouterr().err.startswith("lemmata: error: ")


def test_the_gradient_is_measured_in_the_dual_norm(small):
    two, sup = found(small, noise=[0.0]), found(small, noise=[0.0], attack=math.inf)
    assert (sup.gradient > two.gradient).all() and (sup.gradient < math.sqrt(3) * two.gradient + 1e-12).all()


def test_points_without_scale_are_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("zero.npz", X=np.zeros((8, 2)), y=np.arange(8) % 2)
    with pytest.raises(ValueError, match="all training points are 0"):
        found("zero.npz")

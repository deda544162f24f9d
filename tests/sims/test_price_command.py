"""`lemmata price`: its numbers agree with the theory and with a real descent, and its words with its numbers."""

import argparse
import csv
import json
import math
import re
import sys

import numpy as np
import pytest

from sims import descent
from sims.__main__ import main as command_line
from sims.dataset import load
from sims.price import as_json, as_text, charge, main, permissible, radii, sentence
from theory.margin import largest_radius

ROUNDING = 1e-9
DESCENTS = ("coordinate", "gradient", "sign")


def draw(n=16, d=32, m=800, seed=0):
    """A sparse teacher of 0s and 1s on Gaussian points: coordinate descent's favourite."""
    rng = np.random.default_rng(seed)
    w_star = np.where(np.arange(d) < 2, 1.0, 0.0)
    X, X_test = rng.standard_normal((n, d)), rng.standard_normal((m, d))
    return {"X": X, "y": (X @ w_star > 0) * 1, "X_test": X_test, "y_test": (X_test @ w_star > 0) * 1}


@pytest.fixture
def sparse(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.savez("sparse.npz", **draw())
    return "sparse.npz"


def arguments(data, **options):
    return argparse.Namespace(**{"data": str(data), "attack": math.inf, "eps": []} | options)


def bill(source, attack=math.inf, given=()):
    data = load(source)
    widest = permissible(data, attack)
    return charge(data, widest, radii(given, widest.value, attack), attack)


def test_the_printed_numbers_are_those_of_the_objects(sparse, capsys):
    assert main(arguments(sparse)) == 0
    out = capsys.readouterr().out
    B = bill(sparse)
    assert "n = 16 training points, d = 32 features, m = 800 held-out points" in out
    assert "labels: 0 is −1, 1 is +1" in out
    eps_star = largest_radius(B.data.X, B.data.y).value
    assert f"eps* = {eps_star:.6g}, the largest ℓ∞ radius" in out
    numbers = [
        [float(x) for x in line.split()] for line in out.splitlines() if re.match(r"^ +[\d.e-]+( +[-+]?\d)", line)
    ]
    margins, errors, prices = (np.array(numbers[5 * i : 5 * i + 5]).T for i in range(3))
    assert margins[0] == pytest.approx(eps_star * np.array([0, 0.25, 0.5, 0.75, 0.9]), rel=1e-3)
    np.testing.assert_allclose(margins[1:], B.margins, rtol=1e-3)
    np.testing.assert_allclose(errors[1:], B.found.errors, atol=1e-4)
    np.testing.assert_allclose(prices[1:], B.found.errors - B.found.errors[0], atol=1e-4)
    assert f"largest certified relative gap of a margin: {B.found.gaps.max():.1e}" in out
    assert sentence(B) in out


def test_margins_at_no_attack_fall_as_the_radius_grows(sparse):
    B = bill(sparse)
    assert np.all(np.diff(B.margins, axis=1) < 0)
    assert B.margins[0] == pytest.approx(B.widest.value - B.found.eps, abs=ROUNDING)  # the aligned one, exactly
    assert np.all(B.found.gaps < ROUNDING)


@pytest.mark.parametrize(
    ("attack", "aligned"), [(math.inf, "coordinate"), (2.0, "gradient"), (1.0, "sign"), (3.0, None)]
)
def test_the_aligned_descent_pays_nothing_and_the_sentence_says_who(sparse, attack, aligned):
    B = bill(sparse, attack)
    found = as_json(B)
    json.dumps(found, allow_nan=False)
    if aligned is None:
        assert "the geometry aligned with ℓ3 attacks is ℓ1.5" in found["sentence"]
        assert "aligned ℓ1.5" in as_text(B)
    else:
        assert not any(found["price"][aligned]) and not any(found["price_standard_error"][aligned])
        attacks = f"ℓ{'∞' if attack == math.inf else int(attack)} attacks"
        assert f"{aligned} descent is aligned with {attacks} and pays nothing" in found["sentence"]
    for name in DESCENTS:
        assert found["price"][name] == pytest.approx(np.subtract(found["error"][name], found["reference_error"]))


def test_the_sentence_names_the_largest_clear_price(sparse):
    B = bill(sparse)
    cost, k = B.found.price[1], int(B.found.price[1].argmax())
    assert cost[k] > 2 * B.doubt[1, k]
    assert sentence(B).startswith(
        f"Gradient descent pays up to {cost[k]:.3f} ± {B.doubt[1, k]:.3f} at eps = {B.found.eps[k]:.4g}"
    )


def test_a_price_of_one_held_out_point_is_called_chance():
    words = sentence(bill("digits"))
    assert "sign descent pays nothing beyond chance" in words
    assert "Gradient descent pays nothing at any of these radii" in words


def test_the_standard_error_is_that_of_paired_differences(sparse):
    B = bill(sparse)
    X, y, k = B.data.X_test, B.data.y_test, 2
    wrong = [y * (X @ w) - B.found.eps[k] * np.abs(w).sum() <= 0 for w in B.found.directions[:, k]]
    difference = wrong[1].astype(float) - wrong[0]
    assert B.doubt[1, k] == pytest.approx(difference.std() / math.sqrt(len(y)), rel=ROUNDING)
    assert B.found.price[1, k] == pytest.approx(difference.mean(), abs=ROUNDING)


def test_gradient_descent_itself_errs_as_often_as_its_limit():
    B = bill("digits")
    data = B.data
    for k in (1, 3):
        eps = float(B.found.eps[k])
        run = descent.descend(data.X, data.y, geometry=2.0, eps=eps, steps=100_000)
        w = run.points[-1]
        assert descent.robust_margin(w, data.X, data.y, eps, math.inf, 2.0) > 0.95 * B.margins[1, k]
        error = descent.robust_error(w, data.X_test, data.y_test, eps, math.inf)
        assert abs(error - B.found.errors[1, k]) <= 0.02


@pytest.mark.parametrize("scale", [1e-4, 1e4])
def test_the_unit_of_the_features_changes_only_the_radii(sparse, scale):
    arrays = draw()
    np.savez("scaled.npz", **arrays | {"X": scale * arrays["X"], "X_test": scale * arrays["X_test"]})
    one, two = bill(sparse), bill("scaled.npz")
    assert two.widest.value == pytest.approx(scale * one.widest.value, rel=ROUNDING)
    assert two.margins == pytest.approx(scale * one.margins, rel=1e-7)
    assert two.found.errors[:2] == pytest.approx(one.found.errors[:2], abs=2 / 800)


def test_constant_features_do_no_harm(sparse):
    arrays = draw()
    wider = {key: np.column_stack([arrays[key], np.zeros(len(arrays[key]))]) for key in ("X", "X_test")}
    np.savez("wider.npz", **arrays | wider)
    assert bill("wider.npz").found.errors[:2] == pytest.approx(bill(sparse).found.errors[:2], abs=2 / 800)


@pytest.mark.parametrize("eps", [[0.05, 0.02], [[0.05, 0.02]], [0.02, 0.0, 0.05, 0.02]])
def test_radii_are_sorted_and_start_at_no_attack(sparse, capsys, eps):
    main(arguments(sparse, eps=eps, json=True))
    assert json.loads(capsys.readouterr().out)["eps"] == [0, 0.02, 0.05]


def test_json_is_one_object_and_nothing_else(sparse, capsys):
    main(arguments(sparse, json=True))
    found = json.loads(capsys.readouterr().out)
    B = bill(sparse)
    assert (found["n"], found["d"], found["held_out"], found["attack"]) == (16, 32, 800, "inf")
    assert found["eps_star"] == B.widest.value and found["eps_star_gap"] == B.widest.gap
    assert found["eps"] == B.found.eps.tolist()
    for i, name in enumerate(DESCENTS):
        assert found["margin"][name] == B.margins[i].tolist()
        assert found["error"][name] == B.found.errors[i].tolist()


def test_the_figure_and_its_numbers_are_written(sparse, tmp_path, capsys):
    (tmp_path / "there").mkdir()
    main(arguments(sparse, out="there", attack=2.0))
    assert (tmp_path / "there/price-sparse.pdf").read_bytes().startswith(b"%PDF")
    assert (tmp_path / "there/price-sparse.png").read_bytes().startswith(b"\x89PNG")
    with (tmp_path / "there/price-sparse.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    B = bill(sparse, 2.0)
    assert [float(row["price_sign"]) for row in rows] == B.found.price[2].tolist()
    assert [float(row["eps"]) for row in rows] == B.found.eps.tolist()
    assert {float(row["eps_star"]) for row in rows} == {B.widest.value}
    assert "written: there/price-sparse.csv" in capsys.readouterr().out


def test_drawing_leaves_no_global_state_and_gives_the_same_bytes(sparse, tmp_path, capsys):
    import matplotlib

    before, pyplot = dict(matplotlib.rcParams), "matplotlib.pyplot" in sys.modules
    main(arguments(sparse))
    first = [(tmp_path / f"price-sparse.{ending}").read_bytes() for ending in ("pdf", "png")]
    main(arguments(sparse))
    assert first == [(tmp_path / f"price-sparse.{ending}").read_bytes() for ending in ("pdf", "png")]
    assert dict(matplotlib.rcParams) == before
    assert ("matplotlib.pyplot" in sys.modules) == pyplot


def test_without_matplotlib_the_text_and_the_numbers_remain(sparse, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(arguments(sparse)) == 0
    seen = capsys.readouterr()
    assert "Gradient descent pays" in seen.out
    assert seen.err == "not drawn, matplotlib is missing: pip install 'lemmata[figures]'\n"
    assert (tmp_path / "price-sparse.csv").is_file() and not (tmp_path / "price-sparse.png").exists()


def test_radii_from_eps_star_on_are_refused_naming_it(sparse):
    eps_star = bill(sparse).widest.value
    for eps in (eps_star, 2 * eps_star):
        with pytest.raises(ValueError, match=re.escape(f"must be below eps* = {eps_star:.10g}, the largest ℓ∞")):
            main(arguments(sparse, eps=[0.01, eps]))


@pytest.mark.parametrize("eps", [-0.1, math.nan, math.inf])
def test_radii_that_are_none_are_refused(sparse, eps):
    with pytest.raises(ValueError, match="eps must be a finite number ≥ 0"):
        main(arguments(sparse, eps=[eps]))


def test_an_attack_that_is_no_norm_is_refused(sparse):
    with pytest.raises(ValueError, match=r"attack must be in \[1, inf\], got 0\.5"):
        main(arguments(sparse, attack=0.5))


def test_data_that_no_hyperplane_separates_have_no_eps_star(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    np.savez("mixed.npz", X=rng.standard_normal((40, 2)), y=np.arange(40) % 2)
    assert command_line(["price", "mixed.npz"]) == 3
    seen = capsys.readouterr()
    assert seen.out == "" and seen.err.count("\n") == 1
    assert seen.err.startswith("lemmata: error: eps* does not exist for mixed, whose 20 training points")
    assert "no w classifies all 20 points correctly" in seen.err


@pytest.mark.parametrize("words", [["absent.npz"], ["absent.xlsx"], ["sparse.npz", "--eps", "9"]])
def test_the_command_line_answers_with_one_line_and_3(sparse, capsys, words):
    assert command_line(["price", *words]) == 3
    seen = capsys.readouterr()
    assert seen.err.startswith("lemmata: error: ") and seen.err.count("\n") == 1
    assert seen.out == ""


def test_a_folder_that_cannot_be_written_is_named(sparse, capsys):
    with pytest.raises(ValueError, match=r"cannot write absent.price-sparse\.csv: No such file"):
        main(arguments(sparse, out="absent"))
    assert "Gradient descent pays" in capsys.readouterr().out

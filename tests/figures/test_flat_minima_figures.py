"""Figures of flat minima, from records made up: what is in their tables is in the records."""

import flat_minima_records
import numpy as np
import pytest
from made_figures import table
from scipy.stats import pearsonr

from figures import published_flatness
from figures.flatness_scatter import KINDS, kind
from sims.variants import VARIANTS


def test_curves_are_means_over_networks_and_training_sets() -> None:
    made = flat_minima_records.training(True)
    found = {(r["what"], float(r["epoch"])): float(r["mean"]) for r in table("robust_overfitting", full=True)}
    assert found["loss", 200.0] == pytest.approx(np.mean([e["loss"][-1].mean() for *_, e in made]), rel=1e-5)
    assert found["worst / end", 200.0] == 1
    assert found["published loss", 65.0] == 1.77


def test_points_are_means_over_training_sets_and_correlations_those_recorded() -> None:
    made = flat_minima_records.variants(True)
    found = {r["variant"]: r for r in table("flatness_scatter", full=True)}
    place = flat_minima_records.VARIANTS.index("trades 6")
    gaps = [e["loss"][place] - e["train"][place] for *_, e in made]
    assert float(found["trades 6"]["gap"]) == pytest.approx(np.mean(gaps), rel=1e-5)
    low = np.mean([e["correlation"][0, 0, 1] for *_, e in made])
    assert float(found["worst with gap"]["low"]) == pytest.approx(low, rel=1e-5)


def test_every_variant_is_of_a_kind_and_one_alone_is_the_plain_one() -> None:
    kinds = {name: kind(name) for name in VARIANTS}
    assert set(kinds.values()) == set(KINDS)
    assert [name for name, which in kinds.items() if which == "adversarial training"] == ["adversarial"]
    assert kinds["weight perturbation"] == kinds["entropy sgd"] == "weights"
    assert tuple(VARIANTS) == flat_minima_records.VARIANTS


def test_strengths_are_means_over_training_sets() -> None:
    made = flat_minima_records.strengths(True)
    rows = table("hyperparameter_lines", full=True)
    found = {(r["method"], r["strength"], r["what"]): float(r["mean"]) for r in rows}
    here = [e["worst"][2] for case, *_, e in made if case["method"] == "trades"]
    assert found["trades", "6", "worst"] == pytest.approx(np.mean(here), rel=1e-5)
    assert found["trades, published", "6", "loss"] == 1.71


def test_gaps_of_residual_networks_are_means_over_training_sets_of_their_data() -> None:
    made = flat_minima_records.residual(True)
    found = {(r["data"], r["network"], r["what"]): r for r in table("residual_networks", full=True)}
    for data in ("digits", "cifar"):
        gaps = [e["loss"][2] - e["train"][2] for case, *_, e in made if case["data"] == data]
        row = found[data, "label noise", "gap"]
        assert float(row["mean"]) == pytest.approx(np.mean(gaps), rel=1e-5)
        assert float(row["standard error"]) == pytest.approx(np.std(gaps, ddof=1) / len(gaps) ** 0.5, rel=1e-4)


def test_published_points_are_as_related_as_their_readers_found() -> None:
    flat, loss = np.array(list(published_flatness.REPOSITORY.values())).T
    assert pearsonr(flat, loss).statistic == pytest.approx(0.96, abs=0.03)  # of the 28 models whose 8 are listed
    epochs = np.array(list(published_flatness.TRAINING.values())).T
    assert pearsonr(*epochs).statistic > 0.9

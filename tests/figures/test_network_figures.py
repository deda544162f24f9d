"""The figure of two descents on networks, from records made up: what is in its table is in the records."""

import network_records
import numpy as np
import pytest
from made_figures import records, table

from figures import network_training


def test_curves_are_those_of_most_training_sets() -> None:
    (claim,) = network_training.CLAIMS
    every = records(full=True)[claim]
    chosen, eps = network_training.shown(every)
    assert eps == 0.1 and len(chosen) == 8
    assert all(every.cases[i]["data"] == "mnist" and every.cases[i]["n"] == 20 for i in chosen)


def test_the_grid_has_the_mean_excess_and_who_did_not_learn() -> None:
    found = {(r["data"], r["n"], r["eps"]): r for r in table("network_training", full=True)}
    exhibits = [(case, e) for case, *_, e in network_records.descents(True)]
    for (data, n, eps), row in found.items():
        attacked = float(eps) > 0
        sets = [(c, e) for c, e in exhibits if (c["data"], c["n"]) == (data, int(n))]
        alike = [e for c, e in sets if not attacked or c["eps"] == float(eps)]
        excess = [e["excess"][int(attacked)] for e in alike]
        assert float(row["excess gap of sign descent"]) == pytest.approx(np.mean(excess), rel=1e-5)
        assert float(row["standard error"]) == pytest.approx(np.std(excess, ddof=1) / len(excess) ** 0.5, rel=1e-5)
    idle = [key for key, row in found.items() if float(row["training accuracy of gradient descent"]) < 0.5]
    assert idle == [("mnist", "100", "0.2")]

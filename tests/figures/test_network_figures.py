"""The figure of two descents on networks, from records made up: what is in its table is in the records."""

import csv
import io

import network_records
import numpy as np
import pytest
from figure_records import record

from figures import draw, network_training
from sims.record import Record

(CLAIM,) = network_training.CLAIMS


def made(full: bool) -> Record:
    return record(CLAIM, network_records.MADE[CLAIM](full), "full" if full else "quick")


def rows(full: bool) -> dict[tuple[str, ...], dict[str, str]]:
    content = draw.rendered(network_training, (made(full),))["csv"].decode()
    return {tuple(r[k] for k in ("n", "eps")): r for r in csv.DictReader(io.StringIO(content))}


@pytest.mark.parametrize("full", [False, True], ids=["quick", "full"])
def test_it_is_drawn_from_quick_and_full_records(full: bool) -> None:
    files = draw.rendered(network_training, (made(full),))
    assert files["pdf"].startswith(b"%PDF") and files["png"][1:4] == b"PNG"
    assert all(None not in row.values() for row in rows(full).values())


def test_curves_are_those_of_most_training_sets() -> None:
    every = made(True)
    chosen, eps = network_training.shown(every)
    assert eps == 0.1 and len(chosen) == 8
    assert all(every.cases[i]["data"] == "mnist" and every.cases[i]["n"] == 20 for i in chosen)


def test_the_grid_has_the_mean_excess_and_who_did_not_learn() -> None:
    found = rows(True)
    exhibits = [(case, e) for case, *_, e in network_records.descents(True)]
    for (n, eps), row in found.items():
        attacked = float(eps) > 0
        alike = [e for c, e in exhibits if c["n"] == int(n) and (not attacked or c["eps"] == float(eps))]
        excess = [e["excess"][int(attacked)] for e in alike]
        assert float(row["excess gap of sign descent"]) == pytest.approx(np.mean(excess), rel=1e-5)
        assert float(row["standard error"]) == pytest.approx(np.std(excess, ddof=1) / len(excess) ** 0.5, rel=1e-5)
    idle = [key for key, row in found.items() if float(row["training accuracy of gradient descent"]) < 0.5]
    assert idle == [("100", "0.2")]

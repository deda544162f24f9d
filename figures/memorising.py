r"""Digits 3 against 8: robust error at $\delta=0.225$ on training and test images, and clean error on test images,
of a logistic regression and of the network $f_{\mathcal S}$ that memorises the boxes of its $N$ training images
and is the regression elsewhere. Means over splits with standard errors.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from figures.paper import Look, Mean, Table, groups, mean, points, size
from sims.record import Record

CLAIMS: tuple[str, ...] = ("memorising_network_overfits_robustly",)
RADIUS = 0.225
CURVES = {
    "robust, training images, regression": Look("C0", "o"),
    r"robust, training images, $f_{\mathcal{S}}$": Look("C3", "D"),
    "robust, test images, both": Look("C2", "^"),
    "clean, test images, both": Look("C1", "s"),
}


def errors(record: Record) -> dict[str, dict[int, Mean]]:
    """For each curve the errors by the number of training images."""

    def chosen(case: Mapping[str, Any]) -> bool:
        return bool(case["eps"] == RADIUS)

    found: dict[str, dict[int, Mean]] = {name: {} for name in CURVES}
    for (n,), rows in groups(record, "n", where=chosen).items():
        before = [record.exhibits[i]["train_before"] for i in rows]
        clean, train, test = np.array([record.observed[i] for i in rows]).T
        for name, values in zip(CURVES, (before, train, test, clean), strict=True):
            found[name][n] = mean(list(values))
    return found


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """All four on one pair of axes."""
    size(fig, 1, 2.6)
    ax = fig.subplots()
    for name, cells in errors(records[0]).items():
        m = Mean(*(np.array([getattr(cell, part) for cell in cells.values()]) for part in ("value", "error")))
        points(ax, list(cells), m, CURVES[name], name)
    ax.set(xscale="log", xlabel="training images $N$", ylabel="error", ylim=(-0.05, 1.05))
    ticks = list(next(iter(errors(records[0]).values())))
    ax.set_xticks(ticks, [str(n) for n in ticks])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.legend(loc="center")


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn."""
    rows = [
        (name, n, float(m.value), float(m.error))
        for name, cells in errors(records[0]).items()
        for n, m in cells.items()
    ]
    return ("error", "N", "value", "standard error"), rows

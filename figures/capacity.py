r"""Accuracy of networks with two hidden layers of $m$ units: after adversarial training, on clean test images, and
on training and test images under the attack of the same radius $\varepsilon$; after standard training, on clean
test images. The trivial level, chance, is dotted: narrow networks trained adversarially end there, with one answer
for all. Means over training sets with standard errors.
"""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from figures.paper import Look, Mean, Table, groups, legend, mean, points, size
from sims.claim import Array
from sims.record import Record

CLAIMS: tuple[str, ...] = ("capacity_buys_robust_training_before_robustness",)
TITLES = {"digits": "digits", "mnist": "MNIST"}
CHANCE = 0.1  # ten classes
CURVES = {
    "standard": ("standard training, clean test images", Look("0.6", "v")),
    "clean": ("adversarial training, clean test images", Look("C1", "s")),
    "robust_train": ("adversarial training, attacked training images", Look("C3", "D")),
    "robust_test": ("adversarial training, attacked test images", Look("C2", "^")),
}


def curves(record: Record) -> dict[tuple[str, float], tuple[Array, dict[str, Mean]]]:
    """For each data set and radius the widths, and the mean of each accuracy at each of them."""
    return {
        key: (
            np.asarray(record.exhibits[rows[0]]["widths"]),
            {name: mean([record.exhibits[i][name] for i in rows]) for name in (*CURVES, "commonest")},
        )
        for key, rows in groups(record, "data", "eps").items()
    }


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """One panel per data set."""
    found = curves(records[0])
    size(fig, min(len(found), 2), 2.6 if len(found) > 1 else 2.9)
    axes = fig.subplots(1, len(found), sharey=True, squeeze=False)[0]
    for ax, ((data, eps), (widths, means)) in zip(axes, found.items(), strict=True):
        for name, (label, look) in CURVES.items():
            points(ax, widths, means[name], look, label, ls="-", lw=0.8)
        ax.axhline(CHANCE, color="0.25", ls=":", lw=0.8, zorder=0)
        ax.set(xscale="log", xlabel="width $m$", ylim=(-0.03, 1.03))
        ax.set_title(rf"{TITLES[data]}, $\varepsilon={eps:g}$")
        ax.set_xticks(widths, [str(m) for m in widths])
        ax.xaxis.set_minor_locator(NullLocator())
    axes[0].set_ylabel("accuracy")
    legend(fig, axes[:1], loc="outside upper center", ncols=min(len(found), 2))


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn, and the share of the commonest answer, which is 1 for a constant one."""
    rows = [
        (data, float(eps), name, int(m), float(value), float(error))
        for (data, eps), (widths, means) in curves(records[0]).items()
        for name, curve in means.items()
        for m, value, error in zip(widths, curve.value, curve.error, strict=True)
    ]
    return ("data", "eps", "share", "width", "mean", "standard error"), rows

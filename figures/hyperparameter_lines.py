r"""Robust test loss against flatness while one method regularises adversarial training more and more: along each
line the strength grows from the filled point to the one with a ring, on digits for average-case flatness (left)
and worst-case flatness (middle), and as published for CIFAR-10 (right). Both fall together until the network
underfits. Means over training sets with standard errors.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.paper import Look, Mean, Table, groups, legend, mean, points, size
from figures.published_flatness import STRENGTHS
from sims.claim import Array
from sims.record import Record

CLAIMS: tuple[str, ...] = ("regularisation_flattens_until_it_underfits",)
METHODS = {
    "label noise": ("label noise", Look("C0", "o")),
    "trades": ("TRADES", Look("C1", "s")),
    "weight perturbation": ("weight perturbation", Look("C2", "^")),
    "self-supervision": ("self-supervision", Look("C3", "D")),
}
NAMES = ("average", "worst", "loss", "error")


def lines(record: Record) -> dict[str, tuple[Array, dict[str, Mean]]]:
    """For each method the strengths, and the mean of each quantity at each of them."""
    return {
        method: (
            np.asarray(record.exhibits[rows[0]]["strengths"]),
            {name: mean([record.exhibits[i][name] for i in rows]) for name in NAMES},
        )
        for (method,), rows in groups(record, "method").items()
    }


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """Two measures of ours, and the published lines."""
    size(fig, 2, 2.6)
    axes = fig.subplots(1, 3)
    for ax, name in zip(axes, ("average", "worst"), strict=False):
        for method, (_, means) in lines(records[0]).items():
            line(ax, method, means[name], means["loss"])
        ax.set(xlabel=f"{name}-case flatness", title="digits", xscale="log")
    for method, pairs in STRENGTHS.items():
        flat, loss = np.array(list(pairs.values())).T
        nothing = np.full(len(flat), np.nan)
        line(axes[2], method, Mean(flat, nothing), Mean(loss, nothing))
    axes[2].set(xlabel="average-case flatness", title="CIFAR-10, published")
    axes[0].set_ylabel("robust test loss")
    legend(fig, axes, loc="outside upper center", ncols=4)


def line(ax: Axes, method: str, flat: Mean, loss: Mean) -> None:
    """From the weakest, filled, to the strongest, ringed."""
    label, look = METHODS[method]
    points(ax, flat.value, loss, look, label, xerr=np.nan_to_num(flat.error), ls="-", lw=0.8)
    ax.plot(flat.value[0], loss.value[0], look.marker, color=look.color, zorder=3)
    ax.plot(flat.value[-1], loss.value[-1], "o", color=look.color, mfc="none", ms=7)


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn, and the robust error beside it."""
    rows = [
        (method, float(strength), name, float(value), float(error))
        for method, (strengths, means) in lines(records[0]).items()
        for name, m in means.items()
        for strength, value, error in zip(strengths, m.value, m.error, strict=True)
    ]
    rows += [
        (f"{method}, published", strength, name, value, np.nan)
        for method, pairs in STRENGTHS.items()
        for strength, pair in pairs.items()
        for name, value in zip(("average", "loss"), pair, strict=True)
    ]
    return ("method", "strength", "what", "mean", "standard error"), rows

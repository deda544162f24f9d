r"""Residual networks with batch normalisation, trained adversarially and with regularisers: the gap between robust
test and training loss against average-case flatness ($\xi=0.5$), worst-case flatness ($\xi=0.003$) and the robust
test error, on digits and on photographs of CIFAR-10, a row each. The cross is adversarial training at its end, the
star the same training at the epoch of its least robust loss. Means over training sets with standard errors.
"""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from figures.paper import Look, Mean, Table, groups, legend, mean, points, size
from sims.record import Record

CLAIMS: tuple[str, ...] = ("residual_networks_leave_flat_minima_unless_regularised",)
DATA = {"digits": "digits", "cifar": "CIFAR-10"}
ACROSS = {
    "average": "average-case flatness",
    "worst": "worst-case flatness",
    "error": "robust test error",
}
LABELS = {"least": "adversarial, least loss"}
LOOKS = {
    "adversarial": Look("0.1", "X"),
    "least": Look("0.1", "*"),
    "label noise": Look("C0", "o"),
    "trades 6": Look("C1", "s"),
    "mart 3": Look("C2", "^"),
    "weight decay 1e-2": Look("C3", "D"),
    "weight perturbation": Look("C4", "v"),
    "self-supervision": Look("C5", "P"),
    "label smoothing": Look("0.5", "p"),
}


def means(record: Record) -> dict[str, dict[str, dict[str, Mean]]]:
    """For each data set and each network the mean of each quantity over training sets."""
    found = {}
    for (data,), rows in groups(record, "data").items():
        seen = [record.exhibits[i] for i in rows]
        table = {name: mean([e[name] for e in seen]) for name in ("train", "loss", "error", "average", "worst")}
        table["gap"] = mean([e["loss"] - e["train"] for e in seen])
        found[data] = {
            str(net): {name: Mean(m.value[i], m.error[i]) for name, m in table.items()}
            for i, net in enumerate(seen[0]["variants"])
        }
    return found


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """A row of panels for each data set."""
    found = means(records[0])
    size(fig, 2, 0.7 + 1.9 * len(found))
    axes = fig.subplots(len(found), len(ACROSS), sharey="row", squeeze=False)
    for row, data in zip(axes, sorted(found, key=list(DATA).index), strict=True):
        for ax, (name, label) in zip(row, ACROSS.items(), strict=True):
            for net, seen in found[data].items():
                bars = np.nan_to_num(seen[name].error)
                points(ax, seen[name].value, seen["gap"], LOOKS[net], LABELS.get(net, net), xerr=bars)
            ax.set_xlabel(label)
            ax.xaxis.set_major_locator(MaxNLocator(4))
        row[0].set_ylabel(f"{DATA[data]}: gap of robust loss")
    legend(fig, axes[0][:1], loc="outside upper center", ncols=5)


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn, and the losses whose difference is the gap."""
    rows = [
        (data, net, name, float(m.value), float(m.error))
        for data, nets in means(records[0]).items()
        for net, seen in nets.items()
        for name, m in seen.items()
    ]
    return ("data", "network", "what", "mean", "standard error"), rows

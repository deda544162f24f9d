r"""Adversarial training through its epochs, on digits. Left: the robust loss of training and of fresh points, and
the robust error of fresh points; the dotted line is at the epoch of the least robust loss on others. Middle:
average-case flatness ($\xi=0.5$) and worst-case flatness ($\xi=0.003$), each over its value at the end. Right: the
robust loss against average-case flatness along the training, open before the first of the evenly spaced epochs
that the correlation is of; grey, the same as published for CIFAR-10. Means over training sets with standard
errors.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.paper import Look, Mean, Table, mean, points, size
from figures.published_flatness import TRAINING
from sims.claim import Array
from sims.record import Record

CLAIMS: tuple[str, ...] = ("flatness_is_lost_while_the_robust_loss_overfits",)
LOSSES = {
    "train": ("loss, training", Look("C3", "D")),
    "loss": ("loss, test", Look("C2", "^")),
    "error": ("error, test", Look("C1", "s")),
}
MEASURES = {"average": ("average", Look("C0", "o")), "worst": ("worst", Look("C4", "v"))}


def curves(record: Record) -> tuple[Array, dict[str, Mean], int]:
    """The epochs, the mean of each quantity at each of them, and the first of the evenly spaced."""
    epochs = np.asarray(record.exhibits[0]["epochs"], dtype=np.float64)
    seen = {name: [e[name].mean(1) for e in record.exhibits] for name in (*LOSSES, *MEASURES)}
    means = {name: mean(rows) for name, rows in seen.items()}
    for name in MEASURES:
        means[f"{name} / end"] = mean([row / row[-1] for row in seen[name]])
    return epochs, means, len(epochs) - int(record.cases[0]["looks"])


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """Losses, flatness, and one against the other."""
    epochs, means, first = curves(records[0])
    size(fig, 2, 2.3)
    left, middle, right = fig.subplots(1, 3)
    for name, (label, look) in LOSSES.items():
        points(left, epochs, means[name], look, label, ls="-", lw=0.8)
    left.axvline(np.mean([e["best"].mean() for e in records[0].exhibits]), color="0.25", ls=":", lw=0.8, zorder=0)
    left.set(xlabel="epoch", title="robust loss and error", ylim=(0, 1.45 * means["loss"].value.max()))
    left.legend(loc="upper right")
    for name, (label, look) in MEASURES.items():
        points(middle, epochs, means[f"{name} / end"], look, label, ls="-", lw=0.8)
    middle.set(xlabel="epoch", title="flatness, over that at the end")
    middle.legend(loc="lower right")
    path(right, means, first, np.mean([e["correlation"].mean(1) for e in records[0].exhibits], axis=0)[0])


def path(ax: Axes, means: dict[str, Mean], first: int, related: float) -> None:
    """Ours, and the published one."""
    flat, loss = np.array(list(TRAINING.values())).T
    ax.plot(
        flat,
        loss,
        "x-",
        color="0.6",
        lw=0.6,
        ms=3,
        label=f"published, $r={np.corrcoef(flat, loss)[0, 1]:.2f}$",
    )
    average, robust = means["average"], means["loss"]
    look = MEASURES["average"][1]
    ax.plot(average.value, robust.value, "-", color=look.color, lw=0.8)
    for part, fill, label in (
        (slice(0, first), "white", ""),
        (slice(first, None), look.color, f"digits, $r={related:.2f}$"),
    ):
        m = Mean(robust.value[part], robust.error[part])
        points(ax, average.value[part], m, look, label, xerr=np.nan_to_num(average.error[part]), mfc=fill)
    top = max(robust.value.max(), loss.max())
    ax.set(xlabel="average-case flatness", title="robust test loss against flatness", ylim=(0, 1.35 * top))
    ax.legend(loc="upper left")


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn."""
    epochs, means, _ = curves(records[0])
    rows = [
        (name, float(epoch), float(value), float(error))
        for name, m in means.items()
        for epoch, value, error in zip(epochs, m.value, m.error, strict=True)
    ]
    for epoch, pair in TRAINING.items():
        rows += [
            (f"published {name}", float(epoch), x, np.nan)
            for name, x in zip(("average", "loss"), pair, strict=True)
        ]
    return ("what", "epoch", "mean", "standard error"), rows

r"""How steep the loss is in input space while a network is trained against an adversary of radius $\varepsilon$.
Left: the mean of $\Vert\nabla_x\ell\Vert_1$ at the worst points within $r$ of training images (filled, solid) and
of test images (open, dashed), early, later and at the end. Right: the ratio $\rho_r$ of test to training images
against the epoch; the band is a factor of 2 either way. Means over training sets with standard errors.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.paper import Look, Mean, Table, groups, mean, points, size
from sims.claim import Array
from sims.record import Record

CLAIMS: tuple[str, ...] = ("loss_is_flat_around_training_points_alone",)
TITLES = {"digits": "digits", "mnist": "MNIST"}
TIMES = (Look("C0", "o"), Look("C1", "s"), Look("C2", "^"))  # early, later, at the end
RATIOS = {1: (r"$r=\varepsilon$", Look("C3", "D")), 3: (r"$r=2\varepsilon$", Look("C5", "o"))}  # by place in radii
Curves = dict[tuple[str, float], tuple[Array, Array, dict[str, Mean]]]


def curves(record: Record) -> Curves:
    """For each data set and radius ε the epochs, the radii, and mean sizes and log-ratios by epoch and radius."""
    return {
        key: (
            np.asarray(record.exhibits[rows[0]]["epochs"]),
            np.asarray(record.exhibits[rows[0]]["radii"]) / key[1],
            {name: mean([record.exhibits[i][name] for i in rows]) for name in ("train", "test", "log_ratio")},
        )
        for key, rows in groups(record, "data", "eps").items()
    }


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """A row per data set: sizes against the radius, ratios against the epoch."""
    found = curves(records[0])
    size(fig, 2, 2.3 * len(found))
    axes = fig.subplots(len(found), 2, squeeze=False)
    for (left, right), ((data, eps), (epochs, radii, means)) in zip(axes, found.items(), strict=True):
        sizes(left, epochs, radii, means)
        left.set_title(rf"{TITLES[data]}, $\varepsilon={eps:g}$")
        ratios(right, epochs, means["log_ratio"])
        right.set_title("test over training images")
    for ax, label in zip(axes[-1], (r"radius $r/\varepsilon$", "epoch"), strict=True):
        ax.set_xlabel(label)


def sizes(ax: Axes, epochs: Array, radii: Array, means: dict[str, Mean]) -> None:
    """Training and test images at the first, the middle and the last epoch."""
    for look, at in zip(TIMES, (0, len(epochs) // 2, len(epochs) - 1), strict=True):
        for part, fill, line, label in (
            ("train", look.color, "-", f"epoch {epochs[at]}"),
            ("test", "white", "--", ""),
        ):
            m = Mean(means[part].value[at], means[part].error[at])
            points(ax, radii, m, look, label, mfc=fill, ls=line, lw=0.8)
    ax.set(yscale="log", ylabel=r"mean $\Vert\nabla_x\ell\Vert_1$")
    ax.set_xticks(radii)
    ax.legend(loc="lower right")


def ratios(ax: Axes, epochs: Array, log_ratio: Mean) -> None:
    """At ε it leaves the band, at 2ε it does not."""
    ax.axhspan(-1, 1, color="0.9", lw=0, zorder=0)
    for at, (label, look) in RATIOS.items():
        m = Mean(log_ratio.value[:, at], log_ratio.error[:, at])
        points(ax, epochs, m, look, label, ls="-", lw=0.8)
    ax.set(xscale="log", ylabel=r"$\log_2\rho_r$")
    ax.set_xticks(epochs, [str(epoch) for epoch in epochs])
    ax.minorticks_off()
    ax.legend(loc="upper left")


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn, and the epochs and radii in between."""
    rows = [
        (data, float(eps), name, int(epoch), float(radius), float(value), float(error))
        for (data, eps), (epochs, radii, means) in curves(records[0]).items()
        for name, m in means.items()
        for epoch, values, errors in zip(epochs, m.value, m.error, strict=True)
        for radius, value, error in zip(radii, values, errors, strict=True)
    ]
    return ("data", "eps", "what", "epoch", "r / eps", "mean", "standard error"), rows

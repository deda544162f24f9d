r"""Output margins $M=f_y-\max_{j\ne y}f_j$ of training images (filled) and test images (line), for networks that
were trained without an adversary, against one of a middle radius, and against the strongest: shares of images by
margin, averaged over training sets; the first and the last bin hold what lies beyond. Left of the dotted line
images are misclassified. The strongest adversary draws both distributions together and to the boundary.
"""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from figures.paper import Table, groups, legend, size
from sims.claim import Array
from sims.record import Record

CLAIMS: tuple[str, ...] = ("margins_concentrate_under_strong_adversaries",)
TRAIN, TEST = 0, 1
SEEN = 1e-3  # shares below this one are not seen, and beyond the last that is the axis ends


def shares(record: Record) -> tuple[Array, Array, Array]:
    """Radii, edges of the bins, and mean shares (part, radius, bin)."""
    rows = next(iter(groups(record, "top", "radii").values()))
    first = record.exhibits[rows[0]]
    mean = np.mean([record.exhibits[i]["histogram"] for i in rows], axis=0)
    return np.asarray(first["eps"]), np.asarray(first["edges"]), mean


def chosen(eps: Array) -> list[int]:
    """The first radius, one in the middle if there is one, and the last."""
    return sorted({0, len(eps) // 2, len(eps) - 1})


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """A panel for each radius, all on one scale."""
    eps, edges, mean = shares(records[0])
    panels = chosen(eps)
    size(fig, 2, 2.3)
    axes = fig.subplots(1, len(panels), sharex=True, sharey=True)
    for ax, k in zip(axes, panels, strict=True):
        ax.stairs(mean[TRAIN, k], edges, fill=True, color="C5", label="training images")
        ax.stairs(mean[TEST, k], edges, color="C1", label="test images")
        ax.axvline(0, color="0.25", ls=":", lw=0.8)
        ax.set(title=rf"$\varepsilon={eps[k]:.2g}$", xlabel="margin $M$")
    there = np.flatnonzero(mean[:, panels].max((0, 1)) > SEEN)
    axes[0].set_xlim(edges[there[0]], edges[there[-1] + 1])
    axes[0].xaxis.set_major_locator(MaxNLocator(7, prune="upper"))
    axes[0].set_ylabel("share of images")
    legend(fig, axes[:1], loc="outside upper center", ncols=2)


def table(records: tuple[Record, ...]) -> Table:
    """Every bin at every radius."""
    eps, edges, mean = shares(records[0])
    rows = [
        (part, float(eps[k]), float(low), float(high), float(share))
        for i, part in enumerate(("training", "test"))
        for k in range(len(eps))
        for low, high, share in zip(edges[:-1], edges[1:], mean[i, k], strict=True)
    ]
    return ("images", "eps", "margin from", "margin to", "share"), rows

r"""The price of gradient descent, its robust test error less that of coordinate descent, over the sparsity
$k_W$ of the teacher and $k_X$ of the inputs, at three radii of the $\ell_\infty$ attack; means over training
sets. Blue: coordinate descent is better; red: gradient descent is. Grey: not measured.
"""

import matplotlib as mpl
import numpy as np
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from figures.gaps import words
from figures.paper import Mean, Table, groups, mean, signed, size
from sims.claim import Array
from sims.record import Record

CLAIMS: tuple[str, ...] = ("sparsity_decides_and_the_attack_shifts_the_sign",)


def prices(record: Record) -> dict[tuple[int, int], Mean]:
    """For each (k_W, k_X) the price at each radius."""
    return {
        cell: mean([record.exhibits[i]["price"] for i in rows])
        for cell, rows in groups(record, "k_W", "k_X").items()
    }


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """A panel per radius, one scale of colours for all."""
    (record,) = records
    found = prices(record)
    k_W, k_X = (sorted({cell[axis] for cell in found}) for axis in (0, 1))
    shares = record.exhibits[0]["share"]
    most = max(float(np.abs(cell.value).max()) for cell in found.values())
    colours = mpl.cm.ScalarMappable(Normalize(-1.1 * most, 1.1 * most))
    size(fig, 2, 2.45)
    axes = fig.subplots(1, len(shares), sharey=True)
    for j, (ax, share) in enumerate(zip(axes, shares, strict=True)):
        grid: Array = np.full((len(k_W), len(k_X)), np.nan)
        for (a, b), cell in found.items():
            value = grid[k_W.index(a), k_X.index(b)] = cell.value[j]
            shade = "white" if abs(value) > 0.6 * most else "0.1"
            ax.text(
                k_X.index(b),
                k_W.index(a),
                signed(value, 2),
                ha="center",
                va="center",
                color=shade,
                fontsize="small",
            )
        ax.set_facecolor("0.9")
        ax.hlines(np.arange(0.5, len(k_W) - 1), -0.5, len(k_X) - 0.5, color="white", lw=0.8)
        ax.vlines(np.arange(0.5, len(k_X) - 1), -0.5, len(k_W) - 0.5, color="white", lw=0.8)
        ax.imshow(grid, norm=colours.norm, origin="lower", aspect="equal")
        ax.set_xticks(range(len(k_X)), [str(k) for k in k_X])
        ax.set_yticks(range(len(k_W)), [str(k) for k in k_W])
        ax.tick_params(length=0)
        ax.set(xlabel="sparsity of inputs $k_X$", title=rf"$\varepsilon={words(float(share))}$")
    axes[0].set_ylabel("sparsity of teacher $k_W$")
    fig.colorbar(colours, ax=list(axes), label="price of gradient descent", pad=0.015, aspect=14)


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn, with standard errors."""
    (record,) = records
    rows = [
        (*cell, float(share), float(price.value[j]), float(price.error[j]))
        for cell, price in prices(record).items()
        for j, share in enumerate(record.exhibits[0]["share"])
    ]
    return ("k_W", "k_X", "eps / eps*", "price", "standard error"), rows

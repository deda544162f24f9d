r"""The robust test loss of adversarially trained networks, attacked anew at each point, over planes of weights
through them (cross): left two random directions, right a random and an adversarial one. Directions have lengths
relative to each tensor, as in the lines; means over training sets.
"""

import numpy as np
from matplotlib.figure import Figure

from figures.loss_along_directions import LENGTHS
from figures.paper import Table, size
from sims.claim import Array
from sims.record import Record

CLAIMS: tuple[str, ...] = ("random_directions_see_a_bowl_and_adversarial_ones_a_wall",)
SECOND = ("random", "adversarial")
LEVELS = 14


def surfaces(record: Record) -> tuple[Array, Array]:
    """Steps in both directions, and the mean loss over each plane, first direction × second."""
    return np.asarray(record.exhibits[0]["sides"]), np.mean([e["planes"] for e in record.exhibits], axis=0)


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """Filled contours, on one scale of colours."""
    sides, losses = surfaces(records[0])
    size(fig, 2, 2.7)
    axes = fig.subplots(1, 2)
    levels = np.geomspace(losses.min(), losses.max(), LEVELS)
    for ax, second, loss in zip(axes, SECOND, losses, strict=True):
        x, y = LENGTHS["random"] * sides, LENGTHS[second] * sides
        shown = ax.contourf(x, y, loss.T, levels, cmap="YlGnBu")
        ax.contour(x, y, loss.T, levels, colors="0.3", linewidths=0.3)
        ax.plot(0, 0, "x", color="C1", ms=4)
        ax.set(
            xlabel=r"random direction", ylabel=f"{'another random' if second == 'random' else 'adversarial'} one"
        )
    bar = fig.colorbar(
        shown, ax=axes, label="robust test loss", ticks=levels[:: max(1, LEVELS // 6)], format="%.1f"
    )
    bar.ax.minorticks_off()


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn."""
    sides, losses = surfaces(records[0])
    rows = [
        (second, float(LENGTHS["random"] * s), float(LENGTHS[second] * t), float(value))
        for second, loss in zip(SECOND, losses, strict=True)
        for s, row in zip(sides, loss, strict=True)
        for t, value in zip(sides, row, strict=True)
    ]
    return ("second direction", "along the first", "along the second", "robust loss"), rows

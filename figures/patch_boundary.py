r"""Robust test error after adversarial training of the patch network, over what the attack leaves of the signal,
$g=\alpha-\delta$, and the number of training images; means over training sets. The line is the predicted boundary
$g^\star=(\lVert x\rVert^2\alpha v_0/(cn))^{1/3}$: noise is memorised on its left, the signal prevails on its
right.
"""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from figures.paper import Mean, Table, groups, mean, size
from sims.claim import Array
from sims.record import Record

CLAIMS: tuple[str, ...] = ("memorisation_gives_way_at_the_boundary",)
TICKS = (0.05, 0.1, 0.2, 0.4)


def scans(record: Record) -> tuple[Array, dict[int, tuple[Mean, Mean]]]:
    """What is left, and for each n the robust test error along it and the predicted boundary, at unit noise."""
    found = groups(record, "n", where=lambda case: case["sigma"] == 1)
    scan = {
        n: (mean([record.exhibits[i]["robust"] for i in rows]), mean([record.predicted[i] for i in rows]))
        for (n,), rows in found.items()
    }
    return record.exhibits[0]["left"], scan


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """One cell for each g and n."""
    left, scan = scans(records[0])
    grid = np.array([error.value for error, _ in scan.values()])
    rows = np.arange(len(scan))
    half = np.sqrt(left[1] / left[0])
    size(fig, 1, 2.3)
    ax = fig.subplots()
    edges = np.append(left / half, left[-1] * half)
    image = ax.pcolormesh(edges, np.arange(len(scan) + 1) - 0.5, grid, cmap="Oranges", vmin=0, vmax=0.55)
    edge = np.array([float(g.value) for _, g in scan.values()])
    ax.plot(edge, rows, color="0", lw=1.2, marker="o", ms=2.5, label=r"$g^{\!\star}$")
    ax.set(xscale="log", xlabel=r"signal left by the attack, $g=\alpha-\delta$", ylabel="training images $n$")
    ax.set_yticks(rows, [str(n) for n in scan])
    ax.tick_params(axis="y", length=0)
    ax.xaxis.set(major_locator=FixedLocator(TICKS), minor_locator=NullLocator(), major_formatter="{x:g}")
    ax.annotate(r"$g^{\!\star}$", (edge[-1], rows[-1]), (5, -2), textcoords="offset points", fontsize="large")
    fig.colorbar(image, ax=ax, label="robust test error", pad=0.02, aspect=14)


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn, with standard errors."""
    left, scan = scans(records[0])
    rows = [
        (n, float(g), float(error.value[j]), float(error.error[j]), float(edge.value))
        for n, (error, edge) in scan.items()
        for j, g in enumerate(left)
    ]
    return ("n", "g", "robust test error", "standard error", "g*"), rows

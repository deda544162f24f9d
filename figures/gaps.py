"""Generalisation gaps against the size of the training set, without and with attack."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, NullLocator

from figures.paper import LOOKS, STAR, Mean, Table, groups, mean, points
from sims.record import Record

ALGORITHMS = ("coordinate descent", "gradient descent", "diagonal network")  # as the exhibits stack them
Which = Callable[[Mapping[str, Any]], bool]


def gaps(record: Record, which: Which) -> dict[int, Mean]:
    """For each n robust test error less robust training error, (algorithms, shares), over the rows chosen."""
    return {
        n: mean([record.exhibits[i]["test"] - record.exhibits[i]["train"] for i in rows])
        for (n,), rows in groups(record, "n", where=which).items()
    }


def panel(ax: Axes, record: Record, which: Which, share: int) -> None:
    """One radius: the three algorithms side by side at each n."""
    found = gaps(record, which)
    n = np.array(list(found), dtype=np.float64)
    for i, algorithm in enumerate(ALGORITHMS):
        cells = Mean(
            *(np.array([getattr(m, part)[i, share] for m in found.values()]) for part in ("value", "error"))
        )
        points(ax, n * 2 ** (0.09 * (i - 1)), cells, LOOKS[algorithm], algorithm)
    ax.set_xscale("log", base=2)
    ax.set_xlim(n[0] / 2**0.5, n[-1] * 2**0.5)
    ax.xaxis.set(major_locator=FixedLocator(list(n)), minor_locator=NullLocator(), major_formatter="{x:.0f}")
    ax.axhline(0, color="0.7", lw=0.5, zorder=0)


def title(record: Record, share: int) -> str:
    """The radius of the attack."""
    return rf"$\varepsilon={words(float(record.exhibits[0]['share'][share]))}$"


def words(part: float) -> str:
    """A share of the tolerated radius, as a fraction where it is one."""
    if part == 0:
        return "0"
    return f"{STAR}/{1 / part:.0f}" if (1 / part).is_integer() else f"{part:g}\\,{STAR}"


def table(record: Record, which: Which) -> Table:
    """What the panels of both radii show."""
    shares = record.exhibits[0]["share"]
    rows = [
        (float(share), algorithm, n, float(cell.value[i, j]), float(cell.error[i, j]))
        for j, share in enumerate(shares)
        for i, algorithm in enumerate(ALGORITHMS)
        for n, cell in gaps(record, which).items()
    ]
    return ("eps / eps*", "algorithm", "n", "gap", "standard error"), rows

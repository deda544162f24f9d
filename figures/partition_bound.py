r"""Left: robust generalisation gaps of softened nearest neighbours in the plane, labels at random, and the bound
by flatness over cells, against the number of points $n$; the width of the smoother is in units of $n^{-1/2}$.
Means over data sets with standard errors. Right: the bound of a fixed smooth classifier at the
best number of cells, and its rate $n^{-1/(D+2)}$.
"""

import numpy as np
from matplotlib.figure import Figure

from figures.paper import Look, Mean, Table, groups, guide, mean, points, size
from sims.claim import Array
from sims.record import Record

CLAIMS: tuple[str, ...] = ("partition_bound_is_never_violated", "partition_bound_falls_at_its_rate")
LOOKS = (Look("C0", "o"), Look("C1", "s"), Look("C2", "^"))


def gaps(record: Record) -> dict[float, list[tuple[int, Mean, Mean]]]:
    """For each width of the smoother in the plane: sizes, gaps and bounds."""
    found: dict[float, list[tuple[int, Mean, Mean]]] = {}
    for (width, n), rows in groups(record, "width", "n", where=lambda case: case["d"] == 2).items():
        seen, bound = (mean([values[i] for i in rows]) for values in (record.observed, record.predicted))
        found.setdefault(width, []).append((n, seen, bound))
    return found


def best(record: Record) -> dict[int, tuple[Array, Array]]:
    """For each dimension: sizes, and the bound at the best number of cells."""
    return {
        d: (
            np.array([float(record.cases[i]["n"]) for i in rows]),
            np.array([float(record.exhibits[i]["bound"]) for i in rows]),
        )
        for (d,), rows in groups(record, "d").items()
    }


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """Gaps and bounds on the left, the rate on the right."""
    size(fig, 2, 2.4)
    left, right = fig.subplots(1, 2)
    for look, (width, cells) in zip(LOOKS, gaps(records[0]).items(), strict=False):
        n = [cell[0] for cell in cells]
        seen = Mean(*(np.array([getattr(cell[1], part) for cell in cells]) for part in ("value", "error")))
        points(left, n, seen, look, f"gap, width {width:g}")
        style = {"color": look.color, "ls": "--" if width == 1 else "-"}  # two bounds all but agree
        left.plot(n, [float(cell[2].value) for cell in cells], label=f"bound, width {width:g}", **style)
        left.set_xticks(n, [str(size) for size in n])
    left.set(yscale="log", xlabel="training points $n$", ylabel="robust generalisation gap", ylim=(8e-4, 10))
    left.legend(loc="lower center", ncols=2)
    for look, (d, (sizes, bound)) in zip(LOOKS, best(records[1]).items(), strict=False):
        right.plot(sizes, bound, look.marker, color=look.color, mfc="white", label=f"$D={d}$")
        guide(
            right,
            sizes,
            bound[-1] * (sizes[-1] / sizes) ** (1 / (d + 2)),
            f"$n^{{-1/{d + 2}}}$",
            ls=("-", "--")[d - 1],
        )
    right.set(xscale="log", yscale="log", xlabel="training points $n$", ylabel="bound at the best $k$")
    right.legend(loc="best")


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn."""
    rows = [
        (what, width, n, float(m.value), float(m.error))
        for width, cells in gaps(records[0]).items()
        for n, seen, bound in cells
        for what, m in (("gap", seen), ("bound", bound))
    ]
    rows += [
        (f"best bound, D = {d}", float("nan"), int(n), float(value), float("nan"))
        for d, (sizes, bounds) in best(records[1]).items()
        for n, value in zip(sizes, bounds, strict=True)
    ]
    return ("what", "width", "n", "value", "standard error"), rows

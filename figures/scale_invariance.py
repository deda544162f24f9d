r"""What measures of flatness make of one network whose layers are rescaled, $(W_l,b_l)$ by $c$ and $W_{l+1}$ by
$1/c$: their ratio to that before. Left: average- and worst-case flatness of the robust loss in balls relative to
each tensor stay, in balls of one absolute radius they do not. Right: extremal eigenvalues of the Hessian of a
network of normalised layers, all times $c$, and traces of its blocks in two layers of a ReLU network; lines are
$c^{-2}$, 1 and $c^2$. Geometric means over networks and layers.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.paper import Look, Mean, Table, groups, guide, mean, points, size
from sims.claim import Array
from sims.record import Record

CLAIMS: tuple[str, ...] = ("relative_flatness_is_scale_invariant", "curvature_is_not_scale_invariant")
BALLS = {
    "relative, on average": Look("C0", "o"),
    "relative, at worst": Look("C5", "s"),
    "absolute, on average": Look("C1", "^"),
    "absolute, at worst": Look("C3", "D"),
}
CURVATURE = {
    r"$\lambda_{\max}$": (0, Look("C0", "o")),
    r"$|\lambda_{\min}|/\lambda_{\max}$": (2, Look("C2", "s")),
    r"trace, $W_1$ times $c$": (3, Look("C1", "^")),
    r"trace, $W_2$ over $c$": (4, Look("C3", "D")),
}
Curves = dict[str, tuple[Array, Mean]]


def flatness(record: Record) -> Curves:
    """Ratios after and before for each kind of ball, along c."""
    rows = groups(record, "c")
    seen = {
        c: [[*record.observed[i][:2], *record.exhibits[i]["absolute"]] for i in here]
        for (c,), here in rows.items()
    }
    return ratios(seen, {name: i for i, name in enumerate(BALLS)})


def curvature(record: Record) -> Curves:
    """Ratios after and before of eigenvalues and traces, along c."""
    rows = groups(record, "c")
    seen = {c: [record.observed[i].tolist() for i in here] for (c,), here in rows.items()}
    return ratios(seen, {name: column for name, (column, _) in CURVATURE.items()})


def ratios(seen: dict[float, list[list[float]]], columns: dict[str, int]) -> Curves:
    """Geometric means, their errors in the same unit."""
    c = np.array(list(seen))
    found = {}
    for name, column in columns.items():
        logs = [mean([float(np.log(row[column])) for row in rows]) for rows in seen.values()]
        value = np.exp([float(m.value) for m in logs])
        found[name] = (c, Mean(value, value * np.array([float(m.error) for m in logs])))
    return found


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """Flatness on the left, curvature on the right."""
    size(fig, 2, 2.7)
    left, right = fig.subplots(1, 2)
    panel(left, flatness(records[0]), dict(BALLS), "flatness of the robust loss")
    panel(right, curvature(records[1]), {name: look for name, (_, look) in CURVATURE.items()}, "curvature")
    lines(left, (0,))
    lines(right, (-2, 0, 2))
    left.set_ylabel("ratio after and before")


def panel(ax: Axes, found: Curves, looks: dict[str, Look], title: str) -> None:
    """Points on logarithmic axes."""
    ticks: Array = np.zeros(0)
    for ms, (name, (c, m)) in zip((6.5, 4, 3.5, 3.5), found.items(), strict=True):
        points(ax, c, m, looks[name], name, ms=ms)
        ticks = c
    ax.set(xscale="log", yscale="log", xlabel="scale $c$", title=title)
    ax.set_xticks(ticks, [f"{c:g}" for c in ticks])
    ax.minorticks_off()
    ax.legend(loc="best", fontsize="x-small")


def lines(ax: Axes, powers: tuple[int, ...]) -> None:
    """Powers of c over the width of the panel."""
    ends = np.array(ax.get_xlim())
    for power in powers:
        guide(ax, ends, ends**power, "", color="0.6")
    ax.set_xlim(*ends)


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn."""
    found = flatness(records[0]) | curvature(records[1])
    rows = [
        (name.replace("$", ""), float(c), float(value), float(error))
        for name, (scales, m) in found.items()
        for c, value, error in zip(scales, m.value, m.error, strict=True)
    ]
    return ("what", "c", "ratio", "standard error"), rows

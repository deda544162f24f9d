r"""Two points of view on one training set in the plane: the separator at the largest $\ell_2$ distance from
the points, where gradient descent ends, and that at the largest $\ell_\infty$ distance, where coordinate
descent ends. Only the second passes between the $\ell_\infty$ boxes of the largest radius $\varepsilon^\star$
around the points.
"""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from figures.paper import LOOKS, Table, size
from sims.claim import Array
from sims.record import Record

CLAIMS: tuple[str, ...] = ("separators_of_the_plane_differ",)
LINES = (
    ("gradient descent", r"largest $\ell_2$ distance (gradient descent)"),
    ("coordinate descent", r"largest $\ell_\infty$ distance (coordinate descent)"),
)
MARKERS = {1.0: "o", -1.0: "x"}


def chosen(record: Record) -> int:
    """The row whose ℓ2 separator cuts deepest into the boxes."""
    return int(np.argmin([cleared(e, 0) / cleared(e, 1) for e in record.exhibits]))


def cleared(exhibit: Mapping[str, Array], line: int) -> float:
    """The largest radius of boxes that a line keeps clear of."""
    w = exhibit["lines"][line]
    return float(np.min(exhibit["y"] * (exhibit["X"] @ w)) / np.abs(w).sum())


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """Points in their boxes, and two lines through the origin."""
    (record,) = records
    row = chosen(record)
    X, y, lines = (np.asarray(record.exhibits[row][name]) for name in ("X", "y", "lines"))
    eps = float(record.observed[row][1])
    reach = 1.06 * (np.abs(X).max(axis=0) + eps)
    size(fig, 1, 2.9 * float(reach[1] / reach[0]) + 0.8)
    ax = fig.subplots()
    for x in X:
        ax.add_patch(Rectangle(x - eps, 2 * eps, 2 * eps, fc="0.95", ec="none", zorder=0))
        ax.add_patch(Rectangle(x - eps, 2 * eps, 2 * eps, fc="none", ec="0.65", lw=0.4))
    for sign, marker in MARKERS.items():
        ax.plot(*X[y == sign].T, marker, color="0.1", mfc="white", label=f"$y={sign:+.0f}$", zorder=3)
    for w, (algorithm, label) in zip(lines, LINES, strict=True):
        ax.plot(*(np.outer([-9, 9], turned(w)).T), color=LOOKS[algorithm].color, lw=1.3, label=label, zorder=2)
    ax.plot(0, 0, "+", color="0.1", ms=5)
    ax.set(xlim=(-reach[0], reach[0]), ylim=(-reach[1], reach[1]), xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
    handles, labels = ax.get_legend_handles_labels()
    fig.legend(handles[2:] + handles[:2], labels[2:] + labels[:2], loc="outside upper center", ncols=2)


def turned(w: Array) -> Array:
    """The direction of the line that w is normal to, of length one."""
    return np.array([-w[1], w[0]]) / float(np.hypot(*w))


def table(records: tuple[Record, ...]) -> Table:
    """Points, normals of the lines, radius of the boxes."""
    (record,) = records
    row = chosen(record)
    X, y, lines = (np.asarray(record.exhibits[row][name]) for name in ("X", "y", "lines"))
    rows = [("point", *map(float, x), float(label)) for x, label in zip(X, y, strict=True)]
    rows += [(f"normal, {name}", *map(float, w), "") for w, (name, _) in zip(lines, LINES, strict=True)]
    return ("what", "x_1", "x_2", "y"), [*rows, ("box radius", float(record.observed[row][1]), "", "")]

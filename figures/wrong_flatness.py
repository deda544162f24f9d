r"""What a wrong flatness (orange) shows beside the right one (blue): average-case flatness of the robust loss in
balls relative to each tensor, the attack made anew at each point with equal restarts on both sides. Left: points
attacked once, at $w$, and kept. Middle: ten restarts of the attack at $w$ and one at each $w+\nu$, in shares of
the loss at $w$; below 0 the weights around it would be better than those that were trained. Right: balls of one
absolute radius, after over before a layer is multiplied by $c$, which leaves the function as it is. Points are
networks, bars medians.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.paper import Table, groups, guide, size
from sims.claim import Array
from sims.record import Record

CLAIMS: tuple[str, ...] = (
    "unequal_restarts_make_flatness_negative",
    "worst_exceeds_average_exceeds_frozen",
    "relative_flatness_is_scale_invariant",
)
FROZEN_RADII = (0.05, 0.5)  # as that claim has them
LINEAR = 0.02  # up to this size flatness is drawn on a linear scale
COLORS = ("C0", "C1")  # right, wrong
Pairs = dict[float, tuple[Array, Array]]  # right and wrong values of all networks


def unequal(record: Record) -> Pairs:
    """For each radius equal and unequal restarts."""
    sides = (np.concatenate([e[name] for e in record.exhibits], axis=1) for name in ("equal", "unequal"))
    radii = record.exhibits[0]["radii"]
    return {float(xi): (right, wrong) for xi, right, wrong in zip(radii, *sides, strict=True)}


def frozen(record: Record) -> Pairs:
    """For each radius attacks made anew and kept."""
    kept, anew = (np.concatenate([e["flatness"][i] for e in record.exhibits], axis=1) for i in (0, 1))
    return {xi: (right, wrong) for xi, right, wrong in zip(FROZEN_RADII, anew, kept, strict=True)}


def absolute(record: Record) -> Pairs:
    """For each scale the ratios after and before, in relative and in absolute balls."""
    return {
        float(c): (
            np.array([record.observed[i][0] for i in rows]),
            np.array([record.exhibits[i]["absolute"][0] for i in rows]),
        )
        for (c,), rows in groups(record, "c").items()
    }


def found(records: tuple[Record, ...]) -> dict[str, Pairs]:
    """The three mistakes."""
    return {
        "frozen attack": frozen(records[1]),
        "unequal restarts": unequal(records[0]),
        "absolute ball": absolute(records[2]),
    }


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """A panel for each mistake."""
    size(fig, 2, 2.4)
    axes = fig.subplots(1, 3)
    for ax, (title, pairs) in zip(axes, found(records).items(), strict=True):
        panel(ax, pairs)
        ax.set(title=title, xlabel=r"radius $\xi$")
        every = np.concatenate([row for both in pairs.values() for row in both])
        ax.set_yscale("symlog", linthresh=LINEAR)
        ax.set_ylim(min(1.3 * every.min(), -LINEAR / 2), 1.4 * every.max())
    axes[0].set_ylabel("average-case flatness")
    axes[1].set_ylabel("share of the loss")
    axes[2].set(xlabel="scale $c$", ylabel="ratio after and before")
    axes[2].set(yscale="log", ylim=(0.8, axes[2].get_ylim()[1]))
    axes[0].legend(loc="upper left")


def panel(ax: Axes, pairs: Pairs) -> None:
    """Right and wrong beside each other: networks as points, a bar at their median."""
    for at, both in enumerate(pairs.values()):
        for side, color, label, row in zip((-0.2, 0.2), COLORS, ("right", "wrong"), both, strict=True):
            x = at + side + np.linspace(-0.12, 0.12, len(row))
            ax.plot(x, np.sort(row), "o", color=color, mfc="white", ms=2.2, mew=0.5, label=label if not at else "")
            guide(ax, [x[0], x[-1]], np.repeat(np.median(row), 2), "", lw=1.2, zorder=3)
    ax.axhline(0, color="0.7", lw=0.5, zorder=0)
    ax.set_xticks(range(len(pairs)), [f"{key:g}" for key in pairs])
    ax.set_xlim(-0.5, len(pairs) - 0.5)


def table(records: tuple[Record, ...]) -> Table:
    """Every point."""
    rows = [
        (title, key, float(right), float(wrong))
        for title, pairs in found(records).items()
        for key, both in pairs.items()
        for right, wrong in zip(*both, strict=True)
    ]
    return ("what", "xi or c", "right", "wrong"), rows

r"""Who wins at which sparsity: the sign that the theory claims for the price of gradient descent in standard
training, and for what an $\ell_\infty$ attack of $\varepsilon^\star/2$ adds to it, beside the measured mean ±
standard error. A check: the mean has the claimed sign; a cross: the other one; each by more than two standard
errors, else a question mark. A dot: nothing is claimed.
"""

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.paper import Table, groups, mean, signed, size
from sims.record import Record

CLAIMS: tuple[str, ...] = ("sparsity_decides_and_the_attack_shifts_the_sign",)
AT = (0.01, 0.10, 0.24, 0.42, 0.545, 0.68, 0.86, 0.985)  # centres of the columns
SIGNS = {1: "$+$", -1: "$-$", 0: "$\\cdot$"}
MARKS = {"agrees": (r"$\checkmark$", "C2"), "differs": (r"$\times$", "C1"), "unclear": ("?", "0.4"), "": ("", "0")}


def mark(sign: int, value: float, error: float) -> str:
    """Whether the mean has this sign, by two standard errors; nothing where nothing is claimed."""
    if sign == 0:
        return ""
    if abs(value) <= 2 * error or math.isnan(error):
        return "unclear"
    return "agrees" if sign * value > 0 else "differs"


def table(records: tuple[Record, ...]) -> Table:
    """One row for each (k_W, k_X)."""
    (record,) = records
    rows = []
    for cell, index in groups(record, "k_W", "k_X").items():
        row: tuple[object, ...] = cell
        seen = mean([record.observed[i] for i in index])
        for j in (0, 1):
            sign, value, error = int(record.predicted[index[0]][j]), float(seen.value[j]), float(seen.error[j])
            row = (*row, sign, value, error, mark(sign, value, error))
        rows.append(row)
    parts = [(f"{what} claimed", what, f"{what} standard error", f"{what} mark") for what in ("price", "shift")]
    return ("k_W", "k_X", *parts[0], *parts[1]), rows


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """Numbers between three rules."""
    rows = table(records)[1]
    size(fig, 1, 0.165 * (len(rows) + 3.6))
    ax = fig.subplots()
    ax.set(xlim=(-0.03, 1.02), ylim=(len(rows) + 0.3, -3.1))
    ax.axis("off")
    _heads(ax)
    for height, weight in ((-3.0, 1.0), (-0.35, 0.5), (len(rows) + 0.2, 1.0)):
        ax.plot([-0.03, 1.02], [height, height], color="0", lw=weight, clip_on=False)
    blocks = [row[0] for row in rows]
    for i, (k_W, k_X, *parts) in enumerate(rows):
        if i and blocks[i - 1] != k_W:
            ax.plot([-0.03, 1.02], [i - 0.02, i - 0.02], color="0.8", lw=0.4)
        line = i + 0.5
        _cell(ax, AT[0], line, f"{k_W}")
        _cell(ax, AT[1], line, f"{k_X}")
        for start, (sign, value, error, word) in ((2, parts[:4]), (5, parts[4:])):
            seen = signed(value, 3)
            _cell(ax, AT[start], line, SIGNS[sign])
            _cell(ax, AT[start + 1], line, seen if math.isnan(error) else f"{seen} ± {error:.3f}")
            text, colour = MARKS[word]
            _cell(ax, AT[start + 2], line, text, color=colour)


def _heads(ax: Axes) -> None:
    for start, what in ((2, r"price at $\varepsilon=0$"), (5, r"what $\varepsilon=\varepsilon^{\star}\!/2$ adds")):
        _cell(ax, AT[start + 1] - 0.04, -2.4, what)
        ax.plot([AT[start] - 0.06, AT[start + 2] + 0.025], [-1.75, -1.75], color="0", lw=0.4)
        _cell(ax, AT[start], -1.05, "claimed")
        _cell(ax, AT[start + 1], -1.05, "measured")
    _cell(ax, AT[0], -1.05, "$k_W$")
    _cell(ax, AT[1], -1.05, "$k_X$")


def _cell(ax: Axes, x: float, y: float, text: str, color: str = "0") -> None:
    ax.text(x, y, text, ha="center", va="center", fontsize="small", color=color)

"""What figures share: column widths, the look of each algorithm, rows in groups, means with standard errors."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from sims.claim import Array
from sims.record import Record

STAR = r"\varepsilon^{\star}\!"  # the largest radius
GUTTER = 0.2  # inches between the two columns
Table = tuple[tuple[str, ...], list[tuple[Any, ...]]]  # header and rows of what is drawn

GEOMETRY = {1.0: "coordinate descent", 2.0: "gradient descent", float("inf"): "sign descent"}


@dataclass(frozen=True)
class Look:
    """How an algorithm is drawn: its colour in the style's cycle, and its marker."""

    color: str
    marker: str


LOOKS = {
    "coordinate descent": Look("C0", "o"),
    "gradient descent": Look("C1", "s"),
    "diagonal network": Look("C2", "^"),
    "sign descent": Look("C3", "D"),
}


@dataclass(frozen=True)
class Mean:
    """A mean over seeds and its standard error, NaN for a single seed."""

    value: Array
    error: Array


def mean(rows: Sequence[npt.ArrayLike]) -> Mean:
    """Over the first axis."""
    x = np.asarray(rows, dtype=np.float64)
    spread = x.std(axis=0, ddof=1) if len(x) > 1 else np.full(x.shape[1:], np.nan)
    return Mean(x.mean(axis=0), spread / np.sqrt(len(x)))


def groups(
    record: Record, *by: str, where: Callable[[Mapping[str, Any]], bool] | None = None
) -> dict[Any, list[int]]:
    """Positions of the rows that agree in the fields `by`, sorted by these."""
    found: dict[Any, list[int]] = {}
    for i, case in enumerate(record.cases):
        if where is None or where(case):
            found.setdefault(tuple(case[name] for name in by), []).append(i)
    return dict(sorted(found.items()))


def signed(value: float, digits: int) -> str:
    """A number with its sign; none where it rounds to zero."""
    value = round(value, digits)
    return f"{value:+.{digits}f}".replace("-", "\N{MINUS SIGN}") if value else f"{0:.{digits}f}"


def size(fig: Figure, columns: int, height: float) -> None:
    """One or two columns wide, `height` inches high."""
    width = mpl.rcParams["figure.figsize"][0]
    fig.set_size_inches(columns * width + (columns - 1) * GUTTER, height)


def points(ax: Axes, x: npt.ArrayLike, mean: Mean, look: Look, label: str = "", **how: Any) -> None:
    """Simulation: points with bars of one standard error."""
    bars = np.nan_to_num(mean.error)
    ax.errorbar(
        x,
        mean.value,
        bars,
        fmt=look.marker,
        color=look.color,
        mfc=how.pop("mfc", "white"),
        elinewidth=0.8,
        label=label,
        **how,
    )


def legend(owner: Axes | Figure, axes: Iterable[Axes], **how: Any) -> None:
    """One entry per label of these axes, points before lines."""
    pairs = [pair for ax in axes for pair in zip(*ax.get_legend_handles_labels(), strict=True)]
    pairs.sort(key=lambda pair: isinstance(pair[0], Line2D))
    entries = {label: handle for handle, label in reversed(pairs)}
    owner.legend(list(entries.values())[::-1], list(entries)[::-1], **how)


def guide(ax: Axes, x: npt.ArrayLike, y: npt.ArrayLike, label: str, **how: Any) -> None:
    """Theory: a thin dark line."""
    look: dict[str, Any] = {"color": "0.25", "lw": 0.8, "zorder": 1} | how
    ax.plot(x, y, label=label, **look)

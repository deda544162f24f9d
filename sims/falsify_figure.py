"""The witness as a picture, if it lies in a plane: points and vectors, or the region where two numbers violate."""

import io
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from sims.falsify_hunt import Hunt
from sims.falsify_statement import excess, real
from sims.falsify_walk import ends_of, mapped, numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIDE = 61  # values along each axis of the map
VISIBLE = 0.05  # of the map, the least region to be seen
ZOOMS = 8  # times the map is halved until it is


def picture(hunt: Hunt) -> bytes | None:
    """A PNG, drawn by the statement's own `draw` if it has one; None if the witness is in no plane.

    Raises:
        ModuleNotFoundError: without matplotlib.
    """
    found = hunt.smallest
    if found is None:
        return None
    x = found[0].instance
    every = ends_of(x)
    plane = {name: np.asarray(v, dtype=float) for name, v in every.items() if _planar(v)}
    two = len(numbers(x)) == 2
    if not (plane or two or hunt.statement.draw):
        return None
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    fig = Figure(figsize=(4.2, 3.8), layout="constrained", dpi=160)
    FigureCanvasAgg(fig)
    ax = fig.subplots()
    if hunt.statement.draw:
        if hunt.statement.draw(ax, x) is False:
            return None
    elif two:
        _map(ax, hunt, x)
    else:
        _things(ax, plane, _labels(every))
    ax.set_title(hunt.statement.name.replace("_", " "), fontsize="medium")
    out = io.BytesIO()
    fig.savefig(out, format="png", metadata={"Software": None})
    return out.getvalue()


def _planar(v: Any) -> bool:
    shape, kind = np.shape(v), np.asarray(v).dtype.kind
    plane = kind in "fi" and len(shape) in (1, 2) and shape[-1] == 2 and bool(np.isfinite(v).all())
    return plane and not (len(shape) == 1 and set(np.abs(v).tolist()) == {1})  # labels are no vector


def _labels(every: dict[str, Any]) -> dict[int, Any]:
    """Vectors of ±1 by their length: the classes of as many points."""
    return {len(v): np.asarray(v) for v in every.values() if np.ndim(v) == 1 and set(np.abs(v).tolist()) == {1}}


def _things(ax: "Axes", plane: dict[str, Any], labels: dict[int, Any]) -> None:
    """Rows of matrices as points, coloured by class where there are labels; vectors as arrows."""
    reach = max(float(np.abs(v).max()) for v in plane.values()) or 1.0
    for i, (name, v) in enumerate(plane.items()):
        title = name.removeprefix("x.")
        if v.ndim == 1:
            ax.annotate("", v, (0, 0), arrowprops={"arrowstyle": "->", "color": f"C{i}"})
            ax.plot([], [], color=f"C{i}", label=title)
        elif len(v) in labels:
            for label, marker in ((1, "o"), (-1, "s")):
                rows = v[labels[len(v)] == label]
                face = "white" if label < 0 else None
                ax.plot(rows[:, 0], rows[:, 1], marker, color=f"C{i}", mfc=face, label=f"{title}, {label:+d}")
        else:
            ax.plot(v[:, 0], v[:, 1], "o", color=f"C{i}", label=f"rows of {title}")
    ax.axhline(0, color="0.8", linewidth=0.8, zorder=0)
    ax.axvline(0, color="0.8", linewidth=0.8, zorder=0)
    ax.set(xlim=(-1.25 * reach, 1.25 * reach), ylim=(-1.25 * reach, 1.25 * reach), aspect="equal")
    ax.legend(fontsize="small")


def _map(ax: "Axes", hunt: Hunt, x: Any) -> None:
    """Where the two numbers violate the conclusion: around the witness, as near as it takes to see the region."""
    at = [float(v) for v in numbers(x)]
    for ends in _windows(hunt, at):
        first, second = (np.linspace(low, high, SIDE) for low, high in ends)
        over = np.array([[_over(hunt, x, u, v) for u in first] for v in second])
        if (over > 0).mean() > VISIBLE:
            break
    for inside, color, label in ((over > 0, "C3", "violated"), (over <= 0, "C0", "holds")):
        if inside.any():
            ax.contourf(first, second, np.where(inside, 1.0, 0.0), [0.5, 1.5], colors=color, alpha=0.35)
            ax.plot([], [], "s", color=color, alpha=0.35, label=label)
    ax.plot(*at, "k*", markersize=10, label="witness")
    names = [n for n, v in ends_of(x).items() for _ in np.ravel(v)]
    names = [f"{n}[{i}]" for i, n in enumerate(names)] if names[0] == names[1] else names
    ax.set(xlabel=names[0], ylabel=names[1])
    ax.legend(fontsize="small")


def _windows(hunt: Hunt, at: list[float]) -> list[list[tuple[float, float]]]:
    """Ever smaller ranges of both numbers that contain the witness, the first one that of the strategy."""
    assert hunt.smallest is not None
    ranges = {k.value: (k.low, k.high) for k in hunt.smallest[0].knobs}
    reach = 1.5 * max(1.0, *map(abs, at))
    wide = [ranges.get(v, (-reach, reach)) for v in at]
    return [
        [(v - (v - low) / 2**k, v + (high - v) / 2**k) for v, (low, high) in zip(at, wide, strict=True)]
        for k in range(ZOOMS)
    ]


def _over(hunt: Hunt, x: Any, u: float, v: float) -> float:
    """The excess at two other numbers; NaN where it is not defined."""
    values = iter((u, v))
    other = mapped(x, lambda end: _refilled(end, values))
    try:
        if not hunt.statement.assume(other):
            return math.nan
        return excess(*real(hunt.statement.conclude(other)))
    except Exception:  # outside of where the statement is defined
        return math.nan


def _refilled(end: Any, values: Any) -> Any:
    if np.asarray(end).dtype.kind not in "fi":
        return end
    if np.ndim(end) == 0:
        return type(end)(next(values))
    return np.array([next(values) for _ in np.ravel(end)]).reshape(np.shape(end))

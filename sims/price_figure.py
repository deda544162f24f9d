"""The price on one data set as a picture: robust error and price against the radius, with the numbers as CSV."""

import csv
import math
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = npt.NDArray[np.float64]

DESCENTS = ("coordinate", "gradient", "sign")  # in the order of theory.price.GEOMETRIES
NORMS = (r"\ell_1", r"\ell_2", r"\ell_\infty")
LOOKS = (("C0", "o", "-", 2.2), ("C1", "s", "--", 1.2), ("C3", "D", ":", 1.2))  # visible where they coincide


@dataclass(frozen=True, eq=False)
class Curves:
    """What is drawn; the first axis is the geometry.

    Attributes:
        attack: exponent of the attack.
        radius: eps*.
        eps: the radii (k,).
        margins: robust margin of each direction in its own norm (3, k).
        errors: robust errors on the held-out points (3, k).
        price: errors − those of the aligned geometry (3, k).
        doubt: the standard error of the price (3, k).
    """

    attack: float
    radius: float
    eps: Float[Array, " k"]
    margins: Float[Array, "3 k"]
    errors: Float[Array, "3 k"]
    price: Float[Array, "3 k"]
    doubt: Float[Array, "3 k"]


def write_numbers(curves: Curves, path: Path) -> None:
    """One row per radius, eps* repeated in each."""
    parts = {"margin": curves.margins, "error": curves.errors, "price": curves.price, "doubt": curves.doubt}
    names = [f"{part}_{descent}" for part in parts for descent in DESCENTS]
    columns = np.vstack([curves.eps, np.full_like(curves.eps, curves.radius), *parts.values()])
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["eps", "eps_star", *names])
        writer.writerows([[repr(float(value)) for value in row] for row in columns.T])


def draw(curves: Curves, paths: list[Path]) -> None:
    """Left, the robust error on held-out points against eps; right, the price ± one standard error; eps* marked.

    Raises:
        ModuleNotFoundError: without matplotlib.
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    style = resources.files("figures") / "paper.mplstyle"
    with resources.as_file(style) as file, matplotlib.rc_context(fname=file if file.is_file() else None):
        fig = Figure(figsize=(7.0, 2.6), layout="constrained")
        FigureCanvasAgg(fig)
        left, right = fig.subplots(1, 2)
        for i, (color, marker, line, width) in enumerate(LOOKS):
            ink = {"color": color, "marker": marker, "linestyle": line, "linewidth": width}
            label = f"{DESCENTS[i]} descent, ${NORMS[i]}$"
            left.plot(curves.eps, curves.errors[i], label=label, **ink)
            right.errorbar(curves.eps, curves.price[i], curves.doubt[i], elinewidth=0.8, **ink)
        left.set_ylabel("robust error, held out")
        right.set_ylabel("price of implicit bias")
        right.axhline(0, color="0.6", linewidth=0.8, zorder=1)
        for ax in (left, right):
            frame(ax, curves)
        fig.legend(loc="outside upper center", ncols=3)
        for path in paths:
            undated = {"CreationDate": None} if path.suffix == ".pdf" else {}
            fig.savefig(path, metadata=undated)


def frame(ax: "Axes", curves: Curves) -> None:
    """The radius on the horizontal axis, up to eps*, which is marked."""
    exponent = r"\infty" if curves.attack == math.inf else f"{curves.attack:g}"
    ax.set_xlim(-0.04 * curves.radius, 1.04 * curves.radius)
    ax.set_xlabel(rf"$\varepsilon$, radius of the $\ell_{{{exponent}}}$ attack")
    ax.axvline(curves.radius, color="0.4", linestyle=(0, (1, 1)), linewidth=1, zorder=1)
    ax.annotate(
        r"$\varepsilon^*$",
        (curves.radius, 1),
        (-3, -3),
        xycoords=("data", "axes fraction"),
        textcoords="offset points",
        horizontalalignment="right",
        verticalalignment="top",
        color="0.3",
    )

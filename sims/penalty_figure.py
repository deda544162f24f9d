"""The path of penalties as a picture: errors above, lengths of gradients beneath, a column per noise level."""

import math
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from sims.penalty_study import Study, ties

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FORMATS = (".pdf", ".png")


def check(path: Path) -> Path:
    """A file that can be drawn, before anything is computed.

    Raises:
        ValueError: if it is not a .pdf or .png in a folder that exists.
    """
    if path.suffix.lower() not in FORMATS:
        raise ValueError(f"the figure must be a .pdf or .png file, got {path}")
    if not path.parent.is_dir():
        raise ValueError(f"there is no folder {path.parent} for the figure: make it first")
    return path


def draw(found: Study, path: Path) -> None:
    """Classification error without attack and under it, searched points at the two optima, which are marked.

    Raises:
        ValueError: if the file cannot be written.
        ModuleNotFoundError: without matplotlib.
    """
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    style = resources.files("figures") / "paper.mplstyle"
    with resources.as_file(style) as file, matplotlib.rc_context(fname=file if file.is_file() else None):
        columns = len(found.noise)
        fig = Figure(figsize=(max(3.4, 1.75 * columns), 3.6), layout="constrained")
        FigureCanvasAgg(fig)
        axes = fig.subplots(2, columns, sharex=True, sharey="row", squeeze=False)
        for i in range(columns):
            errors(axes[0, i], found, i)
            gradients(axes[1, i], found, i)
        axes[0, 0].set_ylabel("error, held out")
        dual = {2.0: "2", math.inf: "1"}[found.attack]
        axes[1, 0].set_ylabel(rf"$\Vert\nabla f\Vert_{dual}$, root mean square")
        fig.supxlabel(r"penalty $\lambda$", fontsize="medium")
        fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
        undated = {"CreationDate": None} if path.suffix.lower() == ".pdf" else {}
        try:
            fig.savefig(path, metadata=undated)
        except OSError as error:
            raise ValueError(f"cannot write {path}: {error.strerror}; choose another file") from error


def errors(ax: "Axes", found: Study, i: int) -> None:
    """Two curves, their minima, and what a search finds there."""
    clean, robust = found.clean["error"][i], found.robust["error"][i]
    ax.plot(found.lams, clean, color="C0", label="no attack")
    ax.plot(found.lams, robust, color="C1", linestyle="--", label="attacked, to first order")
    at, searched = found.lams[found.best["error"][i]], found.searched["error"][i]
    ax.plot(at, searched, "s", color="C1", mfc="white", label="attacked, search")
    ax.set(title=f"noise {found.noise[i]:g}", xscale="log")
    optima(ax, found, i)


def gradients(ax: "Axes", found: Study, i: int) -> None:
    """The gradient along the path."""
    ax.plot(found.lams, found.gradient[i], color="0.25")
    ax.set(yscale="log")
    optima(ax, found, i)


def optima(ax: "Axes", found: Study, i: int) -> None:
    """The two best penalties as vertical lines; a band where several tie."""
    for values, place, color in zip(
        (found.clean["error"][i], found.robust["error"][i]), found.best["error"][i], ("C0", "C1"), strict=True
    ):
        ax.axvline(found.lams[place], color=color, linestyle=":", linewidth=0.8, zorder=1)
        tied = found.lams[ties(values)]
        if len(tied) > 1:
            ax.axvspan(tied[0], tied[-1], color=color, alpha=0.12, linewidth=0, zorder=0)

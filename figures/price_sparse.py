r"""Gaussian inputs, $k$-sparse teacher: robust test error less robust training error of three linear
predictors against the number of points $n$, in standard training (top) and under an $\ell_\infty$ attack of
half the tolerated radius (bottom). Means over training sets with standard errors.
"""

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

from figures import gaps
from figures.paper import Table, size
from sims.record import Record

CLAIMS: tuple[str, ...] = ("misaligned_geometry_pays",)


def sparse(case: Mapping[str, Any]) -> bool:
    """A teacher with zeros."""
    return bool(case["k"] < case["d"])


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """Without attack on top, with attack beneath."""
    (record,) = records
    size(fig, 1, 3.9)
    axes = fig.subplots(2, 1, sharex=True, sharey=True)
    for share, ax in enumerate(axes):
        gaps.panel(ax, record, sparse, share)
        ax.set_title(gaps.title(record, share))
    fig.supylabel("(robust) generalisation gap", fontsize="medium")
    axes[1].set_xlabel("training points $n$")
    axes[0].legend(loc="best")


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn."""
    (record,) = records
    return gaps.table(record, sparse)

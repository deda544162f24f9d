r"""Gaussian inputs, dense teacher: robust test error less robust training error of three linear predictors
against the number of points $n$, in standard training and under an $\ell_\infty$ attack of half the tolerated
radius. Means over training sets with standard errors.
"""

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

from figures import gaps
from figures.paper import Table, size
from sims.record import Record

CLAIMS: tuple[str, ...] = ("misaligned_geometry_pays",)


def dense(case: Mapping[str, Any]) -> bool:
    """A teacher without zeros."""
    return bool(case["k"] == case["d"])


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """Without attack on the left, with attack on the right."""
    (record,) = records
    size(fig, 2, 2.3)
    axes = fig.subplots(1, 2, sharey=True)
    for share, ax in enumerate(axes):
        gaps.panel(ax, record, dense, share)
        ax.set(title=gaps.title(record, share), xlabel="training points $n$")
    axes[0].set_ylabel("(robust) generalisation gap")
    axes[0].legend(loc="best")


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn."""
    (record,) = records
    return gaps.table(record, dense)

r"""Robust test error of the adversarially trained patch network against the dimension $d$ of its patches, where
the attack leaves $g=\alpha/(\sqrt d\log d)$ of the signal, and where it leaves $g=\alpha/\sqrt d$: without the
logarithm low dimensions are learned robustly. Means over training sets with standard errors; the line is at
$\frac12$, the most that this adversary can do.
"""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullLocator

from figures.paper import Look, Mean, Table, groups, guide, mean, points, size
from sims.record import Record

CLAIMS: tuple[str, ...] = ("finite_dimension_needs_the_logarithm",)
KINDS = {
    r"$g=\alpha/(\sqrt{d}\,\log\,d)$": Look("C1", "s"),
    r"$g=\alpha/\sqrt{d}$": Look("C0", "o"),
}


def errors(record: Record) -> dict[int, Mean]:
    """For each d clean test, robust training and robust test error, with the logarithm and without (2, 3)."""
    return {d: mean([record.exhibits[i]["errors"] for i in rows]) for (d,), rows in groups(record, "d").items()}


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """Two series of points."""
    found = errors(records[0])
    d = np.array(list(found), dtype=np.float64)
    size(fig, 1, 2.2)
    ax = fig.subplots()
    for k, (label, look) in enumerate(KINDS.items()):
        series = Mean(*(np.array([getattr(m, part)[k, 2] for m in found.values()]) for part in ("value", "error")))
        points(ax, d, series, look, label, ls="-", lw=0.5)
    guide(ax, [d[0] / 1.5, d[-1] * 1.5], [0.5, 0.5], "", ls=":")
    ax.set(xscale="log", xlabel="dimension $d$", ylabel="robust test error", ylim=(-0.03, 0.58))
    ax.set_xlim(d[0] / 1.5, d[-1] * 1.5)
    ax.xaxis.set(major_locator=FixedLocator(list(d)), minor_locator=NullLocator(), major_formatter="{x:.0f}")
    ax.legend(loc="center right" if len(d) < 4 else "center left")


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn, and the errors that vanish."""
    rows = [
        (d, kind, *map(float, cell.value[k]), float(cell.error[k, 2]))
        for d, cell in errors(records[0]).items()
        for k, kind in enumerate(("with logarithm", "without"))
    ]
    return ("d", "g", "clean test", "robust training", "robust test", "standard error"), rows

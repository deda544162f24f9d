r"""Kernel ridge regression with the tangent kernel on real images, digits 3 against 8, training labels flipped
at rates $\rho$. Top: test error without attack and under an $\ell_2$ attack of a quarter of the median distance to
the other digit, to first order (lines) and found by search (points). Bottom: the root mean square of
$\lVert\nabla\hat f_\lambda\rVert$ at the test images. Vertical lines mark the penalties of least error. Means
over training sets with standard errors.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.paper import Look, Mean, Table, groups, guide, legend, mean, points, size
from sims.claim import Array
from sims.record import Record

CLAIMS: tuple[str, ...] = ("robustness_wants_the_larger_penalty_on_digits",)
KERNEL = "tangent"
CURVES = {"error": ("no attack", "C0", "-"), "robust_error": ("attacked, first order", "C1", "--")}
SEARCH = Look("C1", "s")


def curves(record: Record) -> dict[float, dict[str, Mean]]:
    """For each rate of flips the mean curves along the path."""
    found = groups(record, "rate", where=lambda case: case["kernel"] == KERNEL)
    names = (*CURVES, "searched_error", "squared_gradient")
    return {
        rate: {name: mean([record.exhibits[i][name] for i in rows]) for name in names}
        for (rate,), rows in found.items()
    }


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """Errors above, gradients beneath, a column per rate."""
    (record,) = records
    share, searched = (np.asarray(record.exhibits[0][name]) for name in ("share", "searched_share"))
    found = curves(record)
    size(fig, 2 if len(found) > 1 else 1, 3.3)
    axes = fig.subplots(2, len(found), sharex=True, sharey="row", squeeze=False)
    for (top, bottom), (rate, mean_of) in zip(axes.T, found.items(), strict=True):
        for name, (label, color, line) in CURVES.items():
            guide(top, share, mean_of[name].value, label, color=color, ls=line, lw=1.0)
        points(top, searched, mean_of["searched_error"], SEARCH, "attacked, search")
        guide(bottom, share, np.sqrt(mean_of["squared_gradient"].value), "", lw=1.0)
        for ax in (top, bottom):
            mark(ax, mean_of, share)
        top.set(title=rf"$\rho={rate:g}$", xscale="log", ylim=(-0.03, 1.03))
        bottom.set(yscale="log")
    axes[0, 0].set_ylabel("test error")
    axes[1, 0].set_ylabel(r"$\Vert\nabla\hat f_\lambda\Vert$, r.m.s.")
    fig.supxlabel(r"penalty $\lambda$, in units of the mean of $k(x,x)$", fontsize="medium")
    legend(fig, axes[0], loc="outside upper center", ncols=3)


def mark(ax: Axes, mean_of: dict[str, Mean], share: Array) -> None:
    """The two best penalties; of tied ones the largest without attack, the smallest under it."""
    for (name, (_, color, _)), of_tied in zip(CURVES.items(), (-1, 0), strict=True):
        value = mean_of[name].value
        ax.axvline(share[np.flatnonzero(value == value.min())[of_tied]], color=color, ls=":", lw=0.9, zorder=0)


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn; the search looked at some of the penalties only."""
    (record,) = records
    share, searched = (np.asarray(record.exhibits[0][name]) for name in ("share", "searched_share"))
    rows = [
        (name, float(rate), float(x), float(value), float(error))
        for rate, mean_of in curves(record).items()
        for name, curve in mean_of.items()
        for x, value, error in zip(
            searched if name == "searched_error" else share, curve.value, curve.error, strict=True
        )
    ]
    return ("what", "rate", "penalty / mean of k(x, x)", "mean", "standard error"), rows

r"""Double descent, clean and attacked: the excess risk $R$ of isotropic ridge regression and its risk under
$\ell_2$ attacks of length $\varepsilon$ against $\gamma=d/n$, for the ridgeless fit and some penalties. Signal of
length 1; noise of variance $\sigma^2$. Points: means over designs with standard errors; lines: the limits as
$d/n\to\gamma$. Attacked, the peak is higher and the descent beyond it longer; a penalty lowers it.
"""

from collections.abc import Callable

import numpy as np
from matplotlib.figure import Figure

from figures.paper import Look, Mean, Table, guide, legend, points, size
from figures.risks import SERIES, entries, exhibit, means, shared
from sims.claim import Array
from sims.record import Record
from theory.isotropic_ridge import ridge
from theory.risk import gaussian_worst_square

CLAIMS: tuple[str, ...] = ("ridgeless_risk_descends_twice", "marchenko_pastur_predicts_ridge")
RISKS = ("excess risk", "adversarial risk")
MOST = 40.0  # the upper end of the axis, below the infinite peak


def theory(gammas: Array, lam: float, record: Record) -> tuple[Array, Array]:
    """Clean and adversarial risk in the limit."""
    signal, noise, eps = (shared(record, name) for name in ("signal", "noise", "eps"))
    limits = [ridge(float(gamma), np.array([lam]), signal, noise) for gamma in gammas]
    clean = np.array([found.risk[0] for found in limits])
    length = np.sqrt([found.squared_norm[0] for found in limits])
    return clean, np.asarray(gaussian_worst_square(clean, length, eps))


Series = tuple[float, Look, Record, tuple[tuple[Array, Mean], ...]]


def series(records: tuple[Record, ...]) -> list[Series]:
    """Penalty, look, record, and what was seen of both risks."""
    ridgeless, ridged = records
    found: list[Series] = []
    for lam, look in zip([0.0, *sorted({case["lam"] for case in ridged.cases})], SERIES, strict=False):
        record = ridged if lam else ridgeless
        fixed = {"lam": lam} if lam else {}
        values: tuple[Callable[[int], float], ...] = (clean(record), exhibit(record, "adversarial"))
        seen = tuple(means(record, "gamma", value, **fixed) for value in values)
        found.append((lam, look, record, seen))
    return found


def clean(record: Record) -> Callable[[int], float]:
    """The excess risk of a row: all that was observed without a penalty, bias and variance with one."""
    return lambda i: float(np.sum(record.observed[i][:2]))


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """Clean on the left, attacked on the right; a colour per penalty."""
    size(fig, 2, 2.7)
    axes = fig.subplots(1, 2, sharex=True, sharey=True)
    lines = np.unique(np.append(np.geomspace(0.1, 6, 161), 1 + np.array([-1, 1]) * 1e-3))
    for lam, look, record, seen in series(records):
        for ax, line, points_seen in zip(axes, theory(lines, lam, record), seen, strict=True):
            guide(ax, lines, line, "", color=look.color, lw=1.0)
            points(ax, *points_seen, look, rf"$\lambda={lam:g}$", zorder=3)
    for ax, risk in zip(axes, RISKS, strict=True):
        ax.set(xscale="log", yscale="log", ylim=(0.04, MOST), xlabel=r"$\gamma=d/n$", title=risk)
        ax.set_xticks([0.1, 0.2, 0.5, 1, 2, 5], ["0.1", "0.2", "0.5", "1", "2", "5"])
        ax.axvline(1, color="0.7", lw=0.5, zorder=0)
    noise, eps = (shared(records[0], name) for name in ("noise", "eps"))
    axes[1].set_title(rf"{RISKS[1]}, $\varepsilon={eps:g}$")
    axes[0].set_title(rf"{RISKS[0]}, $\sigma^2={noise:g}$")
    axes[0].set_ylabel("risk")
    legend(axes[0], axes[:1], loc="upper left")


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn."""
    rows = [
        (name, lam, *entry)
        for lam, _, record, seen in series(records)
        for k, name in enumerate(RISKS)
        for entry in entries(seen[k][0], theory(seen[k][0], lam, record)[k], seen[k])
    ]
    return ("risk", "penalty", "gamma", "theory", "simulation", "standard error"), rows

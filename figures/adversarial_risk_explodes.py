r"""The interpolator of least norm in a benign sequence, one unit direction above a flat tail of $n^2$ directions
of total variance $n^a$, with label noise of variance 1: its excess risk $R_{std}$ vanishes while its risk
$R_{adv}$ under $\ell_2$ attacks $\varepsilon=1$ grows without bound. Points: means over designs with standard
errors; lines: deterministic equivalents; thin: powers of $n$; dashed: the adversarial risk
$\varepsilon^2\lVert\theta\rVert^2$ of the truth.
"""

import numpy as np
from matplotlib.figure import Figure

from figures.paper import Table, guide, legend, points, size
from figures.risks import SERIES, entries, exhibit, means, shared
from sims.claim import Array
from sims.record import Record
from theory.risk import ridge_risk
from theory.triangular_arrays import single_spike

CLAIMS: tuple[str, ...] = ("interpolation_explodes_while_it_overfits_benignly",)
LARGEST = 6  # the lines end at 10 to this power
RISKS = {"standard": "excess risk $R_{std}$", "adversarial": "adversarial risk $R_{adv}$"}


def theory(n: Array, a: float, record: Record) -> dict[str, Array]:
    """Both risks by the deterministic equivalents."""
    noise, eps = shared(record, "noise"), shared(record, "eps")
    found = [ridge_risk(*single_spike(float(size), a), float(size), 0.0, noise) for size in n]
    return {
        "standard": np.array([risk.standard[0] for risk in found]),
        "adversarial": np.array([risk.adversarial(eps)[0] for risk in found]),
    }


def tails(record: Record) -> list[float]:
    """The exponents a."""
    return sorted({case["a"] for case in record.cases})


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """The excess risk on the left, the adversarial risk on the right; a colour per tail."""
    (record,) = records
    size(fig, 2, 2.6)
    axes = fig.subplots(1, 2, sharex=True)
    n = np.geomspace(min(case["n"] for case in record.cases), 10**LARGEST, 40)
    late = n[n >= 10 ** (LARGEST - 2)]
    for a, look in zip(tails(record), SERIES, strict=False):
        lines = theory(n, a, record)
        for ax, risk in zip(axes, RISKS, strict=True):
            seen = means(record, "n", exhibit(record, risk), a=a)
            guide(ax, n, lines[risk], "", color=look.color, lw=1.0)
            points(ax, *seen, look, f"$a={a:g}$" if ax is axes[0] else "", zorder=3)
        end = 1.6 * lines["adversarial"][-1]
        guide(axes[1], late, end * (late / late[-1]) ** (1 - a), "$n^{1-a}$", lw=0.6)
    low = 0.5 * theory(n[-1:], tails(record)[0], record)["standard"][0]
    guide(axes[0], late, low * late[-1] / late, "$n^{-1}$", lw=0.6)
    truth = np.full(len(n), shared(record, "eps") ** 2)
    guide(axes[1], n, truth, r"$\varepsilon^2\Vert\theta\Vert^2$", ls="--")
    for ax, label in zip(axes, RISKS.values(), strict=True):
        ax.set(xscale="log", yscale="log", xlabel="training points $n$", ylabel=label)
    legend(axes[0], axes[:1], loc="lower left")
    legend(axes[1], axes[1:], loc="upper left")


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn; the theory alone beyond the sizes simulated."""
    (record,) = records
    decades = [10.0**k for k in range(3, LARGEST + 1)]
    rows: list[tuple[object, ...]] = []
    for a in tails(record):
        for risk in RISKS:
            seen = means(record, "n", exhibit(record, risk), a=a)
            n = np.append(seen[0], [x for x in decades if x > seen[0][-1]])
            rows += [(risk, a, *entry) for entry in entries(n, theory(n, a, record)[risk], seen)]
    return ("risk", "a", "n", "theory", "simulation", "standard error"), rows

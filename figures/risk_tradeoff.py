r"""No penalty serves both risks where the bias dominates. Left: the points $(R_{std}(\lambda)/R_{std}(0),\
R_{adv}(\lambda)/R_{adv}(\theta))$ that ridge regression reaches with the signal on one direction above a tail of
variance $n\kappa_0=\sqrt n$, and where their product is $\sigma^2/(4\kappa_0)$; the larger of the two is least on
the dotted diagonal. Right: that least maximum $M(n)$ for a signal on one level and on two, which grows, and where
the variance dominates, where it does not. Points: means with standard errors; lines: deterministic equivalents;
$\sigma=\varepsilon=1$.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.paper import Mean, Table, guide, legend, mean, points, size
from figures.risks import SERIES, entries, means, shared
from sims.claim import Array
from sims.record import Record
from theory.spectrum import Spectrum
from theory.tradeoff import curve, price
from theory.triangular_arrays import top_signal, two_signal_levels, variance_dominated

CLAIMS: tuple[str, ...] = ("best_tradeoff_follows_the_fixed_point",)
Design = Callable[[float], tuple[Spectrum, Float[Array, " k"]]]
DESIGNS: dict[str, Design] = {
    "one signal level": top_signal,
    "two signal levels": two_signal_levels,
    "variance dominates": variance_dominated,
}
ONE = "one signal level"  # the design of the left panel
SIZES = (1e2, 1e4, 1e6)


def ratios(record: Record, n: int) -> tuple[Mean, Mean]:
    """Both ratios along the penalties, simulated at this size."""
    rows = [i for i, case in enumerate(record.cases) if (case["design"], case["n"]) == (ONE, n)]
    standard = [record.exhibits[i]["standard"] / record.exhibits[i]["standard"][0] for i in rows]
    unit = shared(record, "eps") ** 2  # the truth has length 1
    adversarial = [record.exhibits[i]["adversarial"] / unit for i in rows]
    return mean(standard), mean(adversarial)


def path(n: float, record: Record) -> tuple[Array, Array]:
    """Both ratios along all penalties, by the deterministic equivalents."""
    found = curve(*top_signal(n), n, shared(record, "noise"), shared(record, "eps"))
    return found.standard_ratio, found.adversarial_ratio


def best(n: Array, design: str, record: Record) -> Array:
    """M(n) by the deterministic equivalents."""
    problem = shared(record, "noise"), shared(record, "eps")
    return np.array([price(*DESIGNS[design](float(x)), float(x), *problem).value for x in n])


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """Curves on the left, their price on the right."""
    (record,) = records
    size(fig, 2, 2.8)
    left, right = fig.subplots(1, 2)
    curves(left, record)
    n = np.geomspace(min(case["n"] for case in record.cases), SIZES[-1], 10)
    for design, look in zip(DESIGNS, SERIES, strict=False):
        seen = means(record, "n", lambda i: record.observed[i], design=design)
        guide(right, n, best(n, design, record), "", color=look.color, lw=1.0)
        points(right, *seen, look, design, zorder=3)
    late = n[n >= SIZES[1]]
    guide(right, late, 1.3 * best(late[-1:], ONE, record) * (late / late[-1]) ** 0.25, "$n^{1/4}$", lw=0.6)
    right.set(xscale="log", yscale="log", xlabel="training points $n$", ylabel="$M(n)$")
    legend(right, [right], loc="upper left")


def curves(ax: Axes, record: Record) -> None:
    """The curve of each size with its hyperbola; simulation at the smallest."""
    smallest = min(case["n"] for case in record.cases if case["design"] == ONE)
    sizes = (float(smallest), *SIZES[1:])
    for n, look in zip(sizes, SERIES, strict=False):
        x, y = path(n, record)
        kept = (x < 30 * n**0.5) & (y > 0.3)
        label = f"$n=10^{{{round(np.log10(n))}}}$" if n in SIZES else f"$n={n:.0f}$"
        if n == smallest:
            standard, adversarial = ratios(record, smallest)
            points(
                ax, standard.value, adversarial, look, label, xerr=np.nan_to_num(standard.error), ms=2.8, zorder=3
            )
        guide(ax, x[kept], y[kept], "" if n == smallest else label, color=look.color, lw=1.0)
        product = shared(record, "noise") * n**0.5 / 4
        ends = np.array([1.0, product])
        guide(ax, ends, product / ends, r"product $\sigma^2/(4\kappa_0)$", color="0.5", ls="--")
    ax.plot([1, 1e3], [1, 1e3], color="0.6", lw=0.6, ls=":", zorder=0)
    ax.set(xscale="log", yscale="log", xlabel=r"$R_{std}(\lambda)/R_{std}(0)$")
    ax.set_ylabel(r"$R_{adv}(\lambda)/R_{adv}(\theta)$")
    legend(ax, [ax], loc="upper right")


def table(records: tuple[Record, ...]) -> Table:
    """M(n) for each design, the theory alone beyond the sizes simulated; and the simulated curve."""
    (record,) = records
    rows: list[tuple[object, ...]] = []
    for design in DESIGNS:
        seen = means(record, "n", lambda i: record.observed[i], design=design)
        n = np.append(seen[0], [x for x in SIZES if x > seen[0][-1]])
        rows += [(f"M, {design}", *entry) for entry in entries(n, best(n, design, record), seen)]
    smallest = min(case["n"] for case in record.cases if case["design"] == ONE)
    for ratio, seen_ratio in zip(("R_std", "R_adv"), ratios(record, smallest), strict=True):
        rows += [
            (f"{ratio} ratio, {ONE}", float(smallest), float("nan"), float(value), float(error))
            for value, error in zip(seen_ratio.value, seen_ratio.error, strict=True)
        ]
    return ("what", "n", "theory", "simulation", "standard error"), rows

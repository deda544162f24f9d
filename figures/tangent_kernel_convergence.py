r"""How fast networks become kernel machines. Left: relative error against the width $m$ of the empirical tangent
kernel at the start, for one and for three hidden layers, and of the outputs of trained networks against the
kernel's interpolator. Right: scaled by $\alpha$, the weights move by $O(1/\alpha)$ and the outputs differ from
those of the linearised network by $O(1/\alpha)$ where the start is subtracted, and by $O(1/\alpha^2)$ where it is
0 by antisymmetric doubling. Means over networks with standard errors; thin: powers.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.paper import Mean, Table, guide, legend, mean, points, size
from figures.risks import SERIES, means
from sims.claim import Array
from sims.record import Record

CLAIMS: tuple[str, ...] = (
    "empirical_tangent_kernel_converges",
    "deep_tangent_kernel_converges",
    "wide_networks_become_kernel_interpolators",
    "antisymmetric_networks_are_lazier",
)
WIDTHS = ("tangent kernel, 1 hidden layer", "tangent kernel, 3 hidden layers", "outputs after training")
SCALES = ("weights", "outputs, start subtracted", "outputs, antisymmetric")  # as the exhibit stacks them


def errors(record: Record) -> tuple[Array, Mean]:
    """Widths, and the error relative to the limit."""
    return means(
        record,
        "m",
        lambda i: np.linalg.norm(record.observed[i] - record.predicted[i]) / np.linalg.norm(record.predicted[i]),
    )


def laziness(record: Record) -> tuple[Array, Mean]:
    """Scales alpha, and the three differences at the largest width."""
    m = max(case["m"] for case in record.cases)
    chosen = [e for case, e in zip(record.cases, record.exhibits, strict=True) if case["m"] == m]
    return np.asarray(chosen[0]["alpha"], dtype=np.float64), mean([e["differences"] for e in chosen])


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """Widths on the left, scales on the right."""
    *by_width, doubled = records
    size(fig, 2, 2.7)
    left, right = fig.subplots(1, 2)
    found = [errors(record) for record in by_width]
    for seen, look, label in zip(found, SERIES, WIDTHS, strict=False):
        points(left, *seen, look, label)
    m, lowest = found[0]
    guide(left, m, 0.6 * lowest.value[-1] * np.sqrt(m[-1] / m), "$m^{-1/2}$")
    left.set(xscale="log", yscale="log", xlabel="width $m$", ylabel="relative error")
    left.set_ylim(bottom=0.15 * min(seen[1].value.min() for seen in found))
    legend(left, [left], loc="lower left")
    lazy(right, doubled)


def lazy(ax: Axes, record: Record) -> None:
    """How far weights and outputs move from the linearised network's."""
    alpha, differences = laziness(record)
    for j, (look, label) in enumerate(zip(SERIES, SCALES, strict=False)):
        points(ax, alpha, Mean(differences.value[:, j], differences.error[:, j]), look, label)
    for j, power in ((1, 1), (2, 2)):
        line = 0.5 * differences.value[-1, j] * (alpha[-1] / alpha) ** power
        guide(ax, alpha, line, rf"$\alpha^{{-{power}}}$", ls="-" if power == 1 else "--")
    ax.set(yscale="log", xlabel=r"scale $\alpha$", ylabel="largest distance during training")
    ax.set_xscale("log", base=2)
    ax.set_ylim(top=300 * differences.value.max())
    legend(ax, [ax], loc="upper right", ncols=2)


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn."""
    *by_width, doubled = records
    rows = [
        (label, float(m), float(value), float(error))
        for label, record in zip(WIDTHS, by_width, strict=True)
        for widths, seen in [errors(record)]
        for m, value, error in zip(widths, seen.value, seen.error, strict=True)
    ]
    alpha, differences = laziness(doubled)
    rows += [
        (label, float(a), float(differences.value[i, j]), float(differences.error[i, j]))
        for j, label in enumerate(SCALES)
        for i, a in enumerate(alpha)
    ]
    return ("what", "width or scale", "error", "standard error"), rows

r"""What the radius $\varepsilon$ of the adversary of a training changes, on digits, all else equal. Top: the clean
loss, with its gap between test and training images; errors on clean images and under an attack of radius 0.1; the
output margin, its standard deviation over images, and the distance to the decision boundary. Bottom: confidence
and the share of images near the boundary, where the label leads or trails by less than 0.1 in probability; how
much the attack changes the features of each layer; the stable rank of each layer. Means over training sets with
standard errors.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.paper import Look, Mean, Table, groups, mean, points, size
from sims.claim import Array
from sims.record import Record

CLAIMS: tuple[str, ...] = (
    "larger_radii_leave_smaller_loss_gaps",
    "margins_concentrate_under_strong_adversaries",
    "attacks_change_features_less_and_more_evenly",
    "stable_ranks_rise_with_the_radius",
)
GAPS, MARGINS, FEATURES, RANKS = range(4)
TRAIN, TEST = 0, 1
EUCLIDEAN, TENTH = 0, 10
CONFIDENCE = "confidence, test images"
LAYERS = (Look("C0", "o"), Look("C1", "s"), Look("C2", "^"), Look("C3", "D"))


@dataclass(frozen=True)
class Line:
    """A row of an exhibit against the radius, times a factor, less another row if there is one."""

    label: str
    look: Look
    record: int
    exhibit: str
    row: int
    less: int | None = None
    factor: float = 1.0

    def curve(self, records: tuple[Record, ...]) -> tuple[Array, Mean]:
        """Radii and means over the rows that share them."""
        record = records[self.record]
        rows = next(iter(groups(record, "top", "radii").values()))
        seen = [np.asarray(record.exhibits[i][self.exhibit]) for i in rows]
        values = [x[self.row] - (x[self.less] if self.less is not None else 0.0) for x in seen]
        return np.asarray(record.exhibits[rows[0]]["eps"]), mean([self.factor * value for value in values])


PANELS: tuple[tuple[str, str, tuple[Line, ...]], ...] = (
    (
        "loss",
        "cross-entropy",
        (
            Line("gap", Look("C3", "D"), GAPS, "loss", TEST, TRAIN),
            Line("test", Look("C2", "^"), GAPS, "loss", TEST),
            Line("training", Look("0.6", "v"), GAPS, "loss", TRAIN),
        ),
    ),
    (
        "error",
        "share of images",
        (
            Line("attacked, test", Look("C3", "D"), GAPS, "robust", TEST),
            Line("attacked, training", Look("C1", "s"), GAPS, "robust", TRAIN),
            Line("test", Look("C2", "^"), GAPS, "error", TEST),
            Line("training", Look("0.6", "v"), GAPS, "error", TRAIN),
        ),
    ),
    (
        "margin, test images",
        "logits; pixels",
        (
            Line("mean of $M$", Look("C0", "o"), MARGINS, "margin", TEST),
            Line("deviation of $M$", Look("C1", "s"), MARGINS, "deviation", TEST),
            Line(rf"{TENTH} $\times$ distance", Look("C2", "^"), MARGINS, "distance", EUCLIDEAN, factor=TENTH),
        ),
    ),
    (
        CONFIDENCE,
        "probability; share",
        (
            Line("confidence, where right", Look("C1", "s"), MARGINS, "confidence_right", TEST),
            Line("confidence", Look("C0", "o"), MARGINS, "confidence", TEST),
            Line("near the boundary", Look("C3", "D"), MARGINS, "near", TEST),
        ),
    ),
    (
        "change of features",
        "$r_l$",
        tuple(Line(f"layer {i + 1}", look, FEATURES, "changes", i) for i, look in enumerate(LAYERS)),
    ),
    (
        "stable rank",
        r"$\Vert W_l\Vert_F^2/\sigma_{\max}^2$",
        tuple(Line(f"layer {i + 1}", look, RANKS, "stable_rank", i) for i, look in enumerate(LAYERS)),
    ),
)


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """Six panels against the radius."""
    size(fig, 2, 4.4)
    axes = fig.subplots(2, 3).ravel()
    for ax, (title, unit, lines) in zip(axes, PANELS, strict=True):
        panel(ax, lines, records, within=title == CONFIDENCE)
        ax.set(title=title, ylabel=unit)
    for ax in axes[3:]:
        ax.set_xlabel(r"radius of training, $\varepsilon$")


def panel(ax: Axes, lines: tuple[Line, ...], records: tuple[Record, ...], within: bool) -> None:
    """Lines with room for their legend above them, or with their legend between them."""
    for line in lines:
        eps, m = line.curve(records)
        points(ax, eps, m, line.look, line.label, ls="-", lw=0.8)
    ax.set_xticks(eps, [f"{e:.2g}" for e in eps])
    low, high = ax.get_ylim()
    if not within:
        ax.set_ylim(min(low, 0), high + 0.12 * (len(lines) + 1) * (high - min(low, 0)))
    ax.legend(loc="center left" if within else "upper right")


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn."""
    rows = [
        (title, line.label.replace("$", ""), float(eps), float(value), float(error))
        for title, _, lines in PANELS
        for line in lines
        for radii, m in [line.curve(records)]
        for eps, value, error in zip(radii, m.value, m.error, strict=True)
    ]
    return ("panel", "what", "eps", "mean", "standard error"), rows

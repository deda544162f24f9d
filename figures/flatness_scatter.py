r"""Flatness of the minima that variants of adversarial training find, against what it may tell, with the
correlation over variants and its 95 % bootstrap interval, means over training sets. Upper row: the gap between
robust test and training loss against worst-case flatness, average-case flatness, and average-case flatness of the
clean loss. Lower row: the robust test loss; the robust test error, which flatness does not tell; and what is
published for CIFAR-10. A point is a variant: crosses, adversarial training as it is; the others by what they
change.
"""

from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from figures.paper import Look, Table, legend, size
from figures.published_flatness import POSTER, REPOSITORY
from sims.claim import Array
from sims.correlation import interval
from sims.record import Record

CLAIMS: tuple[str, ...] = ("flat_minima_have_small_robust_gaps",)
FLATNESS = {
    "worst": "worst-case flatness",
    "average": "average-case flatness",
    "clean": "average-case flatness, clean",
}
TARGETS = {"gap": "robust loss, test less training", "loss": "robust test loss", "error": "robust test error"}
PANELS = (("worst", "gap"), ("average", "gap"), ("clean", "gap"), ("average", "loss"), ("worst", "error"))
KINDS = {
    "adversarial training": Look("0.1", "x"),
    "objective or attack": Look("C1", "s"),
    "weights": Look("C0", "o"),
    "steps and stopping": Look("C2", "^"),
    "activation": Look("C3", "D"),
}
WEIGHTS = ("weight", "entropy")
STEPS = ("early", "cyclic", "late", "multi", "adam", "batch")
ACTIVATIONS = ("silu", "gelu", "mish")


@dataclass(frozen=True)
class Related:
    """A correlation and the ends of its interval."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        """As a title."""
        value, low, high = (f"{x:.2f}".replace("-", "\N{MINUS SIGN}") for x in (self.value, self.low, self.high))
        return f"$r={value}$ [{low}, {high}]"


def kind(variant: str) -> str:
    """What a variant changes, by the beginning of its name."""
    if variant == "adversarial":
        return "adversarial training"
    for name, starts in (("weights", WEIGHTS), ("steps and stopping", STEPS), ("activation", ACTIVATIONS)):
        if variant.startswith(starts):
            return name
    return "objective or attack"


def variants(record: Record) -> tuple[list[str], dict[str, Array]]:
    """Their names, and for each the means over training sets."""
    names = [str(name) for name in record.exhibits[0]["variants"]]
    seen = {
        name: np.mean([e[name] for e in record.exhibits], axis=0)
        for name in ("train", "loss", "error", "average", "worst", "clean")
    }
    return names, seen | {"gap": seen["loss"] - seen["train"]}


def related(record: Record, flat: str, target: str) -> Related:
    """The mean over training sets of a correlation and of the ends of its interval."""
    table = np.mean([e["correlation"] for e in record.exhibits], axis=0)
    return Related(*map(float, table[list(FLATNESS).index(flat), list(TARGETS).index(target)]))


def published() -> Related:
    """Of all published points."""
    flat, loss = np.array([*POSTER.values(), *REPOSITORY.values()]).T
    return Related(*interval(flat, loss, np.random.default_rng(0)))


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """Five panels of ours, and the published one."""
    names, seen = variants(records[0])
    size(fig, 2, 4.4)
    axes = fig.subplots(2, 3).ravel()
    for ax, (flat, target) in zip(axes, PANELS, strict=False):
        for name, x, y in zip(names, seen[flat], seen[target], strict=True):
            look = KINDS[kind(name)]
            mark(ax, (x, y), look, kind(name))
        ax.set(xlabel=FLATNESS[flat], ylabel=TARGETS[target])
        ax.set_title(str(related(records[0], flat, target)))
        ax.xaxis.set_major_locator(MaxNLocator(4))
    for label, pairs, look in (
        ("published, poster", POSTER, Look("C5", "P")),
        ("published, repository", REPOSITORY, Look("C4", "v")),
    ):
        for pair in pairs.values():
            mark(axes[5], pair, look, label)
    axes[5].set(xlabel=FLATNESS["average"], ylabel=TARGETS["loss"], title=f"CIFAR-10: {published()}")
    legend(fig, axes[[0, 5]], loc="outside upper center", ncols=4)


def mark(ax: Axes, at: tuple[float, float], look: Look, label: str) -> None:
    """A variant."""
    fill = look.color if look.marker == "x" else "white"
    ax.plot(*at, look.marker, color=look.color, mfc=fill, ms=5 if look.marker == "x" else 3.5, label=label)


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn, then the correlations with their intervals, of the panels and beyond."""
    names, seen = variants(records[0])
    nothing = (np.nan,) * 3
    rows = [
        (name, kind(name), *(float(column[i]) for column in seen.values()), *nothing)
        for i, name in enumerate(names)
    ]
    for source, pairs in (("poster", POSTER), ("repository", REPOSITORY)):
        for name, (flat, loss) in pairs.items():
            cells = dict.fromkeys(seen, np.nan) | {"average": flat, "loss": loss}
            rows.append((name, f"published, {source}", *cells.values(), *nothing))
    found = {f"{flat} with {target}": related(records[0], flat, target) for flat in FLATNESS for target in TARGETS}
    for what, r in (found | {"published average with loss": published()}).items():
        rows.append((what, "correlation", *(np.nan for _ in seen), r.value, r.low, r.high))
    return ("variant", "kind", *seen, "correlation", "low", "high"), rows

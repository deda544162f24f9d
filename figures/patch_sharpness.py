r"""How sharp the robust loss of the patch network is in its weights while adversarial training memorises noise,
over the steps. Left: worst-case flatness in relative balls, on fresh images and on those of training; grey: mean
noise part $V_i$ of training margins, on the right axis. Right: average-case flatness on fresh images; the line
is the closed form, an eighth of the variance that random weights add. Means over training sets with standard
errors.
"""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from figures.paper import Look, Mean, Table, groups, guide, mean, points, size
from sims.claim import Array
from sims.record import Record

CLAIMS: tuple[str, ...] = (
    "memorisation_sharpens_the_robust_loss",
    "average_flatness_of_patches_is_added_variance",
)
WORST = {"fresh images": ("fresh", Look("C1", "s")), "training images": ("trained", Look("C0", "o"))}
AVERAGE = Look("C1", "s")


def curves(record: Record) -> tuple[Array, dict[str, Mean]]:
    """Steps, and what was measured there."""
    names = ("fresh", "trained", "average", "noise")
    return record.exhibits[0]["steps"], {name: mean([e[name] for e in record.exhibits]) for name in names}


def law(record: Record) -> tuple[Array, Mean, Array]:
    """Steps, average-case flatness as measured there, and the closed form."""
    rows = groups(record, "steps")
    seen = [mean([record.observed[i] for i in here]) for here in rows.values()]
    said = np.array([np.mean([record.predicted[i] for i in here]) for here in rows.values()])
    m = Mean(np.array([float(x.value) for x in seen]), np.array([float(x.error) for x in seen]))
    return np.array([steps for (steps,) in rows], dtype=np.float64), m, said


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """Worst case on the left, average on the right."""
    steps, found = curves(records[0])
    size(fig, 2, 2.5)
    left, right = fig.subplots(1, 2)
    for label, (name, look) in WORST.items():
        points(left, steps, found[name], look, label, ls="-", lw=0.8)
    noise = left.twinx()
    guide(noise, steps, found["noise"].value, "", color="0.6", ls="--")
    noise.set_ylabel("mean noise part $V_i$", color="0.4")
    left.set(yscale="log", title="worst-case flatness", ylabel="growth of the robust loss")
    at, seen, said = law(records[1])
    guide(right, at, said, "closed form")
    points(right, at, seen, AVERAGE, "fresh images")
    right.set(yscale="log", title="average-case flatness")
    for ax in (left, right):
        ax.set(xscale="log", xlabel="step $t$")
        ax.legend(loc="upper left")


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn."""
    steps, found = curves(records[0])
    rows: list[tuple[Any, ...]] = [
        (name, int(step), float(value), float(error), "")
        for name, m in found.items()
        for step, value, error in zip(steps, m.value, m.error, strict=True)
    ]
    at, seen, said = law(records[1])
    rows += [
        ("average, with closed form", int(step), float(value), float(error), float(closed))
        for step, value, error, closed in zip(at, seen.value, seen.error, said, strict=True)
    ]
    return ("what", "step", "mean", "standard error", "closed form"), rows

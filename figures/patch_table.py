r"""What training leaves behind in the patch network, for each weight $\lambda$ of the attacked points in the loss:
errors, the signal part $\alpha^qU$ of the clean margins, and the noise parts $V_i$ of the training margins, their
mean and their least. Means over training sets, ± one standard error where the second digit moves. $\lambda=0$ is
standard training, and memorises nothing.
"""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.paper import Mean, Table, groups, mean, size
from sims.record import Record

CLAIMS: tuple[str, ...] = ("adversarial_training_overfits_robustly", "without_the_attack_noise_stays_frozen")
COLUMNS = ("clean test", "robust training", "robust test", "signal", "noise", "least noise")
AT = (0.02, 0.155, 0.33, 0.54, 0.71, 0.83, 0.955)  # centres of the columns


def lines(records: tuple[Record, ...]) -> dict[float, Mean]:
    """For each weight the six columns."""
    adversarial, standard = records
    found: dict[float, Mean] = {}
    for record, mixes in (
        (standard, {(0.0,): range(len(standard.cases))}),
        (adversarial, groups(adversarial, "mix")),
    ):
        for (mix,), rows in mixes.items():
            found[mix] = mean([_row(record.exhibits[i]) for i in rows])
    return found


def _row(exhibit: Any) -> list[float]:
    noise = np.ravel(exhibit["noise"])
    return [
        *map(float, np.ravel(exhibit["errors"])),
        float(exhibit["signal"]),
        float(noise.mean()),
        float(noise.min()),
    ]


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """Numbers between three rules."""
    found = lines(records)
    size(fig, 1, 0.18 * (len(found) + 3.4))
    ax = fig.subplots()
    ax.set(xlim=(-0.03, 1.03), ylim=(len(found) + 0.3, -2.6))
    ax.axis("off")
    heads = (r"$\lambda$", "clean test", "robust train", "robust test", r"$\alpha^qU$", "mean $V_i$", r"min $V_i$")
    _cell(ax, (AT[1] + AT[3]) / 2, -1.9, "error")
    ax.plot([AT[1] - 0.07, AT[3] + 0.08], [-1.35, -1.35], color="0", lw=0.4)
    for x, head in zip(AT, heads, strict=True):
        _cell(ax, x, -0.75, head)
    for height, weight in ((-2.5, 1.0), (-0.2, 0.5), (len(found) + 0.2, 1.0)):
        ax.plot([-0.03, 1.03], [height, height], color="0", lw=weight, clip_on=False)
    for i, (mix, row) in enumerate(found.items()):
        _cell(ax, AT[0], i + 0.5, f"{mix:g}")
        for j, x in enumerate(AT[1:]):
            value, error = float(row.value[j]), float(row.error[j])
            moving = j < 3 and error >= 0.0005
            text = (
                f"{value:.3f} ± {error:.3f}"
                if moving
                else f"{value:.3f}"
                if j < 3
                else f"{abs(value) if abs(value) < 0.05 else value:.1f}"
            )
            _cell(ax, x, i + 0.5, text)


def table(records: tuple[Record, ...]) -> Table:
    """One row for each weight."""
    rows = [
        (mix, *(float(x) for pair in zip(row.value, row.error, strict=True) for x in pair))
        for mix, row in lines(records).items()
    ]
    return ("lambda", *(name for column in COLUMNS for name in (column, f"{column} standard error"))), rows


def _cell(ax: Axes, x: float, y: float, text: str) -> None:
    ax.text(x, y, text, ha="center", va="center", fontsize="small")

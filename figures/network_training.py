r"""Gradient descent against sign descent on networks of one hidden layer, digits 2 against 7. Left and middle: the
accuracy at the training and at the test images along standard and adversarial training, under the attack that was
trained on. Right: how much larger the generalisation gap of sign descent is at the end, by the number of training
images and the radius; CNN: convolutional networks on all ten digits of MNIST. A dagger: gradient descent ends
with a training accuracy below nine tenths. Means over all training sets with standard errors, those that were not
fitted included.
"""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.paper import LOOKS, Mean, Table, groups, legend, mean, signed, size
from sims.claim import Array
from sims.record import Record

CLAIMS: tuple[str, ...] = ("sign_descent_generalises_worse_under_attack",)
ALGORITHMS = ("gradient descent", "sign descent")  # as the exhibits stack them
TITLES = {"mnist": "MNIST", "digits": "digits", "mnist10": "CNN"}
FITTED = 0.9
TRAIN, TEST = 1, 2  # where curves hold the accuracies, after the level of the loss
Cell = tuple[str, int, float]  # collection, images, radius


def shown(record: Record) -> tuple[list[int], float]:
    """The rows whose training is drawn, and their radius: those of most training sets, MNIST first."""
    found = groups(record, "data", "n", "eps")
    key = max(found, key=lambda name: (name[0] == "mnist", len(found[name])))
    return found[key], float(key[2])


def cells(record: Record) -> dict[Cell, tuple[Mean, float]]:
    """The excess, and the training accuracy of gradient descent; radius 0 is standard training on all sets."""
    found: dict[Cell, tuple[Mean, float]] = {}
    for (data, n), every in groups(record, "data", "n").items():
        radii = sorted({float(record.cases[i]["eps"]) for i in every})
        alike = [every, *([i for i in every if record.cases[i]["eps"] == eps] for eps in radii)]
        for eps, rows in zip([0.0, *radii], alike, strict=True):
            at = int(eps > 0)
            excess = mean([record.exhibits[i]["excess"][at] for i in rows])
            fitted = np.mean([record.exhibits[i]["curves"][at, 0, -1, TRAIN] for i in rows])
            found[data, n, eps] = excess, float(fitted)
    return found


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """Standard training, adversarial training, and the grid."""
    (record,) = records
    size(fig, 2, 2.8)
    left, middle, right = fig.subplots(1, 3, width_ratios=(1, 1, 1.3))
    rows, eps = shown(record)
    case = record.cases[rows[0]]
    for i, (ax, radius) in enumerate(((left, 0.0), (middle, eps))):
        curves = mean([record.exhibits[k]["curves"][i] for k in rows])
        paths(ax, record.exhibits[rows[0]]["epochs"], curves)
        ax.set(title=rf"{TITLES[case['data']]}, $n={case['n']}$, $\varepsilon={radius:g}$", xlabel="epochs")
    middle.sharey(left)
    middle.tick_params(labelleft=False)
    left.set_ylabel("accuracy")
    heat(right, cells(record))
    legend(fig, [left], loc="outside upper center", ncols=4)


def paths(ax: Axes, epochs: Array, curves: Mean) -> None:
    """Training dashed, test solid, for each algorithm."""
    for j, algorithm in enumerate(ALGORITHMS):
        for part, line, name in ((TRAIN, "--", "training"), (TEST, "-", "test")):
            look = LOOKS[algorithm]
            ax.errorbar(
                epochs,
                curves.value[j, :, part],
                np.nan_to_num(curves.error[j, :, part]),
                color=look.color,
                marker=look.marker,
                mfc="white",
                ms=3,
                ls=line,
                lw=0.9,
                elinewidth=0.6,
                label=f"{algorithm}, {name}",
            )


def heat(ax: Axes, found: dict[Cell, tuple[Mean, float]]) -> None:
    """A field for each kind of training set and each radius that was tried; the others stay white."""
    lines = list(dict.fromkeys(cell[:2] for cell in found))
    radii = sorted({cell[2] for cell in found})
    values = np.full((len(lines), len(radii)), np.nan)
    for (data, n, eps), (excess, fitted) in found.items():
        row, column = lines.index((data, n)), radii.index(eps)
        values[row, column] = excess.value
        mark = "$^\\dagger$" if fitted < FITTED else ""
        text = f"{signed(float(excess.value), 3)}{mark}\n±{excess.error:.3f}"
        ax.text(column, row, text, ha="center", va="center", fontsize="small")
    top = max(float(np.nanmax(np.abs(values))), 1e-3)
    ax.imshow(values, cmap="PuOr_r", vmin=-2 * top, vmax=2 * top, aspect="auto")
    ax.set_xticks(range(len(radii)), [f"{eps:g}" for eps in radii])
    ax.set_yticks(range(len(lines)), [f"{TITLES[data]}\n$n={n}$" for data, n in lines])
    ax.tick_params(length=0)
    ax.set(xlabel=r"$\varepsilon$", title="excess gap of sign descent")


def table(records: tuple[Record, ...]) -> Table:
    """What the grid shows."""
    rows = [(*cell, float(m.value), float(m.error), fitted) for cell, (m, fitted) in cells(records[0]).items()]
    header = ("data", "n", "eps", "excess gap of sign descent", "standard error")
    return (*header, "training accuracy of gradient descent"), rows

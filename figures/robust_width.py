r"""Signed hypercube with random labels, $\ell_\infty$ attack of radius $\delta=0.45$. Left: least width of a
two-layer ReLU network found by adversarial training, and without attack, against the dimension $D$ (geometric
means over labellings with standard errors), above what counting says half of all labellings need for as few
errors. Right: parameters, between what every ReLU network of five layers needs and what an explicit one has.
"""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from figures.paper import Look, Mean, Table, guide, points, size
from sims.claim import Array
from sims.record import Record
from theory.robust_capacity import least_parameters, least_width
from theory.robust_capacity import points as corners

CLAIMS: tuple[str, ...] = ("robust_width_grows_exponentially_with_dimension",)
FIRST, LAST, LAYERS, SHARE = 3, 16, 5, 0.97
ROBUST, CLEAN = Look("C0", "o"), Look("C1", "s")


def geometric(values: Array) -> Mean:
    """The geometric mean, and its standard error in the same unit."""
    logs = np.log(values)
    mean = float(np.exp(logs.mean()))
    spread = logs.std(ddof=1) / np.sqrt(logs.size) if logs.size > 1 else np.nan
    return Mean(np.array(mean), np.array(mean * spread))


def found(record: Record) -> dict[int, Mean]:
    """For each dimension the widths that attack and training leave."""
    case = record.cases[0]
    widths = np.stack([e["robust"] for e in record.exhibits], axis=1)
    dimensions = range(FIRST, case["top"] + 1, case["every"])
    return {D: geometric(row.ravel()) for D, row in zip(dimensions, widths, strict=True)}


def clean(record: Record) -> tuple[int, Mean]:
    """The largest dimension, and the widths without attack there."""
    return record.cases[0]["top"], geometric(np.concatenate([e["clean"].ravel() for e in record.exhibits]))


def explicit(D: int) -> float:
    """Parameters of the explicit network when half of the neighbours differ in their labels."""
    return 5 * D - 4 + 1.5 * corners(D)


def needed(D: int) -> tuple[int, int]:
    """Width and parameters that counting asks for, with the mistakes that training is allowed."""
    mistakes = int((1 - SHARE) * corners(D))
    return least_width(D, mistakes=mistakes), least_parameters(D, LAYERS, mistakes=mistakes)


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """Widths on the left, parameters on the right."""
    (record,) = records
    widths, (top, plain) = found(record), clean(record)
    D, every = np.array(list(widths), dtype=np.float64), np.arange(FIRST, LAST + 1)
    robust = Mean(*(np.array([getattr(m, part) for m in widths.values()]) for part in ("value", "error")))
    size(fig, 2, 2.5)
    left, right = fig.subplots(1, 2)
    points(left, D, robust, ROBUST, "adversarial training")
    points(left, [top], Mean(plain.value[None], plain.error[None]), CLEAN, "training without attack")
    guide(left, every, [needed(int(d))[0] for d in every], "needed, by counting")
    left.set(ylabel="hidden units of a two-layer network")
    points(right, D, Mean(robust.value * (D + 2) + 1, robust.error * (D + 2)), ROBUST, "adversarial training")
    guide(right, every, [explicit(int(d)) for d in every], "explicit robust network", ls="--")
    guide(right, every, [needed(int(d))[1] for d in every], "needed, by counting")
    right.set(ylabel="parameters")
    for ax in (left, right):
        ax.set(yscale="log", xlabel="dimension $D$")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        ax.legend(loc="upper left")
    left.set_ylim(top=2e3)


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn."""
    (record,) = records
    top, plain = clean(record)
    rows = [("width, adversarial training", D, float(m.value), float(m.error)) for D, m in found(record).items()]
    rows.append(("width, training without attack", top, float(plain.value), float(plain.error)))
    bounds = {
        "width needed": lambda D: float(needed(D)[0]),
        "parameters needed": lambda D: float(needed(D)[1]),
        "parameters of the explicit network": explicit,
    }
    rows += [(what, D, f(D), float("nan")) for what, f in bounds.items() for D in range(FIRST, LAST + 1)]
    return ("what", "D", "value", "standard error"), rows

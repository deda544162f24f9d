r"""The robust test loss of adversarially trained networks, attacked anew at each point, along directions of
weights of length $\Vert\nu_l\Vert=\xi\Vert w_l\Vert$ in each tensor. Left: random directions (grey: single ones)
see a bowl. Right: directions that an ascent has found, a twenty-fifth as long, see a wall on one side. Means
over training sets with standard errors.
"""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from figures.paper import Look, Mean, Table, guide, mean, points, size
from sims.claim import Array
from sims.record import Record

CLAIMS: tuple[str, ...] = ("random_directions_see_a_bowl_and_adversarial_ones_a_wall",)
LENGTHS = {"random": 0.5, "adversarial": 0.02}  # relative, as the claim has them
LOOKS = {"random": Look("C0", "o"), "adversarial": Look("C1", "s")}


def curves(record: Record) -> dict[str, tuple[Array, Mean]]:
    """Steps in units of xi, and the loss there, for both kinds of direction."""
    steps = np.asarray(record.exhibits[0]["steps"])
    found = {
        "random": mean([e["random"].mean(axis=0) for e in record.exhibits]),
        "adversarial": mean([e["adversarial"] for e in record.exhibits]),
    }
    return {name: (LENGTHS[name] * steps, m) for name, m in found.items()}


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """A panel for each kind."""
    found = curves(records[0])
    size(fig, 2, 2.3)
    axes = fig.subplots(1, 2, sharey=True)
    for ax, (name, (x, m)) in zip(axes, found.items(), strict=True):
        guide(ax, x[[0, -1]], np.repeat(m.value[len(x) // 2], 2), "", color="0.6", ls=":")
        points(ax, x, m, LOOKS[name], ls="-", lw=0.8, zorder=3)
        ax.set(title=f"{name} directions", xlabel=r"$\pm\Vert\nu_l\Vert/\Vert w_l\Vert$")
        ax.xaxis.set_major_locator(MaxNLocator(4))
    for line in np.concatenate([e["random"] for e in records[0].exhibits]):
        guide(axes[0], found["random"][0], line, "", color="0.8", lw=0.4)
    axes[0].set_ylabel("robust test loss")


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn, except for single directions."""
    rows = [
        (name, float(at), float(value), float(error))
        for name, (x, m) in curves(records[0]).items()
        for at, value, error in zip(x, m.value, m.error, strict=True)
    ]
    return ("directions", "relative length", "robust loss", "standard error"), rows

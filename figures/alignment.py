r"""The price vanishes at the largest radius. Top: the cosine between gradient descent under an $\ell_\infty$
attack of radius $\varepsilon$ and clean coordinate descent, predicted by two convex programs (line) and
measured (points). Bottom: robust test errors of the two at that radius. Means over training sets with
standard errors.
"""

import numpy as np
from matplotlib.figure import Figure

from figures.paper import LOOKS, STAR, Mean, Table, guide, legend, mean, points, size
from sims.record import Record

CLAIMS: tuple[str, ...] = ("price_vanishes_at_the_largest_radius",)
ALGORITHMS = ("gradient descent", "coordinate descent")  # as the exhibit stacks them


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """Angle above, errors beneath."""
    (record,) = records
    share = np.asarray(record.exhibits[0]["share"])
    size(fig, 1, 3.6)
    top, bottom = fig.subplots(2, 1, sharex=True)
    guide(top, share, mean(record.predicted).value, "convex programs", color=LOOKS["gradient descent"].color)
    points(top, share, mean(record.observed), LOOKS["gradient descent"], "descents")
    top.set_ylabel(r"$\cos(w_{\mathrm{GD}}(\varepsilon),\,w_{\mathrm{CD}})$")
    top.set_ylim(top=1.0 + 0.04 * (1 - top.get_ylim()[0]))
    top.axhline(1, color="0.7", lw=0.5, zorder=0)
    legend(top, [top], loc="lower right")
    error = mean([e["error"] for e in record.exhibits])
    for i, algorithm in enumerate(ALGORITHMS):
        points(
            bottom,
            share + 0.01 * (i - 0.5),
            Mean(error.value[:, i], error.error[:, i]),
            LOOKS[algorithm],
            algorithm,
        )
    bottom.set(xlabel=rf"$\varepsilon/{STAR}$", ylabel="robust test error", xlim=(-0.05, 1.0))
    bottom.legend(loc="lower right")


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn."""
    (record,) = records
    cosine, error = mean(record.observed), mean([e["error"] for e in record.exhibits])
    names = [f"{what} of {name}" for name in ALGORITHMS for what in ("robust error", "standard error")]
    rows = [
        (
            float(share),
            float(predicted),
            float(cosine.value[j]),
            float(cosine.error[j]),
            *(float(part[j, i]) for i in (0, 1) for part in (error.value, error.error)),
        )
        for j, (share, predicted) in enumerate(
            zip(record.exhibits[0]["share"], mean(record.predicted).value, strict=True)
        )
    ]
    return ("eps / eps*", "predicted cosine", "cosine", "standard error", *names), rows

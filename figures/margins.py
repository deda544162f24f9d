r"""Steepest descent in three geometries on the robust exponential loss, under three attacks: how far the
robust margin $g_r(w_t)$ is from the maximum $g_r^\star$ that the theory gives, against the step $t$. Means
over training sets with standard errors; the line falls like $1/t$.
"""

import math
from functools import reduce
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from figures.paper import GEOMETRY, LOOKS, Mean, Table, groups, guide, legend, mean, points, size
from sims.claim import Array
from sims.record import Record

CLAIMS: tuple[str, ...] = ("steepest_descent_finds_the_robust_maximum_margin",)
FROM = 10  # margins of the first steps are negative
NUMBER = {1.0: "1", 2.0: "2", math.inf: r"\infty"}


def curves(record: Record) -> dict[tuple[float, float], tuple[Array, Mean]]:
    """For each (attack, geometry) the steps, and the relative distance of the margin from its limit."""
    return {key: _curve(record, rows) for key, rows in groups(record, "attack", "geometry").items()}


def _curve(record: Record, rows: list[int]) -> tuple[Array, Mean]:
    paths: list[Any] = [record.exhibits[i] for i in rows]
    steps = reduce(np.intersect1d, [path["steps"] for path in paths])
    steps = steps[steps >= FROM]
    away = [
        1 - path["margins"][np.isin(path["steps"], steps)] / record.predicted[i]
        for i, path in zip(rows, paths, strict=True)
    ]
    return steps.astype(np.float64), mean(away)


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """A panel per attack, a colour per geometry."""
    (record,) = records
    found = curves(record)
    attacks = sorted({attack for attack, _ in found}, reverse=True)
    size(fig, 2, 2.5)
    axes = fig.subplots(1, len(attacks), sharex=True, sharey=True, squeeze=False)[0]
    for ax, attack in zip(axes, attacks, strict=True):
        low = math.inf
        for r in GEOMETRY:
            if (attack, r) in found:
                t, away = found[attack, r]
                points(ax, t, away, LOOKS[GEOMETRY[r]], f"{GEOMETRY[r]}, $r={NUMBER[r]}$", ms=2.6)
                low = min(low, float((away.value * t)[away.value > 0][-5:].min(initial=low)))
        ends = np.array([10 * FROM, t[-1]])
        guide(ax, ends, 0.5 * low / ends, "$1/t$")
        ax.set(xscale="log", yscale="log", title=f"$\\ell_{NUMBER[attack]}$ attack", xlabel="step $t$")
    axes[0].set_ylabel(r"$1-g_r(w_t)\,/\,g_r^\star$")
    legend(fig, axes, loc="outside upper center", ncols=4)


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn."""
    (record,) = records
    rows = [
        (attack, geometry, int(step), float(value), float(error))
        for (attack, geometry), (t, away) in curves(record).items()
        for step, value, error in zip(t, away.value, away.error, strict=True)
    ]
    return ("attack", "geometry", "step", "1 - margin / maximum", "standard error"), rows

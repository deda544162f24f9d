r"""Gradient descent with a constant step: how far the clean margin is from its maximum $\gamma$. On the clean
loss it creeps like $1/\log t$ (the bar at the end is the first-order prediction); on the robust loss under
the best of several $\ell_2$ attacks, $T$ steps come within $O(T^{-1/2})$. Means over training sets with
standard errors.
"""

import numpy as np
from matplotlib.figure import Figure

from figures.paper import LOOKS, Look, Mean, Table, groups, guide, legend, mean, points, size
from sims.claim import Array
from sims.record import Record

CLAIMS: tuple[str, ...] = (
    "attack_speeds_up_constant_steps",
    "constant_steps_converge_like_one_over_log_t",
)
FROM = 10
CLEAN = Look(LOOKS["gradient descent"].color, "o")


def clean(record: Record) -> tuple[Array, Mean, float]:
    """Steps, relative distances from the limit (the rival's prediction), and what theory says of the last."""
    t = np.asarray(record.exhibits[0]["steps"], dtype=np.float64)
    late = t >= FROM
    limits = record.rivalled
    away = mean([1 - e["margins"][late] / g for e, g in zip(record.exhibits, limits, strict=True)])
    last = mean([1 - p / g for p, g in zip(record.predicted, limits, strict=True)])
    return t[late], away, float(last.value)


def attacked(record: Record) -> tuple[Array, Mean]:
    """Horizons, and the relative distance at the best radius."""
    found = {
        steps: mean([1 - record.observed[i] / record.predicted[i] for i in rows])
        for (steps,), rows in groups(record, "steps").items()
    }
    parts = (np.array([float(getattr(m, part)) for m in found.values()]) for part in ("value", "error"))
    return np.array(list(found), dtype=np.float64), Mean(*parts)


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """Both on one pair of axes."""
    t, away, last = clean(records[1])
    T, best = attacked(records[0])
    size(fig, 1, 2.6)
    ax = fig.subplots()
    points(ax, t, away, CLEAN, "clean loss", ms=2.6)
    points(ax, T, best, LOOKS["gradient descent"], r"robust loss, best $\varepsilon$", mfc="C1")
    late = t[t >= 10 * FROM]
    guide(ax, late, last * np.log(late[-1]) / np.log(late), r"$1/\log t$", ls="--")
    guide(
        ax,
        t[-1] * np.array([0.75, 1.35]),
        [last, last],
        "predicted for the last step",
        lw=1.6,
        color="0",
        zorder=4,
    )
    guide(ax, T, 0.8 * best.value[-1] * np.sqrt(T[-1] / T), "$T^{-1/2}$")
    ax.set(xscale="log", yscale="log", xlabel="steps $t$, $T$", ylabel=r"$1-\mathrm{margin}/\gamma$")
    legend(ax, [ax], loc="lower left")


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn."""
    t, away, last = clean(records[1])
    T, best = attacked(records[0])
    rows = [
        (what, int(step), float(value), float(error))
        for what, steps, m in (("clean loss", t, away), ("robust loss, best eps", T, best))
        for step, value, error in zip(steps, m.value, m.error, strict=True)
    ]
    rows.append(("clean loss, first order", int(t[-1]), last, float("nan")))
    return ("what", "steps", "1 - margin / maximum", "standard error"), rows

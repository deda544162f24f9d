r"""Adversarial training of the patch network: the signal part of the clean margins, $\alpha^qU$, explodes first
and stalls; the noise parts $V_i$ follow much later, image by image (grey: those of one training set). Means over
training sets with standard errors; the lines stand at the predicted times $t_{I}$ of the signal and $t_{III}$ of
the mean noise.
"""

import numpy as np
from matplotlib.figure import Figure

from figures.paper import Look, Mean, Table, groups, guide, legend, mean, points, size
from sims.claim import Array
from sims.record import Record

CLAIMS: tuple[str, ...] = ("noise_is_memorised_at_the_predicted_time", "signal_is_learned_at_the_predicted_time")
PANELS = 2
SIGNAL, NOISE = Look("C0", "o"), Look("C1", "s")


def panels(record: Record) -> dict[tuple[int, float], list[int]]:
    """Rows of the largest two (n, mix) with two patches per image: many images first, then few attacked points."""
    found = groups(record, "n", "mix", where=lambda case: case["patches"] == 2)
    middle = sorted(found, key=lambda key: (key[0] != 20, key[1]))
    return {key: found[key] for key in middle[:PANELS]}


def curves(record: Record, rows: list[int]) -> tuple[Array, Mean, Mean]:
    """Steps, the signal part and the mean of the noise parts."""
    exhibits = [record.exhibits[i] for i in rows]
    signal, noise = mean([e["signal"] for e in exhibits]), mean([e["noise"].mean(axis=1) for e in exhibits])
    return exhibits[0]["steps"].astype(np.float64), signal, noise


def times(records: tuple[Record, ...], rows: list[int]) -> tuple[float, float]:
    """Predicted means of t_I and t_III; t_I goes with 1/(η(1 − λ)) and was measured at other steps."""
    noise, signal = records
    case = noise.cases[rows[0]]
    units = [
        float(p) * c["eta"] * (1 - c["mix"])
        for c, p in zip(signal.cases, signal.predicted, strict=True)
        if c["power"] == 3
    ]
    first = float(np.mean(units)) / (case["eta"] * (1 - case["mix"]))
    return first, float(np.mean([noise.predicted[i] for i in rows]))


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """A panel for each share of attacked points."""
    record = records[0]
    found = panels(record)
    top = max(float(curves(record, rows)[1].value.max()) for rows in found.values())
    size(fig, 2, 2.4)
    axes = fig.subplots(1, len(found), sharey=True, squeeze=False)[0]
    for ax, ((n, mix), rows) in zip(axes, found.items(), strict=True):
        steps, signal, noise = curves(record, rows)
        ax.plot(steps, record.exhibits[rows[0]]["noise"], color="0.75", lw=0.4, zorder=0)
        points(ax, steps, signal, SIGNAL, r"signal, $\alpha^qU$", ms=2.2)
        points(ax, steps, noise, NOISE, "noise, mean $V_i$", ms=2.2)
        for at, name in zip(times(records, rows), ("$t_{I}$", "$t_{III}$"), strict=True):
            guide(ax, [at, at], [0, 1], "", transform=ax.get_xaxis_transform())
            place = {"xycoords": ax.get_xaxis_transform(), "textcoords": "offset points", "ha": "right"}
            ax.annotate(name, (at, 0.5), (-3, 0), **place)
        ax.set(
            xscale="log",
            xlabel="step $t$",
            title=rf"$\lambda={mix:g}$, {n} images",
            ylim=(-0.8, 1.08 * top),
        )
    axes[0].set_ylabel("part of the margin")
    legend(fig, axes, loc="outside upper center", ncols=2)


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn, except for single images."""
    out = []
    for (n, mix), rows in panels(records[0]).items():
        steps, signal, noise = curves(records[0], rows)
        first, third = times(records, rows)
        for k, step in enumerate(steps):
            parts = (signal.value[k], signal.error[k], noise.value[k], noise.error[k])
            out.append((mix, n, int(step), *map(float, parts), first, third))
    return ("lambda", "n", "step", "signal", "signal error", "noise", "noise error", "t_I", "t_III"), out

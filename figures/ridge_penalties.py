r"""Ridge regression with one unit direction above a flat tail of total variance $\sqrt n$ and noise of variance 1:
excess risk $R_{std}$ and risk $R_{adv}$ under $\ell_2$ attacks $\varepsilon$ against the penalty $\lambda$. Left:
few directions in the tail, and the variance dominates; right: many, and the bias does. Points: means over designs
with standard errors; lines: deterministic equivalents; dotted: their minima. Robustness wants the larger penalty.
The axis is linear up to $\lambda=10^{-3}$.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from figures.paper import Mean, Table, groups, guide, legend, mean, points, size
from figures.risks import ATTACKED, CLEAN
from sims.claim import Array
from sims.record import Record
from theory.risk import ridge_risk
from theory.spectrum import Spectrum
from theory.tradeoff import best_adversarial, best_standard

CLAIMS: tuple[str, ...] = ("robustness_wants_the_larger_penalty",)
LOOKS = {"standard": CLEAN, "adversarial": ATTACKED}
NEAR = 1e-3  # penalties are drawn on a logarithmic scale from here on, and on a linear one down to 0


def drawn(record: Record) -> list[tuple[float, list[int]]]:
    """The rows of the largest n and the weaker attack, for the flattest and the widest tail."""
    n, eps = max(case["n"] for case in record.cases), min(case["eps"] for case in record.cases)
    found = groups(record, "power", where=lambda case: case["n"] == n and case["eps"] == eps)
    powers = sorted(power for (power,) in found)
    return [(power, found[power,]) for power in (powers[0], powers[-1])]


def problem(case: Mapping[str, Any]) -> tuple[Spectrum, Array, float, float]:
    """Spectrum, signal, n and noise."""
    n, d = float(case["n"]), math.floor(float(case["n"]) ** case["power"])
    return Spectrum(np.array([1.0, n**0.5 / d]), np.array([1.0, d])), np.array([1.0, 0.0]), n, float(case["noise"])


def lines(case: Mapping[str, Any], lams: Array) -> dict[str, Array]:
    """Both risks by the deterministic equivalents."""
    spectrum, theta_squared, n, noise = problem(case)
    risk = ridge_risk(spectrum, theta_squared, n, lams, noise)
    return {"standard": risk.standard, "adversarial": risk.adversarial(case["eps"])}


def seen(record: Record, rows: list[int]) -> tuple[Array, dict[str, Mean]]:
    """Penalties, and the means of both risks."""
    lams = np.asarray(record.exhibits[rows[0]]["lam"], dtype=np.float64)
    return lams, {risk: mean([record.exhibits[i][risk] for i in rows]) for risk in LOOKS}


def optima(case: Mapping[str, Any]) -> dict[str, float]:
    """The best penalties of the deterministic equivalents."""
    given = problem(case)
    return {"standard": best_standard(*given).lam, "adversarial": best_adversarial(*given, case["eps"]).lam}


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """A panel per tail."""
    (record,) = records
    size(fig, 2, 2.5)
    chosen = drawn(record)
    axes = fig.subplots(1, len(chosen), sharey=True)
    for ax, (power, rows) in zip(axes, chosen, strict=True):
        lams, risks = seen(record, rows)
        case = record.cases[rows[0]]
        near = (lams == 0) | (lams >= NEAR)
        fine = np.append(np.linspace(0, NEAR, 20), np.geomspace(NEAR, lams[-1], 200))
        curves, best = lines(case, fine), optima(case)
        names = {"standard": "$R_{std}$", "adversarial": rf"$R_{{adv}}$, $\varepsilon={case['eps']:g}$"}
        for risk, look in LOOKS.items():
            guide(ax, fine, curves[risk], "", color=look.color, lw=1.0)
            shown = Mean(risks[risk].value[near], risks[risk].error[near])
            points(ax, lams[near], shown, look, names[risk], ms=2.8, zorder=3)
            ax.axvline(best[risk], color=look.color, lw=0.8, ls=":", zorder=0)
        ax.set_xscale("symlog", linthresh=NEAR, linscale=0.5)
        ax.set(yscale="log", xlim=(-0.2 * NEAR, 1.5 * lams[-1]), xlabel=r"penalty $\lambda$")
        ax.set_title(f"$n={case['n']}$, $n^{{{power:g}}}$ directions in the tail")
    axes[0].set_ylabel("risk")
    legend(axes[0], axes[:1], loc="center left")


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn, and the minima."""
    (record,) = records
    rows: list[tuple[object, ...]] = []
    for power, chosen in drawn(record):
        lams, risks = seen(record, chosen)
        curves, best = lines(record.cases[chosen[0]], lams), optima(record.cases[chosen[0]])
        for risk in LOOKS:
            m = risks[risk]
            rows += [
                (power, risk, float(lam), float(line), float(value), float(error))
                for lam, line, value, error in zip(lams, curves[risk], m.value, m.error, strict=True)
            ]
            rows.append((power, f"best penalty, {risk}", best[risk], *[float("nan")] * 3))
    return ("power of n", "risk", "penalty", "theory", "simulation", "standard error"), rows

r"""The tangent kernel explodes as well. Left and middle: excess risk $R_{std}$ of its interpolator (two layers,
label noise), and risk $R_{adv}$ under $\ell_2$ attacks of length $\varepsilon$, by projected ascent; one unit
direction above a flat tail of $2n^{3/2}$ directions of total variance $\sqrt n$. Points: means over data
sets with standard errors; lines: ridge regression with the kernel's implicit penalty
$n\lambda=\operatorname{tr}\Sigma\,(1-1/\pi)$, and the linear interpolator of least norm, by deterministic
equivalents; dashed: the truth. Right: both risks of trained networks of width $m$ on the sphere, and (lines) of
the interpolator of infinite width on the same data.
"""

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures.paper import Mean, Table, guide, legend, points, size
from figures.risks import ATTACKED, CLEAN, entries, exhibit, means, shared
from sims.claim import Array
from sims.record import Record
from theory.risk import RidgeRisk, ridge_risk
from theory.spectrum import spiked
from theory.tangent_linear import effective_lam

CLAIMS: tuple[str, ...] = (
    "tangent_kernel_interpolation_is_ridge_regression",
    "wide_networks_become_kernel_interpolators",
)
LARGEST = 1e6
LOOKS = {"standard": CLEAN, "adversarial": ATTACKED}
NAMES = {"standard": "$R_{std}$", "adversarial": "$R_{adv}$"}


def equivalent(n: float, noise: float, implicit: bool) -> RidgeRisk:
    """Linear interpolation of least norm, or ridge regression with the penalty that the kernel implies."""
    trace, tail = 1 + math.sqrt(n), 2 * n**1.5 - 1
    lam = effective_lam(trace, round(n)) if implicit else 0.0
    return ridge_risk(spiked(np.ones(1), math.sqrt(n) / tail, tail), np.array([1.0, 0.0]), n, lam, noise)


def theory(n: Array, record: Record, implicit: bool = True) -> dict[str, Array]:
    """Both risks by the deterministic equivalents."""
    noise, eps = shared(record, "noise"), shared(record, "eps")
    found = [equivalent(float(x), noise, implicit) for x in n]
    return {
        "standard": np.array([risk.standard[0] for risk in found]),
        "adversarial": np.array([risk.adversarial(eps)[0] for risk in found]),
    }


def draw(fig: Figure, records: tuple[Record, ...]) -> None:
    """Against n on the left and in the middle, against the width on the right."""
    kernel, networks = records
    size(fig, 2, 2.4)
    *axes, right = fig.subplots(1, 3)
    n = np.geomspace(min(case["n"] for case in kernel.cases), LARGEST, 40)
    lines, linear = theory(n, kernel), theory(n, kernel, implicit=False)
    for ax, (risk, look) in zip(axes, LOOKS.items(), strict=True):
        guide(ax, n, linear[risk], "linear, least norm", ls="-.")
        guide(ax, n, lines[risk], "linear, implicit penalty", color=look.color, lw=1.0)
        points(ax, *means(kernel, "n", exhibit(kernel, risk)), look, "tangent kernel", zorder=3)
        ax.set(xscale="log", yscale="log", xlabel="training points $n$")
    eps = shared(kernel, "eps")
    axes[1].axhline(eps**2, color="0.4", ls="--", lw=0.8, zorder=0)
    axes[0].set_title("excess risk $R_{std}$")
    axes[1].set_title(rf"$R_{{adv}}$, $\varepsilon={eps:g}$")
    legend(axes[0], axes[:1], loc="lower left")
    widths(right, networks)


def widths(ax: Axes, record: Record) -> None:
    """Trained networks beside their limit."""
    for (risk, look), seen, limit in zip(LOOKS.items(), *against_width(record), strict=True):
        guide(ax, seen[0], limit[1].value, "", color=look.color, lw=1.0)
        points(ax, *seen, look, NAMES[risk], zorder=3)
    ax.set(xscale="log", xlabel="width $m$", title=rf"networks, $\varepsilon={shared(record, 'eps'):g}$")
    legend(ax, [ax], loc="center right")


def against_width(record: Record) -> tuple[list[tuple[Array, Mean]], list[tuple[Array, Mean]]]:
    """Means of both risks at each width: of the networks, and of their limit on the same data."""
    tables = np.stack([exhibit["risks"] for exhibit in record.exhibits])  # (rows, network or limit, risk)
    networks, limits = (
        [means(record, "m", tables[:, learner, risk].__getitem__) for risk in range(len(LOOKS))]
        for learner in range(2)
    )
    return networks, limits


def table(records: tuple[Record, ...]) -> Table:
    """What is drawn; the theory alone beyond the sizes simulated."""
    kernel, networks = records
    rows: list[tuple[object, ...]] = []
    for risk in LOOKS:
        seen = means(kernel, "n", exhibit(kernel, risk))
        n = np.append(seen[0], [x for x in (1e3, 1e4, 1e5, LARGEST) if x > seen[0][-1]])
        rows += [("tangent kernel", risk, *entry) for entry in entries(n, theory(n, kernel)[risk], seen)]
        nothing = n[:0], Mean(n[:0], n[:0])
        linear = theory(n, kernel, implicit=False)[risk]
        rows += [("linear, least norm", risk, *entry) for entry in entries(n, linear, nothing)]
    for risk, seen, limit in zip(LOOKS, *against_width(networks), strict=True):
        rows += [("networks", risk, *entry) for entry in entries(seen[0], limit[1].value, seen)]
    return ("of", "risk", "n or width", "theory or limit", "simulation", "standard error"), rows

"""Generalisation from robustness: a bound by the number of balls that cover the inputs, and how many these are.

The loss is the ramp max(0, min(1, 1 − M/gamma)) of the margin M = f_y − max_{c≠y} f_c. Cut the inputs into cells
and each cell by label: K cells in all. If on each cell with a training point the prediction is constant, the loss
there is 1 throughout where it is wrong, and between 0 and max(0, 1 − u/gamma) where it is right with margins ≥ u.
Up to this, the loss is a combination of unions of cells, and the sample misjudges each of the 2^K unions little.

A cell may be a ball of radius eps/2, any two of whose points are within eps, if the prediction does not change
within eps of a training point; and a ball of radius eps if it does not change within eps of any input.
"""

import math

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import checks
from theory.formula import Formula
from theory.partition_bound import deviation

ARCS = Formula(r"\mathrm{arcs}", "pi/(2*asin(r/2))")
SMALLEST = 1e-3  # radius of balls on the sphere
ROUNDING = 1e-12  # a number that exceeds an integer by so small a share of itself is that integer


def robust_generalization_bound(
    cover: int, n: int, margin: float, gamma: float, *, chance: float, k: int
) -> float:
    """max(0, 1 − margin/gamma) + √((K ln 2 + ln(1/chance))/(2n)), K = k·cover: a bound of |E loss − mean loss|.

    `cover` is the number of cells, k that of the labels, `margin` the least right margin in cells with a
    training point. It fails with probability `chance` at most, for all classifiers at once.

    Raises:
        ValueError: if cover, n or k < 1, margin < 0, gamma ≤ 0, or chance is not in (0, 1).
    Source: Wen, Li & Jia 2020, Theorem 3.1, after Xu & Mannor 2012. The square root is half of theirs: Hoeffding's
        bound over the 2^K unions instead of the ℓ1 distance of the shares of the cells.
    """
    u, gamma = checks.amount(margin, "margin"), checks.amount(gamma, "gamma", positive=True)
    cover, k = checks.count(cover, "cover"), checks.count(k, "k")
    return max(0.0, 1 - u / gamma) + deviation(cover, 1, n, chance=chance, classes=k)


def circle_cover(r: float) -> int:
    """The least number of balls of radius r with centres on the unit circle that cover it: ⌈π/(2 arcsin(r/2))⌉.

    Distances are those of the plane: a ball holds an arc of angle 4 arcsin(r/2).

    Errors: a radius within 1e-12 of one at which the number jumps counts as that one.
    Raises:
        ValueError: unless r > 0.
    """
    r = checks.amount(r, "r", positive=True)
    return math.ceil(float(ARCS(r=min(r, 2.0))) * (1 - ROUNDING))


def sphere_cover(r: float) -> int:
    """A number of balls of radius r with centres on the unit sphere of R³ that cover it; the least if r ≥ √2.

    Errors: from above; `sphere_cover_floor` from below, about 1.3 times less for small r.
    Raises:
        ValueError: unless r ≥ 1e-3.
    """
    return len(sphere_centres(r))


def sphere_centres(r: float) -> Float[Array, "k 3"]:
    """Centres of such balls: the poles, and between their balls the best number of bands of equal height.

    Each band is cut at equal longitudes into as few cells as balls around their centres can hold.

    Raises:
        ValueError: unless r ≥ 1e-3.
    """
    r = _radius(r)
    poles = np.array([[0.0, 0.0, 1.0], [0.0, 0.0, -1.0]])
    if r >= math.sqrt(2):
        return poles[:1] if r >= 2 else poles
    least = math.ceil((math.pi - 4 * math.asin(r / 2)) / (4 * math.asin(r / 2)))
    polar, cells = min((_bands(r, bands) for bands in range(least + 1, 2 * least + 4)), key=lambda b: b[1].sum())
    angle, band = (
        np.concatenate([2 * np.pi * np.arange(k) / k for k in cells]),
        np.repeat(polar, cells.astype(int)),
    )
    ring = np.column_stack([np.sin(band) * np.cos(angle), np.sin(band) * np.sin(angle), np.cos(band)])
    return np.concatenate([poles, ring])


def sphere_cover_floor(r: float) -> int:
    """No fewer balls of radius r cover the unit sphere of R³: sharp for 1, 2, 4, 6 and 12 balls.

    N caps of angle a cover it only if cos a ≤ cot(ω)/√3, ω = N π/(6(N − 2)), N ≥ 3.

    Raises:
        ValueError: unless r ≥ 1e-3.
    Source: Fejes Tóth, Lagerungen in der Ebene, auf der Kugel und im Raum, 1953.
    """
    r = _radius(r)
    if r >= math.sqrt(2):
        return 1 if r >= 2 else 2
    rise = math.atan2(1, math.sqrt(3) * (1 - r**2 / 2))  # ω, and N = 2ω/(ω − π/6)
    return math.ceil(2 * rise / (rise - math.pi / 6) * (1 - ROUNDING))


def _radius(r: float) -> float:
    """A radius whose balls can be counted."""
    checked = checks.amount(r, "r", positive=True)
    if checked < SMALLEST:
        raise ValueError(f"r must be at least {SMALLEST:g}, got {r}: smaller balls are too many to list")
    return checked


def _bands(r: float, bands: int) -> tuple[Float[Array, " b"], Float[Array, " b"]]:
    """Polar angles of the bands, and how many cells each has, all within r of their centres; or infinity."""
    cap = 2 * math.asin(r / 2)
    half = (math.pi - 2 * cap) / (2 * bands)
    centre = cap + half * (2 * np.arange(bands) + 1)
    room = np.full(bands, np.inf)
    for edge in (centre - half, centre + half):
        cos = (1 - r**2 / 2 - np.cos(centre) * np.cos(edge)) / (np.sin(centre) * np.sin(edge))
        room = np.minimum(room, np.arccos(np.clip(cos, -1, 1)))
    with np.errstate(divide="ignore"):
        return centre, np.ceil(np.pi / room * (1 - ROUNDING))

"""`lemmata price`: what the wrong geometry costs under attack, on data of one's own."""

import argparse
import json
import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from sims.dataset import Dataset, load
from sims.price_figure import DESCENTS, Curves, draw, write_numbers
from theory import checks
from theory.adversarial import worst_case
from theory.margin import NotSeparable, largest_radius
from theory.norms import dual
from theory.price import GEOMETRIES, Price, price
from theory.solution import Solution

Array = npt.NDArray[np.float64]

SHARES = (0.0, 0.25, 0.5, 0.75, 0.9)  # of eps*: the radii when none are given
HEADS = tuple(f"{name} {norm}" for name, norm in zip(DESCENTS, ("ℓ1", "ℓ2", "ℓ∞"), strict=True))


@dataclass(frozen=True, eq=False)
class Bill:
    """The price on one data set, with what is needed to print it.

    Attributes:
        data: points, labels and how they came about.
        widest: eps* with its proof.
        found: directions, margins, errors and prices; the first radius is 0.
        doubt: the standard error of each price over the held-out points (3, k).
    """

    data: Dataset
    widest: Solution
    found: Price
    doubt: Float[Array, "3 k"]

    @property
    def margins(self) -> Float[Array, "3 k"]:
        """Each direction's robust margin in its own norm."""
        return np.asarray(self.found.margins[range(3), range(3)])


def main(arguments: argparse.Namespace) -> int:
    """Load, solve, print, draw; `arguments` has data, attack, eps and, if the parser knows them, json and out.

    Raises:
        ValueError: if the data cannot be read or are not separable, or a radius is not in [0, eps*).
    """
    as_object = getattr(arguments, "json", False)
    given = [float(e) for item in arguments.eps for e in np.atleast_1d(item)]
    data = load(arguments.data)
    widest = permissible(data, arguments.attack)
    eps = radii(given, widest.value, arguments.attack)
    if not as_object:
        print(preamble(data, widest, arguments.attack), flush=True)
    bill = charge(data, widest, eps, arguments.attack)
    print(json.dumps(as_json(bill), ensure_ascii=False) if as_object else as_text(bill), flush=True)
    files = illustrate(bill, Path(getattr(arguments, "out", ".")))
    if not as_object:
        print(f"written: {', '.join(map(str, files))}")
    return 0


def permissible(data: Dataset, attack: float) -> Solution:
    """eps* of the training points.

    Raises:
        ValueError: if they are not separable, so that there is no eps*.
    """
    try:
        return largest_radius(data.X, data.y, attack)
    except NotSeparable as error:
        raise ValueError(
            f"eps* does not exist for {data.name}, whose {len(data.y)} training points are not separable by a "
            f"hyperplane through the origin: {error}"
        ) from error


def radii(given: Sequence[float], largest: float, attack: float) -> Float[Array, " k"]:
    """0 and the radii asked for in increasing order, or fixed shares of eps*.

    Raises:
        ValueError: if one of them is not in [0, eps*).
    """
    for radius in given:
        if checks.radius(radius) >= largest:
            raise ValueError(
                f"eps must be below eps* = {largest:.10g}, the largest {ell(attack)} radius at which the training "
                f"points are separable, got {radius:.10g}; choose smaller radii, or none for shares of eps*"
            )
    return np.unique([0.0, *given]) if given else largest * np.array(SHARES)


def charge(data: Dataset, widest: Solution, eps: Float[Array, " k"], attack: float) -> Bill:
    """Prices and their standard errors, from the same held-out points in every geometry.

    The price is a mean of differences in {−1, 0, 1} over m points; `doubt` is their deviation over √m.
    """
    found = price(data.X, data.y, eps, data.X_test, data.y_test, attack=attack)

    def wrong(w: Float[Array, " d"], radius: float) -> Array:
        return np.asarray(worst_case(w, data.X_test, data.y_test, radius, attack) <= 0, dtype=np.float64)

    aligned = GEOMETRIES.index(dual(attack)) if dual(attack) in GEOMETRIES else None
    doubt = np.zeros_like(found.price)
    for k, radius in enumerate(eps):
        reference = wrong(widest.w if aligned is None else found.directions[aligned, k], radius)
        for i in range(3):
            doubt[i, k] = np.std(wrong(found.directions[i, k], radius) - reference) / math.sqrt(len(data.y_test))
    return Bill(data, widest, found, doubt)


def preamble(data: Dataset, widest: Solution, attack: float) -> str:
    """What was read, and eps*."""
    n, d = data.X.shape
    lines = [
        f"{data.name}: n = {n} training points, d = {d} features, m = {len(data.y_test)} held-out points",
        *data.remarks,
        f"eps* = {widest.value:.6g}, the largest {ell(attack)} radius at which the training points are separable "
        f"(certified, relative gap {widest.gap:.1e})",
    ]
    return "\n".join(lines)


def as_text(bill: Bill) -> str:
    """Three small tables, one row per radius, and the sentence."""
    found, aligned = bill.found, dual(bill.found.attack)
    heads, errors = HEADS, found.errors
    if aligned not in GEOMETRIES:
        heads, errors = (*HEADS, f"aligned {ell(aligned)}"), np.vstack([errors, found.reference])
    by = f"{DESCENTS[GEOMETRIES.index(aligned)]} descent" if aligned in GEOMETRIES else "max-margin"
    parts = [
        "robust margin on the training points, each direction's in its own norm:",
        table(found.eps, HEADS, bill.margins, ".4g"),
        "robust error on the held-out points, of the direction that each descent tends to:",
        table(found.eps, heads, errors, ".4f"),
        f"price, that error minus the error of {by} in {ell(aligned)}, aligned with {ell(found.attack)} attacks:",
        table(found.eps, HEADS, found.price, "+.4f"),
        f"largest certified relative gap of a margin: {found.gaps.max():.1e}",
        "in ℓ1 and ℓ∞ the direction of largest margin need not be unique; errors are those of the one found",
        f"\n{sentence(bill)}",
    ]
    return "\n" + "\n".join(parts)


def table(eps: Float[Array, " k"], heads: Sequence[str], values: Float[Array, "c k"], form: str) -> str:
    """Columns under their heads, one row per radius."""
    lines = [f"  {'eps':>9}" + "".join(f"{head:>16}" for head in heads)]
    for k, radius in enumerate(eps):
        lines.append(f"  {radius:>9.4g}" + "".join(f"{value:{form}}".rjust(16) for value in values[:, k]))
    return "\n".join(lines) + "\n"


def sentence(bill: Bill) -> str:
    """Who pays how much, and where, with one standard error."""
    aligned = dual(bill.found.attack)
    clauses = [clause(bill, i) for i in (1, 2, 0) if GEOMETRIES[i] != aligned]
    if aligned in GEOMETRIES:
        name = DESCENTS[GEOMETRIES.index(aligned)]
        clauses.append(f"{name} descent is aligned with {ell(bill.found.attack)} attacks and pays nothing")
    else:
        clauses.append(f"the geometry aligned with {ell(bill.found.attack)} attacks is {ell(aligned)}")
    text = "; ".join(clauses)
    return f"{text[0].upper()}{text[1:]} (± one standard error over {len(bill.data.y_test)} held-out points)."


def clause(bill: Bill, i: int) -> str:
    """What geometry i pays at most and gains at most, of what is more than two standard errors from 0."""
    cost, name = bill.found.price[i], f"{DESCENTS[i]} descent"
    clear = np.where(np.abs(cost) > 2 * bill.doubt[i], cost, 0.0)

    def at(k: int) -> str:
        return f"{abs(cost[k]):.3f} ± {bill.doubt[i, k]:.3f} at eps = {bill.found.eps[k]:.4g}"

    most, least = int(clear.argmax()), int(clear.argmin())
    verbs = [f"pays up to {at(most)}"] if clear[most] > 0 else []
    verbs += [f"gains up to {at(least)}"] if clear[least] < 0 else []
    if verbs:
        return f"{name} {' and '.join(verbs)}"
    return f"{name} pays nothing {'beyond chance' if cost.any() else 'at any of these radii'}"


def ell(p: float) -> str:
    """ℓp in plain text."""
    return "ℓ∞" if p == math.inf else f"ℓ{p:.4g}"


def as_json(bill: Bill) -> dict[str, Any]:
    """The same numbers as one object; lists run over the radii."""
    found = bill.found

    def by_descent(values: Array) -> dict[str, list[float]]:
        return {name: values[i].tolist() for i, name in enumerate(DESCENTS)}

    n, d = bill.data.X.shape
    return {
        "data": bill.data.name,
        "n": n,
        "d": d,
        "held_out": len(bill.data.y_test),
        "remarks": list(bill.data.remarks),
        "attack": f"{found.attack:g}",
        "aligned": f"{dual(found.attack):g}",
        "eps_star": bill.widest.value,
        "eps_star_bound": bill.widest.bound,
        "eps_star_gap": bill.widest.gap,
        "eps": found.eps.tolist(),
        "margin": by_descent(bill.margins),
        "error": by_descent(found.errors),
        "reference_error": found.reference.tolist(),
        "price": by_descent(found.price),
        "price_standard_error": by_descent(bill.doubt),
        "largest_gap": float(found.gaps.max()),
        "sentence": sentence(bill),
    }


def illustrate(bill: Bill, folder: Path) -> list[Path]:
    """price-<name>.csv, and .pdf and .png where matplotlib is installed; returns what was written.

    Raises:
        ValueError: if the folder cannot be written.
    """
    found, stem = bill.found, f"price-{bill.data.name}"
    curves = Curves(found.attack, found.radius, found.eps, bill.margins, found.errors, found.price, bill.doubt)
    numbers, *pictures = (folder / f"{stem}.{ending}" for ending in ("csv", "pdf", "png"))
    try:
        write_numbers(curves, numbers)
        draw(curves, pictures)
    except OSError as error:
        raise ValueError(f"cannot write {error.filename}: {error.strerror}; run it where you may write") from error
    except ModuleNotFoundError as error:
        if (error.name or "").split(".")[0] != "matplotlib":
            raise
        print("not drawn, matplotlib is missing: pip install 'lemmata[figures]'", file=sys.stderr)
        return [numbers]
    return [numbers, *pictures]

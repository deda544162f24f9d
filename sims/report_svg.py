"""Two small drawings for the ledger: a verdict on its scale, and what was predicted beside what was seen.

Colours, strokes and dots come from the style sheet, by class; many points share one path, so that the page
stays small.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from markupsafe import Markup

from sims.claim import Array, Verdict
from sims.record import Record
from sims.report_words import interval, number

POINTS = 240  # entries drawn at most
HUGE = 1e290  # beyond it and below its inverse, float64 has no room for the arithmetic of axes
WIDE, HIGH, LEFT, BOTTOM, EDGE = 340, 236, 58, 36, 8  # of the plot
SPAN = (-1.5, 100.0)  # of the scale, in units of the gap allowed


def bar(verdict: Verdict, rival: Verdict | None) -> Markup:
    """Gap ± doubt against the gap allowed, which stands at the same place in every row."""
    size = abs(verdict.gap) + verdict.doubt
    unit = next((u for u in (verdict.allowed, size) if 0 < u < math.inf), 1.0)

    def at(value: float) -> float:
        """Pixels: even up to a tenth of the unit, logarithmic beyond, clipped at both ends."""
        low, high, here = (math.asinh(10 * v) for v in (*SPAN, min(max(value / unit, SPAN[0]), SPAN[1])))
        return round(6 + 168 * (here - low) / (high - low), 1)

    parts = [Markup('<path class="axis" d="M6 11H174M{0} 8V14"/>').format(at(0.0))]
    if not math.isnan(verdict.allowed):
        limit = at(verdict.allowed)
        parts.insert(0, Markup('<path class="zone" d="M6 4H{}V18H6z"/>').format(limit))
        parts.append(Markup('<path class="limit" d="M{} 2V20"/>').format(limit))
    if rival is not None and not math.isnan(rival.gap):
        parts.append(Markup('<path class="rival" d="M{} 6.5l4.5 4.5l-4.5 4.5l-4.5 -4.5z"/>').format(at(rival.gap)))
    if not math.isnan(verdict.gap):
        sure = math.isfinite(verdict.gap) and math.isfinite(verdict.doubt)  # else the gap may be anywhere
        ends = (verdict.gap - verdict.doubt, verdict.gap + verdict.doubt) if sure else (-math.inf, math.inf)
        low, high = map(at, ends)
        parts.append(Markup('<path class="doubt" d="M{0} 11H{1}M{0} 7V15M{1} 7V15"/>').format(low, high))
        parts.append(Markup('<circle class="seen" cx="{}" cy="11" r="3.6"/>').format(at(verdict.gap)))
    label = f"Gap {interval(verdict)}, allowed {number(verdict.allowed)}"
    label += f"; rival {number(rival.gap)}" if rival is not None else ""
    return Markup('<svg class="bar" viewBox="0 0 180 22" role="img" aria-label="{}">{}</svg>').format(
        label, Markup("").join(parts)
    )


def entries(record: Record) -> tuple[Array, Array, Array, Array]:
    """Predicted, observed, doubt and the rival's prediction, entry by entry, where they can be drawn."""
    columns: list[list[Array]] = [[], [], [], []]
    rivalled: Sequence[Array] = record.rivalled
    if len(rivalled) != len(record.observed):
        rivalled = [np.full(np.shape(seen), np.nan) for seen in record.observed]
    for row in zip(record.predicted, record.observed, record.doubt, rivalled, strict=False):
        try:
            fitted = np.broadcast_arrays(*(np.asarray(a, dtype=np.float64) for a in row))
        except ValueError:  # a row whose shapes disagree has no place in a scatter
            continue
        for column, a in zip(columns, fitted, strict=True):
            column.append(a.ravel())
    predicted, observed, doubt, rival = (np.concatenate([*column, np.zeros(0)]) for column in columns)
    predicted, observed = (np.where(np.abs(a) < 1 / HUGE, 0.0, a) for a in (predicted, observed))
    keep = (np.abs(predicted) < HUGE) & (np.abs(observed) < HUGE)  # and not NaN
    doubt = np.where(np.abs(doubt) < HUGE, doubt, 0.0)
    return predicted[keep], observed[keep], doubt[keep], rival[keep]


def thinned(predicted: Array, observed: Array) -> npt.NDArray[np.intp]:
    """At most POINTS entries, even in the order of the predictions, the furthest from its prediction kept."""
    order = np.argsort(predicted, kind="stable")
    if len(order) <= POINTS:
        return order
    even = order[np.linspace(0, len(order) - 1, POINTS - 1).round().astype(int)]
    return np.append(even, np.argmax(np.abs(observed - predicted)))


def plot(record: Record) -> Markup:
    """Observed over predicted, as points with bars beside the line where both agree; empty without rows.

    If there is one prediction for all entries, they stand side by side over that line instead. Axes are
    logarithmic when everything is positive and spans two decades. The rival's predictions are crosses.
    """
    predicted, observed, doubt, rival = entries(record)
    if not len(predicted):
        return Markup("")
    chosen = thinned(predicted, observed)
    strip = bool(np.ptp(predicted) <= 1e-12 * np.abs(predicted).max())
    chosen = np.sort(chosen) if strip else chosen
    across = np.arange(1.0, len(chosen) + 1) if strip else predicted[chosen]
    seen = np.concatenate([predicted, observed])
    log = bool(seen.min() > 0 and seen.max() > 100 * seen.min())
    low, high = bounds(np.concatenate([seen, observed - doubt, observed + doubt]), seen, log)
    y = scale(low, high, HIGH - BOTTOM, EDGE, log)
    x = (
        scale(0.0, len(chosen) + 1.0, LEFT, WIDE - EDGE, False)
        if strip
        else scale(low, high, LEFT, WIDE - EDGE, log)
    )

    dots, bars, crosses = [], [], []
    for here, i in zip(across, chosen, strict=True):
        at, bottom, top = x(here), y(observed[i] - doubt[i]), y(observed[i] + doubt[i])
        dots.append(f"M{at} {y(observed[i])}h0")
        bars.append(f"M{at} {bottom}V{top}" if doubt[i] and bottom - top > 1 else "")
        crosses.append(f"M{at - 2.5} {y(rival[i])}h5" if low <= rival[i] <= high else "")
    line = f"M{LEFT} {y(predicted[0])}H{WIDE - EDGE}" if strip else f"M{x(low)} {y(low)}L{x(high)} {y(high)}"
    named = Markup(
        '<text class="name" x="{}" y="{}">{}</text><text class="name up" x="{}" y="12">{}</text>'
    ).format((LEFT + WIDE) // 2, HIGH - 3, "entry" if strip else "predicted", -(HIGH - BOTTOM) // 2, "observed")
    paths = [("frame", f"M{LEFT} {EDGE}V{HIGH - BOTTOM}H{WIDE - EDGE}"), ("theory", line)]
    paths += [("rival", "".join(crosses)), ("doubt", "".join(bars)), ("seen", "".join(dots))]
    drawn = Markup("").join(Markup('<path class="{}" d="{}"/>').format(*path) for path in paths if path[1])
    ticked = marks(low, high, log, y, False) + (Markup("") if strip else marks(low, high, log, x, True))
    told = caption(len(chosen), len(predicted), any(crosses), strip)
    return Markup(
        '<figure class="plot"><svg viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>'
        "<figcaption>{}</figcaption></figure>"
    ).format(WIDE, HIGH, f"Observed over predicted, {told}", named + ticked + drawn, told)


def caption(shown: int, total: int, rival: bool, strip: bool) -> str:
    """What the plot shows."""
    size = f"{total:,} entries" if shown == total else f"{shown:,} of {total:,} entries"
    theory = "the line is the prediction" if strip else "on the line both agree"
    return f"{size}; {theory}" + ("; dashes are the rival." if rival else ".")


def bounds(wanted: Array, seen: Array, log: bool) -> tuple[float, float]:
    """The ends of an axis: all that was seen with its bars, but no bar may more than double the range."""
    if log:
        return float(seen.min() / 1.3), float(seen.max() * 1.3)
    size = np.ptp(seen) or abs(seen[0]) or 1.0
    low, high = max(wanted.min(), seen.min() - size / 2), min(wanted.max(), seen.max() + size / 2)
    pad = 0.06 * (high - low) or 0.5 * size
    return float(low - pad), float(high + pad)


def scale(low: float, high: float, start: float, end: float, log: bool) -> Callable[[float], float]:
    """The map from values to pixels, clipped to the axis."""
    bend = math.log10 if log else float

    def at(value: float) -> float:
        inside = min(max(value, low), high)
        return round(start + (end - start) * (bend(inside) - bend(low)) / (bend(high) - bend(low)), 1)

    return at


def marks(low: float, high: float, log: bool, at: Callable[[float], float], flat: bool) -> Markup:
    """Ticks with their numbers, along the bottom if flat, else along the left."""
    row = '<path class="tick" d="M{0} {1}v4"/><text class="flat" x="{0}" y="{2}">{3}</text>'
    column = '<path class="tick" d="M{1} {0}h-4"/><text class="tall" x="{2}" y="{0}" dy="3.5">{3}</text>'
    places = (HIGH - BOTTOM, HIGH - BOTTOM + 15) if flat else (LEFT, LEFT - 7)
    values = ticks(low, high, log)
    return Markup("").join(Markup(row if flat else column).format(at(v), *places, number(v, 4)) for v in values)


def ticks(low: float, high: float, log: bool) -> list[float]:
    """Three to five round numbers between the ends; powers of ten on a logarithmic axis."""
    if log:
        powers = range(math.ceil(math.log10(low)), math.floor(math.log10(high)) + 1)
        return [10.0**k for k in powers][:: math.ceil(len(powers) / 4)]
    rough = (high - low) / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough)
    return [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]

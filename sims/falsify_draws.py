"""An instance as the choices that made it: drawn plainly, or again with other values, never outside its strategy.

This is the one file that looks inside Hypothesis. Its own draws favour special values, copies of earlier draws and
the constants of the program, which is right for a hunt and wrong for telling how often hypotheses hold.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from hypothesis.control import BuildContext, current_build_context
from hypothesis.errors import StopTest, UnsatisfiedAssumption
from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.internal.conjecture.providers import HypothesisProvider
from hypothesis.strategies import SearchStrategy

from sims.falsify_statement import rounded

FAR = 1e6  # how far an unbounded float may be moved, at most
REACH = 10.0  # … in units of what it was


class _Plain(HypothesisProvider):
    """Draws without favourite values, numbers uniformly between finite bounds."""

    def _maybe_draw_constant(self, *arguments: Any, **options: Any) -> None:
        return None

    def draw_integer(self, *arguments: Any, **bounds: Any) -> int:
        low, high = bounds.get("min_value"), bounds.get("max_value")
        if low is None or high is None or self._random is None:
            return super().draw_integer(*arguments, **bounds)
        return self._random.randint(low, high)

    def draw_float(self, **bounds: Any) -> float:
        low, high = bounds.get("min_value", -math.inf), bounds.get("max_value", math.inf)
        if high - low < math.inf and self._random is not None:
            value = self._random.uniform(low, high)
            if abs(value) >= bounds["smallest_nonzero_magnitude"]:
                return value
        return super().draw_float(**bounds)


@dataclass(frozen=True)
class Knob:
    """A number among the choices that may be turned: its place, value and range."""

    place: int
    value: float
    low: float
    high: float
    whole: bool


@dataclass(frozen=True)
class Drawn:
    """An instance, and the choices that made it."""

    instance: Any
    choices: tuple[Any, ...]
    knobs: tuple[Knob, ...]


def plain(strategy: SearchStrategy[Any], seed: int) -> Drawn | None:
    """One draw by the strategy's own chances; None if it gave up."""
    return _draw(strategy, ConjectureData(random=Random(seed), provider=_Plain))


def again(strategy: SearchStrategy[Any], choices: Sequence[Any]) -> Drawn | None:
    """What the strategy makes of such choices; those out of range become its simplest. None if they run out."""
    try:
        return _draw(strategy, ConjectureData.for_choices(choices))
    except Exception:  # the strategy's own code, on numbers that it would not have drawn itself
        return None


def current(instance: Any) -> Drawn:
    """What the running Hypothesis test has drawn."""
    return _drawn(current_build_context().data, instance)


def _draw(strategy: SearchStrategy[Any], data: ConjectureData) -> Drawn | None:
    try:
        with BuildContext(data, wrapped_test=lambda: None):
            return _drawn(data, data.draw(strategy))
    except (StopTest, UnsatisfiedAssumption):
        return None


def _drawn(data: ConjectureData, instance: Any) -> Drawn:
    nodes = list(data.nodes)
    knobs = [knob for i, node in enumerate(nodes) if not node.was_forced and (knob := _knob(i, node)) is not None]
    return Drawn(instance, tuple(node.value for node in nodes), tuple(knobs))


def _knob(place: int, node: Any) -> Knob | None:
    """The choice as a knob, if it is a number with room to move."""
    if node.type not in ("float", "integer"):
        return None
    low, high = node.constraints["min_value"], node.constraints["max_value"]
    value = rounded(node.value)
    if not abs(value) <= FAR:
        return None
    reach = min(REACH * max(1.0, abs(value)), FAR)
    low = max(value - reach if low is None else rounded(low), value - reach)
    high = min(value + reach if high is None else rounded(high), value + reach)
    whole = node.type == "integer"
    return Knob(place, value, low, high, whole) if high - low >= (2 if whole else 1e-300) else None

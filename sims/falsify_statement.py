"""A statement that may be false: where to look, what is assumed and concluded, how to check a violation."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from hypothesis.errors import UnsatisfiedAssumption


class Grade(StrEnum):
    """What a second look says of an instance that violates the conclusion in floats."""

    REFUTED = "refuted"  # the hypotheses hold and the conclusion fails, exactly, or at the budget's level
    SUSPECT = "suspect"  # beyond any rounding that is allowed for, but in floats only
    OPEN = "open"  # not decided
    NO = "no"  # it was rounding or chance


@dataclass(frozen=True)
class Look:
    """The second look: what it says, how it was made, and both sides as they then were.

    Attributes:
        grade: what it says.
        how: the check in words.
        lhs: the left side, to print.
        rhs: the right side, to print.
        excess: lhs − rhs, at least.
        final: whether a better check than this is to be had; a SUSPECT that is final is worth shrinking.
    """

    grade: Grade
    how: str
    lhs: str = ""
    rhs: str = ""
    excess: float = math.nan
    final: bool = True


@dataclass(frozen=True)
class Statement:
    """For all instances of a strategy: if `assume` holds, lhs ≤ rhs.

    Attributes:
        name: what files are called after.
        words: the statement in words.
        instances: a Hypothesis strategy.
        assume: whether the hypotheses hold.
        conclude: (lhs, rhs); not a number says nothing.
        check: the second look.
        trivial: a value that lhs cannot exceed, whatever is claimed; a bound never below it is vacuous.
        refusals: exceptions that mean that the statement does not speak of the instance.
        notes: what else the answer says of the hunt.
        show: an instance in words; None for the usual.
        draw: draws an instance on axes of matplotlib; None for the usual.
    """

    name: str
    words: str
    instances: Any
    assume: Callable[[Any], bool]
    conclude: Callable[[Any], tuple[Any, Any]]
    check: Callable[[Any], Look]
    trivial: Callable[[Any], Any] | None = None
    refusals: tuple[type[Exception], ...] = (UnsatisfiedAssumption,)
    notes: tuple[str, ...] = ()
    show: Callable[[Any], dict[str, Any]] | None = None
    draw: Callable[[Any, Any], Any] | None = None


def real(found: Any) -> tuple[float, float]:
    """What `conclude` returned, as two floats.

    Raises:
        TypeError: if it is anything but two real numbers.
    """
    try:
        lhs, rhs = found
        if any(isinstance(side, (str, bytes)) or np.iscomplexobj(side) for side in (lhs, rhs)):
            raise TypeError
        return rounded(lhs), rounded(rhs)
    except (TypeError, ValueError):
        text = " ".join(repr(found).split())[:80]
        raise TypeError(f"conclude must return lhs, rhs: two real numbers, got {text}") from None


def rounded(value: Any) -> float:
    """The float next to a number; infinite beyond the largest."""
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def excess(lhs: float, rhs: float) -> float:
    """How near a pair is to a violation, in [−2, 1]: it is one if > 0; NaN says nothing.

    (lhs − rhs)/(|lhs| + |rhs|), monotone in lhs/rhs > 0; where 0 lies between, one less than minus the distance,
    squeezed into [0, 1], so that a search has a slope there too.
    """
    if math.isnan(lhs) or math.isnan(rhs) or (math.isinf(lhs) and lhs == rhs):
        return math.nan
    if math.isinf(lhs) or math.isinf(rhs):
        return 1.0 if lhs > rhs else -2.0
    scale = max(abs(lhs), abs(rhs))
    if lhs <= 0 <= rhs and scale > 0:
        return -1 - (rhs / scale - lhs / scale) / (1 / scale + rhs / scale - lhs / scale)
    return (lhs / scale - rhs / scale) / (abs(lhs) / scale + abs(rhs) / scale) if scale > 0 else 0.0


def ratio(lhs: float, rhs: float) -> str:
    """How near a pair is to a violation, in words."""
    if rhs > 0 and lhs >= 0:
        return f"lhs/rhs = {lhs / rhs:.6g}"
    return f"lhs − rhs = {lhs - rhs:.6g}"

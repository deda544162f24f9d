"""A file of one's own as a statement: `instances`, `assume`, `conclude`, and the second look at its violations.

The second look takes, in this order: the file's `exact(x)`; its own functions on exact numbers; floats, with what
rounding may have done. Only the first two can refute.
"""

import math
from collections.abc import Callable
from fractions import Fraction
from types import ModuleType
from typing import Any, TypeVar

import hypothesis
import numpy as np
from hypothesis.strategies import SearchStrategy

from sims.falsify_exactly import ends, exactly, namesakes
from sims.falsify_statement import Grade, Look, Statement, real, rounded
from sims.falsify_walk import mapped
from theory.exact_numbers import precision

NUDGE = 2.0**-50  # relative; what a backward stable computation may do to its input
NUDGES = 8
ALLOWED = 16.0  # times the largest change seen under a nudge …
FLOOR = 1e-9  # … plus this share of both sides
EQUAL = Fraction(1, 10**40)  # relative; sides nearer than that are called equal where balls cannot tell
LARGEST = float(np.finfo(float).max)
SHORT = 10**12  # numerators and denominators below it are printed
T = TypeVar("T")
Sides = tuple[tuple[Any, Any], tuple[Any, Any]]


def statement(module: ModuleType, name: str) -> Statement:
    """The statement of a file.

    Raises:
        ValueError: if something is missing, or is no strategy or function.
    """
    for part in ("instances", "conclude"):
        if not hasattr(module, part):
            raise ValueError(
                f"{name}.py defines no `{part}`: a statement needs instances (a Hypothesis strategy), "
                "assume(x) (optional) and conclude(x), which returns lhs, rhs"
            )
    instances = module.instances
    if not isinstance(instances, SearchStrategy):
        raise ValueError(f"`instances` in {name}.py must be a Hypothesis strategy, got {type(instances).__name__}")
    for part in ("assume", "conclude", "exact", "exact_assume", "trivial", "draw"):
        if not callable(getattr(module, part, len)):
            raise ValueError(f"`{part}` in {name}.py must be a function of one instance")
    if getattr(module, "assume", None) is hypothesis.assume:  # imported, and not the file's own
        del module.assume
    assume = getattr(module, "assume", lambda x: True)
    return Statement(
        name=name,
        words=" ".join((module.__doc__ or "").split()),
        instances=instances,
        assume=lambda x: bool(assume(x)),
        conclude=module.conclude,
        check=lambda x: second_look(module, x),
        trivial=getattr(module, "trivial", None),
        draw=getattr(module, "draw", None),
        notes=() if hasattr(module, "assume") else ("the file assumes nothing",),
    )


def second_look(module: ModuleType, x: Any) -> Look:
    """Hypotheses and conclusion again: exactly where that can be done, else in floats with an allowance."""
    held, why_held = hypotheses(module, x)
    if held is False:
        return Look(Grade.NO, "the hypotheses held by rounding only")
    sides, how = conclusion(module, x)
    if sides is None:
        return in_floats(module.conclude, x, how)
    (low, lhs), (rhs, high) = sides
    texts = between(low, lhs), between(rhs, high)
    if low > high:
        finite = max(abs(low), abs(high)) < np.inf
        gap = min(rounded(Fraction(low) - Fraction(high)), LARGEST) if finite else np.inf
        if held:
            return Look(Grade.REFUTED, f"hypotheses and conclusion {how}", *texts, gap)
        return Look(Grade.SUSPECT, f"the conclusion {how}, the hypotheses in floats only: {why_held}", *texts, gap)
    if lhs <= rhs:
        return Look(Grade.NO, f"it holds {how}", *texts)
    if max(lhs - rhs, high - low) <= EQUAL * max(abs(lhs), abs(rhs)):
        return Look(Grade.NO, f"both sides agree to {-math.log10(EQUAL):.0f} digits {how}", *texts)
    hint = "if by a constant such as 0.1, write Fraction(1, 10)"
    return Look(Grade.OPEN, f"the enclosures of both sides overlap {how}; {hint}", *texts, final=False)


def hypotheses(module: ModuleType, x: Any) -> tuple[bool | None, str]:
    """Whether they hold exactly; None, with the reason, if that cannot be told."""
    if hasattr(module, "exact_assume"):
        return bool(module.exact_assume(x)), ""
    if not hasattr(module, "assume"):
        return True, ""
    return _traced(module, module.assume, x, bool)


def conclusion(module: ModuleType, x: Any) -> tuple[Sides | None, str]:
    """Both sides between rational ends and how they were found; None, with the reason, if they cannot be."""
    reason = ""
    if hasattr(module, "exact"):
        try:
            lhs, rhs = module.exact(x)
            return (ends(lhs), ends(rhs)), "by the file's exact(x)"
        except Exception as error:  # the file's own code
            reason = f"exact(x) raised {_said(error)}; "
    sides, why = _traced(module, module.conclude, x, lambda pair: (ends(pair[0]), ends(pair[1])))
    return (sides, "in rationals and balls of 256 bits") if sides is not None else (None, reason + why)


def _traced(
    module: ModuleType, function: Callable[[Any], Any], x: Any, read: Callable[[Any], T]
) -> tuple[T | None, str]:
    """The file's function on exact numbers; (None, reason) if something in it needs floats."""
    why = ""
    for whole in (True, False):
        try:
            with precision(), namesakes(module):
                return read(function(exactly(x, whole))), ""
        except Exception as error:  # anything may go wrong in code that was written for floats
            why = why if isinstance(error, TypeError) and why else _said(error)
    return None, why


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())[:120]}"


def in_floats(conclude: Callable[[Any], tuple[Any, Any]], x: Any, why: str) -> Look:
    """Whether lhs − rhs exceeds all that rounding may have done: measured by nudging the instance."""
    lhs, rhs = real(conclude(x))
    stream, moved = np.random.default_rng(0), 0.0
    for _ in range(NUDGES):
        try:
            left, right = real(conclude(mapped(x, lambda end: _nudged(end, stream))))
            moved = np.fmax(moved, abs((left - right) - (lhs - rhs)))
        except Exception:  # the nudged instance may be refused; then it tells nothing
            continue
    allowance = ALLOWED * float(moved) + FLOOR * (abs(lhs) + abs(rhs))
    how = f"in floats only, {allowance:.3g} allowed for rounding: no exact check, {why or 'none offered'}"
    if not math.isfinite(allowance):  # an overflow; nothing is known of its size
        return Look(Grade.OPEN, how, f"{lhs!r}", f"{rhs!r}", final=False)
    grade = Grade.SUSPECT if lhs - rhs > allowance else Grade.NO
    return Look(grade, how, f"{lhs!r}", f"{rhs!r}", lhs - rhs - allowance)


def _nudged(end: Any, stream: np.random.Generator) -> Any:
    """Floats moved by some roundings; whole numbers (labels, zeros) stay."""
    if isinstance(end, float):
        return end if end % 1 == 0 else end * (1 + NUDGE * stream.uniform(-1, 1))
    if isinstance(end, np.ndarray) and end.dtype.kind == "f":
        return np.where(end == np.round(end), end, end * (1 + NUDGE * stream.uniform(-1, 1, end.shape)))
    return end


def between(low: Any, high: Any) -> str:
    """A number that is known, or that lies between two, to print."""
    if low == high and (isinstance(low, float) or max(abs(low.numerator), low.denominator) < SHORT):
        return str(low)
    return repr((rounded(low) + rounded(high)) / 2)

"""Bad input is refused here, once: every message states the rule, the value and the way out."""

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

MOST = 2**63 - 1  # of what is counted
LARGE, SMALL = 1e152, 1e-152  # beyond them squares leave float64
CUBE = 1e75  # and beyond this one products of four
WIDE = 1e303  # for what divides out the size first
LEAST = 1e-300  # a positive number below it has no inverse that could be multiplied


def number(value: Any, name: str, rule: str = "a finite number") -> float:
    """A number of float64, NaN and infinity included; `rule` says what it must be beyond that."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise ValueError(f"{name} must be {rule}, got {value!r}; give one real number")
    try:
        return float(value)
    except OverflowError:
        raise ValueError(f"{name} must be {rule}, got an integer beyond float64; rescale it") from None


def finite(value: Any, name: str) -> float:
    """A finite number of either sign."""
    checked = number(value, name)
    if not math.isfinite(checked):
        raise ValueError(f"{name} must be a finite number, got {value}")
    return _in_range(checked, name)


def exponent(p: float, name: str = "p") -> float:
    """A norm exponent in [1, ∞]."""
    checked = number(p, name, "a number in [1, inf]")
    if not checked >= 1:
        raise ValueError(
            f"{name} must be in [1, inf], got {p}: below 1 it is no norm; use math.inf for the maximum"
        )
    return checked


def radius(eps: float, name: str = "eps", reach: float = LARGE) -> float:
    """A finite attack radius, eps ≥ 0."""
    checked = number(eps, name, "a finite number ≥ 0")
    if not (checked >= 0 and math.isfinite(checked)):
        raise ValueError(f"{name} must be a finite number ≥ 0, got {eps}; use 0 for no attack")
    return _in_range(checked, name, reach=reach)


def chance(value: float, name: str = "chance", *, certain: bool = False) -> float:
    """A probability strictly between 0 and 1; with `certain`, 1 is one too."""
    rule = "in (0, 1]" if certain else "in (0, 1), strictly between 0 and 1"
    checked = number(value, name, f"a number {rule}")
    if not (0 < checked < 1 or (certain and checked == 1)):
        raise ValueError(f"{name} must be {rule}, got {value}: it is a probability")
    return _in_range(checked, name, LEAST)


def real(values: Any, name: str, *ndims: int, reach: float = LARGE) -> Array:
    """A finite float64 array of one of so many dimensions, or of any, from anything that is one without loss.

    Its largest entry is 0 or between 1/reach and reach in size.
    """
    array = _numeric(values, name)
    if ndims and array.ndim not in ndims:
        allowed = " or ".join(map(str, ndims))
        raise ValueError(f"{name} must have {allowed} dimension(s), got shape {array.shape}; reshape it")
    if array.size == 0:
        raise ValueError(f"{name} must not be empty, got shape {array.shape}")
    with np.errstate(over="ignore"):  # of long doubles beyond float64
        checked: Array = array.astype(np.float64)
    if not np.isfinite(checked).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(checked))[0])
        raise ValueError(f"{name} must be finite, got {checked[where]} at {where}; drop or impute such entries")
    largest = float(np.abs(checked).max())
    if not (largest == 0 or 1 / reach <= largest <= reach):
        raise ValueError(
            f"{name} must have its largest entry between {1 / reach:g} and {reach:g} in size, got {largest:.3g}: "
            "products would leave float64; rescale it"
        )
    return checked


def path(values: Any, name: str, *ndims: int, infinite: bool = False, reach: float = LARGE) -> Array:
    """A vector of numbers ≥ 0, or an array of one of so many dimensions; with math.inf among them if allowed."""
    array = _numeric(values, name)
    unending = array == np.inf if infinite else np.zeros(array.shape, dtype=bool)
    checked = real(np.where(unending, 0, array), name, *(ndims or (1,)), reach=math.inf)
    tiny = (checked > 0) & (checked < LEAST)
    if checked.max() > reach or tiny.any():
        wrong = checked[tiny].min() if tiny.any() else checked.max()
        raise ValueError(f"{name} must be 0 or between {LEAST:g} and {reach:g}, got {wrong:.3g}; rescale")
    if (checked < 0).any():
        raise ValueError(f"{name} must be ≥ 0, got {checked.min()} at {int(checked.argmin())}; use 0 for none")
    return np.asarray(np.where(unending, np.inf, checked))


def _numeric(values: Any, name: str) -> Any:
    """An array of real numbers of any type and shape."""
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        raise ValueError(f"{name} has masked entries; drop or fill them first")
    try:
        array = np.asarray(values)
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a rectangular array of numbers, with rows of one length") from None
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name} must hold real numbers, got dtype {array.dtype}; convert it to float64 first")
    return array


def regression(X: Any, y: Any, *, reach: float = LARGE) -> tuple[Array, Array]:
    """Points (n, d) with real targets (n,)."""
    X, y = real(X, "X", 2, reach=reach), real(y, "y", 1, reach=reach)
    if len(X) != len(y):
        raise ValueError(f"X has {len(X)} rows but y has {len(y)} entries; they must agree")
    return X, y


def classification(X: Any, y: Any, *, reach: float = LARGE) -> tuple[Array, Array]:
    """Points (n, d) with labels ±1, both present."""
    X, y = regression(X, y, reach=reach)
    if not np.isin(y, (-1.0, 1.0)).all():
        raise ValueError(f"y must hold the labels -1 and +1, got {np.unique(y)[:5]}; map your classes to them")
    if len(np.unique(y)) == 1:
        raise ValueError(f"y has one class only (all {y[0]:+.0f}); both labels -1 and +1 are needed")
    return X, y


def flag(value: Any, name: str) -> bool:
    """True or False itself: "no" is a text, and texts count as true."""
    if not isinstance(value, (bool, np.bool_)):
        raise ValueError(f"{name} must be True or False, got {value!r}")
    return bool(value)


def one_of(value: Any, name: str, choices: Iterable[str]) -> None:
    """Refuse what is none of these words."""
    known = tuple(choices)
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"{name} must be one of {', '.join(known)}; got {value!r}")


def count(value: Any, name: str, least: int = 1) -> int:
    """An integer ≥ least, of 64 bits."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
        raise ValueError(f"{name} must be an integer ≥ {least}, got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be ≥ {least}, got {value}")
    if value > MOST:
        raise ValueError(f"{name} must be below 2^63, got an integer of {int(value).bit_length()} bits")
    return int(value)


def amount(value: Any, name: str, *, positive: bool = False, reach: float = LARGE) -> float:
    """A finite number ≥ 0, or > 0."""
    rule = "a finite number > 0" if positive else "a finite number ≥ 0"
    checked = number(value, name, rule)
    if not math.isfinite(checked) or checked < 0 or (positive and checked == 0):
        raise ValueError(f"{name} must be {rule}, got {value}")
    return _in_range(checked, name, LEAST if positive else 0.0, reach)


def _in_range(value: float, name: str, least: float = 0.0, reach: float = LARGE) -> float:
    """A number that can be multiplied, and divided by if it has to be at least so large."""
    if not least <= abs(value) <= reach:
        lowest = f"at least {least:g} and " if least else ""
        raise ValueError(f"{name} must be {lowest}at most {reach:g} in size, got {value}; rescale")
    return value

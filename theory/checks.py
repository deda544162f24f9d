"""Bad input is refused here, once: every message states the rule, the value and the way out."""

import math
from typing import Any

import numpy as np

from theory.solution import Array


def exponent(p: float, name: str = "p") -> float:
    """A norm exponent in [1, ∞]."""
    if isinstance(p, bool) or not isinstance(p, (int, float, np.integer, np.floating)):
        raise ValueError(f"{name} must be a number in [1, inf], got {p!r}; use math.inf for the maximum norm")
    if not p >= 1:
        raise ValueError(f"{name} must be in [1, inf], got {p}: below 1 it is no norm")
    return float(p)


def radius(eps: float) -> float:
    """A finite attack radius, eps ≥ 0."""
    if isinstance(eps, bool) or not isinstance(eps, (int, float, np.integer, np.floating)):
        raise ValueError(f"eps must be a finite number ≥ 0, got {eps!r}")
    if not (eps >= 0 and math.isfinite(eps)):
        raise ValueError(f"eps must be a finite number ≥ 0, got {eps}; use 0 for no attack")
    return float(eps)


def real(values: Any, name: str, ndim: int) -> Array:
    """A finite float64 array of `ndim` dimensions, from anything that is one without loss."""
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        raise ValueError(f"{name} has masked entries; drop or fill them first")
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} must be a rectangular array of numbers: {error}") from None
    if array.dtype.kind not in "fiub":
        raise ValueError(f"{name} must hold real numbers, got dtype {array.dtype}; convert it to float64 first")
    if array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} dimension(s), got shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} must not be empty, got shape {array.shape}")
    array = array.astype(np.float64)
    if not np.isfinite(array).all():
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} must be finite, got {array[where]} at {where}; drop or impute such entries")
    return array


def regression(X: Any, y: Any) -> tuple[Array, Array]:
    """Points (n, d) with real targets (n,)."""
    X, y = real(X, "X", 2), real(y, "y", 1)
    if len(X) != len(y):
        raise ValueError(f"X has {len(X)} rows but y has {len(y)} entries; they must agree")
    return X, y


def classification(X: Any, y: Any) -> tuple[Array, Array]:
    """Points (n, d) with labels ±1, both present."""
    X, y = regression(X, y)
    if not np.isin(y, (-1.0, 1.0)).all():
        raise ValueError(f"y must hold the labels -1 and +1, got {np.unique(y)[:5]}; map your classes to them")
    if len(np.unique(y)) == 1:
        raise ValueError(f"y has one class only (all {y[0]:+.0f}); both labels -1 and +1 are needed")
    return X, y


def count(value: Any, name: str, least: int = 1) -> int:
    """An integer ≥ least."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise ValueError(f"{name} must be an integer ≥ {least}, got {value!r}")
    if value < least:
        raise ValueError(f"{name} must be ≥ {least}, got {value}")
    return int(value)


def amount(value: Any, name: str, *, positive: bool = False) -> float:
    """A finite number ≥ 0, or > 0."""
    rule = "> 0" if positive else "≥ 0"
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise ValueError(f"{name} must be a finite number {rule}, got {value!r}")
    if not math.isfinite(value) or value < 0 or (positive and value == 0):
        raise ValueError(f"{name} must be a finite number {rule}, got {value}")
    return float(value)

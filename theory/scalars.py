"""Single numbers that a formula takes: counts and amounts, refused with the rule, the value and the way out."""

import math
from typing import Any

import numpy as np


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

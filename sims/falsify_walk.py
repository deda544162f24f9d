"""Instances are nested tuples, lists, dictionaries and dataclasses with numbers and arrays at their ends."""

import dataclasses
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np


def mapped(x: Any, change: Callable[[Any], Any]) -> Any:
    """The same nest with every end changed."""
    if isinstance(x, dict):
        return {k: mapped(v, change) for k, v in x.items()}
    if isinstance(x, tuple) and hasattr(x, "_fields"):
        return type(x)(*(mapped(v, change) for v in x))
    if isinstance(x, (list, tuple)):
        return type(x)(mapped(v, change) for v in x)
    if dataclasses.is_dataclass(x) and not isinstance(x, type):
        return dataclasses.replace(x, **{k: mapped(v, change) for k, v in fields(x).items()})
    return change(x)


def fields(x: Any) -> dict[str, Any]:
    """The parts of a dataclass by name."""
    return {f.name: getattr(x, f.name) for f in dataclasses.fields(x) if f.init}


def ends_of(x: Any, name: str = "x") -> dict[str, Any]:
    """Every end by its path: x.X, x[0], x.more.Q; of the instance itself, x."""
    if isinstance(x, dict):
        parts = {f"{name}.{k}": v for k, v in x.items()}
    elif isinstance(x, tuple) and hasattr(x, "_fields"):
        parts = {f"{name}.{k}": v for k, v in zip(x._fields, x, strict=True)}
    elif isinstance(x, (list, tuple)):
        parts = {f"{name}[{i}]": v for i, v in enumerate(x)}
    elif dataclasses.is_dataclass(x) and not isinstance(x, type):
        parts = {f"{name}.{k}": v for k, v in fields(x).items()}
    else:
        return {name: x}
    return {k: v for part, value in parts.items() for k, v in ends_of(value, part).items()}


def numbers(x: Any) -> list[int | float]:
    """All its numbers in a row."""
    found: list[int | float] = []
    for end in ends_of(x).values():
        array = np.asarray(end)
        if array.dtype.kind in "fiub":
            found += array.ravel().tolist()
    return found


def size(x: Any) -> tuple[int, int, int]:
    """How much there is to read: the numbers, their digits as fractions, their magnitudes."""
    every = numbers(x)
    finite = [Fraction(v) for v in every if abs(v) < np.inf]
    digits = sum(len(str(v.numerator)) + len(str(v.denominator)) - 1 for v in finite)
    return len(every), digits, sum(abs(v.numerator) + v.denominator for v in finite)


def nested(x: Any) -> Any:
    """As JSON takes it: arrays as lists, floats as they print, which reads back to the same bits."""
    if isinstance(x, (np.ndarray, np.generic)):
        x = x.tolist()
    if isinstance(x, dict):
        return {str(k): nested(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)) and not hasattr(x, "_fields"):
        return [nested(v) for v in x]
    if hasattr(x, "_asdict"):
        return nested(x._asdict())
    if dataclasses.is_dataclass(x) and not isinstance(x, type):
        return nested(fields(x))
    if isinstance(x, float) and not abs(x) < np.inf:
        return str(x)
    return x if isinstance(x, (int, float, str, bool)) or x is None else repr(x)

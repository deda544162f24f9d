"""Arrays of whole numbers that index as usual and never wrap round: what leaves 64 bits is refused."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from sims.falsify_linalg import lift
from sims.falsify_number import Inexact
from sims.falsify_walk import mapped

MULTIPLY = (
    *(np.dot, np.vdot, np.inner, np.outer, np.tensordot, np.einsum, np.kron, np.cross),
    *(np.convolve, np.correlate, np.trace),
)
ADD = (np.sum, np.prod, np.cumsum, np.cumprod)


class Whole(np.ndarray[Any, np.dtype[np.int64]]):
    """Whole numbers of 64 bits, calculated with at any length; a single one is Python's own."""

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **rest: Any) -> Any:
        """The operation on whole numbers of any length; a quotient is rational."""
        out = rest.pop("out", None)
        made = map(lift if ufunc is np.true_divide else free, inputs)
        result = back(getattr(ufunc, method)(*made, **rest))
        if out is None:
            return result
        if isinstance(out[0], Whole) and not isinstance(result, (int, Whole)):
            raise TypeError("an array of whole numbers cannot hold the result")
        out[0][...] = result
        return out[0]

    def __array_function__(self, function: Callable[..., Any], types: Any, args: Any, kwargs: Any) -> Any:
        """Products of arrays are formed at any length; what only moves numbers about does as it always does."""
        if function in MULTIPLY:
            return back(function(*mapped(args, free), **mapped(kwargs, free)))
        return super().__array_function__(function, types, args, kwargs)

    def dot(self, b: Any, out: Any = None) -> Any:
        """As the function does it."""
        return np.dot(self, b, out)

    def __getitem__(self, key: Any) -> Any:
        """A single number is Python's."""
        found = super().__getitem__(key)
        return int(found) if isinstance(found, np.integer) else found


def whole(values: Any) -> Any:
    """Arrays of whole numbers as such that do not wrap round; anything else as it is.

    Raises:
        Inexact: if one of them is longer than 64 bits.
    """
    if isinstance(values, tuple) and not hasattr(values, "_fields"):
        return tuple(map(whole, values))
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "iu" or not values.ndim:
        return values
    return back(values.astype(object)) if values.dtype == np.uint64 else values.astype(np.int64).view(Whole)


def counted(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function; whole numbers that it makes do not wrap round, nor those in lists that it calculates with."""
    lists = 2 if function in MULTIPLY else int(function in ADD)

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        made = [whole(np.array(x)) if isinstance(x, (list, tuple)) else x for x in args[:lists]]
        return whole(function(*made, *args[lists:], **kwargs))

    return call


def free(x: Any) -> Any:
    """Whole numbers as Python's."""
    return x.view(np.ndarray).astype(object) if isinstance(x, np.ndarray) and x.dtype.kind in "iu" else x


def back(result: Any) -> Any:
    """Python's whole numbers as 64 bits again, where all are.

    Raises:
        Inexact: if one of them is longer.
    """
    if isinstance(result, tuple):
        return tuple(map(back, result))
    if not isinstance(result, np.ndarray) or result.dtype != object:
        return result
    if not all(type(v) is int for v in result.flat):
        return result
    if max(map(abs, result.flat), default=0) >= 2**63:
        raise Inexact("a whole number in an array is longer than 64 bits: it would wrap round")
    return result.astype(np.int64).view(Whole)

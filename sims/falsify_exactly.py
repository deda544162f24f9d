"""A file's own functions on exact numbers: its `np` and `math` give way to namesakes that do not round."""

import functools
import inspect
import math
import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np

from sims.falsify_linalg import LINALG, lift
from sims.falsify_number import BALLS, Inexact, Number, Undecided
from sims.falsify_walk import mapped
from sims.falsify_whole import counted
from sims.falsify_whole import whole as whole_numbers
from theory.exact_numbers import precision


def exactly(x: Any, whole: bool = True) -> Any:
    """An instance with each float as the binary fraction it is; whole numbers too, unless they are to index.

    Raises:
        Inexact: if floats may hide in it, or are not finite.
    """
    return mapped(x, lambda end: _exact(end, whole))


def _exact(x: Any, whole: bool) -> Any:
    if x is None or isinstance(x, (bool, np.bool_, str, bytes, Fraction)):
        return x
    if isinstance(x, (float, np.floating)):
        return Number.exactly(x)
    if isinstance(x, (int, np.integer)):
        return Number.of(int(x)) if whole else int(x)
    kind = x.dtype.kind if type(x) is np.ndarray else ""
    if kind and kind in ("fOiu" if whole else "fO"):
        return np.array([_exact(v, whole) for v in x.flat], dtype=object).reshape(x.shape)
    if kind and kind in "iu":
        return whole_numbers(x)
    if kind and kind in "bUS":
        return x
    raise Inexact(f"the instance holds a {type(x).__name__}, whose numbers cannot be made exact")


class Namesake:
    """A module of which some functions are others; what it has not is asked of the original."""

    def __init__(self, original: ModuleType, **others: Any) -> None:
        self.__dict__.update(others, _original=original)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._original, name)


@contextmanager
def namesakes(module: Any) -> Iterator[None]:
    """While inside, the module's NumPy, its math, functions of theirs that it imported, and `float` are exact."""
    names = vars(module)
    table = {id(original): (original, other) for original, other in _pairs()}
    held = {k: v for k, v in names.items() if id(v) in table and table[id(v)][0] is v}
    added = {"float": _float} if "float" not in names else {}
    try:
        names.update({k: table[id(v)][1] for k, v in held.items()} | added)
        yield
    finally:
        names.update(held)
        for name in added:
            del names[name]


def _float(x: Any = 0) -> Any:
    """What a conversion to float stands for: the number."""
    return float(x) if isinstance(x, str) else lift(x.item() if isinstance(x, np.ndarray) else x)


@functools.cache
def _pairs() -> list[tuple[Any, Any]]:
    """Originals and namesakes: both modules, and their functions for files that import them by name."""
    with precision():  # of the constants, whatever it is where they are first asked for
        numpys, maths = _numpy(), _math()
    numpy, plain = Namesake(np, **numpys, linalg=Namesake(np.linalg, **vars(LINALG))), Namesake(math, **maths)
    functions = [
        (vars(original)[name], other)
        for original, others in ((np, numpys), (math, maths), (np.linalg, vars(LINALG)))
        for name, other in others.items()
        if callable(vars(original).get(name))
    ]
    return [(np, numpy), (math, plain), (np.linalg, numpy.linalg), *functions]


def _entrywise(name: str) -> Callable[..., Any]:
    """The function of that name, of a number or of each entry."""

    def call(x: Any) -> Any:
        x = lift(x)
        if isinstance(x, Number):
            return getattr(x, name)()
        return np.array([getattr(v, name)() for v in x.flat], dtype=object).reshape(x.shape)

    return call


def _test(name: str) -> Callable[..., Any]:
    """The test of that name (isfinite, isnan, isinf) of a number or of each entry."""

    def call(x: Any) -> Any:
        array = np.array(x, dtype=object)
        found = [bool(getattr(math, name)(_plain(v))) for v in array.flat]
        return np.array(found, dtype=bool).reshape(array.shape)[()]

    return call


def _plain(x: Any) -> Any:
    """Any finite number for a finite Number."""
    if not isinstance(x, Number):
        return x
    if not x.ball().is_finite():
        raise Undecided("the enclosure is not finite")
    return 0


TESTS = {name: _test(name) for name in ("isfinite", "isnan", "isinf")}


def _filled(value: int) -> Callable[..., Any]:
    def call(shape: Any, dtype: Any = None, **rest: Any) -> Any:
        if _other(dtype):
            return whole_numbers(np.full(shape, value, dtype=dtype, **rest))
        return lift(np.full(shape, value))

    return call


def _other(dtype: Any) -> bool:
    """Whether a dtype that was asked for is none of floats."""
    return dtype not in (None, _float, lift) and np.dtype(dtype).kind not in "fO"


def _array(values: Any, dtype: Any = None, **rest: Any) -> Any:
    """An array of Numbers where there is one, whatever kind of float was asked for."""
    found = np.array(values, dtype=object)
    if _other(dtype) or not any(isinstance(v, Number) for v in found.flat):
        return whole_numbers(np.array(values, dtype=dtype, **rest))
    return found.copy()


def _eye(n: Any, m: Any = None, dtype: Any = None) -> Any:
    return lift(np.eye(n, m, dtype=int))


def _numpy() -> dict[str, Any]:
    names = {name: _entrywise(name) for name in (*BALLS, "sqrt") if hasattr(np, name)}
    return {
        **{name: counted(function) for name, function in vars(np).items() if inspect.isroutine(function)},
        **names,
        **TESTS,
        **{"zeros": _filled(0), "ones": _filled(1), "eye": _eye, "identity": _eye},
        **{"array": _array, "asarray": _array, "float64": lift},
        **{"pi": Number.of(math.pi), "e": Number.of(math.e)},
        "hypot": lambda a, b: _entrywise("sqrt")(a * a + b * b),
    }


def _math() -> dict[str, Any]:
    names = {**{ours: numpys for numpys, ours in BALLS.items()}, "sqrt": "sqrt"}
    same = {name: _entrywise(method) for name, method in names.items()}
    return {
        **same,
        **TESTS,
        **{"pi": Number.of(math.pi), "e": Number.of(math.e), "fabs": abs, "pow": lambda a, b: lift(a) ** lift(b)},
        "log": lambda x, base=None: lift(x).log() if base is None else lift(x).log() / lift(base).log(),
        "fsum": lambda xs: sum(xs, Number.of(0)),
        "prod": lambda xs, start=1: functools.reduce(operator.mul, xs, start),
        "hypot": lambda *xs: sum((x * x for x in xs), Number.of(0)).sqrt(),
        "dist": lambda a, b: sum(((x - y) * (x - y) for x, y in zip(a, b, strict=True)), Number.of(0)).sqrt(),
    }


def ends(value: Any) -> tuple[Any, Any]:
    """Rational numbers below and above one side of a conclusion.

    A Number, a Fraction, a whole number, a ball, or two rational ends; a float only if it is short or infinite.

    Raises:
        Inexact: if it is something that was rounded.
        ValueError: if two ends are not in order.
    """
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value.item()
    if isinstance(value, (tuple, list)) and len(value) == 2:
        low, high = Number.of(value[0]).ends()[0], Number.of(value[1]).ends()[1]
        if low > high:
            raise ValueError(f"the ends around a side must be in order, got {value!r}")
        return low, high
    if isinstance(value, (float, np.floating)) and math.isinf(value):
        return float(value), float(value)
    try:
        return Number.of(value).ends()
    except Inexact:
        raise Inexact(
            f"{value!r} is a float that was rounded; give Fractions, or two Fractions around it"
        ) from None

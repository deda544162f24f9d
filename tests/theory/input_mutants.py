"""What is done to the arguments of a valid call: broken, said in other words, or driven to extremes."""

import contextlib
import dataclasses
import math
import signal
from fractions import Fraction

import numpy as np
from scipy import sparse

SECONDS = 60  # a call that takes longer hangs
HUGE = 10**400  # an integer beyond float64
RAW = (
    "broadcast",
    "ambiguous",
    "setting an array",
    "could not convert",
    "shape mismatch",
    "core dimension",
    "reshape(",
)


class HangError(Exception):
    """A call that did not end."""


def broken_arrays(a):
    """No finite real array of the right shape."""
    for name, value in (("nan", np.nan), ("-inf", -np.inf), ("inf", np.inf)):
        spoilt = np.array(a, dtype=float)
        spoilt.flat[-1] = value
        yield name, spoilt
    yield "complex", a + 1j
    yield "complex without imaginary part", a + 0j
    yield "strings", a.astype(str)
    yield "words", np.full(a.shape, "abc")
    yield "missing", np.full(a.shape, None)
    yield "dates", np.zeros(a.shape, "datetime64[s]")
    yield "masked", np.ma.masked_array(a, mask=np.arange(a.size).reshape(a.shape) == 0)
    yield "ragged", [[1.0, 2.0], [1.0]]
    yield "a dimension more", a[None]
    yield "None", None
    yield "word", "abc"
    yield "sparse", sparse.csr_array(a if a.ndim < 3 else a[0])
    yield "integers beyond float64", np.full(a.shape, HUGE, dtype=object)
    yield from ((f"no entry along {axis}", np.take(a, [], axis=axis)) for axis in range(a.ndim))


def broken_numbers(v):
    """No finite real number."""
    yield from (("nan", math.nan), ("inf", math.inf), ("-inf", -math.inf), ("complex", complex(v, 1)))
    yield from (("strings", str(v)), ("word", "abc"), ("None", None), ("bool", True), ("list", [v]), ("dict", {}))
    yield from (("array", np.array([v])), ("integers beyond float64", HUGE))


class Wrapped:
    """Something that is an array when asked, as the columns of a data frame are."""

    def __init__(self, a):
        self.a = a

    def __array__(self, dtype=None, copy=None):
        return np.array(self.a, dtype=dtype)


def same_arrays(a):
    """The same numbers, held otherwise."""
    yield "list", a.tolist()
    yield "Fortran order", np.asfortranarray(a)
    yield "not contiguous", np.repeat(a, 2, axis=-1)[..., ::2]
    yield "reversed", np.ascontiguousarray(a[::-1])[::-1]
    yield "wrapped", Wrapped(a)
    yield "without a mask", np.ma.masked_array(a)
    locked = a.copy()
    locked.setflags(write=False)
    yield "read only", locked
    yield from ((kind, a.astype(kind)) for kind in ("float16", "float32", "longdouble", ">f8"))
    if (a == np.rint(a)).all():
        yield from ((kind, a.astype(kind)) for kind in ("int8", "int64"))
    if (a == 0).any() and a.dtype.kind == "f":
        yield "-0.0", np.where(a == 0, -0.0, a)


def same_numbers(v):
    """The same number, held otherwise."""
    yield from (("float64", np.float64(v)), ("float32", np.float32(v))) if isinstance(v, float) else ()
    if math.isfinite(v) and v == int(v):
        yield from (("int", int(v)), ("int64", np.int64(v)))
    if v == 0:
        yield "-0.0", -0.0


def extreme_arrays(a):
    """Finite, and unlike anything that was expected: sizes, zeros, dependent and repeated rows and columns."""
    a = a.astype(float)
    yield from ((str(v), np.full(a.shape, v)) for v in (0.0, -0.0, 1.0, -1.0, 5e-324, 1e308))
    yield from ((f"2^{e}", np.ldexp(a, e)) for e in (498, -498, 1000, -1060))
    yield "negative", -a
    yield "one row for all", np.repeat(a[:1], len(a), axis=0)
    for v in (0.0, 5e-324, 1e308):
        one = a.copy()
        one.flat[0] = v
        yield f"one entry {v}", one
    if a.ndim == 2:
        for name, column in (("equal", 0 * a[:, -1]), ("nearly equal", 1e-12 * a[:, -1])):
            dependent = a.copy()
            dependent[:, -1] = a[:, 0] + column
            yield f"{name} columns", dependent
        for factor in (0.0, 1e16, 1e-16):
            for axis in (0, 1):
                uneven = a.copy()
                uneven[(slice(None), 0) if axis else 0] *= factor
                yield f"{'column' if axis else 'row'} times {factor}", uneven


def extreme_numbers(v):
    """Finite, and far from what was expected."""
    sizes = (
        (0, 1, 2, -1) if isinstance(v, int) else (0.0, -1.0, 1.0, 1.0000001, 5e-324, 1e-308, 1e-16, 1e16, 1e308)
    )
    yield from ((str(x), x) for x in sizes)


@contextlib.contextmanager
def limited():
    """Ends what hangs."""

    def stop(*_):
        raise HangError(f"no answer within {SECONDS} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def answer(function, arguments):
    """What the call returns as a list of numbers, or the words of its ValueError; anything else is raised."""
    with limited():
        try:
            return numbers(function(**arguments)), None
        except ValueError as refusal:
            words = str(refusal)
            assert len(words) >= 20, f"a refusal that says too little: {words!r}"
            assert not any(raw in words for raw in RAW), f"numpy's own words: {words!r}"
            return None, words


def numbers(result):
    """All numbers inside a result, in order; functions inside are left out."""
    if isinstance(result, (bool, int, float, Fraction, np.generic)) and not isinstance(result, np.str_):
        try:
            return [float(result)]
        except OverflowError:  # an exact number beyond float64
            return [math.inf]
    if isinstance(result, np.ndarray):
        return [float(v) for v in result.ravel()] if result.dtype != object else _inside(result.ravel())
    if sparse.issparse(result):
        return numbers(result.toarray())
    if isinstance(result, (tuple, list)):
        return _inside(result)
    if dataclasses.is_dataclass(result) and not isinstance(result, type):
        return _inside(getattr(result, f.name) for f in dataclasses.fields(result) if f.name != "problem")
    return [float(result)] if type(result).__name__ == "arb" else []


def _inside(values):
    return [number for value in values for number in numbers(value)]

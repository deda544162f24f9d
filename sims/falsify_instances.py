"""Strategies for statements about linear models: structure first (rank, scale, copies, margin), entries second.

Entries are small whole numbers, quarters of them, or floats. The former make witnesses that can be read and exact
arithmetic that is fast; floats are what an optimiser can turn. A strategy is made once for each set of arguments.
"""

import functools
import math

import numpy as np
from hypothesis import strategies as st

from theory.checks import Array

Vectors = st.SearchStrategy[Array]


@functools.cache
def entries(bound: float = 3.0) -> st.SearchStrategy[float]:
    """A number of size at most `bound`: whole, a quarter of a whole number, or any."""
    return st.one_of(quarters(bound), st.floats(-bound, bound))


@functools.cache
def quarters(bound: float = 3.0) -> st.SearchStrategy[float]:
    """A number of size at most `bound`, whole or a quarter of a whole number."""
    wholes, parts = (st.integers(-math.floor(k * bound), math.floor(k * bound)) for k in (1, 4))
    return st.one_of(wholes.map(float), parts.map(lambda k: k / 4))


@functools.cache
def vectors(d: int, bound: float = 3.0) -> Vectors:
    """A vector in d dimensions."""
    return st.lists(entries(bound), min_size=d, max_size=d).map(np.array)


@functools.cache
@st.composite
def matrices(draw: st.DrawFn, n: int, d: int, bound: float = 3.0) -> Array:
    """A matrix (n, d): free, of low rank, with a copied row, or with columns of unequal scale."""
    kind = draw(st.sampled_from(("free", "low rank", "copy", "scales")))
    if kind == "low rank":
        r = draw(st.integers(1, min(n, d)))
        left, right = draw(vectors(n * r, 2.0)), draw(vectors(r * d, 2.0))
        return np.asarray(left.reshape(n, r) @ right.reshape(r, d))
    X = draw(vectors(n * d, bound)).reshape(n, d)
    if kind == "copy" and n > 1:
        X[-1] = draw(st.sampled_from((1.0, -1.0, 2.0))) * X[0]
    if kind == "scales":
        X = X * 2.0 ** np.array(draw(st.lists(st.integers(-6, 6), min_size=d, max_size=d)))
    return X


@functools.cache
def shapes(most_n: int = 4, most_d: int = 4) -> st.SearchStrategy[tuple[int, int]]:
    """How many points in how many dimensions."""
    return st.tuples(st.integers(1, most_n), st.integers(1, most_d))


@functools.cache
@st.composite
def regressions(draw: st.DrawFn, most_n: int = 4, most_d: int = 4) -> tuple[Array, Array]:
    """Points and targets."""
    n, d = draw(shapes(most_n, most_d))
    return draw(matrices(n, d)), draw(vectors(n))


@functools.cache
@st.composite
def classifications(draw: st.DrawFn, most_n: int = 5, most_d: int = 3) -> tuple[Array, Array]:
    """Points with labels ±1 of both kinds; as often as not a drawn direction separates them."""
    n, d = draw(st.integers(2, most_n)), draw(st.integers(1, most_d))
    X = draw(matrices(n, d))
    if draw(st.booleans()):
        w = draw(vectors(d))
        y = np.where(X @ w > 0, 1.0, -1.0)
    else:
        y = np.array(draw(st.lists(st.sampled_from((1.0, -1.0)), min_size=n, max_size=n)))
    if abs(y.sum()) == n:
        y[0] = -y[0]
    return X, y

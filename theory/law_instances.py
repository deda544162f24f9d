"""Where laws are tried: data drawn structure first (rank, spectrum, scale, duplicates, margin), entries second.

Entries are small integers times powers of two, so that a counterexample shrinks to numbers that can be read.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from theory.checks import Array

try:
    from hypothesis import assume
    from hypothesis import strategies as st
except ImportError as error:  # pragma: no cover
    raise ImportError("theory.laws draws its instances with Hypothesis: pip install 'lemmata[laws]'") from error

CLEAR = 1e-12  # singular values below this share of the largest are rank deficiency; none lies just above it
WORST = 1e6  # the largest condition of a drawn X, where none is said


@dataclass(frozen=True)
class Instance:
    """Data (X, y), labels ±1 for classifiers, points Z to predict at, and what else a law draws, by name."""

    X: Array
    y: Array
    labels: Array
    Z: Array
    more: Mapping[str, Array] = field(default_factory=dict)

    def arrays(self) -> dict[str, Array]:
        """Everything drawn, by name."""
        return {"X": self.X, "y": self.y, "labels": self.labels, "Z": self.Z, **self.more}


Piece = Callable[[int, int], "st.SearchStrategy[Array]"]
MOST = 8  # the most samples or features before repetition
BLOCK = st.binary(min_size=MOST * MOST, max_size=MOST * MOST).map(
    lambda block: np.frombuffer(block, dtype=np.uint8).reshape(MOST, MOST).astype(np.int64)
)  # drawn at one size and cropped, so that a smaller n or d shrinks nothing else


@cache
def natural(shape: tuple[int, ...], below: int) -> "st.SearchStrategy[Array]":
    """Arrays of one or two dimensions of 0, …, below − 1."""
    crop = (0,) * (2 - len(shape)) + tuple(slice(k) for k in shape)
    return BLOCK.map(lambda block: block[crop] % below).map(np.float64)  # type: ignore[arg-type]


@cache
def integers(shape: tuple[int, ...], most: int = 3) -> "st.SearchStrategy[Array]":
    """Arrays of integers of modulus ≤ most; the simplest is 0, then 1, −1, 2, …"""
    return natural(shape, 2 * most + 1).map(lambda k: np.ceil(k / 2) * np.where(k % 2, 1.0, -1.0) + 0.0)


@cache
def factors(k: int, most: int = 5) -> "st.SearchStrategy[Array]":
    """Vectors of k powers of two, from 2^−most to 2^most."""
    return integers((k,), most).map(np.exp2)


@cache
def powers(most: int) -> "st.SearchStrategy[Array]":
    """A power of two, from 2^−most to 2^most, as an array of no dimension."""
    return st.integers(-most, most).map(lambda k: np.array(2.0**k))


@cache
def numbers(most: int = 8) -> "st.SearchStrategy[Array]":
    """A nonzero multiple of 1/4 of modulus ≤ most/4, as an array of no dimension."""
    return st.integers(-most, most - 1).map(lambda k: np.array((k if k < 0 else k + 1) / 4))


@cache
def counts(k: int, least: int = 1, most: int = 3) -> "st.SearchStrategy[Array]":
    """Vectors of k whole numbers from least to most."""
    return natural((k,), most - least + 1).map(lambda c: c + least)


@cache
def permutations(k: int) -> "st.SearchStrategy[Array]":
    """Orders of 0, …, k − 1."""
    return natural((k,), 256).map(lambda values: np.argsort(values, kind="stable").astype(np.float64))


@cache
def orthogonal(d: int) -> "st.SearchStrategy[Array]":
    """Orthogonal matrices (d, d): products of two reflections in hyperplanes with integer normals."""

    def product(normals: Array) -> Array:
        Q = np.eye(d)
        for v in normals:
            if v.any():
                Q = Q - 2 * np.outer(Q @ v, v) / (v @ v)
        return Q

    return integers((2, d)).map(product)


@cache
def embedding(d: int) -> "st.SearchStrategy[Array]":
    """Matrices B (d, d + 1) with BBᵀ = I: the first d rows of an orthogonal matrix."""
    return orthogonal(d + 1).map(lambda Q: Q[:d])


@cache
def unimodular(d: int) -> "st.SearchStrategy[Array]":
    """Integer matrices (d, d) of determinant 1: a lower times an upper triangle with ones on the diagonal."""
    return integers((d, d), 1).map(lambda T: (np.eye(d) + np.tril(T, -1)) @ (np.eye(d) + np.triu(T, 1)))


@st.composite
def instances(
    draw: "st.DrawFn",
    more: Mapping[str, Piece] | None = None,
    *,
    samples: tuple[int, int] = (2, 7),
    features: tuple[int, int] = (1, 4),
    wide: bool = False,
    tall: bool = False,
    separable: bool = False,
    grades: int = 2,
    worst: float = WORST,
) -> Instance:
    """Instances of all shapes, or wide with independent rows, or tall with independent columns, or separable.

    Features are scaled by powers of two, at random and in grades of up to 2^grades from one to the next; X and X
    without its means have condition ≤ worst. `more` names what else is drawn, given n and d.
    """
    n, d, slack = draw(st.integers(*samples)), draw(st.integers(*features)), draw(st.integers(0, 3))
    if tall or wide:
        n, d = (min(d + 2 + slack, MOST), d) if tall else (n, min(n + slack, MOST))
    rank = min(n, d) - (0 if tall or wide else draw(st.integers(0, min(n, d) - 1)))
    separated, repeated, scaled = (draw(st.booleans()) for _ in range(3))
    X, labels = draw(integers((n, d))), 1 - 2 * draw(natural((n,), 2))
    if rank < min(n, d):
        X = X[:, :rank] @ draw(integers((rank, d)))
    labels[0], labels[-1] = 1.0, -1.0
    if separable or separated:
        teacher = draw(integers((d,)))
        teacher[0] += not teacher.any()
        margin = draw(counts(n)) * labels
        X = X + np.outer((margin - X @ teacher) / (teacher @ teacher), teacher)
    if repeated and not (wide or tall or separable):
        rows = np.minimum(np.arange(n), draw(counts(n, 0, n - 1)).astype(int))
        rows[-1] = n - 1
        X, labels = X[rows], labels[rows] if separated else labels
    if scaled:
        X = X * draw(factors(d)) / 2.0 ** (draw(st.integers(0, grades)) * np.arange(d))
    X = X * draw(powers(4))
    assume(0 < condition(X) <= worst and condition(X - X.mean(axis=0)) <= worst)
    assume(not (wide or tall) or np.linalg.matrix_rank(X) == min(n, d))
    y = draw(integers((n,), 5)) * draw(powers(4))
    Z = draw(integers((draw(st.integers(1, 3)), d))) * np.abs(X).max()
    return Instance(X, y, labels, Z, {name: draw(piece(n, d)) for name, piece in (more or {}).items()})


def condition(X: Array) -> float:
    """The largest over the smallest singular value that is not 0; infinite if that is unclear, 0 for X = 0."""
    s = np.linalg.svd(X, compute_uv=False)
    kept = s[s > CLEAR * s[0]]
    dropped = s[len(kept) :]
    if (dropped > 1e-2 * CLEAR * s[0]).any():
        return np.inf
    return float(kept[0] / kept[-1]) if len(kept) else 0.0

"""Interpolators of least ℓ1 norm turn with the features: if w is one for X, y, then Qᵀw is one for XQ, y.

So ‖Qᵀw‖₁ would be at most the least ℓ1 norm that interpolates XQ, y, for each such w. The rotation is of the first
two coordinates, by the rational cosine and sine (1 − t², 2t)/(1 + t²).
"""

import math

import numpy as np
from hypothesis import strategies as st

from sims.falsify_instances import entries, matrices, vectors
from theory.exact import rank
from theory.exact_numbers import rational
from theory.exact_program import maximise
from theory.interpolation import min_norm

instances = st.tuples(st.integers(1, 2), st.integers(2, 3)).flatmap(
    lambda s: st.fixed_dictionaries({"X": matrices(*s), "y": vectors(s[0]), "t": entries(2.0)})
)


def rotation(t, d):
    """Q, by floats or by Fractions as t is."""
    Q = np.eye(d, dtype=int).astype(object)
    Q[:2, :2] = np.array([[1 - t * t, -2 * t], [2 * t, 1 - t * t]], dtype=object) / (1 + t * t)
    return Q


def assume(case):
    """Not every target is reached unless the rows are independent."""
    return np.linalg.matrix_rank(case["X"]) == len(case["X"])


def exact_assume(case):
    """The same without rounding."""
    return rank(case["X"]) == len(case["X"])


def conclude(case):
    """‖Qᵀw‖₁, and the least norm for the rotated features."""
    X, y, Q = case["X"], case["y"], rotation(case["t"], case["X"].shape[1]).astype(float)
    return np.abs(Q.T @ min_norm(X, y, 1).w).sum(), min_norm(X @ Q, y, 1).value


def exact(case):
    """The same by linear programs in rationals."""
    X, y, t = rational(case["X"], "X", 2), rational(case["y"], "y", 1), rational([case["t"]], "t", 1)[0]
    Q = rotation(t, X.shape[1])
    return sum(abs(Q.T @ least(X, y))), sum(abs(least(X @ Q, y)))


def least(X, y):
    """The w of least ‖w‖₁ with Xw = y, as the prices of max a·y over |Xᵀa| ≤ 1."""
    common = math.lcm(*(v.denominator for v in [*X.flat, *y]))
    whole = np.array([[int(v * common) for v in row] for row in X], dtype=object)
    A = np.block([[whole.T, -whole.T], [-whole.T, whole.T]])
    c = np.array([int(v * common) for v in y], dtype=object)
    prices = maximise(A, np.array([1] * len(A), dtype=object), np.concatenate([c, -c])).prices
    return prices[: X.shape[1]] - prices[X.shape[1] :]


def draw(ax, case):
    """For one point of the plane: the line of interpolators, those of least ℓ1 norm before and after turning."""
    X, y, Q = case["X"], case["y"], rotation(case["t"], case["X"].shape[1]).astype(float)
    if X.shape != (1, 2):
        return False
    w, turned = min_norm(X, y, 1).w, Q @ min_norm(X @ Q, y, 1).w
    reach = 1.5 * max(np.abs(w).max(), np.abs(turned).max(), 1e-3)
    along = 4 * reach * np.array([-X[0, 1], X[0, 0]]) / np.linalg.norm(X)
    ax.plot(*(w[:, None] + np.outer(along, (-1, 1))), "0.6", label="interpolators")
    ax.plot(*w, "o", label="w")
    ax.plot(*turned, "s", label="Q times that of XQ, y")
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    ax.legend(fontsize="small")
    return True

"""|y_i − x_i·w| ≤ |y_i − x_i·w₍₋ᵢ₎|: a point that was left out is fitted no better."""

import numpy as np
from hypothesis import strategies as st

from sims.falsify_instances import matrices, vectors
from theory import exact as oracle
from theory.exact_numbers import rational
from theory.ridge import leave_one_out, ridge_path

instances = st.tuples(matrices(4, 2), vectors(4), st.integers(1, 32).map(lambda k: k / 16))


def conclude(case):
    """The point for which the difference is least."""
    X, y, lam = case
    inside = np.abs(y - X @ ridge_path(X, y, np.array([lam]))[0])
    outside = np.abs(leave_one_out(X, y, np.array([lam]))[0])
    i = np.argmax(inside - outside)
    return inside[i], outside[i]


def exact(case):
    """The same in rationals."""
    X, y, lam = rational(case[0], "X", 2), rational(case[1], "y", 1), case[2]
    inside, outside = abs(y - X @ oracle.ridge(X, y, lam)), abs(oracle.leave_one_out(X, y, lam))
    i = np.argmax(inside - outside)
    return inside[i], outside[i]

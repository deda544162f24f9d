"""The largest ℓ2 margin is the same for rotated points: exactly so, in floats not quite.

The left side is the square for the rotated points less that for the points. With the roles of the two exchanged
(the rotation back) it is the other inequality.
"""

import numpy as np
from hypothesis import strategies as st

from sims.falsify_instances import classifications, entries
from theory import exact_margin
from theory.exact_numbers import rational
from theory.margin import NotSeparable, max_margin

instances = st.tuples(classifications(4, 2).filter(lambda data: data[0].shape[1] == 2), entries(2.0))


def rotation(t):
    """Q by the rational (1 − t², 2t)/(1 + t²)."""
    return np.array([[1 - t * t, -2 * t], [2 * t, 1 - t * t]]) / (1 + t * t)


def assume(case):
    """Separable."""
    try:
        max_margin(*case[0])
    except NotSeparable:
        return False
    return True


def exact_assume(case):
    """Separable, exactly."""
    try:
        exact_margin.max_margin(*case[0])
    except NotSeparable:
        return False
    return True


def conclude(case):
    """The squared margins after and before."""
    (X, y), t = case
    return max_margin(X @ rotation(t), y).value ** 2, max_margin(X, y).value ** 2


def exact(case):
    """The same in rationals."""
    X, y, t = rational(case[0][0], "X", 2), case[0][1], rational([case[1]], "t", 1)[0]
    return exact_margin.max_margin(X @ rotation(t), y).square, exact_margin.max_margin(X, y).square

"""‖w(lam')‖ ≤ ‖w(lam)‖ for lam' ≥ lam > 0."""

from fractions import Fraction

import numpy as np
from hypothesis import strategies as st

from sims.falsify_instances import regressions
from theory import exact as oracle
from theory.ridge import ridge_path

penalties = st.integers(1, 64).map(lambda k: k / 16)
instances = st.tuples(regressions(), penalties, penalties)


def assume(case):
    """The second penalty is not the smaller one."""
    return case[2] >= case[1] > 0


def conclude(case):
    """The two squared lengths."""
    (X, y), small, large = case
    less, more = ridge_path(X, y, np.array([small, large]))
    return more @ more, less @ less


def exact(case):
    """The same in rationals."""
    (X, y), small, large = case
    less, more = oracle.ridge(X, y, Fraction(small)), oracle.ridge(X, y, Fraction(large))
    return more @ more, less @ less

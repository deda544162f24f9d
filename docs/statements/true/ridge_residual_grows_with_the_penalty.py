"""‖y − Xw(lam)‖ ≤ ‖y − Xw(lam')‖ for lam' ≥ lam > 0."""

import numpy as np
from hypothesis import strategies as st

from sims.falsify_instances import regressions
from theory import exact as oracle
from theory.exact_numbers import rational
from theory.ridge import ridge_path

penalties = st.integers(1, 64).map(lambda k: k / 16)
instances = st.tuples(regressions(), penalties, penalties)


def assume(case):
    """The second penalty is not the smaller one."""
    return case[2] >= case[1] > 0


def conclude(case):
    """The two sums of squares."""
    (X, y), small, large = case
    less, more = (y - X @ w for w in ridge_path(X, y, np.array([small, large])))
    return less @ less, more @ more


def exact(case):
    """The same in rationals."""
    (X, y), small, large = case
    A, b = rational(X, "X", 2), rational(y, "y", 1)
    less, more = (b - A @ oracle.ridge(X, y, lam) for lam in (small, large))
    return less @ less, more @ more

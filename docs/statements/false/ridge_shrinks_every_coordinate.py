"""The ridge estimate shrinks every coordinate of the least squares estimate: |w_j(lam)| ≤ |w_j(0)|."""

import numpy as np
from hypothesis import strategies as st

from sims.falsify_instances import matrices, vectors
from theory import exact as oracle
from theory.ridge import ridge_path

instances = st.fixed_dictionaries(
    {"X": matrices(3, 2), "y": vectors(3), "lam": st.integers(1, 16).map(lambda k: k / 4)}
)


def assume(case):
    """Independent columns, a positive penalty."""
    return case["lam"] > 0 and np.linalg.matrix_rank(case["X"]) == case["X"].shape[1]


def exact_assume(case):
    """The same without rounding."""
    return case["lam"] > 0 and oracle.rank(case["X"]) == case["X"].shape[1]


def conclude(case):
    """The coordinate that grew most, and what it was."""
    after, before = np.abs(ridge_path(case["X"], case["y"], np.array([case["lam"], 0.0])))
    j = np.argmax(after - before)
    return after[j], before[j]


def exact(case):
    """The same in rationals."""
    after, before = (abs(oracle.ridge(case["X"], case["y"], lam)) for lam in (case["lam"], 0))
    j = np.argmax(after - before)
    return after[j], before[j]

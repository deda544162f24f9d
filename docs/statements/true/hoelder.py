"""|⟨u, v⟩| ≤ ‖u‖ₚ‖v‖_q for p in [1, 4], 1/p + 1/q = 1."""

import numpy as np
from hypothesis import strategies as st

from sims.falsify_instances import vectors

instances = st.integers(1, 3).flatmap(lambda d: st.tuples(vectors(d), vectors(d), st.floats(1, 4)))


def assume(case):
    """A dual exponent that is finite, and vectors that are not 0."""
    return case[2] > 1 and case[0].any() and case[1].any()


def conclude(case):
    """Both sides."""
    u, v, p = case
    return abs(u @ v), np.linalg.norm(u, p) * np.linalg.norm(v, p / (p - 1))

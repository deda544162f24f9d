"""σ_max(A + B) ≤ σ_max(A) + σ_max(B)."""

import numpy as np
from hypothesis import strategies as st

from sims.falsify_instances import matrices

instances = st.tuples(st.integers(1, 3), st.integers(1, 3)).flatmap(
    lambda s: st.tuples(matrices(*s), matrices(*s))
)


def conclude(pair):
    """Both sides."""
    A, B = pair
    return np.linalg.norm(A + B, 2), np.linalg.norm(A, 2) + np.linalg.norm(B, 2)

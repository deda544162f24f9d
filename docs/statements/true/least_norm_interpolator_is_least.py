"""No interpolator is shorter than X⁺y: ‖X⁺y‖ ≤ ‖X⁺y + v − X⁺Xv‖ for every v."""

import numpy as np
from hypothesis import strategies as st

from sims.falsify_instances import matrices, vectors

instances = st.tuples(st.integers(1, 2), st.integers(2, 3)).flatmap(
    lambda s: st.tuples(matrices(*s), vectors(s[0]), vectors(s[1]))
)


def assume(case):
    """Independent rows."""
    return np.linalg.matrix_rank(case[0]) == len(case[0])


def conclude(case):
    """The two squared lengths."""
    X, y, v = case
    w = np.linalg.pinv(X) @ y
    other = w + v - np.linalg.pinv(X) @ (X @ v)
    return w @ w, other @ other

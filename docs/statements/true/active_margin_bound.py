"""With the active rows W̃ of one hidden layer, no more than dimensions, ‖Da‖ σ_min(W̃) ≤ ‖W̃ᵀDa‖: the margin bound
that is true, where the literal one counts all rows. Source: theory.network_margin.
"""

import numpy as np
from hypothesis import strategies as st

from sims.falsify_instances import quarters


def rows(n, d):
    """A matrix (n, d)."""
    return st.lists(quarters(), min_size=n * d, max_size=n * d).map(lambda v: np.array(v).reshape(n, d))


instances = st.integers(1, 4).flatmap(
    lambda k: st.fixed_dictionaries({"W": rows(k, 2), "V": rows(2, k), "x": rows(1, 2).map(lambda r: r[0])})
)


def assume(case):
    """One or two units are active."""
    return 1 <= (case["W"] @ case["x"] > 0).sum() <= 2


def conclude(case):
    """The bound of the slope, and the slope."""
    on = case["W"] @ case["x"] > 0
    W, a = case["W"][on], (case["V"][0] - case["V"][1])[on]
    return np.linalg.norm(a) * np.linalg.svd(W, compute_uv=False)[-1], np.linalg.norm(a @ W)

"""Adversarial training with any eps > 0 leaves interpolation: its minimiser misses some target.

Least squares under an ℓ2 attack, mean (|y_i − ⟨w, x_i⟩| + eps‖w‖)²/2, with independent rows. Exactly: at the
interpolator w = Xᵀb of least norm 0 is a subgradient if and only if n eps max|b| ≤ ‖w‖, so that the statement says
‖w‖ ≤ n eps max|b|, which is compared in squares.
"""

import numpy as np
from hypothesis import strategies as st

from sims.falsify_instances import matrices, vectors
from theory.adversarial import fit
from theory.exact import rank
from theory.exact_linear import least
from theory.exact_numbers import rational

instances = st.tuples(st.integers(1, 3), st.integers(2, 4)).flatmap(
    lambda s: st.fixed_dictionaries(
        {"X": matrices(*s), "y": vectors(s[0]), "eps": st.integers(1, 64).map(lambda k: k / 64)}
    )
)


def assume(case):
    """Independent rows, a target that is not 0."""
    return case["eps"] > 0 and np.linalg.matrix_rank(case["X"]) == len(case["X"]) and case["y"].any()


def exact_assume(case):
    """The same without rounding."""
    return case["eps"] > 0 and rank(case["X"]) == len(case["X"]) and case["y"].any()


def conclude(case):
    """What counts as no residual, and the largest residual of the minimiser."""
    X, y = case["X"], case["y"]
    return 1e-6 * np.abs(y).max(), np.abs(X @ fit(X, y, case["eps"], attack=2).w - y).max()


def exact(case):
    """‖w‖² and (n eps max|b|)²."""
    X, y, eps = rational(case["X"], "X", 2), rational(case["y"], "y", 1), rational([case["eps"]], "eps", 1)[0]
    b = least(X @ X.T, y)
    return y @ b, (len(y) * eps * max(abs(b))) ** 2

"""Under an ℓ∞ attack no separator has a larger worst margin than the bound that comes with the robust one.

The clean separator is compared. Both come from a solver, and there is no exact check: floats have to do.
"""

from hypothesis import strategies as st

from sims.falsify_instances import classifications
from theory.adversarial import worst_case
from theory.margin import NotSeparable, max_margin

instances = st.tuples(classifications(), st.integers(0, 16).map(lambda k: k / 64))


def assume(case):
    """Separable under the attack."""
    (X, y), eps = case
    try:
        max_margin(X, y, eps=eps)
    except NotSeparable:
        return False
    return True


def conclude(case):
    """The worst margin of the clean separator, and what the dual of the robust problem proves."""
    (X, y), eps = case
    return worst_case(max_margin(X, y).w, X, y, eps, float("inf")).min(), max_margin(X, y, eps=eps).bound

"""If a stick of length 1 is cut into three parts, their product is at most 0.037.

It can be 1/27 = 0.037037…, in a small region. Nothing but this file is needed for an exact check, since its own
functions are run on rational numbers.
"""

from hypothesis import strategies as st

instances = st.tuples(st.floats(0, 1), st.floats(0, 1))


def assume(cut):
    """Two parts leave room for the third."""
    return cut[0] + cut[1] <= 1


def conclude(cut):
    """The product of the parts, and the bound."""
    x, y = cut
    return x * y * (1 - x - y), 0.037

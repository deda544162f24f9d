"""The separator of maximum margin does not depend on the units of the features.

With features X diag(s) its direction u would be such that diag(s) u is parallel to w, that of X: then both draw
the same line among the points. The left side is sin² of the angle between them, and should be 0 but for the errors
of the solver.
"""

import numpy as np
from hypothesis import strategies as st

from sims.falsify_instances import classifications
from theory import exact_margin
from theory.exact_numbers import rational
from theory.margin import NotSeparable, max_margin


def with_scales(data):
    """A power of two for each feature."""
    d = data[0].shape[1]
    scales = st.lists(st.integers(-3, 3), min_size=d, max_size=d).map(lambda k: 2.0 ** np.array(k))
    return st.fixed_dictionaries({"X": st.just(data[0]), "y": st.just(data[1]), "s": scales})


instances = classifications(most_n=4, most_d=2).flatmap(with_scales)


def assume(case):
    """The points are separable."""
    try:
        max_margin(case["X"], case["y"])
    except NotSeparable:
        return False
    return True


def exact_assume(case):
    """The same, with certificates in rationals."""
    try:
        exact_margin.max_margin(case["X"], case["y"])
    except NotSeparable:
        return False
    return True


def sin_squared(u, w):
    """Of the angle between two vectors."""
    return 1 - (u @ w) * (u @ w) / ((u @ u) * (w @ w))


def conclude(case):
    """sin² of the angle, and what the errors of the solver explain."""
    X, y, s = case["X"], case["y"], case["s"]
    return sin_squared(s * max_margin(X * s, y).w, max_margin(X, y).w), 1e-6


def exact(case):
    """The same with nothing to explain."""
    X, y, s = rational(case["X"], "X", 2), case["y"], rational(case["s"], "s", 1)
    return sin_squared(s * exact_margin.max_margin(X * s, y).w, exact_margin.max_margin(X, y).w), 0


def draw(ax, case):
    """The points, and the lines w·x = 0 that both separators draw among them; nothing outside of the plane."""
    X, y, s = case["X"], case["y"], case["s"]
    if X.shape[1] != 2:
        return False
    reach = 1.3 * np.abs(X).max()
    for w, label in ((max_margin(X, y).w, "features as they are"), (s * max_margin(X * s, y).w, "scaled by s")):
        along = 3 * reach * np.array([-w[1], w[0]]) / np.linalg.norm(w)
        ax.plot(*np.outer(along, (-1, 1)), label=label)
    ax.plot(*X[y > 0].T, "ko", label="+1")
    ax.plot(*X[y < 0].T, "ks", mfc="white", label="−1")
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    ax.legend(fontsize="small")
    return True

"""The margin of a ReLU network is at least ‖w_y − w_k‖ σ_min(W) times the distance to the nearest tie of two
classes.

One hidden layer in the plane, two classes; all weights of W count, active or not. Without biases the network is
linear on cones, so that ties are bounded by rays, and the distance to them is rational but for a root.
Source of the statement: Wen, Li & Jia 2020, Theorem 3.1, read literally.
"""

import itertools

import numpy as np
from hypothesis import strategies as st

from sims.falsify_instances import quarters


def rows(n, d):
    """A matrix (n, d) of quarters."""
    return st.lists(quarters(), min_size=n * d, max_size=n * d).map(lambda v: np.array(v).reshape(n, d))


instances = st.integers(1, 3).flatmap(
    lambda k: st.fixed_dictionaries({"W": rows(k, 2), "V": rows(2, k), "x": rows(1, 2).map(lambda r: r[0])})
)


def gap(case, x):
    """f_0(x) − f_1(x)."""
    return (case["V"][0] - case["V"][1]) @ np.maximum(case["W"] @ x, 0)


def across(u):
    """The direction at a right angle."""
    return np.array([-u[1], u[0]])


def rays(case):
    """Directions that may bound the ties: edges of the cones, and the zero of each linear piece."""
    a = case["V"][0] - case["V"][1]
    edges = [across(w) for w in case["W"]]
    pieces = [across((a * mask) @ case["W"]) for mask in itertools.product((0, 1), repeat=len(a))]
    return [s * u for u in edges + pieces for s in (1, -1) if any(u != 0)]


def squared_distance(x, u):
    """From a point to a ray."""
    along = x @ u
    return x @ x - along * along / (u @ u) if along > 0 else x @ x


def assume(case):
    """The point belongs to a class."""
    return gap(case, case["x"]) != 0


def conclude(case):
    """The bound, and the margin."""
    x, a = case["x"], case["V"][0] - case["V"][1]
    ties = [squared_distance(x, u) for u in rays(case) if gap(case, u) == 0]
    distance = np.sqrt(min([x @ x, *ties]))  # the origin is a tie
    return np.linalg.norm(a) * np.linalg.svd(case["W"], compute_uv=False)[-1] * distance, abs(gap(case, x))


def draw(ax, case):
    """The edges of where both classes tie, and the point."""
    reach = 1.6 * np.abs(case["x"]).max()
    for u in rays(case):
        if gap(case, u) == 0:
            ax.plot(*np.outer(4 * reach * u / np.linalg.norm(u), (0, 1)), "C0", label="edges of the ties")
    ax.plot(0, 0, "C0.")
    ax.plot(*case["x"], "k*", markersize=10, label="x")
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), aspect="equal")
    handles = {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}
    ax.legend(handles=list(handles.values()))

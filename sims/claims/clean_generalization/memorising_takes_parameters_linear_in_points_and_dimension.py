r"""Around a clipped linear classifier on $\mathbb R^D$ the classifier $f_{\mathcal S}$ that memorises boxes around
$N$ points is a ReLU network of four hidden layers with exactly $N(6D+2)+D+25$ weights and biases that are not 0:
linear in $N$ and in $D$.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import equal
from sims.memorise import Memory, dense_layers, scores, through
from theory.memorising_network import memorise_by_distance, parameters_needed
from theory.relu_network import clipped_linear, parameters


@dataclass(frozen=True)
class Case:
    """n points of the unit cube in d dimensions, labelled at random."""

    n: int
    d: int
    seed: int


@lru_cache(maxsize=4)
def problem(case: Case) -> Memory:
    """Boxes of 0.4 times the distance of the classes, left behind at 0.45 times it."""
    stream = rng(case, "data")
    X, w = stream.random((case.n, case.d)), stream.standard_normal(case.d)
    y = stream.permutation(np.arange(case.n) % 2 * 2.0 - 1)
    apart = min(np.abs(X[y < 0] - x).max(axis=1).min() for x in X[y > 0])
    return Memory(w, 0.1, 2.0, X, y, 0.4 * apart, 0.45 * apart)


def predict(case: Case) -> Array:
    """The formula; no difference between the layers and the classifier."""
    return np.array([parameters_needed(case.n, case.d), 0.0])


def rival(case: Case) -> Array:
    """The distance from each box by a binary tree of maxima: about 10 D for each point."""
    memory = problem(case)
    clean = clipped_linear(memory.w, memory.b, memory.M)
    net = memorise_by_distance(clean, memory.M, memory.X, memory.y, memory.eps, memory.reach)
    return np.array([parameters(net), 0.0])


def simulate(case: Case) -> Observation:
    """Write the layers down, count, and compare with the classifier near boxes and far away."""
    memory = problem(case)
    layers, stream = dense_layers(memory), rng(case, "test")
    near = memory.X[: 2 * 50] + memory.reach * stream.uniform(-1.1, 1.1, memory.X[: 2 * 50].shape)
    Z = np.concatenate([near, stream.random((50, case.d))])
    apart = np.max(np.abs(through(layers, Z) - scores(memory, Z)))
    count = sum(np.count_nonzero(part) for layer in layers for part in layer)
    return Observation(np.array([count, apart > 1e-10 * memory.M]), exhibit={"apart": np.array(apart)})


CLAIM = Claim(
    statement=__doc__ or "",
    source="Li and Li 2025, Theorem 4.4: poly(D) + Õ(ND); the count is worked out here",
    assumptions={"both classes": lambda c: c.n >= 2, r"$D\ge2$": lambda c: c.d >= 2},
    cases=grid(Case, n=[25, 100, 200], d=[8, 64, 100, 128], seed=[0]),
    quick=grid(Case, n=[25, 100], d=[8, 64], seed=[0]),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(0.0),
)

"""The attack radius of an experiment: a share of what its training set tolerates."""

import math

import numpy as np

from sims import sample
from sims.claim import Array
from sims.descent import descend, robust_margin

GEOMETRY = {math.inf: 1.0, 2.0: 2.0, 1.0: math.inf}  # the descent that maximises the distance under each attack


def tolerated(X: Array, y: Array, attack: float, steps: int = 30_000) -> float:
    """The distance of the data to the hyperplane that clean steepest descent finds, in the attack's norm.

    A little below the largest radius at which the data is robustly separable, as in the protocol of the
    paper: coordinate descent for ℓ∞ attacks, gradient descent for ℓ2, sign descent for ℓ1.
    """
    geometry = GEOMETRY[attack]
    path = descend(X, y, geometry=geometry, steps=steps)
    return float(robust_margin(path.points[-1], X, y, 0.0, attack, geometry))


def attacked(rng: np.random.Generator, n: int, d: int, attack: float, share: float) -> tuple[Array, Array, float]:
    """Separable Gaussian points, their labels, and the radius that is this share of what they tolerate."""
    X, y, _ = sample.planted(rng, n, d)
    return X, y, share * tolerated(X, y, attack)

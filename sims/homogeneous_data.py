"""Training sets and starts of homogeneous models: quadrants for networks, planted separators for diagonal ones."""

import numpy as np
import numpy.typing as npt

from sims import homogeneous, sample
from sims.radius import tolerated

Array = npt.NDArray[np.float64]

FACTORS = 0.5  # u = v at the start of a diagonal network


def quadrants(rng: np.random.Generator, n: int, d: int, m: int, power: int) -> tuple[homogeneous.Model, Array]:
    """Gaussian points labelled by the sign of x₁x₂, which no line separates; m units, parameters N(0, 1/4)."""
    X = sample.inputs(rng, n, d)
    model = homogeneous.two_layer(X, np.where(X[:, 0] * X[:, 1] > 0, 1.0, -1.0), power)
    return model, homogeneous.start(rng, model, m)


def separated(
    rng: np.random.Generator, n: int, d: int, share: float, attack: float
) -> tuple[homogeneous.Model, Array]:
    """Separable Gaussian points under an attack at a share of what they tolerate; a diagonal network at w = 0."""
    X, y, _ = sample.planted(rng, n, d)
    eps = share * tolerated(X, y, attack) if share else 0.0
    return homogeneous.diagonal(X, y, eps, attack), np.full(2 * d, FACTORS)


def chosen(
    rng: np.random.Generator, n: int, d: int, m: int, share: float, attack: float
) -> tuple[homogeneous.Model, Array]:
    """A network of m squared ReLUs on quadrants, for m = 0 a diagonal network under an attack; and its start."""
    return quadrants(rng, n, d, m, 2) if m else separated(rng, n, d, share, attack)

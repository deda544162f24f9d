"""The softened nearest neighbour: a smooth function that all but repeats the labels of its points."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

Array = npt.NDArray[np.float64]

PAIRS = 2**22  # distances held at once


@dataclass(frozen=True)
class Smoother:
    """f(x) = height · Σ_i y_i p_i(x), p_i(x) ∝ exp(−‖x − x_i‖²/(2 width²))."""

    X: Float[Array, "n d"]
    y: Float[Array, " n"]
    height: float
    width: float


def evaluate(f: Smoother, Z: Float[Array, "k d"]) -> tuple[Float[Array, " k"], Float[Array, "k d"]]:
    """Values and gradients: ∇f = height · Σ_i p_i (y_i − ȳ)(x_i − x)/width², ȳ the mean of y under p."""
    values, gradients = [], []
    for part in np.array_split(Z, max(1, -(-len(Z) * len(f.X) // PAIRS))):
        squares = (part**2).sum(1)[:, None] - 2 * part @ f.X.T + (f.X**2).sum(1)
        p = np.exp((squares.min(1, keepdims=True) - squares) / (2 * f.width**2))
        p /= p.sum(1, keepdims=True)
        mean = p @ f.y
        pull = p * (f.y - mean[:, None])
        values.append(f.height * mean)
        gradients.append(f.height * (pull @ f.X - pull.sum(1)[:, None] * part) / f.width**2)
    return np.concatenate(values), np.concatenate(gradients)


def lattice(axis: Float[Array, " g"], d: int) -> Float[Array, "k d"]:
    """The points of axis × … × axis, the last coordinate running fastest."""
    return np.stack(np.meshgrid(*[axis] * d, indexing="ij"), axis=-1).reshape(-1, d)


def lowest(values: Float[Array, "*grid"], reach: int) -> Float[Array, "*grid"]:
    """At each point of a grid the smallest value at most `reach` steps away along each axis."""
    from scipy.ndimage import minimum_filter

    return np.asarray(minimum_filter(values, size=2 * reach + 1, mode="nearest"))

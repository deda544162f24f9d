"""Points on the unit sphere, and noisy labels for them."""

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

Array = npt.NDArray[np.float64]


def sphere(rng: np.random.Generator, n: int, d: int) -> Float[Array, "n d"]:
    """Rows uniform on the unit sphere of d dimensions."""
    X = rng.standard_normal((n, d))
    return np.asarray(X / np.linalg.norm(X, axis=1, keepdims=True))


def noisy(rng: np.random.Generator, X: Float[Array, "n d"], sigma: float) -> Float[Array, " n"]:
    """√d x_1 + sigma N(0, 1): a linear signal of unit variance on the sphere, and noise."""
    n, d = X.shape
    return np.asarray(np.sqrt(d) * X[:, 0] + sigma * rng.standard_normal(n))


def fan(cosines: Float[Array, " k"]) -> Float[Array, "k 2"]:
    """Unit vectors of the plane at these cosines from the first axis."""
    u = np.asarray(cosines, dtype=np.float64)
    return np.stack([u, np.sqrt(1 - u**2)], axis=1)

"""The numerical rank of a matrix: decided in the open, or refused."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

CLEAR = 100.0  # the least ratio between a kept and a dropped singular value that counts as a decision


def decide(s: Float[Array, " k"], n: int, d: int) -> int:
    """How many of the singular values s (decreasing) of an (n, d) matrix are not rounding.

    A value is rounding when it is at most max(n, d) · u · s₁, u the machine precision. Dropping one changes
    the problem, so the smallest kept value must then exceed the largest dropped one, and the cut-off,
    `CLEAR` times.

    Raises:
        ValueError: if something is dropped and no such gap separates it from what is kept.
    """
    if s[0] == 0:
        return 0
    cutoff = max(n, d) * np.finfo(np.float64).eps * s[0]
    rank = int(np.sum(s > cutoff))
    if rank < len(s) and s[rank - 1] < CLEAR * max(cutoff, s[rank]):
        raise ValueError(
            f"the rank must be decidable, but singular values {rank} and {rank + 1} of X are "
            f"{s[rank - 1]:.3g} and {s[rank]:.3g} at cut-off {cutoff:.3g}: rescale the columns, "
            "drop the redundant ones, or add a penalty lam > 0"
        )
    return rank

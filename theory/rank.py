"""The numerical rank of a matrix: decided in the open, or refused."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import checks

CLEAR = 100.0  # the least ratio between a kept and a dropped singular value that counts as a decision


@dataclass(frozen=True)
class Rank:
    """A decision on the rank of a matrix.

    Attributes:
        kept: how many singular values count: the rank.
        dropped: how many were taken for rounding.
        gap: the least kept one over the largest dropped one or the cut-off, whichever is larger; infinite for the
            matrix 0, of which nothing is kept.
    """

    kept: int
    dropped: int
    gap: float


def decision(s: Float[Array, " k"], n: int, d: int) -> Rank:
    """Which of the singular values s (decreasing) of an (n, d) matrix are not rounding.

    A value is rounding when it is at most max(n, d) · u · s₁, u the machine precision. Dropping one changes
    the problem, so the gap must then be `CLEAR` at least.

    Raises:
        ValueError: on bad input; if something is dropped and no such gap separates it from what is kept.
    """
    s, n, d = checks.real(s, "s", 1, reach=np.inf), checks.count(n, "n"), checks.count(d, "d")
    if (s < 0).any() or (np.diff(s) > 0).any():
        raise ValueError("s must hold singular values: ≥ 0 and decreasing; sort them")
    if s[0] == 0:
        return Rank(0, len(s), np.inf)
    cutoff = max(n, d) * np.finfo(np.float64).eps * s[0]
    kept = int(np.sum(s > cutoff))
    with np.errstate(divide="ignore"):  # a cut-off that underflows
        found = Rank(kept, len(s) - kept, float(s[kept - 1] / max([cutoff, *s[kept : kept + 1]])))
    if found.dropped and found.gap < CLEAR:
        raise ValueError(
            f"the rank must be decidable, but singular values {kept} and {kept + 1} of X are "
            f"{s[kept - 1]:.3g} and {s[kept]:.3g} at cut-off {cutoff:.3g}: rescale the columns, "
            "drop the redundant ones, or add a penalty lam > 0"
        )
    return found


def decide(s: Float[Array, " k"], n: int, d: int) -> int:
    """The rank itself; see `decision`."""
    return decision(s, n, d).kept

"""How the rate of a training changes: factors of it at each share in [0, 1) of the training."""

import math
from collections.abc import Callable, Sequence

Schedule = Callable[[float], float]


def constant(_: float) -> float:
    """The rate as it is."""
    return 1.0


def drops(at: Sequence[float], factor: float = 0.1) -> Schedule:
    """The rate times `factor` from each of these shares of the training on; late or several, as `at` says."""
    return lambda share: float(factor ** sum(share >= mark for mark in at))


def cyclic(cycles: int, peak: float = 1.0) -> Schedule:
    """From 0 in a line up to the rate times `peak` and down to 0 again, this many times.

    Raises:
        ValueError: if there is not a whole cycle, or the peak is not positive.
    """
    if cycles < 1 or cycles != int(cycles) or not 0 < peak < math.inf:
        raise ValueError(f"cycles must be a whole number ≥ 1 and the peak positive, got {cycles} and {peak}")
    return lambda share: float(peak * (1 - abs(1 - 2 * (share * cycles % 1))))

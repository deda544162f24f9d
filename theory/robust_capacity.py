"""How large a network must be to be robust on the signed hypercube: counting against all labellings.

The data are x = (s y(z), z), z uniform on {−1, 1}^(D−1), under an ℓ∞ attack of radius eps, s ≤ eps < 1. The sign
of the first coordinate is the label. A robust network has the sign y(z) at (0, z) for each of the n = 2^(D−1)
points z, so networks of one size are robust for at most as many labellings as they have sign patterns there.
"""

import math
from collections.abc import Callable

import numpy as np
from scipy.special import gammaln, logsumexp

from theory import checks

THRESHOLD = (2, 4, 14, 104, 1882, 94572, 15028134, 8378070864, 17561539552946, 144130531453121108)
LARGEST = 40  # dimension above which the logarithms of binomials lose their digits


def points(D: int) -> int:
    """The number of points, n = 2^(D−1).

    Raises:
        ValueError: unless 2 ≤ D ≤ 40.
    """
    D = checks.count(D, "D", 2)
    if D > LARGEST:
        raise ValueError(f"D must be at most {LARGEST}, got {D}: the logarithms of binomials lose their digits")
    return 1 << (D - 1)


def two_layer_patterns(D: int, m: int) -> float:
    """log₂ of a bound on the sign patterns of Σ_{j≤m} a_j relu(⟨w_j, x⟩ + b_j) + c on the n points (0, z).

    Each unit is on at the points of a half-space: T choices, C(T + m − 1, m) for m units. Given these, f is linear
    in mD + 1 numbers, a_j w_j, a_j b_j and c: at most 2 Σ_{i ≤ mD} C(n − 1, i) sign patterns.

    Raises:
        ValueError: unless D ≥ 2 and m ≥ 1.
    Source: Cover 1965, both times; T for D ≤ 10 is the number of threshold functions (OEIS A000609).
    """
    n, m = points(D), checks.count(m, "m")
    dichotomies = math.log2(THRESHOLD[D - 1]) if len(THRESHOLD) >= D else _cover(n, D)
    units = m * dichotomies - _log2_factorial(m) + m * m * 2.0**-dichotomies  # C(T + m − 1, m) ≤ Tᵐ e^{m²/2T}/m!
    return float(units + _cover(n, m * D + 1))


def deep_patterns(D: int, W: int, layers: int) -> float:
    """log₂ of a bound on the sign patterns there of all ReLU networks with W parameters and so many layers.

    For one architecture the product over layers i of 2(2e n i)^W: given what is on before, the units of layer i
    are polynomials of degree i in the parameters. There are at most layers^W (W + D + 2)^(2W) architectures.

    Raises:
        ValueError: unless D ≥ 2, W ≥ 1 and layers ≥ 1.
    Source: Warren 1968; the count by layers of Bartlett, Harvey, Liaw & Mehrabian 2019, coarsened to need W alone.
    """
    n, W, layers = points(D), checks.count(W, "W"), checks.count(layers, "layers")
    each = layers * math.log2(2 * math.e * n) + _log2_factorial(layers)
    return layers + W * each + W * (math.log2(layers) + 2 * math.log2(W + D + 2))


def least_width(D: int, *, chance: float = 0.5, mistakes: int = 0) -> int:
    """A width that every two-layer ReLU network needs, for all but a share `chance` of the balanced labellings.

    It must be robust on all of the n points but so many mistakes.

    Raises:
        ValueError: unless D ≥ 2, 0 < chance ≤ 1 and 0 ≤ mistakes < n/2.
    """
    return _smallest(D, chance, mistakes, two_layer_patterns)


def least_parameters(D: int, layers: int, *, chance: float = 0.5, mistakes: int = 0) -> int:
    """The same for the number of parameters of any ReLU network with so many layers, the last included.

    Raises:
        ValueError: as for `least_width`, or if layers < 1.
    """
    return _smallest(D, chance, mistakes, lambda D, W: deep_patterns(D, W, layers))


def _smallest(D: int, chance: float, mistakes: int, patterns: Callable[[int, int], float]) -> int:
    """The first size at which patterns × (labellings within so many mistakes of each) reaches the share asked."""
    n, mistakes = points(D), checks.count(mistakes, "mistakes", 0)
    chance = checks.chance(chance, certain=True)
    if mistakes >= n / 2:
        raise ValueError(
            f"mistakes must be below half of the n={n} points, got {mistakes}: a constant does that well"
        )
    needed = math.log2(chance) + _log2_choose(n, n // 2) - _tail(n, mistakes)
    low, high = 0, 1
    while patterns(D, high) < needed:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if patterns(D, middle) >= needed else (middle, high)
    return high


def _cover(n: int, k: int) -> float:
    """log₂ of 2 Σ_{i<k} C(n − 1, i), at most n: sign patterns of n linear forms in k variables."""
    return float(n) if k >= n else min(float(n), 1 + _tail(n - 1, k - 1))


def _tail(n: int, k: int) -> float:
    """log₂ Σ_{i≤k} C(n, i); for k < n/3 and many terms by the ratio of neighbours, from above."""
    if k < 2**16:
        i = np.arange(k + 1.0)
        return float(logsumexp(gammaln(n + 1) - gammaln(i + 1) - gammaln(n - i + 1)) / math.log(2))
    if 3 * k > n:
        return float(n)
    return _log2_choose(n, k) - math.log2(1 - k / (n - k + 1))


def _log2_choose(n: int, k: int) -> float:
    return float((gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)) / math.log(2))


def _log2_factorial(m: int) -> float:
    return float(gammaln(m + 1) / math.log(2))

"""Robust generalisation from flatness: a bound by how much the worst-case loss varies over cells of a partition.

On [0, 1]^D with k^D cubes of side h = 1/k for each label, let g be the loss at its worst in ‖x' − x‖_∞ ≤ eps,
0 ≤ g ≤ M. Within a cell g varies by at most h times the largest ‖∇loss‖₁ over the cell enlarged by eps; the rest
is how far the shares of the sample in the cells are from their probabilities. No property of the learner enters.
"""

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import checks
from theory.formula import Formula

DEVIATION = Formula(
    r"\mathrm{deviation}",
    "sqrt((classes*k**D*log(2) - log(chance))/(2*n))",
    {"classes": r"\mathrm{classes}", "chance": r"\eta"},
)


def partition_bound(
    suprema: Float[Array, "*cells"], k: int, D: int, n: int, M: float, *, chance: float, classes: int = 2
) -> float:
    """Mean of min(M, suprema/k) + M √((K ln 2 + ln(1/chance))/(2n)), K = classes·k^D: a bound of E g − mean g.

    The suprema are those of ‖∇loss‖₁ over the enlarged cells, of equal probability each. It fails with probability
    `chance` at most, for all losses at once. Without the cap at M, which g obeys anyway, the first term is
    the mean of the suprema, the flatness, over k.

    Raises:
        ValueError: if a supremum is negative, M ≤ 0, chance is not in (0, 1), or k, D, n or classes is below 1.
    Source: Xu & Mannor 2012; the deviation is Hoeffding's bound over the 2^K unions of cells, half of what the
        ℓ1 distance of the shares gives. Li & Li 2025 (first version) state the rate.
    """
    suprema, M = checks.real(suprema, "suprema"), checks.amount(M, "M", positive=True)
    if suprema.min() < 0:
        raise ValueError(f"suprema are of norms and must be ≥ 0, got {suprema.min()}")
    return float(np.minimum(M, suprema / checks.count(k, "k")).mean()) + M * deviation(
        k, D, n, chance=chance, classes=classes
    )


def deviation(k: int, D: int, n: int, *, chance: float, classes: int = 2) -> float:
    """√((K ln 2 + ln(1/chance))/(2n)): how much too small the share of the sample in any union of cells can be.

    Raises:
        ValueError: as for `partition_bound`.
    """
    k, D, n, classes = (
        checks.count(value, name) for value, name in ((k, "k"), (D, "D"), (n, "n"), (classes, "classes"))
    )
    return float(DEVIATION(classes=classes, k=k, D=D, chance=checks.chance(chance), n=n))


def balanced_cells(n: int, D: int) -> int:
    """The integer k nearest to n^(1/(D+2)), which gives both terms the order n^(−1/(D+2)).

    Raises:
        ValueError: if n or D < 1.
    """
    root: float = checks.count(n, "n") ** (1 / (checks.count(D, "D") + 2))
    return max(1, round(root))


def cell_suprema(
    slopes: Float[Array, "*grid"], axis: Float[Array, " g"], k: int, eps: float
) -> Float[Array, "*cells"]:
    """The largest of the slopes over each of the k^D cells enlarged by eps, from the slopes on axis × … × axis.

    Errors: from below; between the points of the grid the slope may be larger.
    Raises:
        ValueError: if an axis of the grid is not as long as `axis`, a cell holds no point of it, or on bad input.
    """
    axis, k, eps = checks.real(axis, "axis", 1), checks.count(k, "k"), checks.radius(eps)
    slopes = checks.real(slopes, "slopes")
    if set(slopes.shape) != {len(axis)}:
        raise ValueError(f"slopes must have {len(axis)} entries along each axis, got shape {slopes.shape}")
    inside = [(axis >= i / k - eps) & (axis <= (i + 1) / k + eps) for i in range(k)]
    if not all(part.any() for part in inside):
        raise ValueError(f"the grid has no point in some of the {k} cells along an axis; make it finer")
    for j in range(slopes.ndim):
        slopes = np.stack([np.compress(part, slopes, axis=j).max(axis=j) for part in inside], axis=j)
    return slopes

"""Linear separability decided with a proof: a separator, or weights under which the points cancel."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy.optimize import linprog


class NotSeparable(ValueError):  # noqa: N818
    """No w has a positive (robust) margin, and here is why.

    With z_i = y_i x_i, weights a in the simplex and ‖v‖_attack ≤ eps, every w has
    min_i ⟨w, z_i⟩ − eps‖w‖_{attack*} ≤ ⟨w, Zᵀa − v⟩, which is 0 for all w when Zᵀa = v.

    Attributes:
        dual: the weights a (n,).
        shift: the adversary's common perturbation v (d,), zero for eps = 0.
        residual: max_j |Zᵀa − v|_j / max_i |z_ij|, so that it has no unit: a complete proof has 0.
    """

    def __init__(self, message: str, dual: Float[Array, " n"], shift: Float[Array, " d"], residual: float) -> None:
        super().__init__(message, dual, shift, residual)  # all of it, so that it survives pickling
        self.dual = dual
        self.shift = shift
        self.residual = residual

    def __str__(self) -> str:
        return f"{self.args[0]} (proof in .dual and .shift, residual {self.residual:.1e})"


def refusal(message: str, Z: Float[Array, "n d"], a: Float[Array, " n"], v: Float[Array, " d"]) -> NotSeparable:
    """The exception that says `message`, with the residual of its proof (a, v) measured on the data."""
    size = np.abs(Z).max(axis=0)
    residual = np.abs(Z.T @ a - v) / np.where(size > 0, size, 1.0)
    return NotSeparable(message, a, v, float(residual.max()))


def certain(Z: Float[Array, "n d"], w: Float[Array, " d"], penalty: float = 0.0) -> bool:
    """Whether Zw > penalty ≥ 0 in every row, the rounding of products and sums included."""
    rounding = 2 * (len(w) + 2) * np.finfo(float).eps * (np.abs(Z) @ np.abs(w))
    return bool(np.all(Z @ w - penalty > rounding))


def balance(Z: Float[Array, "n d"]) -> tuple[Float[Array, " d"], Float[Array, " n"]]:
    """A pair (w, a): either w separates, Zw > 0, or a ≥ 0 with Σa = 1 cancels the points, Zᵀa = 0.

    Separability does not depend on the length of the points or the unit of the features; both are divided out
    before the program max t subject to Zw ≥ t, |w| ≤ 1 is solved. `certain` says which of the two it is.

    Raises:
        RuntimeError: if the simplex method gives up.
    Source: Farkas' lemma, as Gordan's alternative.
    """
    column = np.abs(Z).max(axis=0)
    column[column == 0] = 1.0
    row = np.abs(Z / column).max(axis=1)
    if not row.all():
        return np.zeros(Z.shape[1]), (row == 0) / np.count_nonzero(row == 0)
    scaled = Z / column / row[:, None]
    n, d = Z.shape
    result = linprog(
        np.append(np.zeros(d), -1.0),
        np.column_stack([-scaled, np.ones(n)]),
        np.zeros(n),
        bounds=[(-1, 1)] * d + [(None, None)],
        method="highs-ds",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    if result.x is None:
        raise RuntimeError(f"HiGHS could not decide separability: {result.message}")
    a = np.maximum(-result.ineqlin.marginals, 0) / row
    return result.x[:d] / column, a / a.sum()

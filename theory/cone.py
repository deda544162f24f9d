"""The program min ‖w‖ₚ subject to Zw − eps‖w‖ᵣ ≥ level, as the solvers take it."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy import sparse

from theory import program


def least_norm(
    Z: Float[Array, "n d"],
    p: float,
    eps: float,
    r: float,
    unit: Float[Array, " d"],
    level: float,
    *,
    vertex: bool = False,
) -> tuple[Float[Array, " d"], Float[Array, " n"]]:
    """The solver's w, and its multipliers a, for min ‖w‖ₚ subject to Zw − eps‖w‖ᵣ ≥ level.

    The solver sees w/unit, and each margin divided by its largest coefficient. With `vertex`, linear programs
    (p, r ∈ {1, ∞}) go to the simplex method, slower, but exact where the optimum is not unique. Nothing a solver
    says is taken for true: where it fails, w and a are poor or not finite; compute from them what they prove.
    """
    d = Z.shape[1]
    rows = Z * unit
    size = np.abs(rows).max(axis=1)
    size = np.where(size > 1e-100 * level, size, level)  # points of no length, which nothing separates
    attacked, square = eps > 0, p == 2  # for p = 2 the objective is ‖w‖₂²/2 and needs no variable
    u, extra, length, more, penalty = program.variables(
        d,
        0 if square else program.helpers(d, p),
        0 if square else 1,
        program.helpers(d, r) if attacked else 0,
        1 if attacked else 0,
    )
    w = sparse.diags_array(unit, format="csr") @ u
    margins = sparse.csr_array(rows / size[:, None]) @ u
    if attacked:
        margins = margins - sparse.csr_array((eps / size)[:, None]) @ penalty
    blocks = [program.positive(margins, -level / size)]
    blocks += [] if square else program.ball(w, extra, length, p)
    blocks += program.ball(w, more, penalty, r) if attacked else []
    cost = np.zeros(u.shape[1]) if square else length.toarray()[0]
    x, (a, *_) = program.solve(cost, blocks, w.T @ w if square else None, interior=not vertex)
    return x[:d] * unit, np.maximum(a, 0) / size

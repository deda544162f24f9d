"""The program min ‖w‖ₚ subject to Zw − eps‖w‖ᵣ ≥ level, as rows that Clarabel or, if linear, HiGHS can take."""

import math
from typing import Any

import clarabel
import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy import sparse
from scipy.optimize import linprog


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
    n, d = Z.shape
    Zu = Z * unit
    size = np.abs(Zu).max(axis=1)
    size = np.where(size > 1e-100 * level, size, level)  # points of no length, which nothing separates
    # Columns: w/unit, then (‖w‖ₚ, its m) unless p = 2, then (‖w‖ᵣ, its m) if there is an attack.
    balls = [_ball(unit, p)] if p != 2 else []
    grid = [[sparse.csr_array(-Zu / size[:, None])] + [None] * len(balls)]
    if eps > 0:
        balls.append(_ball(unit, r))
        attacked = sparse.csr_array(
            (eps / size, (np.arange(n), np.zeros(n, int))), shape=(n, balls[-1][1].shape[1])
        )
        grid[0].append(attacked)
    for i, (U, V, _) in enumerate(balls):
        grid.append([U] + [V if i == j else None for j in range(len(balls))])
    A = sparse.block_array(grid, format="csc")
    b = np.concatenate([-level / size, np.zeros(A.shape[0] - n)])
    cost, curvature = np.zeros(A.shape[1]), np.zeros(A.shape[1])
    if p == 2:
        curvature[:d] = unit**2
    else:
        cost[d] = 1.0
    if vertex and {p, r if eps > 0 else p} <= {1.0, math.inf}:
        x, z = _simplex(cost, A, b)
    else:
        cones = [clarabel.NonnegativeConeT(n)] + [cone for _, _, cones in balls for cone in cones]
        x, z = _interior(curvature, cost, A, b, cones)
    return x[:d] * unit, np.maximum(z[:n], 0) / size


def _ball(weight: Float[Array, " d"], exponent: float) -> tuple[Any, Any, list[Any]]:
    """U, V and cones such that ‖weight · u‖ ≤ t iff −Uu − V(t, m) lies in the cones for some m.

    Linear rows for the exponents 1 and ∞; otherwise m_j^(1/p) t^(1−1/p) ≥ |weight_j u_j| and Σ m_j = t. The norm
    p = 2 has a cone of its own, but with it Clarabel was seen to stall at gaps of 1e-8, with power cones at 1e-12.
    """
    d = len(weight)
    W, one, none = sparse.diags_array(weight), sparse.eye_array(d), sparse.csr_array((1, d))
    column, row = np.ones((d, 1)), np.ones((1, d))
    if exponent == math.inf:
        return (
            sparse.vstack([W, -W]),
            sparse.csr_array(-np.vstack([column, column])),
            [clarabel.NonnegativeConeT(2 * d)],
        )
    if exponent == 1:
        t_and_m: list[list[Any]] = [[0 * column, -one], [0 * column, -one], [np.array([[-1.0]]), row]]
        return sparse.vstack([W, -W, none]), sparse.block_array(t_and_m), [clarabel.NonnegativeConeT(2 * d + 1)]
    m, t, u = np.eye(3)[:, :, None]
    t_and_m = [[np.array([[-1.0]]), row], [-np.kron(column, t), -sparse.kron(one, m)]]
    cones = [clarabel.ZeroConeT(1)] + [clarabel.PowerConeT(1 / exponent)] * d
    return sparse.vstack([none, -sparse.kron(W, u)]), sparse.block_array(t_and_m), cones


def _simplex(cost: Any, A: Any, b: Any) -> tuple[Any, Any]:
    """Min costᵀx subject to Ax ≤ b, by HiGHS, with the multipliers of the rows."""
    result = linprog(
        cost,
        A,
        b,
        bounds=(None, None),
        method="highs-ds",
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    if result.x is None:
        return np.full(len(cost), np.nan), np.full(len(b), np.nan)
    return result.x, -result.ineqlin.marginals


def _interior(curvature: Any, cost: Any, A: Any, b: Any, cones: list[Any]) -> tuple[Any, Any]:
    """Min costᵀx + xᵀ diag(curvature) x / 2 subject to b − Ax in cones, by Clarabel, with the multipliers."""
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.tol_feas = settings.tol_gap_abs = settings.tol_gap_rel = 1e-12
    P = sparse.diags_array(curvature, format="csc")
    solution = clarabel.DefaultSolver(P, cost, A, b, cones, settings).solve()
    return np.array(solution.x), np.array(solution.z)

"""Convex programs over products of cones: one way to write them, two solvers, and no trust in either."""

import math
from dataclasses import dataclass
from typing import Any, Literal

import clarabel
import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy import sparse
from scipy.optimize import linprog

Rows = Any  # a sparse matrix; its columns are the variables of the program
Kind = Literal["zero", "positive", "exponential", "power"]


@dataclass(frozen=True)
class Block:
    """The constraint b − A x ∈ K, for one cone K or a stack of three-dimensional ones.

    Attributes:
        kind: {0}, s ≥ 0, s₁ exp(s₀/s₁) ≤ s₂, or s₀^alpha s₁^(1−alpha) ≥ |s₂|.
        A: the rows.
        b: the right-hand side.
        alpha: the exponent of the power cones.
    """

    kind: Kind
    A: Rows
    b: Float[Array, " m"]
    alpha: float = 0.5

    def cones(self) -> list[Any]:
        """The cones of this block, as Clarabel names them."""
        m = self.A.shape[0]
        if self.kind == "zero":
            return [clarabel.ZeroConeT(m)]
        if self.kind == "positive":
            return [clarabel.NonnegativeConeT(m)]
        if self.kind == "exponential":
            return [clarabel.ExponentialConeT() for _ in range(m // 3)]
        return [clarabel.PowerConeT(self.alpha) for _ in range(m // 3)]


def variables(*sizes: int) -> list[Rows]:
    """One matrix per group of variables, whose rows pick that group out of all of them."""
    identity = sparse.identity(sum(sizes), format="csr")
    ends = np.cumsum(sizes)
    return [identity[end - size : end] for size, end in zip(sizes, ends, strict=True)]


def ones(n: int) -> Rows:
    """A column of n ones: `ones(n) @ N` repeats the scalar variable N."""
    return sparse.csr_matrix(np.ones((n, 1)))


def units(reach: Float[Array, " d"], column: Float[Array, " d"]) -> Float[Array, " d"]:
    """The scale of each w_j to solve in next: its last contribution, at least 1 % of the largest."""
    return np.maximum(reach, 1e-2 * reach.max()) / column if reach.any() else 1 / column


def positive(A: Rows, b: Float[Array, " m"] | float = 0.0) -> Block:
    """A x + b ≥ 0."""
    return Block("positive", -A, np.broadcast_to(np.asarray(b, dtype=np.float64), A.shape[:1]))


def zero(A: Rows, b: Float[Array, " m"]) -> Block:
    """A x = b."""
    return Block("zero", A, b)


def triples(first: Rows, second: Rows, third: Rows) -> Rows:
    """Three stacks of k rows, dealt out as k stacks of three rows."""
    k = first.shape[0]
    order = np.arange(3 * k).reshape(3, k).T.ravel()
    return sparse.vstack([first, second, third], format="csr")[order]


def helpers(d: int, p: float) -> int:
    """How many extra variables `ball` needs for the ℓp norm in d dimensions."""
    return 0 if p == math.inf else d


def ball(w: Rows, u: Rows, N: Rows, p: float) -> list[Block]:
    """‖w‖ₚ ≤ N, with `helpers(d, p)` extra variables u: |wⱼ| ≤ uⱼ^(1/p) N^(1−1/p) and Σuⱼ ≤ N.

    That holds for p = 2 as well: with its one large cone Clarabel stops at gaps of 1e-8, with these at 1e-12.
    """
    d = w.shape[0]
    each = ones(d) @ N
    if p == math.inf:
        return [positive(sparse.vstack([each - w, each + w]))]
    total = positive(N - ones(d).T @ u)
    if p == 1:
        return [positive(sparse.vstack([u - w, u + w])), total]
    return [Block("power", -triples(u, each, w), np.zeros(3 * d), 1 / p), total]


def solve(
    cost: Float[Array, " v"],
    blocks: list[Block],
    quadratic: Rows | None = None,
    *,
    interior: bool = False,
) -> tuple[Float[Array, " v"], list[Float[Array, " m"]]]:
    """An approximate minimiser x of cost·x + x'Px/2 over the blocks, and one multiplier per row of each.

    The multipliers z satisfy P x + cost + Σ A'z = 0. The simplex method of HiGHS solves linear programs, unless
    `interior` points are asked for; Clarabel those, the rest, and what the simplex method turns in circles on.

    Errors: none promised: the caller repairs and certifies. Without any point to offer, x and z are NaN.
    """
    ends = np.cumsum([block.A.shape[0] for block in blocks])
    linear = quadratic is None and not interior and all(block.kind in ("zero", "positive") for block in blocks)
    x, z = _linear(cost, blocks) if linear else _cone(cost, blocks, quadratic)
    if linear and not np.isfinite(x).all():
        x, z = _cone(cost, blocks, quadratic)
    return x, np.split(z, ends[:-1])


def _linear(cost: Float[Array, " v"], blocks: list[Block]) -> tuple[Array, Array]:
    """A vertex of a linear program, or NaN."""
    z = np.full(sum(block.A.shape[0] for block in blocks), np.nan)
    is_equality = np.concatenate([np.full(block.A.shape[0], block.kind == "zero") for block in blocks])
    A = sparse.vstack([block.A for block in blocks], format="csr")
    b = np.concatenate([block.b for block in blocks])
    options: Any = {
        "maxiter": sum(A.shape),
        "primal_feasibility_tolerance": 1e-10,
        "dual_feasibility_tolerance": 1e-10,
    }
    result: Any = linprog(
        cost,
        A_ub=A[~is_equality],
        b_ub=b[~is_equality],
        A_eq=A[is_equality] if is_equality.any() else None,
        b_eq=b[is_equality] if is_equality.any() else None,
        bounds=(None, None),
        method="highs-ds",
        options=options,
    )
    if result.status != 0:
        return np.full(len(cost), np.nan), z
    z[~is_equality] = -result.ineqlin.marginals
    if is_equality.any():
        z[is_equality] = -result.eqlin.marginals
    return np.asarray(result.x), z


def _cone(cost: Float[Array, " v"], blocks: list[Block], quadratic: Rows | None) -> tuple[Array, Array]:
    """The last iterate of an interior-point method."""
    settings = clarabel.DefaultSettings()
    settings.verbose = False
    settings.max_threads = 1
    settings.tol_gap_abs = settings.tol_gap_rel = 1e-12
    settings.tol_feas = 1e-12
    v = len(cost)
    P = sparse.csc_matrix((v, v)) if quadratic is None else sparse.triu(quadratic, format="csc")
    A = sparse.vstack([block.A for block in blocks], format="csc")
    b = np.concatenate([block.b for block in blocks])
    cones = [cone for block in blocks for cone in block.cones()]
    result = clarabel.DefaultSolver(P, np.asarray(cost), A, b, cones, settings).solve()
    return np.array(result.x), np.array(result.z)

"""Minimum-norm interpolators: the least ‖w‖ₚ subject to Xw = y, each with its proof."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy import sparse

from theory import checks, norms, program, rank
from theory.solution import Problem, Solution

UNIT = float(np.finfo(np.float64).eps)
REACHED = 100.0  # an equation holds when its residual is below this many roundings of its own terms


def min_norm(X: Float[Array, "n d"], y: Float[Array, " n"], p: float = 2.0) -> Solution:
    """The interpolator of least ‖·‖ₚ: closed form for p = 2, linear or power-cone program otherwise.

    Its dual is the largest a·y over ‖X'a‖_q ≤ 1, 1/p + 1/q = 1, and `bound` = a·y is at most the optimum.
    The rank is decided on the rows of X scaled to unit length, and reported. If X has fewer independent
    rows than rows, y must satisfy the same dependencies, to rounding; the interpolator is then that of
    the independent directions, nothing is fitted approximately.

    Errors: Xw = y to max(n, d) roundings, equation by equation; relative gap below 1e-12 for p = 2 and
        cond(X) < 1e3, below 1e-8 otherwise unless X is ill-conditioned; read `Solution.gap`.
    Raises:
        ValueError: if X has not full row rank and y is out of reach, if the rank cannot be decided, or on
            bad input.
    Source: Boyd & Vandenberghe, Convex Optimization, §5.1.6.
    """
    X, y = checks.regression(X, y)
    p = checks.exponent(p)
    rows = _Rows.of(X)
    scale, problem = np.abs(y).max(), Problem("min_norm", X, y, {"p": p})
    if scale == 0:
        return Solution(np.zeros(X.shape[1]), np.zeros(len(y)), 0.0, 0.0, decision=rows.decision, problem=problem)
    w = rows.reach(y / scale)
    duals = [rows.dual(rows.Vt @ w)]
    if p != 2:
        size = norms.norm(w, p)
        w, a = _least(rows, w / size, p)
        w = rows.reach(y / scale, w * size)
        duals = [rows.dual(a), rows.dual(rows.Vt @ norms.align(w, p))]
    w = w * scale
    proofs = [_feasible(X, a, p) for a in duals]
    a = max(proofs, key=lambda a: float(a @ y))
    return Solution(w, a, norms.norm(w, p), float(a @ y), decision=rows.decision, problem=problem)


def _feasible(X: Float[Array, "n d"], a: Float[Array, " n"], p: float) -> Float[Array, " n"]:
    """The multiple of a with ‖X'a‖_q = 1, or 0 if there is none."""
    length = norms.length(X.T @ a, norms.dual(p))
    return a / length if 0 < length < np.inf else np.zeros_like(a)


def _least(rows: "_Rows", w: Float[Array, " d"], p: float) -> tuple[Float[Array, " d"], Float[Array, " r"]]:
    """Nearly the least ‖·‖ₚ among the points that share the coordinates of w along Vt, and its dual."""
    d = len(w)
    pick, extra, N = program.variables(d, program.helpers(d, p), 1)
    equations = program.zero(sparse.csr_matrix(rows.Vt) @ pick, rows.Vt @ w)
    x, (a, *_) = program.solve(N.toarray()[0], [equations, *program.ball(pick, extra, N, p)])
    if not (np.isfinite(x).all() and np.isfinite(a).all()):
        return w, rows.Vt @ w
    return x[:d], -a


@dataclass(frozen=True)
class _Rows:
    """X with unit rows, as U S Vt of rank r: length · (U S Vt) = X, nothing dropped but what was decided."""

    X: Float[Array, "n d"]
    length: Float[Array, " n"]
    U: Float[Array, "n r"]
    s: Float[Array, " r"]
    Vt: Float[Array, "r d"]
    decision: rank.Rank

    @classmethod
    def of(cls, X: Float[Array, "n d"]) -> "_Rows":
        """Scale, factor, and decide the rank."""
        length = np.array([norms.norm(x, 2) for x in X])
        length[length == 0] = 1.0
        unit = X / length[:, None]
        U, s, Vt = np.linalg.svd(unit, full_matrices=False)
        decision = rank.decision(s, *X.shape)
        r = decision.kept
        return cls(unit, length, U[:, :r], s[:r], Vt[:r], decision)

    @property
    def rank(self) -> int:
        """The number of independent rows."""
        return len(self.s)

    def dual(self, a: Float[Array, " r"]) -> Float[Array, " n"]:
        """The combination of the rows of X that equals the combination a of those of Vt."""
        return np.asarray((self.U @ (a / self.s)) / self.length)

    def reach(self, y: Float[Array, " n"], w: Float[Array, " d"] | None = None) -> Float[Array, " d"]:
        """A solution of Xw = y near w: corrected in proportion to |w|, so that zeros stay, then freely.

        Raises:
            ValueError: if there is none.
        """
        n, d = self.X.shape
        y = y / self.length
        if w is None:
            w = np.zeros(d)
        elif self.rank:
            weighted = self.Vt * np.abs(w)
            residual = (self.U.T @ (y - self.X @ w)) / self.s
            w = w + np.abs(w) * np.linalg.lstsq(weighted, residual, rcond=UNIT * max(n, d))[0]
        for _ in range(3):
            residual = y - self.X @ w
            terms = np.abs(self.X) @ np.abs(w) + np.abs(y)
            if (np.abs(residual) <= UNIT * terms).all():
                break
            w = w + self.Vt.T @ ((self.U.T @ residual) / self.s)
        residual = y - self.X @ w
        terms = np.abs(self.X) @ np.abs(w) + np.abs(y)
        excess = np.abs(residual) - REACHED * max(n, d) * UNIT * terms
        worst = int(np.argmax(excess))
        if excess[worst] > 0:
            raise ValueError(
                f"X has rank {self.rank} < n={n} (d={d}): not every y can be interpolated, and equation "
                f"{worst} is missed by {abs(residual[worst]) * self.length[worst]:.3g} in units of max |y|; "
                "drop dependent rows or fit by theory.ridge.ridge_path"
            )
        return w

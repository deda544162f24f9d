"""How long does a maximum margin take, and how much of it is proven? Ours beside the usual ways, in one run.

n = 200 points in d = 1000 dimensions, a Gaussian teacher. The gap of every row is measured in the same way, from
its own w and multipliers where it has some; "-" marks a row that proves nothing.
Run: python benchmarks/max_margin.py
"""

import math
import time
from collections.abc import Callable

import cvxpy as cp
import numpy as np
from scipy.linalg import cho_factor
from scipy.optimize import linprog
from sklearn.svm import SVC

from theory.margin import certify, max_margin
from theory.norms import dual, norm

N, D, EPS = 200, 1000, 0.02
RNG = np.random.default_rng(0)
X = RNG.standard_normal((N, D))
y = np.where(X @ RNG.standard_normal(D) > 0, 1.0, -1.0)
Z = y[:, None] * X
NAMES = {1: "ℓ1", 2: "ℓ2", math.inf: "ℓ∞"}


def ours(p, eps):
    solution = max_margin(X, y, p, eps=eps)
    return solution.w, solution.dual


def cvxpy_clarabel(p, eps):
    w = cp.Variable(D)
    margins = Z @ w - eps * cp.norm(w, 1) >= 1 if eps else Z @ w >= 1
    cp.Problem(cp.Minimize(cp.norm(w, p)), [margins]).solve(cp.CLARABEL)
    return w.value, margins.dual_value


def highs(p, eps):
    if p == 1:
        result = linprog(np.ones(2 * D), np.hstack([-Z, Z]), -np.ones(N), method="highs")
        return result.x[:D] - result.x[D:], -result.ineqlin.marginals
    cost, A = np.append(np.zeros(D), -1.0), np.column_stack([-Z, np.ones(N)])
    result = linprog(cost, A, np.zeros(N), bounds=[(-1, 1)] * D + [(None, None)], method="highs")
    return result.x[:D], -result.ineqlin.marginals


def support_vectors(p, eps):
    machine = SVC(kernel="linear", C=1e10, tol=1e-8).fit(X, y)
    a = np.zeros(N)
    a[machine.support_] = np.abs(machine.dual_coef_[0])
    return machine.coef_[0], a


def floor(p, eps):
    cho_factor(X @ X.T)


def row(name: str, solve: Callable, p: float, eps: float, repeats: int) -> None:
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        found = solve(p, eps)
        seconds.append(time.perf_counter() - start)
    margin = gap = "-"
    if found is not None:
        w, a = found
        margin = f"{(np.min(Z @ w) - eps * norm(w, dual(math.inf))) / norm(w, p):.12g}"
        gap = f"{certify(Z, w, a, p, eps, math.inf).gap:.1e}"
    print(f"| {name} | {np.median(seconds):.4f} | {margin} | {gap} |", flush=True)


def main() -> None:
    print(f"n={N}, d={D}; medians\n\n| way | seconds | margin | certified gap |\n|---|---|---|---|")
    row("floor: Gram matrix + Cholesky", floor, 2, 0.0, 5)
    row("ℓ2, ours", ours, 2, 0.0, 5)
    row("ℓ2, sklearn SVC(C=1e10), which adds a bias", support_vectors, 2, 0.0, 3)
    row("ℓ2, cvxpy + Clarabel", cvxpy_clarabel, 2, 0.0, 1)
    for p in (1, math.inf):
        row(f"{NAMES[p]}, ours", ours, p, 0.0, 3)
        row(f"{NAMES[p]}, HiGHS through scipy", highs, p, 0.0, 1)
        row(f"{NAMES[p]}, cvxpy + Clarabel", cvxpy_clarabel, p, 0.0, 1)
    row(f"ℓ2 under ℓ∞ attack of {EPS}, ours", ours, 2, EPS, 3)
    row(f"ℓ2 under ℓ∞ attack of {EPS}, cvxpy + Clarabel", cvxpy_clarabel, 2, EPS, 1)


if __name__ == "__main__":
    main()

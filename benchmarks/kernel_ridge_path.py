"""What does a whole kernel ridge path with leave-one-out cost? Ours beside scikit-learn, and one eigh.

n = 2000 points, the tangent kernel of one hidden layer, 100 values of lam. The error is that of the coefficients
against a Cholesky solve, and of the held-out residuals against the diagonal of an inverse, at five of the lams.
Run: OMP_NUM_THREADS=1 python benchmarks/kernel_ridge_path.py
"""

import statistics
import time

import numpy as np
from scipy.linalg import cho_factor, cho_solve, eigh
from sklearn.kernel_ridge import KernelRidge

from theory.kernel_regression import decompose, leave_one_out, ridge_coefficients
from theory.kernels import ntk_relu

N, D, COUNT, REPEATS, PEER = 2000, 50, 100, 5, 4
RNG = np.random.default_rng(0)
X = RNG.standard_normal((N, D))
y = np.sin(X[:, 0]) + 0.3 * RNG.standard_normal(N)
K = ntk_relu(X)
lams = np.logspace(-6, 3, COUNT)


def floor():
    return eigh(K, driver="evd")


def ours():
    eigen = decompose(K)
    return ridge_coefficients(eigen, y, lams), leave_one_out(eigen, y, lams)


def sklearn_loop():
    """Every 25th lam: the time is multiplied."""
    fits = [KernelRidge(alpha=N * lam, kernel="precomputed").fit(K, y) for lam in lams[:: COUNT // PEER]]
    return np.array([fit.dual_coef_ for fit in fits]), None


def seconds(run):
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


def errors(A, held_out, step):
    """Largest relative errors of the coefficients and the held-out residuals."""
    worst, worst_held_out = 0.0, 0.0
    for r in range(0, COUNT, 25):
        if r % step:
            continue
        factor = cho_factor(K + N * lams[r] * np.eye(N))
        a = cho_solve(factor, y)
        worst = max(worst, np.linalg.norm(A[r // step] - a) / np.linalg.norm(a))
        if held_out is not None:
            exact = a / np.diag(cho_solve(factor, np.eye(N)))
            worst_held_out = max(worst_held_out, np.linalg.norm(held_out[r] - exact) / np.linalg.norm(exact))
    return worst, worst_held_out if held_out is not None else None


def main():
    floors, times = [], []
    for _ in range(REPEATS):  # alternating: the machine's moods fall on both
        floors.append(seconds(floor)[0])
        spent, (A, held_out) = seconds(ours)
        times.append(spent)
    unit = statistics.median(floors)
    peer, (loop, _) = seconds(sklearn_loop)
    peer *= COUNT / PEER
    print(f"kernel ridge path, n = {N}, {COUNT} lams")
    print(f"{'':44} {'seconds':>8} {'x eigh':>7} {'coef':>8} {'loo':>8}")
    print(f"{'one scipy.linalg.eigh (evd)':44} {unit:8.2f} {1.0:7.2f} {'-':>8} {'-':>8}")
    coefficient, residual = errors(A, held_out, 1)
    ratio = statistics.median(t / f for t, f in zip(times, floors, strict=True))
    spent = statistics.median(times)
    print(f"{'ours, with leave-one-out':44} {spent:8.2f} {ratio:7.2f} {coefficient:8.1e} {residual:8.1e}")
    coefficient, _ = errors(loop, None, COUNT // PEER)
    name = f"sklearn KernelRidge loop ({PEER} lams, times {COUNT // PEER})"
    print(f"{name:44} {peer:8.2f} {peer / unit:7.2f} {coefficient:8.1e} {'-':>8}")


if __name__ == "__main__":
    main()

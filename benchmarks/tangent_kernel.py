"""What does a tangent kernel cost beyond one symmetric matrix product, and how many digits are right?

n Gaussian points in d = 784 dimensions, of which 20 have a partner at an angle from 1e-9 to 1e-1. The error is the
largest relative one over these pairs ("near") and over 20 others ("far"), against 50 digits.
Run: OMP_NUM_THREADS=1 python benchmarks/tangent_kernel.py
"""

import statistics
import time

import mpmath
import numpy as np
from scipy.linalg.blas import dsyrk

from theory.kernels import ntk_relu

D, REPEATS, PAIRS = 784, 5, 20


def points(n):
    rng = np.random.default_rng(0)
    X = rng.standard_normal((n, D))
    for i, theta in enumerate(np.logspace(-9, -1, PAIRS)):
        step = rng.standard_normal(D)
        X[2 * i + 1] = X[2 * i] + theta * step
    return X


def plain(X, depth):
    """The recursion on whole matrices, as it is usually written."""
    length = np.linalg.norm(X, axis=1)
    S = np.clip(X @ X.T / np.outer(length, length), -1, 1)
    T = S
    for _ in range(depth):
        phi = np.pi - np.arccos(S)
        S, T = (S * phi + np.sqrt(1 - S**2)) / np.pi, T * phi / np.pi
        S = np.clip(S, -1, 1)
        T = T + S
    return np.outer(length, length) * T


def exact(x, z, depth):
    with mpmath.workdps(50):
        x, z = mpmath.matrix(x.tolist()), mpmath.matrix(z.tolist())
        lengths = mpmath.norm(x) * mpmath.norm(z)
        S = T = mpmath.fdot(x, z) / lengths
        for _ in range(depth):
            phi = mpmath.pi - mpmath.acos(S)
            S, T = (S * phi + mpmath.sqrt(1 - S * S)) / mpmath.pi, T * phi / mpmath.pi
            T += S
        return lengths * T


def seconds(run):
    start = time.perf_counter()
    result = run()
    return time.perf_counter() - start, result


def main():
    print(f"{'':34} {'seconds':>8} {'x syrk':>7} {'near':>8} {'far':>8}")
    for n in (2000, 5000):
        X = points(n)
        for depth in (1, 4) if n < 5000 else (1,):
            near = [(2 * i, 2 * i + 1) for i in range(PAIRS)]
            far = [(i, i + 100) for i in range(PAIRS)]
            values = {pair: exact(X[pair[0]], X[pair[1]], depth) for pair in near + far}
            rows = {
                "ours": lambda X=X, depth=depth: ntk_relu(X, depth=depth),
                "ours, float32": lambda X=X, depth=depth: ntk_relu(X, depth=depth, dtype=np.float32),
                "numpy recursion on whole matrices": lambda X=X, depth=depth: plain(X, depth),
            }
            floors = []
            print(f"\nn = {n}, d = {D}, hidden layers: {depth}")
            for name, run in rows.items():
                times = []
                for _ in range(REPEATS if n < 5000 else 2):
                    floors.append(seconds(lambda X=X: dsyrk(1.0, X.T, trans=1))[0])
                    spent, K = seconds(run)
                    times.append(spent / floors[-1])
                error = [max(float(abs(K[p] / values[p] - 1)) for p in pairs) for pairs in (near, far)]
                ratio = statistics.median(times)
                print(f"{name:34} {spent:8.2f} {ratio:7.2f} {error[0]:8.1e} {error[1]:8.1e}", flush=True)
            print(f"{'SYRK X Xᵀ':34} {statistics.median(floors):8.2f} {1.0:7.2f}")


if __name__ == "__main__":
    main()

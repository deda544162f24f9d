import numpy as np
import pytest

from theory.kernel_descent import descent_path


def problem(n=8, k=5, rank=20, seed=0):
    draw = np.random.default_rng(seed)
    Phi = draw.standard_normal((n + k, rank))
    K = Phi @ Phi.T
    return K[:n, :n], K[n:, :n], draw.standard_normal(n)


@pytest.mark.parametrize("share", [0.01, 0.5, 1.0, 1.9])
@pytest.mark.parametrize("rank", [3, 20])
def test_steps_one_by_one_arrive_at_the_closed_form(share, rank):
    K, K_test, y = problem(rank=rank)
    rate = share / np.linalg.norm(K, 2)
    counts = np.array([0, 1, 2, 7, 500])
    path, train = descent_path(K, y, rate, counts, K_test), descent_path(K, y, rate, counts, K)
    a, seen = np.zeros_like(y), []
    for t in range(501):
        if t in counts:
            seen.append(a)
        a = a - rate * (K @ a - y)
    np.testing.assert_allclose(path, np.array(seen) @ K_test.T, atol=1e-11)
    np.testing.assert_allclose(train, np.array(seen) @ K, atol=1e-11)


def test_many_steps_interpolate_and_short_ones_are_a_flow():
    K, K_test, y = problem()
    rate = 1 / np.linalg.norm(K, 2)
    end = descent_path(K, y, rate, np.array([10**7]), K_test)[0]
    np.testing.assert_allclose(end, K_test @ np.linalg.solve(K, y), atol=1e-10)
    mu, V = np.linalg.eigh(K)
    t = 3.0 / np.linalg.norm(K, 2)
    flow = V @ (-np.expm1(-t * mu) * (V.T @ y))
    steps = 10**8
    np.testing.assert_allclose(descent_path(K, y, t / steps, np.array([steps]), K)[0], flow, atol=1e-7)


def test_bad_input_is_refused():
    K, K_test, y = problem()
    with pytest.raises(ValueError, match="symmetric"):
        descent_path(K + np.triu(np.ones_like(K), 1), y, 0.1, np.array([1]), K_test)
    with pytest.raises(ValueError, match="steps"):
        descent_path(K, y, 0.1, np.array([-1]), K_test)
    with pytest.raises(ValueError, match="rate"):
        descent_path(K, y, 0.0, np.array([1]), K_test)
    with pytest.raises(ValueError, match=r"\(k, n\)"):
        descent_path(K, y[1:], 0.1, np.array([1]), K_test)

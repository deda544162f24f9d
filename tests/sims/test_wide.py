"""The interpolator of infinite width: its kernel, its gradient, and attacks that find what can be known."""

import numpy as np
import pytest
import torch

from sims import sphere, wide
from theory.kernel_regression import ntk_regression
from theory.kernels import ntk_relu


@pytest.fixture
def data() -> tuple[wide.Array, wide.Array, wide.Array]:
    rng = np.random.default_rng(3)
    X = sphere.sphere(rng, 12, 6) * rng.uniform(0.5, 2, (12, 1))
    return X, rng.standard_normal(12), sphere.sphere(rng, 7, 6)


def test_the_kernel_is_the_limit_of_the_tangent_kernel(data: tuple[wide.Array, ...]) -> None:
    X, _, Z = data
    K = wide.tangent_kernel(torch.from_numpy(Z), torch.from_numpy(X)).numpy()
    np.testing.assert_allclose(K, ntk_relu(Z, X), rtol=1e-12)


def test_outputs_and_gradients_are_those_of_the_kernel_s_interpolator(data: tuple[wide.Array, ...]) -> None:
    X, y, Z = data
    f = wide.interpolate(X, y)
    outputs, gradients = f.seen(Z)
    theory = ntk_regression(X, y, np.zeros(1))
    np.testing.assert_allclose(outputs, theory.predict(Z)[0], rtol=1e-8)
    np.testing.assert_allclose(gradients, theory.gradient(Z)[0], rtol=1e-7, atol=1e-9)
    step = 1e-6 * np.eye(6)[0]
    slope = (f.seen(Z + step)[0] - f.seen(Z - step)[0]) / 2e-6
    np.testing.assert_allclose(gradients[:, 0], slope, rtol=1e-6, atol=1e-8)


def test_the_attack_on_a_linear_function_costs_the_cross_term(data: tuple[wide.Array, ...]) -> None:
    _, _, Z = data
    w, w_star = np.arange(1.0, 7), np.ones(6)
    errors = Z @ (w - w_star)
    clean, attacked = wide.risks(
        lambda V: (V @ w, np.tile(w, (len(V), 1))), Z, Z @ w_star, 0.3, np.random.default_rng(0)
    )
    assert clean == pytest.approx(np.mean(errors**2))
    assert attacked == pytest.approx(np.mean((np.abs(errors) + 0.3 * np.linalg.norm(w)) ** 2), rel=1e-6)


def test_no_attack_costs_nothing_and_a_larger_one_more(data: tuple[wide.Array, ...]) -> None:
    X, y, Z = data
    f, truth = wide.interpolate(X, y), np.zeros(7)
    costs = [wide.risks(f.seen, Z, truth, eps, np.random.default_rng(0))[1] for eps in (0.0, 0.1, 0.4)]
    assert costs[0] == pytest.approx(np.mean(f.seen(Z)[0] ** 2))
    assert costs[0] < costs[1] < costs[2]

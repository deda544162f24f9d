"""Kernel paths: against direct solves, automatic differentiation and the theory; refusals."""

import math

import numpy as np
import pytest
import torch

from sims import kernel_ridge
from theory import classical_kernels, kernels

ROUNDING = 1e-12  # the conditions below are around 1e3
LAMS = np.geomspace(1e-3, 1.0, 7)


def data(n=12, d=5, k=6, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, d)), np.sign(rng.standard_normal(n)), rng.standard_normal((k, d))


def angle(X, Z):
    lengths = torch.outer(X.norm(dim=1), Z.norm(dim=1))
    return lengths, torch.arccos(X @ Z.T / lengths)


def tangent(X, Z):
    lengths, theta = angle(X, Z)
    return lengths * (2 * torch.cos(theta) * (math.pi - theta) + torch.sin(theta)) / math.pi


def gaussian(X, Z):
    return torch.exp(-(torch.cdist(X, Z) ** 2) / (2 * 1.7**2))


KERNELS = {
    "tangent": (kernel_ridge.tangent, tangent),
    "gaussian": (kernel_ridge.gaussian(1.7), gaussian),
    "linear": (kernel_ridge.linear, lambda X, Z: X @ Z.T),
}
every_kernel = pytest.mark.parametrize("name", KERNELS)


@every_kernel
def test_the_path_is_the_direct_solve(name):
    X, y, Z = data()
    kernel = KERNELS[name][0]
    path = kernel_ridge.ridge(X, y, LAMS, kernel)
    K = kernel(X, X).K
    for lam, a, f in zip(LAMS, path.A, path.predict(Z), strict=True):
        np.testing.assert_allclose(
            a, np.linalg.solve(K + len(y) * lam * np.eye(len(y)), y), rtol=1e-9, atol=ROUNDING
        )
        np.testing.assert_allclose(f, kernel(Z, X).K @ a, rtol=ROUNDING, atol=ROUNDING)


@every_kernel
@pytest.mark.parametrize("p", [2.0, math.inf, 1.0])
def test_gradients_are_those_of_automatic_differentiation(name, p):
    X, y, Z = data()
    kernel, differentiable = KERNELS[name]
    path = kernel_ridge.ridge(X, y, LAMS, kernel)
    norms = path.gradient_norms(Z, p)
    q = {2.0: 2, math.inf: 1, 1.0: math.inf}[p]
    for r in (0, 3, 6):
        points = torch.from_numpy(Z).requires_grad_()
        f = differentiable(points, torch.from_numpy(X)) @ torch.from_numpy(path.A[r])
        (slope,) = torch.autograd.grad(f.sum(), points)
        value, gradient = path.at(Z, np.full(len(Z), r))
        np.testing.assert_allclose(value, f.detach().numpy(), rtol=0, atol=1e-11)
        np.testing.assert_allclose(gradient, slope.numpy(), rtol=0, atol=1e-11)
        np.testing.assert_allclose(norms[r], np.linalg.norm(slope.numpy(), ord=q, axis=1), rtol=1e-10)


def test_kernels_are_those_of_the_theory():
    X, _, Z = data(n=40, d=9, k=30)
    for mine, theirs in (
        (kernel_ridge.tangent, kernels.ntk_relu),
        (kernel_ridge.gaussian(0.8), classical_kernels.gaussian(0.8).value),
    ):
        for points in (X, Z):
            np.testing.assert_allclose(mine(points, X).K, theirs(points, X), rtol=1e-11, atol=ROUNDING)


def test_points_on_one_line_have_the_exact_kernel_and_the_averaged_gradient():
    x = np.array([[0.1, 0.7, -0.3]])
    for factor, value in ((1.0, 2.0), (3.0, 6.0), (-2.0, 0.0)):
        seen = kernel_ridge.tangent(x, factor * x)
        assert seen.K[0, 0] == pytest.approx(value * np.sum(x**2), abs=1e-14)
        across = seen.alpha * x + seen.beta * factor * x
        np.testing.assert_allclose(across, value * x, atol=1e-12)
    zero = kernel_ridge.tangent(np.zeros((1, 3)), x)
    assert zero.K[0, 0] == 0 and np.isfinite(zero.alpha).all()


def test_a_stack_of_labels_is_one_path_each():
    X, y, Z = data()
    stack = np.stack([[y, -y, np.roll(y, 1)], [y, y, y]])
    path = kernel_ridge.ridge(X, stack, LAMS, kernel_ridge.tangent)
    alone = kernel_ridge.ridge(X, stack[0, 2], LAMS, kernel_ridge.tangent)
    assert path.A.shape == (2, 3, 7, 12)
    np.testing.assert_allclose(path.A[0, 2], alone.A, rtol=1e-10)
    np.testing.assert_allclose(path.predict(Z)[0, 2], alone.predict(Z), rtol=1e-10)
    np.testing.assert_allclose(path.gradient_norms(Z)[0, 2], alone.gradient_norms(Z), rtol=1e-10)


def test_own_predictors_in_blocks(monkeypatch):
    X, y, Z = data()
    path = kernel_ridge.ridge(X, y, LAMS, kernel_ridge.gaussian(1.0))
    whole = path.at(Z, np.arange(6))
    monkeypatch.setattr(kernel_ridge, "BLOCK", 4)
    for part, other in zip(whole, path.at(Z, np.arange(6)), strict=True):
        np.testing.assert_allclose(part, other, rtol=ROUNDING, atol=ROUNDING)
    np.testing.assert_allclose(whole[0], np.diag(path.predict(Z)[:6]), rtol=1e-11)


def test_the_usual_width_is_the_median_distance():
    X = np.array([[0.0], [1.0], [3.0]])
    assert kernel_ridge.median_distance(X) == 2.0
    kernel, width = kernel_ridge.named("gaussian", X)
    assert width == 2.0 and kernel(X, X).K[0, 1] == pytest.approx(math.exp(-1 / 8))
    assert kernel_ridge.named("tangent", X)[0] is kernel_ridge.tangent


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        (lambda X, y: kernel_ridge.ridge(X, y[:-1], LAMS, kernel_ridge.linear), "must be finite and agree"),
        (lambda X, y: kernel_ridge.ridge(X * np.nan, y, LAMS, kernel_ridge.linear), "must be finite and agree"),
        (lambda X, y: kernel_ridge.ridge(X, y, np.array([0.0, 1.0]), kernel_ridge.linear), "numbers > 0"),
        (lambda X, y: kernel_ridge.gaussian(0.0), "width must be a number > 0, got 0"),
        (lambda X, y: kernel_ridge.named("gaussian", np.ones((3, 2))), "width must be a number > 0"),
        (lambda X, y: kernel_ridge.named("cubic", X), "tangent or gaussian, got 'cubic'"),
    ],
)
def test_bad_input(bad, words):
    X, y, _ = data()
    with pytest.raises(ValueError, match=words):
        bad(X, y)

"""The patch model: its recursion against derivatives, its flows against it, its variance against quadrature."""

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from theory.patch_errors import error_bound, noise_covariance, noise_variance
from theory.patch_model import PatchModel, log_steps, odd_power, paper_scaling, reduced_path
from theory.patch_phases import (
    boundary,
    frozen_noise,
    noise_flow,
    noise_passes,
    noise_times,
    signal_flow,
    signal_passes,
    signal_time,
)

MODEL = PatchModel(n=4, d=30, m=6, alpha=2.3, left=0.4, sigma=0.2, mix=0.7, eta=0.1)


def drawn(model, seed=0):
    """Direction, rows y_i X_i[j] and weights."""
    rng = np.random.default_rng(seed)
    w_star = rng.normal(size=model.d)
    w_star /= np.linalg.norm(w_star)
    A = model.sigma * rng.normal(size=(model.n * (model.patches - 1), model.d))
    A -= np.outer(A @ w_star, w_star)
    return w_star, A, rng.normal(size=(model.m, model.d)) / math.sqrt(model.d)


def by_autograd(model, w_star, A, W, steps):
    """Descent on the weights by torch's derivatives; labels are absorbed, the activation being odd."""
    S, A = torch.from_numpy(w_star), torch.from_numpy(A)
    V, q = torch.tensor(W, requires_grad=True), model.power

    def phi(z):
        return torch.sign(z) * torch.abs(z) ** q

    for _ in range(steps):
        noise = phi(A @ V.T).reshape(model.n, -1).sum(1)
        clean, attacked = (phi(c * (V @ S)).sum() + noise for c in (model.alpha, model.left))
        softplus = torch.nn.functional.softplus
        loss = (1 - model.mix) * softplus(-clean).mean() + model.mix * softplus(-attacked).mean()
        (gradient,) = torch.autograd.grad(loss, V)
        with torch.no_grad():
            V -= model.eta * gradient
    return V.detach().numpy()


@pytest.mark.parametrize(("power", "patches"), [(3.0, 2), (2.0, 3), (4.0, 2), (2.5, 4)])
def test_the_recursion_is_gradient_descent(power, patches):
    model = replace(MODEL, power=power, patches=patches)
    w_star, A, W = drawn(model)
    path = reduced_path(model, W @ w_star, A @ W.T, A @ A.T, [0, 50, 500])
    for k, steps in enumerate((0, 50, 500)):
        V = by_autograd(model, w_star, A, W, steps)
        np.testing.assert_allclose(path.u[k], V @ w_star, rtol=0, atol=1e-10)
        np.testing.assert_allclose(path.v[k], A @ V.T, rtol=0, atol=1e-10)
        np.testing.assert_allclose(path.weights(W, w_star, A)[k], V, rtol=0, atol=1e-10)


def test_a_batch_is_its_runs():
    starts = [drawn(MODEL, seed) for seed in range(3)]
    u0, v0, K = (np.stack(x) for x in zip(*((W @ s, A @ W.T, A @ A.T) for s, A, W in starts), strict=True))
    many = reduced_path(MODEL, u0, v0, K, [3, 200])
    for b in range(3):
        one = reduced_path(MODEL, u0[b], v0[b], K[b], [3, 200])
        for name in ("u", "v", "b"):
            np.testing.assert_allclose(getattr(many, name)[b], getattr(one, name), rtol=1e-12, atol=1e-15)


def test_components_only_grow_on_orthogonal_noise():
    w_star, A, W = drawn(MODEL)
    path = reduced_path(MODEL, W @ w_star, A @ W.T, np.diag(np.sum(A**2, axis=1)), log_steps(1000))
    assert (np.diff(path.u, axis=0) >= 0).all() and (np.diff(path.v, axis=0) >= 0).all()
    assert (path.v[-1][path.v[0] < 0] <= 0).all()


def test_the_flow_is_the_limit_of_small_steps():
    model = paper_scaling(5, 100, 8, 0.6, 1e-4)
    w_star, A, W = drawn(model)
    silent = np.zeros((model.n, model.m))
    at = np.array([1000, 4000, 16000])
    path = reduced_path(model, W @ w_star, silent, A @ A.T, at)
    S = model.alpha**3 * odd_power(path.u, 3).sum(-1)
    np.testing.assert_allclose(signal_flow(model, W @ w_star, at.astype(float)), S, rtol=2e-3)
    assert signal_passes(model, W @ w_star, float(S[1])) == pytest.approx(4000, rel=2e-3)


def test_the_noise_flow_is_the_limit_too():
    model = PatchModel(3, 50, 4, 1.0, 0.0, 0.3, 1.0, 0.005)
    _, A, W = drawn(model, 5)
    K = np.diag(np.sum(A**2, axis=1))
    at = np.array([200, 800, 10_000])
    v = reduced_path(model, np.zeros(4), A @ W.T, K, at).v
    flow = noise_flow(model, A @ W.T, at.astype(float), np.diag(K))
    np.testing.assert_allclose(flow, odd_power(v, 3).sum(-1), rtol=0.01, atol=1e-9)
    t = noise_passes(model, A @ W.T, np.diag(K), 0.5)
    assert noise_flow(model, A @ W.T, np.array([t]), np.diag(K)).mean() == pytest.approx(0.5, rel=1e-4)


def test_closed_times_are_those_of_one_small_component():
    one = replace(MODEL, m=1, n=1, left=0.0)
    u = np.array([0.001])
    assert signal_time(one, u) == pytest.approx(signal_passes(one, u), rel=0.01)
    scaled = (2 * one.alpha) ** 3 / one.alpha**3
    assert signal_time(replace(one, alpha=2 * one.alpha), u) * scaled == pytest.approx(
        signal_time(one, u), rel=0.01
    )
    assert signal_time(replace(one, mix=0.85), u) == pytest.approx(2 * signal_time(one, u))
    v = np.array([[0.001]])
    assert noise_times(one, v)[0] == pytest.approx(noise_passes(one, v), rel=0.01)
    assert noise_times(replace(one, sigma=2 * one.sigma), v)[0] == pytest.approx(noise_times(one, v)[0] / 4)


def test_times_at_the_ends():
    assert signal_time(MODEL, np.array([-1.0])) == math.inf
    assert signal_time(replace(MODEL, mix=1.0), np.array([0.1])) == math.inf
    assert signal_time(MODEL, np.array([5.0])) == 0
    assert (noise_times(replace(MODEL, mix=0.0), np.full((4, 6), 0.1)) == math.inf).all()
    assert signal_passes(MODEL, np.full(6, 2.0)) == noise_passes(MODEL, np.full((4, 6), 2.0)) == 0


def test_the_signal_stalls_like_a_logarithm():
    t = np.array([1e4, 1e6, 1e8])
    model = replace(MODEL, mix=0.0, m=1)
    S = signal_flow(model, np.array([0.3]), t)
    law = model.eta * 9 * model.alpha**2 * S ** (4 / 3) * t
    np.testing.assert_allclose(S, np.log(law), rtol=0.03)


def test_noise_is_frozen_without_attack():
    model = paper_scaling(4, 60, 6, 0.0, 2e-4)
    w_star, A, W = drawn(model, 1)
    K = A @ A.T
    gained = reduced_path(model, W @ w_star, A @ W.T, K, [20_000]).v[0] - A @ W.T
    said = frozen_noise(model, W @ w_star, A @ W.T, K, np.array([20_000.0]))[0]
    assert np.linalg.norm(gained - said) < 0.03 * np.linalg.norm(said)
    later = frozen_noise(model, W @ w_star, A @ W.T, K, np.array([2e4, 1e30]))
    assert np.linalg.norm(later[1]) < 2 * np.linalg.norm(later[0])


def test_the_boundary_is_where_two_explosions_take_as_long():
    g = boundary(MODEL, 0.05)
    u = np.array([2 / MODEL.alpha])
    one = replace(MODEL, left=g)
    rate = one.eta * one.mix * 3
    assert 2 / (rate * g**3 * u[0]) == pytest.approx(2 * one.n / (rate * one.energy * 0.05), rel=1e-12)
    assert boundary(replace(MODEL, n=32), 0.05) == pytest.approx(g / 2)


@pytest.mark.parametrize("power", [2.0, 3.0, 4.0, 2.5])
def test_the_variance_is_that_of_quadrature(power):
    model = PatchModel(2, 3, 3, 1.0, 0.1, 0.7, 0.5, 0.1, power, 3)
    rng = np.random.default_rng(2)
    W, w_star = rng.normal(size=(3, 3)), np.array([0.6, 0.0, 0.8])
    C = noise_covariance(model, W, w_star)
    angles = (np.arange(20_000) + 0.5) * 2 * math.pi / 20_000  # z lives in the plane across w*
    root = np.linalg.eigh(C)
    L = root[1][:, -2:] * np.sqrt(root[0][-2:])
    f = odd_power(L @ np.stack([np.cos(angles), np.sin(angles)]), power).sum(0)
    radial = 2**power * math.gamma(power + 1)  # E R^{2q} for R² exponential of mean 2
    assert noise_variance(model, W, w_star) == pytest.approx(2 * radial * np.mean(f**2), rel=1e-6)


def test_the_variance_at_power_3_is_isserlis():
    W, w_star = np.random.default_rng(3).normal(size=(6, 30)), np.eye(30)[0]
    C = noise_covariance(MODEL, W, w_star)
    pairs = [6 * C[r, s] ** 3 + 9 * C[r, r] * C[s, s] * C[r, s] for r, s in itertools.product(range(6), repeat=2)]
    assert noise_variance(MODEL, W, w_star) == pytest.approx(sum(pairs), rel=1e-12)


def test_parallel_and_silent_neurons():
    w_star = np.eye(30)[0]
    W = np.outer([1.0, 1.0, -1.0, 0.0, 0.0, 0.0], np.eye(30)[1])
    assert noise_variance(MODEL, W, w_star) == pytest.approx(15 * MODEL.sigma**6, rel=1e-12)


def test_the_error_bound_is_at_most_a_half_and_holds():
    w_star, _, W = drawn(MODEL, 4)
    W = W + 0.5 * w_star
    assert error_bound(MODEL, W, w_star, 0.0) == 0.5
    z = np.random.default_rng(0).normal(size=(20_000, 30)) * MODEL.sigma
    z -= np.outer(z @ w_star, w_star)
    V, U = odd_power(z @ W.T, 3).sum(1), odd_power(W @ w_star, 3).sum()
    for signal in (0.2, 0.5, 1.0, MODEL.alpha):
        assert np.mean(signal**3 * U + V <= 0) <= error_bound(MODEL, W, w_star, signal) + 0.02
    assert error_bound(MODEL, W, w_star, MODEL.alpha) < 0.01
    assert error_bound(MODEL, -W, w_star, 1.0) == 1.0


def test_the_papers_scaling():
    model = paper_scaling(20, 1000, 20, 0.9, 0.02)
    assert model.alpha == pytest.approx(5.585, abs=1e-3)
    assert model.left == pytest.approx(0.0256, abs=1e-4)
    assert model.eps == pytest.approx(model.alpha - model.left)
    assert paper_scaling(20, 1000, 20, 0.9, 0.02, polylog=False).left == pytest.approx(0.1766, abs=1e-4)


def test_quadratic_growth_has_no_such_times():
    flat = replace(MODEL, power=2.0)
    for use in (lambda: signal_time(flat, np.ones(6)), lambda: boundary(flat, 0.1)):
        with pytest.raises(ValueError, match="power must exceed 2"):
            use()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"n": 0}, "n must be ≥ 1"),
        ({"patches": 1}, "patches must be ≥ 2"),
        ({"left": 9.0}, "left must be at most alpha"),
        ({"mix": 1.1}, r"mix must be in \[0, 1\]"),
        ({"power": 1.5}, "power must be at least 2"),
        ({"eta": 0.0}, "eta must be a finite number > 0"),
        ({"sigma": math.nan}, "sigma must be a finite number > 0"),
    ],
)
def test_what_is_no_model_is_refused_in_words(changes, words):
    with pytest.raises(ValueError, match=words):
        replace(MODEL, **changes)


def test_bad_starts_are_refused_in_words():
    w_star, A, W = drawn(MODEL)
    u0, v0, K = W @ w_star, A @ W.T, A @ A.T
    with pytest.raises(ValueError, match="must end in"):
        reduced_path(MODEL, u0[:3], v0, K, [1])
    with pytest.raises(ValueError, match="increasing whole numbers"):
        reduced_path(MODEL, u0, v0, K, [2, 1])
    with pytest.raises(ValueError, match="must be finite"):
        reduced_path(MODEL, u0 * np.nan, v0, K, [1])
    with pytest.raises(ValueError, match="no component is positive"):
        signal_flow(MODEL, -np.abs(u0), np.ones(1))
    with pytest.raises(ValueError, match="no signal to learn from"):
        signal_flow(replace(MODEL, mix=1.0, left=0.0), np.abs(u0), np.ones(1))
    with pytest.raises(ValueError, match="mix must be positive"):
        noise_flow(replace(MODEL, mix=0.0), np.abs(v0), np.ones(1))
    with pytest.raises(ValueError, match="v0 must be"):
        noise_times(MODEL, v0[:2])
    with pytest.raises(ValueError, match="K must be square"):
        frozen_noise(MODEL, np.abs(u0), v0, K[:2, :2], np.ones(1))
    with pytest.raises(ValueError, match="v0 and c must be positive"):
        boundary(MODEL, -0.1)
    with pytest.raises(ValueError, match="length 1"):
        noise_variance(MODEL, W, 2 * w_star)
    with pytest.raises(ValueError, match="W and w_star must be"):
        noise_variance(MODEL, W[:2], w_star)

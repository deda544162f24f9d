import math

import numpy as np
import pytest
import torch
from scipy.optimize import linprog

from sims import sample
from sims.descent import robust_margin
from sims.diagonal import descend_powers, descend_product


def data(seed, n=15, d=30):
    X, y, _ = sample.planted(np.random.default_rng(seed), n, d)
    return X, y


def by_autograd(X, y, predictor, u, v, eps, attack, length, steps):
    """The same descent through torch's derivatives; the cap on relative changes is not taken."""
    Z = torch.from_numpy(y[:, None] * X)
    u, v = (torch.tensor(a, requires_grad=True) for a in (u, v))
    for _ in range(steps):
        w = predictor(u, v)
        q = {math.inf: 1, 2.0: 2}[attack]
        loss = torch.logsumexp(eps * torch.linalg.vector_norm(w, q) - Z @ w, 0)
        gu, gv = torch.autograd.grad(loss, (u, v))
        eta = length / torch.sqrt((gu**2).sum() + (gv**2).sum())
        with torch.no_grad():
            u -= eta * gu
            v -= eta * gv
    return predictor(u, v).detach().numpy()


@pytest.mark.parametrize("attack", [2.0, math.inf])
@pytest.mark.parametrize("depth", [2, 3, 4])
def test_powers_follow_the_gradient_of_autograd(depth, attack):
    X, y = data(0, 6, 8)
    B = np.abs(X).max() + 0.05
    run = descend_powers(X, y, depth=depth, scale=0.7, eps=0.05, attack=attack, step=0.01, steps=30)
    start = np.full(8, 0.7)
    w = by_autograd(
        X, y, lambda u, v: u**depth - v**depth, start, start, 0.05, attack, 0.01 * B ** (-1 / depth), 30
    )
    np.testing.assert_allclose(run.points[-1], w, rtol=0, atol=1e-10)


@pytest.mark.parametrize("attack", [2.0, math.inf])
def test_products_follow_the_gradient_of_autograd(attack):
    X, y = data(1, 6, 8)
    B = np.abs(X).max() + 0.05
    run = descend_product(X, y, scale=0.7, eps=0.05, attack=attack, step=0.01, steps=30)
    w = by_autograd(X, y, lambda u, v: u * v, np.full(8, 0.7), np.zeros(8), 0.05, attack, 0.01 * B**-0.5, 30)
    np.testing.assert_allclose(run.points[-1], w, rtol=0, atol=1e-10)


@pytest.mark.parametrize("eps", [0.0, 0.05])
def test_a_product_is_a_difference_of_squares(eps):
    X, y = data(2)
    squares = descend_powers(X, y, scale=0.05, eps=eps, step=0.1, steps=300)
    product = descend_product(X, y, scale=0.1, eps=eps, step=0.1 * math.sqrt(2), steps=300)
    np.testing.assert_allclose(product.points, squares.points, rtol=1e-7, atol=1e-9)
    assert (product.points[-1] > 0).any() and (product.points[-1] < 0).any()


def test_the_predictor_nears_the_largest_robust_margin_in_l1():
    X, y = data(1)
    Z = y[:, None] * X
    n, d = Z.shape
    A = np.block([[-Z, Z, np.ones((n, 1))], [np.ones((1, 2 * d)), np.zeros((1, 1))]])
    bounds = [(0, None)] * (2 * d) + [(None, None)]
    eps_star = -linprog(np.r_[np.zeros(2 * d), -1], A_ub=A, b_ub=np.r_[np.zeros(n), 1], bounds=bounds).fun
    for scale in (0.1, 1.0):
        run = descend_powers(X, y, scale=scale, eps=eps_star / 2, steps=100_000)
        ratio = robust_margin(run.points[-1], X, y, eps_star / 2, math.inf, 1.0) / (eps_star / 2)
        assert 0.995 < ratio < 1 + 1e-9


def test_a_batch_gives_the_numbers_of_its_runs_to_the_last_bit():
    pairs = [data(seed, 7, 9) for seed in range(3)]
    X, y = (np.stack(a) for a in zip(*pairs, strict=True))
    eps = np.array([0.0, 0.1, 0.2])
    for form in (descend_powers, descend_product):
        many = form(X, y, eps=eps, steps=2000, until=1e-3)
        for b in range(3):
            one = form(X[b], y[b], eps=float(eps[b]), steps=2000, until=1e-3)
            assert np.array_equal(many.points[b], one.points) and many.taken[b] == one.taken
            assert np.array_equal(many.losses[b], one.losses) and np.array_equal(many.slopes[b], one.slopes)


def test_rescaled_data_give_a_rescaled_run():
    X, y = data(3)
    one = descend_powers(X, y, scale=0.1, steps=100)
    other = descend_powers(4 * X, y, scale=0.05, steps=100)
    np.testing.assert_allclose(4 * other.points, one.points, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("scale", [1e-6, 1.0])
@pytest.mark.parametrize("depth", [2, 5])
def test_huge_features_and_many_steps_stay_finite(depth, scale):
    X, y = data(0, 5, 6)
    for flip in (1.0, -1.0):
        labels = y * np.where(np.arange(5) == 0, flip, 1)
        run = descend_powers(1e4 * X, labels, depth=depth, scale=scale, eps=1.0, steps=100_000)
        for seen in (run.points, run.slopes, run.losses):
            assert np.isfinite(seen).all()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"depth": 1}, "depth must be a whole number ≥ 2"),
        ({"scale": 0.0}, "scale must be positive"),
        ({"step": -1.0}, "step must be positive"),
        ({"attack": 0.0}, "exponent of a norm"),
        ({"eps": -1.0}, "eps must be finite"),
    ],
)
def test_a_bad_request_is_refused_in_words(changes, words):
    X, y = data(0, 3, 4)
    with pytest.raises(ValueError, match=words):
        descend_powers(X, y, **changes)

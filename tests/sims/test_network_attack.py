import itertools
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize_scalar

from sims import ball, classifier, losses, stack
from sims.network_attack import Attack, loss_gradient, pgd

BOX = (0.0, 1.0)


def rngs(k, seed=0):
    return np.random.default_rng(seed).spawn(k)


def pixels(rng, *shape):
    """Entries of [0, 1], a third of them at its ends, some within 1e-9 of them."""
    X = rng.random(shape)
    X[rng.random(shape) < 0.15] = 0.0
    X[rng.random(shape) < 0.15] = 1.0
    near = rng.random(shape) < 0.05
    return np.clip(np.where(near, np.round(X) + rng.uniform(-1e-9, 1e-9, shape), X), 0, 1)


def excess(Z, X, eps, p):
    """How far beyond the ball, in units of the rounding of entries up to 1 + eps."""
    size = torch.linalg.vector_norm(Z - X, p, dim=-1)
    rounding = torch.finfo(X.dtype).eps * math.sqrt(X.shape[-1]) * (1 + eps)
    return float(((size - eps) / rounding).max())


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("box", [BOX, None])
@pytest.mark.parametrize("p", [2, math.inf])
def test_ten_thousand_attacks_stay_in_the_ball_and_in_the_box(p, box, dtype):
    rng = np.random.default_rng(0)
    eps = np.exp(rng.uniform(-7, 1, 10))
    radii = torch.from_numpy(eps).to(dtype)[:, None]
    for K in (1, 3):
        net = classifier.fully_connected(rngs(10), (7, 16, K), scale=3.0, dtype=dtype)
        X = torch.from_numpy(pixels(rng, 10, 500, 7)).to(dtype)
        y = rng.integers(0, K, (10, 500)) if K > 1 else rng.choice([-1.0, 1.0], (10, 500))
        attack = Attack(eps.tolist(), p, steps=7, restarts=2, box=box, step=0.7)
        Z, values = pgd(net, X, torch.from_numpy(y), attack, rngs(10))
        assert excess(Z, X, radii, p) <= 2
        if box is not None:
            assert Z.min() >= 0 and Z.max() <= 1
        again = losses.cross_entropy.values(classifier.outputs(net, Z), torch.from_numpy(y))
        assert (values - again).abs().max() <= 1e3 * torch.finfo(dtype).eps * (1 + again.max())


def worst_linear(w, x, eps, p, box):
    """min ⟨w, z⟩ over the ball and the box, by a linear program or the multiplier of the ball."""
    low, high = (-np.inf, np.inf) if box is None else box
    if p == math.inf:
        bounds = [(max(a - eps, low), min(a + eps, high)) for a in x]
        return linprog(w, bounds=bounds).fun

    def dual(log_lam):  # min over the box of ⟨w, z⟩ + lam (|z − x|² − eps²)/2, concave in lam
        lam = math.exp(log_lam)
        z = np.clip(x - w / lam, low, high)
        return -(w @ z + lam * ((z - x) @ (z - x) - eps**2) / 2)

    return -min(
        minimize_scalar(dual, bounds=(c, c + 3), method="bounded", options={"xatol": 1e-12}).fun
        for c in np.arange(-30.0, 15.0, 3.0)
    )


@pytest.mark.parametrize("box", [BOX, None])
@pytest.mark.parametrize("p", [2, math.inf])
@pytest.mark.parametrize("loss", [losses.cross_entropy, losses.margin, losses.exponential])
def test_on_linear_models_the_exact_worst_case_is_reached(p, box, loss):
    rng = np.random.default_rng(1)
    X = pixels(rng, 20, 9)
    net = classifier.fully_connected(rngs(2), (9, 1))
    y = rng.choice([-1.0, 1.0], 20)
    attack = Attack([0.3, 0.9], p, steps=200, step=0.5, box=box, loss=loss)
    Z, _ = pgd(net, torch.from_numpy(X), torch.from_numpy(y), attack, rngs(2))
    for i, eps in enumerate((0.3, 0.9)):
        w, b = net.weights[0][i, 0].numpy(), float(net.biases[0][i, 0])
        reached = y * (Z[i].numpy() @ w + b)
        exact = np.array([worst_linear(s * w, x, eps, p, box) + s * b for s, x in zip(y, X, strict=True)])
        np.testing.assert_allclose(reached, exact, rtol=0, atol=1e-6)
        if box is None:
            dual = np.abs(w).sum() if p == math.inf else np.linalg.norm(w)
            np.testing.assert_allclose(reached, y * (X @ w + b) - eps * dual, rtol=0, atol=1e-9)


def test_the_worst_case_of_a_confident_linear_model_is_reached():
    """Margins of 1,000: the gradient of the cross-entropy is 0 in float64, its direction is not."""
    net = classifier.Classifier((torch.tensor([[[-2000.0, 300.0], [2000.0, 0.0]]], dtype=torch.float64),))
    X, y = torch.tensor([[0.5, 0.5]], dtype=torch.float64), torch.tensor([1])
    Z, _ = pgd(net, X, y, Attack(0.1, start="centre", best=False), ())
    torch.testing.assert_close(Z[0, 0], torch.tensor([0.4, 0.6], dtype=torch.float64))


def test_pixels_at_the_edge_move_both_ways():
    """From a start at either edge of the ball every pixel reaches the other edge, where the box lets it."""
    X = torch.full((400, 4), 0.5, dtype=torch.float64)
    X[:, 2], X[:, 3] = 0.0, 1.0
    for p, step in ((math.inf, 0.25), (2, 0.5)):
        for sign in (-1.0, 1.0):
            w = sign * torch.tensor([[[1.0, -1.0, 1.0, -1.0]]], dtype=torch.float64)
            attack = Attack(0.2, p, steps=80, step=step, best=False)
            Z, _ = pgd(classifier.Classifier((w,)), X, torch.ones(400), attack, rngs(1))
            delta, down = (Z - X)[0], -w[0, 0]
            inside = torch.tensor([1.0, 1.0, float(down[2] > 0), float(down[3] < 0)], dtype=torch.float64)
            size = 0.2 if p == math.inf else 0.2 / math.sqrt(float(inside.sum()))
            assert (delta - size * inside * down).abs().max() < 1e-9


@given(
    seed=st.integers(0, 2**32 - 1),
    d=st.integers(1, 8),
    log_eps=st.floats(-6, 2),
    log_far=st.floats(-6, 6),
    box=st.sampled_from([BOX, None]),
    p=st.sampled_from([2, math.inf]),
)
@settings(max_examples=200, deadline=None)
def test_a_projection_is_the_nearest_point(seed, d, log_eps, log_far, box, p):
    """⟨Z − z, u − z⟩ ≤ 0 for every u of the set, and points of the set stay."""
    rng = np.random.default_rng(seed)
    X = torch.from_numpy(pixels(rng, 50, d))
    eps = torch.tensor(math.exp(log_eps), dtype=torch.float64)
    Z = X + math.exp(log_far) * torch.from_numpy(rng.standard_normal((50, d)))
    z = ball.project(Z, X, eps, p, box)
    assert excess(z, X, eps, p) <= 2
    u = ball.project(X + eps * torch.from_numpy(rng.standard_normal((200, 50, d))), X, eps, p, box)
    far, apart = (torch.linalg.vector_norm(v - z, dim=-1) for v in (Z, u))
    assert (((Z - z) * (u - z)).sum(-1) <= far * (1e-7 * apart + 1e-15 * (1 + eps))).all()
    assert (ball.project(z, X, eps, p, box) - z).abs().max() <= 1e-15 * (1 + eps)


def test_more_steps_and_more_restarts_never_find_less():
    net = classifier.fully_connected(rngs(3), (6, 20, 3), scale=4.0)
    X, y = torch.from_numpy(np.random.default_rng(0).random((40, 6))), torch.arange(40) % 3
    for loss in (losses.cross_entropy, losses.margin):
        found = [
            pgd(net, X, y, Attack(0.3, steps=s, restarts=r, loss=loss), rngs(3))[1]
            for s, r in ((0, 1), (3, 1), (10, 1), (10, 2), (10, 5))
        ]
        for less, more in itertools.pairwise(found):
            assert (more >= less).all()
        assert (found[0] >= loss.values(classifier.outputs(net, X), y.expand(3, 40)) - 1e-14).all()
        assert (found[-1] > found[1]).any()


def test_the_divergence_from_clean_outputs_is_ascended():
    net = classifier.fully_connected(rngs(2), (6, 20, 3), scale=4.0)
    X = torch.from_numpy(np.random.default_rng(0).random((30, 6)))
    clean = classifier.outputs(net, X)
    Z, values = pgd(net, X, clean, Attack(0.2, loss=losses.divergence), rngs(2))
    assert (values > 0).all()
    assert (losses.divergence.values(classifier.outputs(net, Z), clean) - values).abs().max() < 1e-12
    random = X + 0.2 * (2 * torch.from_numpy(np.random.default_rng(1).random((2, 30, 6))) - 1)
    assert values.mean() > 2 * losses.divergence.values(classifier.outputs(net, random.clamp(0, 1)), clean).mean()


@pytest.mark.parametrize("p", [2, math.inf])
@pytest.mark.parametrize("kind", ["fully connected", "convolutional"])
def test_a_stack_is_attacked_like_its_members(p, kind):
    if kind == "convolutional":
        net = classifier.convolutional(rngs(7), (1, 4, 4), (3,), (5, 3))
    else:
        net = classifier.fully_connected(rngs(7), (16, 64, 3), scale=2.0)
    X, y = torch.from_numpy(np.random.default_rng(0).random((300, 16))), torch.arange(300) % 3
    eps = np.linspace(0, 0.5, 7)
    Z, values = pgd(net, X, y, Attack(eps.tolist(), p, restarts=2), rngs(7))
    for i, rng in enumerate(rngs(7)):
        one = stack.taken(net, slice(i, i + 1))
        alone, value = pgd(one, X, y, Attack(float(eps[i]), p, restarts=2), [rng])
        assert (alone[0] - Z[i]).abs().max() <= 1e-10
        assert (value[0] - values[i]).abs().max() <= 1e-10
    assert torch.equal(Z[0], X)
    assert torch.equal(pgd(net, X, y, Attack(eps.tolist(), p, restarts=2), rngs(7))[0], Z)


@pytest.mark.parametrize("p", [2, math.inf])
def test_an_early_stopped_search_takes_its_extra_steps_and_no_more(p):
    """An iterate is followed step by step: the stopped search ends at the one `extra` after the first success."""
    net = classifier.fully_connected(rngs(2), (6, 20, 3), scale=4.0)
    X, y = torch.from_numpy(np.random.default_rng(0).random((40, 6))), torch.arange(40) % 3
    form = {"eps": 0.2, "p": p, "best": False}
    path = [pgd(net, X, y, Attack(steps=t, **form), rngs(2))[0] for t in range(9)]
    wrong = torch.stack([losses.margin.values(classifier.outputs(net, Z), y.expand(2, 40)) >= 0 for Z in path])
    first = torch.where(wrong.any(0), wrong.to(torch.uint8).argmax(0), 8)
    assert len(first.unique()) > 3
    for extra in (0, 1, 2, 8):
        stopped, _ = pgd(net, X, y, Attack(steps=8, extra=extra, **form), rngs(2))
        at = (first + extra).clamp(max=8)
        expected = torch.stack(path).gather(0, at[None, ..., None].expand(1, 2, 40, 6))[0]
        assert (stopped - expected).abs().max() <= 1e-12


def test_the_gradient_of_the_loss_is_that_of_automatic_differentiation():
    net = classifier.fully_connected(rngs(2), (6, 20, 3), scale=4.0)
    X, y = torch.from_numpy(np.random.default_rng(0).random((30, 6))), torch.arange(30) % 3
    Z = X.expand(2, 30, 6).clone().requires_grad_()
    losses.cross_entropy.values(classifier.outputs(net, Z), y.expand(2, 30)).sum().backward()
    assert (loss_gradient(net, X, y) - Z.grad).abs().max() <= 1e-12


NET = classifier.fully_connected(rngs(2), (4, 3))
INSIDE, LABELS = torch.full((5, 4), 0.5, dtype=torch.float64), torch.zeros(5, dtype=torch.int64)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Attack(-0.1), "eps must be finite"),
        (lambda: Attack([0.1, math.nan]), "eps must be finite"),
        (lambda: Attack(0.1, p=1), "p must be 2 or"),
        (lambda: Attack(0.1, steps=-1), "steps must be ≥ 0"),
        (lambda: Attack(0.1, step=0.0), "step > 0"),
        (lambda: Attack(0.1, restarts=2, best=False), "best=True"),
        (lambda: Attack(0.1, start="corner"), "start"),
        (lambda: Attack(0.1, box=(1.0, 0.0)), "low < high"),
        (lambda: Attack(0.1, extra=-1), "extra steps"),
        (lambda: Attack(0.1, extra=1, loss=losses.divergence), "extra steps"),
        (lambda: pgd(NET, INSIDE, LABELS, Attack(0.1)), "one generator for each of 2"),
        (lambda: pgd(NET, INSIDE, LABELS, Attack([0.1, 0.2, 0.3]), rngs(2)), "one per member"),
        (lambda: pgd(NET, INSIDE + 1, LABELS, Attack(0.1), rngs(2)), "in the box"),
        (lambda: pgd(NET, INSIDE * math.nan, LABELS, Attack(0.1), rngs(2)), "finite"),
        (lambda: pgd(NET, INSIDE, LABELS[:3], Attack(0.1), rngs(2)), "targets must be"),
        (lambda: pgd(NET, INSIDE, LABELS + 3, Attack(0.1), rngs(2)), "labels of 3 outputs"),
        (lambda: pgd(NET, INSIDE, LABELS, Attack(0.1, loss=losses.divergence), rngs(2)), "targets must be"),
    ],
)
def test_a_bad_request_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()

import itertools
import math

import numpy as np
import pytest
import torch

from sims import classifier, landscape, losses, stack, weight_ball
from sims.classifier import Classifier
from sims.flatness import average
from sims.network_attack import Attack
from sims.weight_ball import WeightBall
from sims.worst_flatness import Ascent, worst


def rngs(k, seed=0):
    return np.random.default_rng(seed).spawn(k)


def small(k=2, seed=0, widths=(6, 9, 7, 3), n=40):
    """A stack of networks, points of the box and labels."""
    net = classifier.fully_connected(rngs(k, seed), widths, scale=2.5)
    X = torch.from_numpy(np.random.default_rng(seed).random((n, widths[0])))
    return net, X, torch.arange(n) % widths[-1]


def line(w, b=None):
    """x ↦ wx + b, two points and their labels."""
    tensor = [torch.tensor([[[w]]], dtype=torch.float64)]
    bias = () if b is None else (torch.tensor([[b]], dtype=torch.float64),)
    X, y = torch.tensor([[0.9], [0.2]], dtype=torch.float64), torch.tensor([1.0, -1.0], dtype=torch.float64)
    return Classifier(tuple(tensor), bias), X, y


def exact_robust_loss(w, b, eps):
    """Of `line`, with the dual norm eps|w|; points stay in no box."""
    margins = np.stack([w * 0.9 + b, -(w * 0.2 + b)]) - eps * np.abs(w)
    return np.logaddexp(0, -margins).mean(0)


LINE = Attack(0.1, steps=20, box=None)
BALLS = [WeightBall(0.3, kind) for kind in weight_ball.KINDS]
every_ball = pytest.mark.parametrize("ball", BALLS, ids=weight_ball.KINDS)


@pytest.mark.parametrize("xi", [0.05, 0.5])
def test_with_one_weight_both_measures_are_those_of_a_grid(xi):
    net, X, y = line(-1.5)
    grid = exact_robust_loss(-1.5 * (1 + np.linspace(-xi, xi, 2001)), 0.0, 0.1)
    base, ends = grid[1000], (grid[0] + grid[-1]) / 2
    seen = average(net, X, y, WeightBall(xi), rngs(1), LINE, draws=2, mirrored=True)
    assert float(seen.reference) == pytest.approx(base, rel=1e-12)
    assert float(seen.flatness) == pytest.approx(ends - base, rel=1e-9)
    assert float(worst(net, X, y, WeightBall(xi), rngs(1), LINE).flatness) == pytest.approx(
        grid.max() - base, rel=1e-9
    )


@pytest.mark.parametrize(("w", "b"), [(2.0, -0.7), (-1.0, 0.4), (3.0, 1.0)])
def test_with_a_weight_and_a_bias_the_worst_case_is_that_of_a_grid(w, b):
    net, X, y = line(w, b)
    s = np.linspace(-0.4, 0.4, 401)
    grid = exact_robust_loss(w * (1 + s[:, None]), b * (1 + s[None]), 0.1)
    found = worst(net, X, y, WeightBall(0.4), rngs(1), LINE, ascent=Ascent(restarts=3))
    assert float(found.flatness) == pytest.approx(grid.max() - exact_robust_loss(w, b, 0.1), rel=1e-9)
    corners = np.array([grid[i, j] for i in (0, -1) for j in (0, -1)])
    seen = average(net, X, y, WeightBall(0.4), rngs(1), LINE, draws=400)
    assert abs(float(seen.draws.mean()) - corners.mean()) < 5 * corners.std() / 20
    assert np.abs(seen.draws[0].numpy()[:, None] - corners).min(1).max() < 1e-9


def test_the_ball_of_all_weights_is_searched_too():
    net, X, y = line(2.0, -0.7)
    angle = np.linspace(0, 2 * math.pi, 20001)
    size = 0.3 * math.hypot(2.0, 0.7)
    circle = exact_robust_loss(2.0 + size * np.cos(angle), -0.7 + size * np.sin(angle), 0.1)
    for ball in (WeightBall(0.3, "global"), WeightBall(size, "absolute")):
        found = worst(net, X, y, ball, rngs(1), LINE, ascent=Ascent(steps=60, restarts=3))
        assert float(found.found[:, -1, -1]) == pytest.approx(circle.max(), rel=1e-6)


@every_ball
def test_the_average_is_that_of_another_monte_carlo(ball):
    net, X, y = small(1)
    seen = average(net, X, y, ball, rngs(1), draws=500)
    rng, values = np.random.default_rng(5), []
    tensors = [W[0].numpy() for W in net.parameters]
    for _ in range(500):
        noise = [rng.standard_normal(W.shape) for W in tensors]
        whole = math.sqrt(sum((g**2).sum() for g in noise))
        base = math.sqrt(sum((W**2).sum() for W in tensors)) if ball.kind == "global" else 1.0
        moved = []
        for W, g in zip(tensors, noise, strict=True):
            if ball.kind == "tensor":
                moved.append(W + ball.xi * np.linalg.norm(W) * g / np.linalg.norm(g))
            elif ball.kind == "unit":
                rows = [np.linalg.norm(A.reshape(len(A), -1), axis=1) for A in (W, g)]
                ratio = (rows[0] / rows[1]).reshape(-1, *[1] * (W.ndim - 1))
                moved.append(W + ball.xi * ratio * g)
            else:
                moved.append(W + ball.xi * base * g / whole)
        h = X.numpy()
        for i in range(3):
            h = h @ moved[i].T + moved[3 + i]
            h = np.maximum(h, 0) if i < 2 else h
        top = h.max(1, keepdims=True)
        log_sum = top[:, 0] + np.log(np.exp(h - top).sum(1))
        values.append((log_sum - h[np.arange(len(h)), y.numpy()]).mean())
    error = math.hypot(np.std(values), float(seen.draws.std())) / math.sqrt(500)
    assert abs(float(seen.draws.mean()) - np.mean(values)) < 5 * error


@every_ball
def test_draws_lie_on_the_sphere_and_ascents_in_the_ball(ball):
    net, X, y = small()
    radii = weight_ball.radii(ball, net)
    draw = weight_ball.sphere(ball, net, rngs(2))
    for size, radius in zip(weight_ball.lengths(ball, draw), radii, strict=True):
        assert ((size - radius).abs() <= 1e-12).all()
    found = worst(net, X, y, ball, rngs(2), Attack(0.1), ascent=Ascent(steps=12, step=1.5))
    for size, radius in zip(weight_ball.lengths(ball, found.change), radii, strict=True):
        assert (size <= radius * (1 + 1e-12)).all()
    again = landscape.along(net, X, y, found.change, (0.0, 1.0))
    assert (again[:, 1] > again[:, 0]).all()


def test_directions_are_uniform_on_the_sphere():
    net, _, _ = small(1, widths=(3, 1))
    rng = rngs(1)
    draws = torch.stack([weight_ball.sphere(WeightBall(1.0), net, rng)[0].flatten() for _ in range(4000)])
    units = draws / net.weights[0].norm()
    assert (units.mean(0).abs() < 5 / math.sqrt(3 * 4000)).all()
    assert (units.T @ units / 4000 - torch.eye(3) / 3).abs().max() < 5 * 0.3 / math.sqrt(4000)
    assert (units[:, 0].abs() < 0.5).double().mean() == pytest.approx(0.5, abs=5 * 0.5 / math.sqrt(4000))


def test_more_steps_and_more_restarts_never_find_less():
    net, X, y = small(3)
    for attack in (None, Attack(0.1), Attack(0.3, 2, loss=losses.margin)):
        tables = [
            worst(net, X, y, WeightBall(0.1), rngs(3), attack, ascent=Ascent(steps, restarts=restarts, refresh=4))
            for steps, restarts in ((0, 1), (3, 1), (12, 1), (12, 2), (12, 4))
        ]
        for less, more in itertools.pairwise(tables):
            assert (more.found[:, -1, -1] >= less.found[:, -1, -1]).all()
        flat = tables[-1].found.flatten(1)
        assert (flat.diff(dim=1) >= 0).all() and (flat[:, 0] >= tables[-1].reference).all()
        assert torch.equal(tables[-1].found[:, :2], tables[-2].found)
        assert (tables[-1].flatness > 0).all()


@every_ball
def test_at_radius_zero_every_measure_is_zero(ball):
    net, X, y = small()
    still = WeightBall(0.0, ball.kind)
    for attack in (None, Attack(0.2), Attack(0.2, best=False), Attack(0.2, loss=losses.margin)):
        assert (average(net, X, y, still, rngs(2), attack, draws=3).flatness.abs() <= 1e-14).all()
        assert (worst(net, X, y, still, rngs(2), attack).flatness == 0).all()


def rescaled(net, c):
    """The first layer times c, the second divided by it; the network's outputs stay."""
    scale = [c, 1 / c, 1.0]
    weights = tuple(s * W for s, W in zip(scale, net.weights, strict=True))
    return Classifier(weights, (c * net.biases[0], *net.biases[1:]), net.activation)


@pytest.mark.parametrize("c", [0.2, 5.0])
def test_relative_balls_follow_a_rescaling_and_others_do_not(c):
    net, X, y = small()
    other = rescaled(net, c)
    assert (classifier.outputs(net, X) - classifier.outputs(other, X)).abs().max() < 1e-12
    for ball in BALLS:
        change = []
        for measure in (average, worst):
            before, after = (measure(each, X, y, ball, rngs(2), Attack(0.1)).flatness for each in (net, other))
            change.append((after / before - 1).abs().max())
        assert max(change) < 1e-9 if ball.kind in ("tensor", "unit") else min(change) > 0.05


def test_a_zero_bias_does_not_move_and_names_choose_what_does():
    net, X, y = small()
    net = stack.with_parameters(net, [*net.weights, *(torch.zeros_like(b) for b in net.biases)])
    assert weight_ball.names(net) == ("W1", "W2", "W3", "b1", "b2", "b3")
    for kind in ("tensor", "unit"):
        found = worst(net, X, y, WeightBall(0.3, kind), rngs(2), Attack(0.1))
        assert all((v == 0).all() for v in found.change[3:])
        assert torch.isfinite(found.flatness).all() and (found.flatness > 0).all()
        assert torch.isfinite(average(net, X, y, WeightBall(0.3, kind), rngs(2)).flatness).all()
    one = worst(net, X, y, WeightBall(0.3, only=("W2",)), rngs(2))
    assert [v.shape for v in one.change] == [net.weights[1].shape]
    assert (one.flatness < worst(net, X, y, WeightBall(0.3), rngs(2)).flatness).all()


def test_a_stack_is_measured_like_its_members_and_common_numbers_are_common():
    net, X, y = small(3)
    for measure in (average, worst):
        whole = measure(net, X, y, WeightBall(0.2), rngs(3), Attack((0.05, 0.1, 0.2))).flatness
        for i, (rng, eps) in enumerate(zip(rngs(3), (0.05, 0.1, 0.2), strict=True)):
            one = stack.taken(net, slice(i, i + 1))
            alone = measure(one, X, y, WeightBall(0.2), [rng], Attack(eps)).flatness
            assert float(alone) == pytest.approx(float(whole[i]), rel=1e-10)
    twins = stack.joined([stack.taken(net, slice(0, 1))] * 2)
    same = weight_ball.common(np.random.default_rng(0), 2)
    first, second = average(twins, X, y, WeightBall(0.2), same, Attack(0.1)).draws
    assert torch.equal(first, second)
    fewer = average(net, X, y, WeightBall(0.2), rngs(3), Attack(0.1), draws=3)
    assert torch.equal(
        average(net, X, y, WeightBall(0.2), rngs(3), Attack(0.1), draws=7).draws[:, :3], fewer.draws
    )


def test_a_frozen_attack_finds_less_and_the_worst_case_is_above_the_average():
    net, X, y = small(4)
    attack = Attack(0.15, steps=30)
    frozen = average(net, X, y, WeightBall(0.5), rngs(4), attack, frozen=True)
    anew = average(net, X, y, WeightBall(0.5), rngs(4), attack)
    assert torch.equal(frozen.reference, anew.reference)
    assert (anew.draws >= frozen.draws - 1e-3).all() and (anew.flatness > frozen.flatness).all()
    found = worst(net, X, y, WeightBall(0.5), rngs(4), attack)
    assert (found.flatness > anew.flatness).all()


def test_lines_and_planes_pass_through_what_the_measures_saw():
    net, X, y = small()
    ball, attack = WeightBall(0.4), Attack(0.1)
    seen = average(net, X, y, ball, rngs(2), attack, draws=1)
    generator = rngs(2)
    starts = landscape.seeds(generator)
    direction = weight_ball.sphere(ball, net, landscape.generators(landscape.seeds(generator)))
    curve = landscape.along(net, X, y, direction, (-1.0, 0.0, 1.0), rngs(2), attack)
    assert torch.equal(curve[:, 1], seen.reference) and torch.equal(curve[:, 2], seen.draws[:, 0])
    other = weight_ball.stretched(ball, net, [torch.ones_like(v) for v in direction])
    area = landscape.plane(net, X, y, (direction, other), (0.0, 1.0), (0.0, 0.5, 1.0), rngs(2), attack)
    assert area.shape == (2, 2, 3)
    there = weight_ball.shifted(net, [u + 0.5 * v for u, v in zip(direction, other, strict=True)])
    assert torch.equal(area[:, 1, 1], landscape.mean_loss(there, X, y, attack, starts))


NET, POINTS, LABELS = small()


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: WeightBall(-0.1), "xi must be finite"),
        (lambda: WeightBall(math.inf), "xi must be finite"),
        (lambda: WeightBall(0.1, "layer"), "kind must be one of"),
        (lambda: Ascent(refresh=0), "refresh ≥ 1"),
        (lambda: average(NET, POINTS, LABELS, WeightBall(0.1), rngs(2), draws=0), "draws must be"),
        (lambda: average(NET, POINTS, LABELS, WeightBall(0.1), rngs(2), draws=3, mirrored=True), "even"),
        (lambda: average(NET, POINTS, LABELS, WeightBall(0.1), rngs(2), frozen=True), "frozen needs an attack"),
        (lambda: average(NET, POINTS, LABELS, WeightBall(0.1), rngs(1)), "one generator for each of 2"),
        (lambda: worst(NET, POINTS, LABELS, WeightBall(0.1, only=("W9",)), rngs(2)), "only must name"),
        (lambda: worst(NET, POINTS, LABELS, WeightBall(0.1, only=()), rngs(2)), "only must name"),
        (lambda: worst(NET, POINTS[:, :3], LABELS, WeightBall(0.1), rngs(2)), "X must be"),
        (lambda: worst(NET, POINTS, LABELS[:3], WeightBall(0.1), rngs(2)), "targets must be"),
    ],
)
def test_a_bad_request_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()

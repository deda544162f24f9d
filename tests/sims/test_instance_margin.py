"""Distances to the boundary of a decision, against linear classifiers and a grid of the plane."""

import math

import numpy as np
import pytest
import torch

from sims import classifier, instance_margin
from sims.classifier import Classifier


def rngs(k, seed=0):
    return np.random.default_rng(seed).spawn(k)


def points(n, d, seed=3):
    return torch.from_numpy(np.random.default_rng(seed).random((n, d)))


def linear(seed=0):
    return classifier.fully_connected(rngs(2, seed), (4, 3))


@pytest.mark.parametrize("p", [2, math.inf])
def test_distances_of_a_linear_classifier_are_exact(p):
    net, X = linear(), points(6, 4)
    q = 2 if p == 2 else 1
    W, b = (part.numpy() for part in (net.weights[0], net.biases[0]))
    found = instance_margin.boundary(net, X, p)
    for k in range(2):
        for i, x in enumerate(X.numpy()):
            F = W[k] @ x + b[k]
            c = F.argmax()
            exact = min((F[c] - F[j]) / np.linalg.norm(W[k][c] - W[k][j], ord=q) for j in range(3) if j != c)
            assert float(instance_margin.linearised(net, X, p)[k, i]) == pytest.approx(exact, rel=1e-12)
            assert float(found.distances[k, i]) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("p", [2, math.inf])
def test_a_distance_is_that_of_a_point_of_another_decision_and_near_the_least_on_a_grid(p):
    net = classifier.fully_connected(rngs(2, 5), (2, 12, 12, 3), scale=3.0)
    X = points(8, 2)
    found = instance_margin.boundary(net, X, p)
    here, there = (classifier.outputs(net, Z).argmax(-1) for Z in (classifier.stacked(net, X), found.points))
    assert found.distances.isfinite().any()
    side = np.linspace(-3, 4, 701)
    grid = np.stack(np.meshgrid(side, side), -1).reshape(-1, 2)
    classes = classifier.outputs(net, torch.from_numpy(grid)).argmax(-1).numpy()
    pairs = []
    for k in range(2):
        for i, x in enumerate(X.numpy()):
            if not found.distances[k, i].isfinite():
                continue
            assert here[k, i] != there[k, i]
            gap = (found.points[k, i] - X[i]).numpy()
            assert np.linalg.norm(gap, ord=p) == pytest.approx(float(found.distances[k, i]), rel=1e-9)
            least = np.linalg.norm(grid[classes[k] != int(here[k, i])] - x, ord=p, axis=1).min()
            pairs.append((float(found.distances[k, i]), least))
    reached, least = np.array(pairs).T
    assert (reached > least - 0.015).all()  # the grid is 0.01 wide, 0.0142 across
    assert np.median(reached / least) < 1.1


def test_where_the_decision_never_changes_there_is_no_distance():
    weights = (torch.zeros(1, 2, 3, dtype=torch.float64),)
    net = Classifier(weights, (torch.tensor([[1.0, 0.0]], dtype=torch.float64),))
    assert instance_margin.boundary(net, points(4, 3)).distances.isinf().all()
    assert instance_margin.linearised(net, points(4, 3)).isinf().all()
    with pytest.raises(ValueError, match="two outputs or more and p = 2 or ∞, got 3 and 1"):
        instance_margin.linearised(linear(), points(2, 4), 1)

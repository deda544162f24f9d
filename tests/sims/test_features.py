"""Features and how much of them changes, against what is known of homogeneous layers and single points."""

import numpy as np
import pytest
import torch

from sims import classifier, features


def rngs(k, seed=0):
    return np.random.default_rng(seed).spawn(k)


def points(n, d, seed=3):
    return torch.from_numpy(np.random.default_rng(seed).random((n, d)))


def test_features_of_positive_homogeneous_layers_scale_with_the_input():
    net = classifier.fully_connected(rngs(2), (6, 5, 4, 3), bias=False, scale=2.0)
    X = points(7, 6)
    for h, doubled in zip(features.of(net, X), features.of(net, 2 * X), strict=True):
        torch.testing.assert_close(doubled, 2 * h)
    torch.testing.assert_close(features.changes(net, X, 1.5 * X), torch.full((2, 3), 0.5, dtype=X.dtype))
    assert (features.changes(net, X, X) == 0).all()


def test_feature_changes_of_one_point_are_ratios_of_lengths():
    net = classifier.convolutional(rngs(2), (2, 4, 6), (3,), (4, 3), kernel=3, scale=2.0)
    X, Z = points(1, 48), points(1, 48, seed=4)
    seen = features.changes(net, X, Z)
    assert [h.shape[-1] for h in features.of(net, X)] == [18, 4, 3]
    for layer, (h, moved) in enumerate(zip(features.of(net, X), features.of(net, Z), strict=True)):
        for b in range(2):
            a, c = h[b, 0].numpy(), moved[b, 0].numpy()
            assert float(seen[b, layer]) == pytest.approx(np.linalg.norm(c - a) / np.linalg.norm(a), rel=1e-12)


def test_a_point_at_which_a_layer_is_inactive_leaves_a_finite_number():
    net = classifier.fully_connected(rngs(1), (2, 3, 2), bias=False)
    X = torch.ones(2, 2, dtype=torch.float64)
    net.weights[0][:] = torch.tensor([1.0, -1.0])
    X[1, 1] = 2.0  # off at the second point, on where it is moved to
    moved = torch.tensor([[1.5, 1.0], [2.5, 2.0]], dtype=torch.float64)
    X[0, 0] = 1.25
    seen = features.changes(net, X, moved)[0, 0]
    assert float(seen) == pytest.approx((0.25 + 0.5) / 0.25, rel=1e-12)

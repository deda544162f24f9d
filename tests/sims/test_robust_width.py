"""Stacked training: narrow networks stay narrow, easy labels need one unit, exclusive or needs more."""

import numpy as np
import pytest
import torch

from sims.robust_width import attacked, drawn, outputs, smallest, train

Z = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])


def data(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return np.column_stack([0.05 * y, Z])[None], y[None]


@pytest.mark.parametrize("y, width", [(Z[:, 0], 1), (Z[:, 0] * Z[:, 1], None)])
def test_robust_width_of_four_points(y, width):
    X, labels = data(y)
    (found,) = smallest(np.random.default_rng(0), X, labels, 0.45, (1, 2, 4, 8), restarts=8, steps=300, share=0.97)
    assert found == width if width else 2 <= found <= 8


def test_units_beyond_the_width_stay_zero():
    X, y = (torch.from_numpy(np.repeat(part, 2, axis=0)).float() for part in data(Z[:, 1]))
    net = train(np.random.default_rng(1), X, y, 0.45, (2, 5), steps=20)
    assert net.W.shape == (2, 5, 3)
    assert not net.W[0, 2:].any() and not net.b[0, 2:].any() and not net.a[0, 2:].any()
    assert net.a[1].abs().min() > 0


def test_the_attack_stays_in_its_box_and_lowers_margins():
    rng = np.random.default_rng(2)
    net, _ = drawn(rng, (16,) * 8, 3)
    X, y = (torch.from_numpy(np.repeat(part, 8, axis=0)).float() for part in data(Z[:, 1]))
    moved = attacked(net, X, y, 0.45, 10, torch.Generator().manual_seed(0))
    assert (moved - X).abs().max() <= 0.45 + 1e-6
    assert (y * outputs(net, moved)).mean() < (y * outputs(net, X)).mean()

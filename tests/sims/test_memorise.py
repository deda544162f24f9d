"""The classifier that memorises: two ways to write it down, and attacks that see it and that do not."""

import numpy as np
import pytest

from sims import attack
from sims.memorise import Memory, broken, dense_layers, margins, scores, through, unbreakable


@pytest.fixture(scope="module")
def memory() -> Memory:
    rng = np.random.default_rng(0)
    X, w = rng.random((30, 10)), rng.normal(size=10)
    y = np.arange(30) % 2 * 2.0 - 1
    apart = np.abs(X[y < 0][:, None] - X[y > 0]).max(-1).min()
    return Memory(w, -w.sum() / 2, 5.0, X, y, 0.3 * apart, 0.32 * apart)


def test_layers_and_formula_agree(memory):
    rng = np.random.default_rng(1)
    Z = np.concatenate([rng.random((50, 10)), memory.X + memory.reach * rng.uniform(-1.05, 1.05, (30, 10))])
    assert np.abs(through(dense_layers(memory), Z) - scores(memory, Z)).max() < 1e-12


def test_training_boxes_are_unbreakable_and_search_agrees(memory):
    assert not broken(memory, memory.X, memory.y, memory.eps).any()
    assert unbreakable(memory, memory.X, memory.y, memory.eps).all()
    found = attack.search(
        margins(memory, memory.y), memory.X, memory.eps, rng=np.random.default_rng(2), steps=10, restarts=2
    )
    assert (found.margins > 0).all()


def test_nothing_is_called_unbreakable_that_breaks(memory):
    rng = np.random.default_rng(3)
    Z = rng.random((80, 10))
    y = np.sign(Z @ memory.w + memory.b)
    for eps in (0.01, 0.05, 0.2):
        assert not (broken(memory, Z, y, eps) & unbreakable(memory, Z, y, eps)).any()


def test_gradients_at_the_points_do_not_see_what_lies_beyond_the_boxes(memory):
    wrong = memory.y * (memory.X @ memory.w + memory.b) < 0  # the linear score is wrong, only the box is right
    X, y, eps = memory.X[wrong], memory.y[wrong], 2 * memory.reach
    assert wrong.sum() >= 5
    blind = attack.search(margins(memory, y), X, eps, rng=np.random.default_rng(4), steps=20, restarts=1)
    assert (blind.margins > 0).all()
    assert broken(memory, X, y, eps).all()

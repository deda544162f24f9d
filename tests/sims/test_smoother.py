"""The smoother's gradient against differences, its limits, and the filter on grids."""

import numpy as np

from sims.smoother import Smoother, evaluate, lattice, lowest


def test_gradient_and_limits():
    rng = np.random.default_rng(0)
    X, y, Z = rng.random((20, 2)), rng.choice([-1.0, 1.0], 20), rng.random((30, 2))
    f = Smoother(X, y, 3.0, 0.2)
    _, gradient = evaluate(f, Z)
    for j in range(2):
        step = 1e-6 * np.eye(2)[j]
        numeric = (evaluate(f, Z + step)[0] - evaluate(f, Z - step)[0]) / 2e-6
        assert np.abs(numeric - gradient[:, j]).max() < 1e-6 * (1 + np.abs(gradient).max())
    assert np.abs(evaluate(Smoother(X, y, 3.0, 1e-3), X)[0] - 3 * y).max() < 1e-9
    assert np.abs(evaluate(Smoother(X, y, 3.0, 1e3), Z)[0] - 3 * y.mean()).max() < 1e-3


def test_lowest_looks_as_far_as_it_may():
    values = np.arange(5.0)[:, None] + 10 * np.arange(4.0)
    assert lowest(values, 1)[2, 2] == values[1, 1]
    assert lattice(np.arange(2.0), 2).tolist() == [[0, 0], [0, 1], [1, 0], [1, 1]]

"""Data that descent is run on: two points worked out by hand, and sparse teachers drawn from a seed."""

import numpy as np

from sims import sample

PAIR = (np.array([[2.0, 1.0], [0.0, -3.0]]), np.array([1.0, -1.0]))  # rows y x: (2, 1) and (0, 3)


def data(seed, n=15, d=30):
    X, y, _ = sample.planted(np.random.default_rng(seed), n, d)
    return X, y

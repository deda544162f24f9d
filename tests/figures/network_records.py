"""Records made up for the figure of two descents on networks: the shapes of the true ones, quick and full."""

from typing import Any

import numpy as np

STREAM = 7
Row = tuple[dict[str, Any], Any, Any, dict[str, Any]]  # case, predicted, observed, exhibit


def descents(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    few = [("mnist", 100, 0.2), ("mnist10", 20, 0.1), ("mnist10", 50, 0.1)]
    kinds = [("digits", 20, 0.1, 4), *([("mnist", 20, 0.1, 8), *((*kind, 3) for kind in few)] if full else [])]
    epochs = np.array([10, 20, 40, 80, 160])
    rows: list[Row] = []
    for data, n, eps, seeds in kinds:
        for seed in range(seeds):
            excess = np.array([0.002, 0.03]) + 0.01 * rng.normal(size=2)
            rate = np.array([[[20.0], [15.0]], [[40.0], [30.0]]])
            train = 1 - 0.3 * np.exp(-epochs / rate) * np.ones((2, 2, 1))
            test = train - 0.05 - 0.1 * np.array([[[0.0]], [[1.0]]])
            test[:, 1] -= excess[:, None]
            if eps == 0.2:
                train[1, 0], test[1, 0] = 0.1, 0.05
            case = {"data": data, "n": n, "m": 64, "eps": eps, "epochs": 160, "seed": seed}
            exhibit = {
                "epochs": epochs,
                "curves": np.stack([6 * train, train, test], axis=-1),
                "excess": excess,
                "fitted": [True],
            }
            rows.append((case, np.ones(4), [*excess, excess[1] - excess[0], excess[1]], exhibit))
    return rows


MADE = {"sign_descent_generalises_worse_under_attack": descents}

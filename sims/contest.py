"""Descents in competition: the same training sets, the protocol of the paper, robust errors on fresh points."""

import math
from dataclasses import dataclass

import numpy as np

from sims import diagonal, sample
from sims.claim import Array
from sims.descent import descend, robust_error
from sims.radius import tolerated

ALGORITHMS = ("coordinate descent", "gradient descent", "diagonal network")
REDRAWS = 20
LOSS = 1e-3  # training stops where the summed robust exponential loss falls below


@dataclass(frozen=True)
class Outcome:
    """Robust errors under ℓ∞ attacks.

    Attributes:
        eps: radii, (k,).
        train: robust training errors, (algorithms, k).
        test: robust errors on fresh points, (algorithms, k).
        positive: share of the label +1 among the fresh points.
    """

    eps: Array
    train: Array
    test: Array
    positive: float


def contest(
    training: np.random.Generator,
    testing: np.random.Generator,
    n: int,
    d: int,
    sparsity: tuple[int | None, int | None],
    shares: tuple[float, ...],
    algorithms: tuple[str, ...] = ALGORITHMS,
    *,
    fresh: int = 5000,
    steps: int = 200_000,
) -> Outcome:
    """Train every algorithm at every share of the tolerated radius and test it on fresh points.

    Training sets that are not separable, as sparse inputs orthogonal to a sparse teacher can be, are drawn again.

    Args:
        training: stream of the teacher and the training set.
        testing: stream of the fresh points.
        n: training points.
        d: dimension.
        sparsity: of the teacher and of the inputs; None is dense.
        shares: radii, relative to the ℓ∞ distance that clean coordinate descent reaches.
        algorithms: which of `ALGORITHMS`.
        fresh: number of test points.
        steps: at most.
    """
    w_star = sample.teacher(training, d, sparsity[0])
    for _ in range(REDRAWS):
        X = sample.inputs(training, n, d, sparsity[1])
        y = sample.labels(X, w_star)
        if (radius := tolerated(X, y, math.inf)) > 0:
            break
    else:
        raise ValueError(f"no separable training set of n={n} points in {REDRAWS} draws; take fewer points")
    X_test = sample.inputs(testing, fresh, d, sparsity[1])
    y_test = sample.labels(X_test, w_star)
    radii = np.array(shares) * radius
    train, test = np.empty((2, len(algorithms), len(radii)))
    for i, algorithm in enumerate(algorithms):
        for j, eps in enumerate(radii):
            w = trained(algorithm, X, y, float(eps), steps)
            train[i, j] = robust_error(w, X, y, eps, math.inf)
            test[i, j] = robust_error(w, X_test, y_test, eps, math.inf)
    return Outcome(radii, train, test, float(np.mean(y_test > 0)))


def trained(algorithm: str, X: Array, y: Array, eps: float, steps: int) -> Array:
    """The predictor that an algorithm ends with under an ℓ∞ attack."""
    if algorithm == "diagonal network":
        scale = 1e-3 / math.sqrt(2 * X.shape[1])
        path = diagonal.descend_powers(X, y, scale=scale, eps=eps, steps=steps, until=LOSS)
        return np.asarray(path.points[-1])
    geometry = {"coordinate descent": 1.0, "gradient descent": 2.0}[algorithm]
    path = descend(X, y, geometry=geometry, eps=eps, schedule="protocol", steps=steps, until=LOSS)
    return np.asarray(path.points[-1])

"""What attacks cost the predictors of a kernel path: exactly to first order, and as found by search.

The first-order attack moves f(x) by eps‖∇f(x)‖_q, 1/p + 1/q = 1; the search moves x within the ball itself.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from sims import attack as adversary
from sims.kernel_ridge import Path, squared_distances

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Costs:
    """Of each predictor over the test points, without attack and under it.

    Attributes:
        error: the share of labels that are missed; f(x) = 0 misses.
        robust_error: the share that some perturbation makes miss.
        risk: the mean of (f(x) − target)².
        robust_risk: the mean of its worst case.
    """

    error: Float[Array, "*B"]
    robust_error: Float[Array, "*B"]
    risk: Float[Array, "*B"]
    robust_risk: Float[Array, "*B"]


def flipped(rng: np.random.Generator, y: Float[Array, " n"], rate: float) -> Float[Array, " n"]:
    """Labels ±1, each with its sign changed with probability `rate`, independently.

    Raises:
        ValueError: if rate is not in [0, 1].
    """
    if not 0 <= rate <= 1:
        raise ValueError(f"rate is the share of labels to flip and must be in [0, 1], got {rate}")
    return np.where(rng.random(len(y)) < rate, -y, y)


def first_order(
    values: Float[Array, "*B k"],
    slopes: Float[Array, "*B k"],
    y: Float[Array, " k"],
    eps: float,
    shrink: float = 1.0,
) -> Costs:
    """Costs from f(z_i) and ‖∇f(z_i)‖_q, as if f were linear within reach; the target is shrink·y.

    With labels flipped at the rate rho the regression function is (1 − 2rho)y: then `shrink` is 1 − 2rho and the
    risk is the excess risk on flipped labels.
    """
    margins, away = y * values, np.abs(values - shrink * y)
    reach = eps * slopes
    return Costs(
        error=np.mean(margins <= 0, axis=-1),
        robust_error=np.mean(margins - reach <= 0, axis=-1),
        risk=np.mean(away**2, axis=-1),
        robust_risk=np.mean((away + reach) ** 2, axis=-1),
    )


def searched_margins(
    path: Path,
    Z: Float[Array, "k d"],
    y: Float[Array, " k"],
    eps: float,
    attack: float,
    *,
    rng: np.random.Generator,
    steps: int = 20,
    restarts: int = 1,
) -> Float[Array, "*B k"]:
    """The least y_i f_r(z_i + δ) found over ‖δ‖_attack ≤ eps, by projected descent for all r and i at once.

    Errors: the true minimum may be lower.
    """
    which, points, labels = spread(path, Z, y)

    def margin(X: Array) -> tuple[Array, Array]:
        f, slope = path.at(X, which)
        return labels * f, labels[:, None] * slope

    found = adversary.search(margin, points, eps, attack, rng=rng, steps=steps, restarts=restarts)
    return found.margins.reshape(*path.A.shape[:-1], len(Z))


def searched_errors(
    path: Path,
    Z: Float[Array, "k d"],
    target: Float[Array, " k"],
    eps: float,
    attack: float,
    *,
    rng: np.random.Generator,
    steps: int = 20,
    restarts: int = 1,
) -> Float[Array, "*B k"]:
    """The largest |f_r(z_i + δ) − target_i| found over ‖δ‖_attack ≤ eps, likewise.

    Errors: the true maximum may be higher.
    """
    which, points, goals = spread(path, Z, target)

    def closeness(X: Array) -> tuple[Array, Array]:
        f, slope = path.at(X, which)
        return -np.abs(f - goals), -np.where(f < goals, -1.0, 1.0)[:, None] * slope

    found = adversary.search(closeness, points, eps, attack, rng=rng, steps=steps, restarts=restarts)
    return -found.margins.reshape(*path.A.shape[:-1], len(Z))


def spread(path: Path, Z: Array, values: Array) -> tuple[npt.NDArray[np.intp], Array, Array]:
    """For each pair of a predictor and a point: the predictor's place, the point, and its value."""
    count = path.A.size // len(path.X)
    return np.repeat(np.arange(count), len(Z)), np.tile(Z, (count, 1)), np.tile(values, count)


def nearest_other(X: Float[Array, "n d"], y: Float[Array, " n"], attack: float) -> float:
    """The median over points of the distance to the nearest point with the other label, in ℓ2 or ℓ∞.

    Half of it is about where attacks begin to take a point for one of the other class.
    """
    if attack == 2:
        apart = np.sqrt(squared_distances(X[y > 0], X[y <= 0]))
    elif attack == math.inf:
        apart = np.stack([np.max(np.abs(X[y <= 0] - x), axis=1) for x in X[y > 0]])
    else:
        raise ValueError(f"attack must be 2 or inf, got {attack}")
    return float(np.median(np.concatenate([apart.min(axis=0), apart.min(axis=1)])))

r"""Average-case flatness with the attack of $w$ restarted ten times and that of each $w+\nu$ once is too small:
by what restarts find at $w$, whatever the radius $\xi$. For small $\xi$ it is negative, as if the trained
weights were worse than those around them.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch

from sims import classifier, images
from sims.claim import Array, Claim, Observation, grid, rng
from sims.flatness import average
from sims.judge import ordered
from sims.landscape import mean_loss, seeds
from sims.network_attack import Attack
from sims.train import Recipe, train
from sims.weight_ball import WeightBall

RADII = (0.02, 0.1, 0.5)
RESTARTS = 10


@dataclass(frozen=True)
class Case:
    """k networks of two hidden layers of m units; n digits to train them on, and n to test."""

    n: int
    m: int
    eps: float
    epochs: int
    k: int
    seed: int


def predict(case: Case) -> Array:
    """Signs: flatness of equal restarts at the largest radius, of unequal ones at the least."""
    return np.array([1.0, -1.0])


def rival(case: Case) -> Array:
    """The stronger the attack of the reference, the better: flatness stays positive."""
    return np.ones(2)


def simulate(case: Case) -> Observation:
    """Train the k networks in one call; flatness over the robust loss, means over the k."""
    split, rngs = images.digits(rng(case, "split"), range(10)), rng(case, "train").spawn(case.k)
    X, Z = torch.from_numpy(split.X_train[: case.n]), torch.from_numpy(split.X_test[: case.n])
    y, t = (torch.from_numpy(labels[: case.n].astype(np.int64)) for labels in (split.y_train, split.y_test))
    net = classifier.fully_connected(rngs, (X.shape[1], case.m, case.m, 10))
    recipe = Recipe(case.epochs, 0.1, batch=50, momentum=0.9, attack=Attack(case.eps, steps=4, best=False))
    net, once = train(net, X, y, recipe, rngs).net, Attack(case.eps)

    def draws() -> list[np.random.Generator]:
        return rng(case, "weights").spawn(case.k)

    often = mean_loss(net, Z, t, replace(once, restarts=RESTARTS), seeds(draws()))
    found = [average(net, Z, t, WeightBall(xi), draws(), once, mirrored=True) for xi in RADII]
    equal = torch.stack([each.flatness / each.reference for each in found]).numpy()
    unequal = torch.stack([(each.draws.mean(1) - often) / each.reference for each in found]).numpy()
    wide, close = equal[-1], unequal[0] / (np.abs(unequal[0]) + np.abs(equal[0]))
    value = [np.mean(wide / (1 + wide)), close.mean()]
    return Observation(np.array(value), exhibit={"radii": np.array(RADII), "equal": equal, "unequal": unequal})


CLAIM = Claim(
    statement=__doc__ or "",
    source="Stutz, Hein & Schiele 2021, whose reference has ten restarts and whose perturbed losses have one",
    assumptions={"an adversary": lambda c: c.eps > 0, "trained": lambda c: c.epochs >= 20},
    cases=grid(Case, n=[200], m=[64], eps=[0.1], epochs=[60], k=[3], seed=range(10)),
    quick=grid(Case, n=[100], m=[32], eps=[0.1], epochs=[30], k=[2], seed=range(12)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(),
    looks=2,
)

r"""With $R(w)$ the robust loss and relative balls of one radius $\xi$: $\max_\nu R(w+\nu)-R(w)$ is at least
$E_\nu R(w+\nu)-R(w)$, and this is at least the same with the adversarial points of $w$ kept for all $w+\nu$. The
first never falls when $\xi$ grows.
"""

from dataclasses import dataclass

import numpy as np
import torch

from sims import classifier, images
from sims.claim import Array, Claim, Observation, grid, rng
from sims.flatness import average
from sims.judge import ordered
from sims.network_attack import Attack
from sims.train import Recipe, train
from sims.weight_ball import WeightBall
from sims.worst_flatness import worst

RADII = (0.05, 0.5)


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
    """Signs: worst − average and average − frozen at both radii, and worst at the larger − at the smaller."""
    return np.ones(5)


def rival(case: Case) -> Array:
    """Points attacked at w are pessimistic for other weights."""
    return np.array([1.0, 1.0, -1.0, -1.0, 1.0])


def simulate(case: Case) -> Observation:
    """Train the k networks in one call; differences over the larger of both, their means over the k."""
    split, rngs = images.digits(rng(case, "split"), range(10)), rng(case, "train").spawn(case.k)
    X, Z = torch.from_numpy(split.X_train[: case.n]), torch.from_numpy(split.X_test[: case.n])
    y, t = (torch.from_numpy(labels[: case.n].astype(np.int64)) for labels in (split.y_train, split.y_test))
    net = classifier.fully_connected(rngs, (X.shape[1], case.m, case.m, 10))
    recipe = Recipe(case.epochs, 0.1, batch=50, momentum=0.9, attack=Attack(case.eps, steps=5))
    net, attack = train(net, X, y, recipe, rngs).net, Attack(case.eps)

    def draws() -> list[np.random.Generator]:
        return rng(case, "weights").spawn(case.k)

    balls = [WeightBall(xi) for xi in RADII]
    kept, anew = (
        torch.stack(
            [average(net, Z, t, ball, draws(), attack, mirrored=True, frozen=f).flatness for ball in balls]
        )
        for f in (True, False)
    )
    most = torch.stack([worst(net, Z, t, ball, draws(), attack).flatness for ball in balls])
    shares = [(most - anew) / most, (anew - kept) / anew.abs(), (most[1:] - most[:1]) / most[1:]]
    seen = torch.stack([kept, anew, most])
    return Observation(torch.cat(shares).mean(1).numpy(), exhibit={"flatness": seen.numpy()})


CLAIM = Claim(
    statement=__doc__ or "",
    source="Stutz, Hein & Schiele 2021, definitions of average- and worst-case flatness",
    assumptions={"an adversary": lambda c: c.eps > 0, "trained": lambda c: c.epochs >= 1},
    cases=grid(Case, n=[200], m=[64], eps=[0.1], epochs=[100], k=[4], seed=range(10)),
    quick=grid(Case, n=[100], m=[16], eps=[0.1], epochs=[30], k=[3], seed=range(9)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(),
    looks=2,
)

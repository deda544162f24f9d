r"""After adversarial training the robust loss on test images, attacked anew at each point, is a bowl along a
random direction $\nu$ of weights, $\lVert\nu_l\rVert=\xi\lVert w_l\rVert$ in each tensor: it grows both ways,
faster than linearly, and its odd part stays below the even one. Along an adversarial direction it is a wall: one
way it rises more than three times as much as the other way, and per relative length more than ten times as
steeply as along random ones.
"""

from dataclasses import dataclass

import numpy as np
import torch

from sims import classifier, image_sets, landscape, stack, weight_ball
from sims.claim import Array, Claim, Observation, grid, rng
from sims.classifier import Classifier
from sims.image_sets import Points
from sims.judge import ordered
from sims.network_attack import Attack
from sims.train import Recipe, train
from sims.weight_ball import Shift, WeightBall
from sims.worst_flatness import worst

RANDOM, ADVERSARIAL = 0.5, 0.02  # relative lengths of the directions
DRAWS = 3  # random directions of each network
PIXELS = 64


@dataclass(frozen=True)
class Case:
    """k networks of two hidden layers of m units, each with n digits of its own; points of lines and planes."""

    n: int
    fresh: int
    m: int
    eps: float
    epochs: int
    line: int
    side: int
    k: int
    seed: int


def predict(case: Case) -> Array:
    """Signs: least growth; growth beyond linear; even beyond odd part; one-sidedness; steepness."""
    return np.ones(5)


def rival(case: Case) -> Array:
    """An adversarial direction is a random one: a bowl, and no steeper."""
    return np.array([1.0, 1.0, 1.0, -1.0, -1.0])


def simulate(case: Case) -> Observation:
    """Train the k networks in one call, and follow the loss along lines; over planes for the first of them."""
    rngs = rng(case, "train").spawn(case.k)
    trained, fresh = image_sets.drawn(rngs, "digits", case.n, case.fresh)
    net = classifier.fully_connected(rngs, (PIXELS, case.m, case.m, image_sets.CLASSES))
    recipe = Recipe(case.epochs, 0.1, batch=50, momentum=0.9, attack=Attack(case.eps, steps=5))
    net, attack = train(net, *trained, recipe, rngs).net, Attack(case.eps)

    def draws(name: str) -> list[np.random.Generator]:
        return rng(case, name).spawn(case.k)

    chance = [weight_ball.sphere(WeightBall(RANDOM), net, draws(f"direction {i}")) for i in range(DRAWS)]
    ball = WeightBall(ADVERSARIAL)
    against = weight_ball.stretched(ball, net, worst(net, *fresh, ball, draws("ascent"), attack).change)
    steps = np.linspace(-1, 1, 4 * case.line + 1)
    lines = torch.stack(
        [landscape.along(net, *fresh, way, steps.tolist(), draws("attack"), attack) for way in (*chance, against)]
    ).numpy()  # directions × networks × steps
    rest, low, high = (lines[..., i] for i in (2 * case.line, 0, 4 * case.line))
    even, odd = (high + low) / 2 - rest, (high - low) / 2
    half = (lines[..., case.line] + lines[..., 3 * case.line]) / 2 - rest
    bowl, wall = slice(0, DRAWS), DRAWS
    rise = (high - rest)[wall]
    value = [
        ((np.minimum(high, low) - rest) / rest)[bowl].mean(),
        1 - 2 * (half[bowl].mean(0) / even[bowl].mean(0)).mean(),
        1 - (np.abs(odd[bowl]).mean(0) / even[bowl].mean(0)).mean(),
        (1 - 3 * (low - rest)[wall] / rise).mean(),
        (1 - 10 * ADVERSARIAL / RANDOM * even[bowl].mean(0) / rise).mean(),
    ]
    sides = np.linspace(-1, 1, case.side)
    exhibit = {
        "steps": steps,
        "random": lines[bowl].mean(1),
        "adversarial": lines[wall].mean(0),
        "sides": sides,
        "planes": planes(case, net, fresh, ((chance[0], chance[1]), (chance[0], against)), sides, attack),
    }
    return Observation(np.array(value), exhibit=exhibit)


def planes(
    case: Case,
    net: Classifier,
    fresh: Points,
    pairs: tuple[tuple[Shift, Shift], ...],
    sides: Array,
    attack: Attack,
) -> Array:
    """The loss of the first network over the plane of each pair of directions."""
    first = slice(0, 1)
    alone, points = stack.taken(net, first), (fresh[0][first], fresh[1][first])
    found = [
        landscape.plane(
            alone,
            *points,
            ([v[first] for v in u], [v[first] for v in w]),
            sides.tolist(),
            sides.tolist(),
            [rng(case, "plane")],
            attack,
        )
        for u, w in pairs
    ]
    return torch.cat(found).numpy()


CLAIM = Claim(
    statement=__doc__ or "",
    source="Stutz, Hein & Schiele 2021, robust loss along random and adversarial weight directions",
    assumptions={
        "an adversary whose points can be fitted": lambda c: 0 < c.eps <= 0.15,
        "trained until it fits": lambda c: c.epochs >= 40,
        "steps to follow the loss along": lambda c: c.line >= 1,
    },
    cases=grid(
        Case, n=[200], fresh=[300], m=[64], eps=[0.1], epochs=[100], line=[5], side=[11], k=[2], seed=range(10)
    ),
    quick=grid(
        Case, n=[80], fresh=[100], m=[32], eps=[0.1], epochs=[40], line=[1], side=[2], k=[2], seed=range(11)
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(),
    looks=2,
)

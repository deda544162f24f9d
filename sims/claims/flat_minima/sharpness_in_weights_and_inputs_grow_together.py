r"""Along one adversarial training, from the epoch at which the robust test loss is least, three things grow
together: this loss; its average-case flatness in weights, over the spheres $\lVert\nu_l\rVert=\xi\lVert
w_l\rVert$; and its sharpness in inputs, the logarithm of the mean of $\lVert\nabla_x\ell\rVert_1$ at the worst
points within $\varepsilon$ of test images over the same of training images. Each is larger at the end, and each
two of them, over the epochs from there on, have a correlation of more than $\frac14$.
"""

from dataclasses import dataclass

import numpy as np

from sims import classifier, flatness, image_sets
from sims.claim import Array, Claim, Observation, grid, rng
from sims.classifier import Classifier
from sims.image_sets import Points
from sims.judge import ordered
from sims.network_attack import Attack, loss_gradient, pgd
from sims.train import Recipe, train
from sims.weight_ball import WeightBall

XI = 0.5
PIXELS = 64
PAIRS = ((0, 1), (0, 2), (1, 2))


@dataclass(frozen=True)
class Case:
    """k networks of two hidden layers of m units, each with n digits of its own; epochs looked at, draws of ν."""

    n: int
    fresh: int
    m: int
    eps: float
    epochs: int
    looks: int
    draws: int
    k: int
    seed: int


def predict(case: Case) -> Array:
    """Signs: growth of loss, flatness and gap; correlations of each two of them beyond a quarter."""
    return np.ones(6)


def rival(case: Case) -> Array:
    """The loss grows by overconfidence alone: sharpness in weights stays, or falls as the training loss does."""
    return np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])


def simulate(case: Case) -> Observation:
    """Train the k networks in one call, and measure all three at each look; means over the k."""
    rngs = rng(case, "train").spawn(case.k)
    trained, fresh = image_sets.drawn(rngs, "digits", case.n, case.fresh)
    net = classifier.fully_connected(rngs, (PIXELS, case.m, case.m, image_sets.CLASSES))
    at = np.unique(np.geomspace(max(4, case.epochs // 25), case.epochs, case.looks).round().astype(int))
    recipe = Recipe(
        case.epochs,
        0.1,
        batch=case.n // 4,
        momentum=0.9,
        attack=Attack(case.eps, steps=4, best=False),
        checkpoints=tuple(at.tolist()),
    )
    seen = train(net, *trained, recipe, rngs)
    table = np.array([measured(case, each, trained, fresh) for each in seen.nets[1:]])  # looks × 4 × k
    curves = table.mean(-1)
    return Observation(risen(curves[:, 1:]), exhibit={"epochs": seen.epochs[1:], "curves": curves})


def measured(case: Case, net: Classifier, trained: Points, fresh: Points) -> Array:
    """Robust losses on training and on test images, flatness of the latter, and the log-ratio of gradients."""
    attack = Attack(case.eps)
    losses, sizes = [], []
    for points in (trained, fresh):
        worst, values = pgd(net, *points, attack, rng(case, "attack").spawn(case.k))
        steep = loss_gradient(net, worst, points[1]).abs().sum(-1).mean(1)
        losses.append(values.mean(1).numpy())
        sizes.append(steep.numpy())
    draws = rng(case, "weights").spawn(case.k)
    flat = flatness.average(net, *fresh, WeightBall(XI), draws, attack, draws=case.draws, mirrored=True)
    return np.stack([*losses, flat.flatness.numpy(), np.log2(sizes[1] / sizes[0])])


def risen(curves: Array) -> Array:
    """From the least test loss on: relative growth of each curve, and correlations less 1/4."""
    first = min(int(curves[:, 0].argmin()), len(curves) - 3)
    later = curves[first:]
    growth = (later[-1] - later[0]) / np.abs(later[-1])
    together = np.asarray(np.corrcoef(later.T))
    return np.array([*growth, *(together[i, j] - 0.25 for i, j in PAIRS)])


CLAIM = Claim(
    statement=__doc__ or "",
    source="between Stutz, Hein & Schiele 2021 (flatness through training) and Li & Li 2024 (flatness in inputs)",
    assumptions={
        "an adversary whose points can be fitted": lambda c: 0 < c.eps <= 0.15,
        "trained until it overfits": lambda c: c.epochs >= 80,
        "enough looks for correlations": lambda c: c.looks >= 6,
    },
    cases=grid(
        Case, n=[200], fresh=[300], m=[64], eps=[0.1], epochs=[200], looks=[12], draws=[4], k=[2], seed=range(12)
    ),
    quick=grid(
        Case, n=[60], fresh=[100], m=[24], eps=[0.1], epochs=[80], looks=[6], draws=[2], k=[2], seed=range(12)
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(),
    looks=2,
)

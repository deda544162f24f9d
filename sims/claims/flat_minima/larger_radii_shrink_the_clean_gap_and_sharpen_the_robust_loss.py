r"""Networks trained against larger radii $\varepsilon$ are regularised in one sense and not in another. Their
clean loss has the smaller generalisation gap, test minus training: at the largest less than without attack.
Their robust loss on test images, at the radius of their own training, is sharper in weights: its average-case
flatness over spheres $\lVert\nu_l\rVert=\xi\lVert w_l\rVert$ grows with $\varepsilon$. The radius of the attack
makes it so: at one radius for all it is less than twice as large for the largest as for networks trained without
attack.
"""

from dataclasses import dataclass

import numpy as np

from sims import classifier, flatness, image_sets, weight_ball
from sims.claim import Array, Claim, Observation, grid, rng
from sims.flatness import Average
from sims.image_sets import Points
from sims.judge import ordered
from sims.landscape import mean_loss
from sims.network_attack import Attack
from sims.train import Recipe, train
from sims.weight_ball import WeightBall

COMMON = 0.1  # the radius at which all are compared
XI = 0.5
PIXELS = 64


@dataclass(frozen=True)
class Case:
    """Networks of two hidden layers of m units on n digits, for k radii from 0 to eps; so many draws of ν, −ν."""

    n: int
    fresh: int
    m: int
    eps: float
    epochs: int
    k: int
    draws: int
    seed: int


def predict(case: Case) -> Array:
    """Signs: the gap falls; flatness grows from each radius to the next; at one radius it is below twice."""
    return np.ones(case.k + 1)


def rival(case: Case) -> Array:
    """Regularised in every sense: flatter at the radius of training too."""
    return np.array([1.0, *(-1.0 for _ in range(case.k - 1)), 1.0])


def simulate(case: Case) -> Observation:
    """Train from one start on the same batches, the radii side by side; flatness with the same random numbers."""
    stream = rng(case, "train")
    trained, fresh = (alone(points) for points in image_sets.drawn([stream], "digits", case.n, case.fresh))
    radii = tuple(np.linspace(0, case.eps, case.k).tolist())
    net = classifier.fully_connected(
        weight_ball.common(stream, case.k), (PIXELS, case.m, case.m, image_sets.CLASSES)
    )
    recipe = Recipe(case.epochs, 0.1, batch=50, momentum=0.9, attack=Attack(radii, steps=4, best=False))
    net = train(net, *trained, recipe, weight_ball.common(stream, case.k)).net

    def flat(attack: Attack | None) -> Average:
        draws = weight_ball.common(rng(case, "weights"), case.k)
        return flatness.average(net, *fresh, WeightBall(XI), draws, attack, draws=case.draws, mirrored=True)

    clean = np.stack([mean_loss(net, *points, None, []).numpy() for points in (trained, fresh)])
    own, common, plain = flat(Attack(radii)), flat(Attack(COMMON)), flat(None)
    gap, F = clean[1] - clean[0], own.flatness.numpy()
    value = [
        (gap[0] - gap[-1]) / gap[0],
        *(np.diff(F) / F.max()),
        2 - float(common.flatness[-1] / common.flatness[0]),
    ]
    exhibit = {
        "radii": np.array(radii),
        "clean": clean,
        "loss": own.reference.numpy(),
        "own": F,
        "common": common.flatness.numpy(),
        "plain": plain.flatness.numpy(),
    }
    return Observation(np.array(value), exhibit=exhibit)


def alone(points: Points) -> Points:
    """One set of points for all members."""
    return points[0][0], points[1][0]


CLAIM = Claim(
    statement=__doc__ or "",
    source="between Wen, Li & Jia 2020 (gap of the clean loss) and Stutz, Hein & Schiele 2021 (flatness)",
    assumptions={
        "trained until it fits": lambda c: c.epochs >= 40,
        r"an adversary whose points can be fitted, $0<\varepsilon\le0.15$": lambda c: 0 < c.eps <= 0.15,
        "draws in pairs": lambda c: c.draws >= 2 and c.draws % 2 == 0,
    },
    cases=grid(Case, n=[500], fresh=[300], m=[64], eps=[0.15], epochs=[60], k=[4], draws=[4], seed=range(12)),
    quick=grid(Case, n=[300], fresh=[150], m=[32], eps=[0.1], epochs=[40], k=[2], draws=[2], seed=range(18)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(),
    looks=2,
)

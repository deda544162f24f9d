r"""Stronger regularisation of adversarial training moves the robust test loss and its flatness down together,
until it underfits. For label noise, TRADES and adversarial weight perturbation, a moderate strength leaves a
smaller robust test loss, and a minimum that is flatter both on average and at worst, than a weak one; a strength
beyond flattens further and raises the robust loss again.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch

from sims import classifier, flatness, image_sets, worst_flatness
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import ordered
from sims.network_attack import Attack
from sims.objectives import Objective
from sims.regularisers import Around
from sims.robustness import robust
from sims.train import Recipe, train
from sims.variants import PLAIN
from sims.weight_ball import WeightBall

STRENGTHS = {
    "label noise": (0.0, 0.1, 0.3, 0.5, 0.7, 0.9),
    "trades": (1.0, 3.0, 6.0, 10.0, 30.0, 300.0),
    "weight perturbation": (0.0, 0.005, 0.01, 0.02, 0.04, 0.16),
}
MODERATE = {"label noise": 0.3, "trades": 30.0, "weight perturbation": 0.02}
AVERAGE, WORST = WeightBall(0.5), WeightBall(0.003)
PIXELS = 64


@dataclass(frozen=True)
class Case:
    """k networks of two hidden layers of m units for each strength of a method, all on the same n digits.

    Attacks take so many steps in training.
    """

    method: str
    n: int
    fresh: int
    m: int
    epochs: int
    steps: int
    k: int
    seed: int


def predict(case: Case) -> Array:
    """Signs of robust loss, average and worst flatness: weak less moderate strength, then strong less moderate."""
    return np.array([1.0, 1.0, 1.0, 1.0, -1.0, -1.0])


def rival(case: Case) -> Array:
    """The flatter the better, without end."""
    return np.array([1.0, 1.0, 1.0, -1.0, -1.0, -1.0])


def recipe(case: Case, strengths: list[float]) -> Recipe:
    """The method, a strength for each network."""
    attack = Attack(0.1, steps=case.steps, best=False)
    plain = replace(PLAIN, epochs=case.epochs, attack=attack)
    if case.method == "weight perturbation":
        return replace(plain, around=Around(perturb=strengths))
    return replace(plain, objective=Objective(case.method, strengths))


def simulate(case: Case) -> Observation:
    """Train all strengths in one call from the same starts; differences over the sum of both."""
    strengths = STRENGTHS[case.method]
    members = [s for s in strengths for _ in range(case.k)]

    def streams(name: str) -> list[np.random.Generator]:
        """The same k streams for each strength."""
        seeds = rng(case, name).integers(2**63, size=case.k)
        return [np.random.default_rng(seed) for _ in strengths for seed in seeds]

    points, fresh = image_sets.drawn([rng(case, "digits")], "digits", case.n, case.fresh)
    X, y, Z, t = (part[0] for part in (*points, *fresh))
    start = classifier.fully_connected(streams("start"), (PIXELS, case.m, case.m, image_sets.CLASSES))
    net = train(start, X, y, recipe(case, members), streams("train")).net
    attack = Attack(0.1)
    average = flatness.average(net, Z, t, AVERAGE, streams("weights"), attack, draws=4, mirrored=True).flatness
    worst = worst_flatness.worst(net, Z, t, WORST, streams("weights"), attack).flatness
    loss, error = robust(net, Z, t, attack, streams("weights"))
    table = torch.stack([loss, average, worst, error]).reshape(4, len(strengths), case.k).mean(-1).numpy()
    weak, moderate, strong = table[:3, [0, strengths.index(MODERATE[case.method]), -1]].T
    value = [(weak - moderate) / (weak + moderate), (strong - moderate) / (strong + moderate)]
    exhibit = dict(zip(("loss", "average", "worst", "error"), table, strict=True))
    return Observation(np.concatenate(value), exhibit=exhibit | {"strengths": np.array(strengths)})


CLAIM = Claim(
    statement=__doc__ or "",
    source="Stutz, Hein & Schiele 2021, hyper-parameters within a method; on digits here",
    assumptions={
        "one of the methods": lambda c: c.method in STRENGTHS,
        "more parameters than the training points have labels": lambda c: c.m * (PIXELS + c.m) > 10 * c.n,
        "a hundred passes over the digits or more": lambda c: c.epochs >= 100,
        "an attack that can cross its ball": lambda c: c.steps >= 4,
    },
    cases=tuple(
        Case(method, 100, 200, 32, 200, 5, 2, seed)
        for method, seeds in (("label noise", 12), ("trades", 24), ("weight perturbation", 16))
        for seed in range(seeds)
    ),
    quick=grid(
        Case,
        method=["label noise"],
        n=[80],
        fresh=[200],
        m=[24],
        epochs=[150],
        steps=[4],
        k=[1],
        seed=range(12),
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(by="method"),
    looks=2,
)

r"""Networks too narrow for adversarial training end as a trivial classifier, which gives most points one and the
same class and is right no more than twice as often as by chance, where standard training of the same width tells
the images apart. Beyond that width, more units buy robust accuracy on the training points faster than on fresh
ones: both rise, and the gap between them widens.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from sims import classifier, image_sets, losses
from sims.claim import Array, Claim, Observation, grid, rng
from sims.classifier import Classifier
from sims.image_sets import CLASSES, Points
from sims.judge import ordered
from sims.network_attack import Attack, pgd
from sims.train import Recipe, train

PIXELS = {"digits": 64, "mnist": 784}


@dataclass(frozen=True)
class Case:
    """Networks of two hidden layers of `narrow` to `wide` units, each width `factor` times the last; n images.

    Of widths below the wide one up to `copies` networks are trained, which differ in their starts and batches.
    """

    data: str
    n: int
    fresh: int
    narrow: int
    middle: int
    wide: int
    factor: int
    eps: float
    epochs: int
    copies: int
    seed: int


def widths(case: Case) -> list[int]:
    """From the narrow one to the wide one."""
    found = [case.narrow]
    while found[-1] < case.wide:
        found.append(case.factor * found[-1])
    return found


def predict(case: Case) -> Array:
    """Signs: of what is beyond a half, beyond twice chance and beyond that for the narrow width; of two growths.

    For narrow networks, the share of the commonest answer after adversarial training beyond a half, their accuracy
    beyond twice chance, and that after standard training. From the middle width to the wide one, the growth of the
    gap and of the robust accuracy on fresh points.
    """
    return np.array([1.0, -1.0, 1.0, 1.0, 1.0])


def rival(case: Case) -> Array:
    """What is wide enough for standard training is so for adversarial training, and width closes the gap."""
    return np.array([-1.0, 1.0, 1.0, -1.0, 1.0])


def simulate(case: Case) -> Observation:
    """Train networks of each width on the same images, against the attack and without."""
    points, fresh = image_sets.drawn([rng(case, "images")], case.data, case.n, case.fresh)
    seen = {m: accuracies(case, m, points, fresh) for m in widths(case)}
    commonest, clean, trained, tested, standard = np.array(list(seen.values())).T
    middle, wide = widths(case).index(case.middle), -1
    gap = trained - tested
    value = [
        commonest[0] - 1 / 2,
        clean[0] - 2 / CLASSES,
        standard[0] - 2 / CLASSES,
        gap[wide] - gap[middle],
        tested[wide] - tested[middle],
    ]
    exhibit = {
        "widths": np.array(widths(case)),
        "commonest": commonest,
        "clean": clean,
        "robust_train": trained,
        "robust_test": tested,
        "standard": standard,
    }
    return Observation(np.array(value), exhibit=exhibit)


def accuracies(case: Case, m: int, points: Points, fresh: Points) -> list[float]:
    """Of networks of m units: the share of the commonest answer, clean and robust accuracies, clean if standard.

    Narrow networks differ more from one start to another, and are cheap: the images are given to several of them.
    """
    rngs = rng(case, f"{m} units").spawn(min(case.wide // m, case.copies))
    start = classifier.fully_connected(rngs, (points[0].shape[-1], m, m, CLASSES))
    recipe = Recipe(case.epochs, 0.1, batch=50, momentum=0.9, attack=Attack(case.eps, steps=4, best=False))
    net = train(start, *repeated(points, len(rngs)), recipe, rngs).net
    plain = train(start, *repeated(points, len(rngs)), replace(recipe, attack=None), rngs).net
    answer = answers(net, fresh)
    commonest = torch.nn.functional.one_hot(answer, CLASSES).double().mean(1).amax(-1)
    right = [commonest, answer == fresh[1]]
    for part in (points, fresh):
        _, worst = pgd(net, *repeated(part, len(rngs)), Attack(case.eps, steps=12, loss=losses.margin), rngs)
        right.append(worst < 0)
    right.append(answers(plain, fresh) == fresh[1])
    return [float(part.double().mean()) for part in right]


def answers(net: Classifier, points: Points) -> Tensor:
    """The class that each member gives each point."""
    return classifier.outputs(net, repeated(points, net.members)[0]).argmax(-1)


def repeated(points: Points, copies: int) -> Points:
    """The same images for so many members."""
    return points[0].expand(copies, -1, -1), points[1].expand(copies, -1)


CLAIM = Claim(
    statement=__doc__ or "",
    source="Li & Li 2025, Table 1 (MNIST and CIFAR-10, convolutional networks, all training images)",
    assumptions={
        "the narrow, the middle and the wide network are steps of the sweep, in this order": lambda c: (
            c.narrow < c.middle < c.wide and {c.middle, c.wide} <= set(widths(c))
        ),
        "the narrow network below the number of classes": lambda c: c.narrow < CLASSES,
        r"a radius that the widest can be trained against on few images: $0<\varepsilon\le0.15$": (
            lambda c: 0 < c.eps <= 0.15
        ),
        "few images; with all of MNIST the published gap shrinks again beyond some width": lambda c: c.n <= 1000,
        "enough parameters in the widest to fit every training point": lambda c: (
            c.wide * (PIXELS[c.data] + c.wide) > CLASSES * c.n
        ),
    },
    cases=(
        *(Case("digits", 250, 400, 3, 12, 96, 2, 0.15, 100, 8, seed) for seed in range(18)),
        *(Case("mnist", 500, 500, 8, 24, 216, 3, 0.1, 50, 2, seed) for seed in range(10)),
    ),
    quick=grid(
        Case,
        data=["digits"],
        n=[100],
        fresh=[400],
        narrow=[4],
        middle=[16],
        wide=[64],
        factor=[4],
        eps=[0.15],
        epochs=[50],
        copies=[8],
        seed=range(20),
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(by="data"),
    looks=2,
)

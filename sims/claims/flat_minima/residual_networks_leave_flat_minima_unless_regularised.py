r"""Residual networks with batch normalisation, trained adversarially on few images, leave flat minima unless they
are regularised. Let $R$ be the mean of $\max_{\|\delta\|_\infty\le\varepsilon}\ell(f(x+\delta),y)$ over fresh
images. At the end of adversarial training the gap between $R$ and the same mean over the training images, and the
average-case flatness of $R$, are more than $1.2$ times what they are on average over networks from the same start
and batches whose training is regularised. On photographs the network overfits: from the epoch of the least $R$ to
the end $R$ and its average-case flatness grow more than $1.2$ times, the epoch being found on one half of the
fresh images and all else seen on the other. This is said of each set of images by itself;
worst-case flatness is measured, and varies too much from one network to the next to be judged like that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sims import device, flatness, image_sets, images, residual, worst_flatness
from sims.claim import Array, Claim, Observation, grid, rng
from sims.classifier import Classifier
from sims.image_sets import Points
from sims.judge import equal
from sims.network_attack import Attack
from sims.robustness import robust
from sims.schedules import drops
from sims.train import Recipe
from sims.variants import VARIANTS, Rngs, Variant, stages
from sims.weight_ball import WeightBall
from sims.worst_flatness import Ascent

MORE = 1.2
IMAGE = {"digits": (1, 8, 8), "cifar": (3, 32, 32)}
REGULARISED = (
    *("label noise", "trades 6", "mart 3", "weight decay 1e-2", "weight perturbation"),
    *("self-supervision", "label smoothing"),
)
DECAY = 5e-4  # of every training that has none of its own
LATE = drops((4 / 5,))
LOOKS = 8  # evenly spaced epochs among which the one of the least robust loss is sought
AVERAGE, WORST = WeightBall(0.5), WeightBall(0.003)
SEARCH = Ascent(steps=10)
COLUMNS = ("train", "loss", "error", "average", "worst")


@dataclass(frozen=True)
class Case:
    """Networks of `width` channels, doubled at each further stage, with and without so many regularisers.

    They all have the same n images; attacks take so many steps in training.
    """

    data: str
    n: int
    fresh: int
    width: int
    stages: int
    eps: float
    batch: int
    epochs: int
    steps: int
    methods: int
    seed: int


def predict(case: Case) -> Array:
    """Signs: of what gap and average flatness are beyond 1.2 times those of regularised networks; of what the
    robust loss and average flatness grow by beyond 1.2 times, where that is claimed.
    """
    return claimed(case)


def rival(case: Case) -> Array:
    """Flatness is no matter of generalisation: gap and loss change, and minima are as flat as before."""
    return claimed(case) * [1.0, -1.0, 1.0, -1.0]


def claimed(case: Case) -> Array:
    """1 where something is claimed: on fifty digits the robust loss need not rise above its least."""
    return np.array([1.0, 1.0, *[float(case.data == "cifar")] * 2])


def chosen(case: Case) -> Mapping[str, Variant]:
    """Adversarial training, then the regularised ones, as long and attacked as often as the case says."""
    found = {name: VARIANTS[name].recipe for name in ("adversarial", *REGULARISED[: case.methods])}
    return {name: Variant(fitted(case, recipe)) for name, recipe in found.items()}


def fitted(case: Case, recipe: Recipe) -> Recipe:
    """The recipe with the epochs, batches and attack of the case, and with a decay."""
    return replace(
        recipe,
        epochs=case.epochs,
        batch=case.batch,
        decay=recipe.decay or DECAY,
        schedule=LATE,
        attack=Attack(case.eps, steps=case.steps, best=False),
        checkpoints=looks(case),
    )


def looks(case: Case) -> tuple[int, ...]:
    """Epochs, the last of them the end."""
    return tuple(-(-case.epochs * (i + 1) // LOOKS) for i in range(LOOKS))


def simulate(case: Case) -> Observation:
    """Train all from the same start and batches, and measure them with the same random numbers."""
    place = device.chosen()
    points, (Z, t) = ((X.to(place), y.to(place)) for X, y in drawn(case))
    half = case.fresh // 2
    choosing, seen = (Z[:, :half], t[:, :half]), (Z[:, half:], t[:, half:])
    attack = Attack(case.eps, steps=5)

    def draws() -> list[np.random.Generator]:
        return rng(case, "weights").spawn(1)

    def measured(net: Classifier) -> list[float]:
        columns = (
            robust(net, *points, attack, draws())[0],
            *robust(net, *seen, attack, draws()),
            flatness.average(net, *seen, AVERAGE, draws(), attack, draws=4, mirrored=True).flatness,
            worst_flatness.worst(net, *seen, WORST, draws(), attack, ascent=SEARCH).flatness,
        )
        return [float(column) for column in columns]

    nets = trained(case, points, place)
    plain = nets["adversarial"][1:]
    losses = [float(robust(net, *choosing, attack, draws())[0]) for net in plain]
    best = int(np.argmin(losses))
    table = np.array([measured(net) for net in (plain[best], *(seen[-1] for seen in nets.values()))]).T
    train_loss, loss, _, average, _ = table  # each at the least robust loss, at the end, regularised
    apart = [x[1] - MORE * x[2:].mean() for x in (loss - train_loss, average)]
    growth = [x[1] - MORE * x[0] for x in (loss, average)]
    exhibit = dict(zip(COLUMNS, table, strict=True)) | {
        "variants": np.array(["least", *chosen(case)]),
        "chosen": np.array(losses),
        "best": np.asarray(looks(case)[best]),
        "device": np.array(device.name(place)),
    }
    return Observation(claimed(case) * np.sign([*apart, *growth]), exhibit=exhibit)


def trained(case: Case, points: Points, place: str) -> Mapping[str, tuple[Classifier, ...]]:
    """By name the networks at the start and at each look."""
    channels = [case.width << i for i in range(case.stages)]

    def start(_: Rngs, more: int, activation: str) -> Classifier:
        rngs, outputs = rng(case, "start").spawn(1), image_sets.CLASSES + more
        return residual.residual(rngs, IMAGE[case.data], channels, outputs, activation=activation, device=place)

    found = chosen(case)
    return stages(found, *points, start, {name: rng(case, "train").spawn(1) for name in found})


def drawn(case: Case) -> tuple[Points, Points]:
    """The images to train on and fresh ones, in float32."""
    stream = rng(case, "images")
    if case.data == "digits":
        (X, y), (Z, t) = image_sets.drawn([stream], "digits", case.n, case.fresh)
    else:
        every = images.cifar10()
        i = stream.permutation(len(every.y_train))[: case.n]
        j = stream.permutation(len(every.y_test))[: case.fresh]
        X, y = image_sets.together([(every.X_train[i], every.y_train[i])])
        Z, t = image_sets.together([(every.X_test[j], every.y_test[j])])
    return (X.float(), y), (Z.float(), t)


CLAIM = Claim(
    statement=__doc__ or "",
    source="Stutz, Hein & Schiele 2021, robust overfitting and flatness of residual networks on CIFAR-10; on a "
    "subset of it and on digits here",
    assumptions={
        "digits, or photographs of CIFAR-10": lambda c: c.data in IMAGE,
        "an adversary against which all training images can be fitted": (
            lambda c: 0 < c.eps <= {"digits": 0.1, "cifar": 4 / 255}[c.data]
        ),
        "more parameters than the training images have labels": lambda c: 9 * c.width**2 * 4**c.stages > 10 * c.n,
        "few images: fifty digits or three hundred photographs": (
            lambda c: c.n <= {"digits": 50, "cifar": 300}[c.data]
        ),
        "sixty steps or more": lambda c: c.epochs * -(-c.n // c.batch) >= 60,
        "a regulariser or more": lambda c: 1 <= c.methods <= len(REGULARISED),
    },
    cases=(
        *(Case("digits", 50, 300, 8, 2, 0.1, 25, 40, 3, 7, seed) for seed in range(8)),
        *(Case("cifar", 300, 300, 8, 3, 4 / 255, 50, 50, 3, 7, seed) for seed in range(3)),
    ),
    quick=grid(
        Case,
        data=["digits"],
        n=[50],
        fresh=[160],
        width=[8],
        stages=[2],
        eps=[0.1],
        batch=[25],
        epochs=[30],
        steps=[2],
        methods=[1],
        seed=[0],
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(0.0),
)

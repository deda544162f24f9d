r"""Adversarial training overfits the loss that it descends, and leaves flat minima while it does. Let $R$ be the
mean of $\max_{\|\delta\|_\infty\le\varepsilon}\ell(f(x+\delta),y)$ over fresh points. $R$ is least strictly inside
the training and ends above $1.3$ times its least value, while the same mean over the training points falls to the
end. At evenly spaced epochs of one training average-case flatness of $R$ has a correlation with $R$ above $0.8$,
and worst-case flatness one above $0.5$. The robust error takes less than half of the rise of the loss, in
logarithms. The epoch of the least $R$ is found on one half of the fresh points, and all else is seen on the other.
"""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from sims import classifier, flatness, image_sets, worst_flatness
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import ordered
from sims.network_attack import Attack
from sims.robustness import robust
from sims.train import Recipe, train
from sims.weight_ball import WeightBall
from sims.worst_flatness import Ascent

RISE = 1.3  # from the least robust loss to the last
RELATED = (0.8, 0.5)  # correlations of average- and worst-case flatness with the loss along one training
EARLY = (4, 2)  # shares of the first look, seen for the figure alone
AVERAGE, WORST = WeightBall(0.5), WeightBall(0.003)
SEARCH = Ascent(steps=10)
PIXELS = 64


@dataclass(frozen=True)
class Case:
    """k networks of two hidden layers of m units, each with n digits of its own, looked at so many times."""

    n: int
    fresh: int
    m: int
    eps: float
    batch: int
    epochs: int
    looks: int
    k: int
    seed: int


def predict(case: Case) -> Array:
    """Signs: of the first fall; of what the rise is beyond 1.3; of the fall in training; of what two correlations
    are beyond 0.8 and 0.5; of half of the rise beyond that of the error.
    """
    return np.ones(6)


def rival(case: Case) -> Array:
    """Overfitting is benign: the robust loss stays within 1.3 times its least value, and the minimum as flat."""
    return np.array([1.0, -1.0, 1.0, -1.0, -1.0, 0.0])


def stages(case: Case) -> tuple[int, ...]:
    """Epochs: before the first look, then evenly spaced to the end."""
    apart = case.epochs // case.looks
    return (*(apart // share for share in EARLY), *(apart * (i + 1) for i in range(case.looks)))


def simulate(case: Case) -> Observation:
    """Train the k networks in one call, and measure each of them at each stage with the same random numbers."""
    rngs = rng(case, "train").spawn(case.k)
    points, (Z, t) = image_sets.drawn(rngs, "digits", case.n, case.fresh)
    half = case.fresh // 2
    choosing, seen = (Z[:, :half], t[:, :half]), (Z[:, half:], t[:, half:])
    net = classifier.fully_connected(rngs, (PIXELS, case.m, case.m, image_sets.CLASSES))
    training, attack = Attack(case.eps, steps=5, best=False), Attack(case.eps)
    recipe = Recipe(
        case.epochs, 0.1, case.batch, momentum=0.9, nesterov=True, attack=training, checkpoints=stages(case)
    )
    run = train(net, *points, recipe, rngs)

    def draws() -> list[np.random.Generator]:
        return rng(case, "weights").spawn(case.k)

    rows = [
        (
            robust(stage, *choosing, attack, draws())[0],
            *robust(stage, *seen, attack, draws()),
            flatness.average(stage, *seen, AVERAGE, draws(), attack, draws=4, mirrored=True).flatness,
            worst_flatness.worst(stage, *seen, WORST, draws(), attack, ascent=SEARCH).flatness,
        )
        for stage in run.nets
    ]
    chosen, loss, error, average, worst = (np.stack(column) for column in zip(*rows, strict=True))
    fit = run.losses.numpy().T[np.maximum(run.epochs - 1, 0)]  # as the steps of that epoch saw it
    best, members = chosen.argmin(0), np.arange(case.k)
    rise, fall, more = (
        np.log(x[a, members] / x[b, members]) for x, a, b in ((loss, -1, best), (fit, best, -1), (error, -1, best))
    )
    even = slice(1 + len(EARLY), None)
    related = [stats.pearsonr(f[even], loss[even], axis=0).statistic for f in (average, worst)]
    value = [
        np.log(loss[0] / loss[best, members]),
        rise - np.log(RISE),
        fall,
        *(r - least for r, least in zip(related, RELATED, strict=True)),
        rise / 2 - more,
    ]
    exhibit = {
        "epochs": run.epochs,
        "train": fit,
        "loss": loss,
        "error": error,
        "average": average,
        "worst": worst,
        "best": run.epochs[best],
        "correlation": np.stack(related),
    }
    return Observation(np.stack(value).mean(1), exhibit=exhibit)


CLAIM = Claim(
    statement=__doc__ or "",
    source="Stutz, Hein & Schiele 2021, robust overfitting (after Rice, Wong & Kolter 2020) and flatness through "
    "training; on digits here",
    assumptions={
        "an adversary against which all training points can be fitted": lambda c: 0 < c.eps <= 0.15,
        "more parameters than the training points have labels": lambda c: c.m * (PIXELS + c.m) > 10 * c.n,
        "the first descent lies before the first look: looks are at least 50 steps apart": (
            lambda c: c.epochs // c.looks * -(-c.n // c.batch) >= 50
        ),
        "enough looks for a correlation": lambda c: c.looks >= 6,
    },
    cases=grid(
        Case,
        n=[200],
        fresh=[400],
        m=[64],
        eps=[0.1],
        batch=[50],
        epochs=[200],
        looks=[8],
        k=[2],
        seed=range(16),
    ),
    quick=grid(
        Case,
        n=[80],
        fresh=[300],
        m=[48],
        eps=[0.1],
        batch=[40],
        epochs=[150],
        looks=[6],
        k=[3],
        seed=range(12),
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(),
    looks=2,
)

r"""Among networks from the variants of adversarial training on the same digits, those in flatter minima of the
robust loss have the smaller gap between robust test and robust training loss: over the variants the correlation of
the gap with worst-case flatness, and that with average-case flatness, is above $0.6$. Flatness follows the loss
and not the error: worst-case flatness is correlated less with the robust test error than with the gap. On a
hundred digits or more the average-case flatness of the robust loss is related more closely to the gap than that of
the clean loss.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sims import classifier, correlation, flatness, image_sets, stack, worst_flatness
from sims.claim import Array, Claim, Observation, grid, rng
from sims.classifier import Classifier
from sims.image_sets import Points
from sims.judge import ordered
from sims.network_attack import Attack
from sims.robustness import robust
from sims.variants import VARIANTS, Rngs, Variant, trained
from sims.weight_ball import WeightBall

RELATED = 0.6  # correlation over variants
ENOUGH = 100  # digits from which on clean and robust flatness differ in what they tell
HELD = 100  # points that early stopping looks at
EVERY = 5  # epochs between its checkpoints
AVERAGE, WORST = WeightBall(0.5), WeightBall(0.003)
PIXELS = 64
COLUMNS = ("train", "loss", "error", "average", "worst", "clean")


@dataclass(frozen=True)
class Case:
    """k networks of two hidden layers of m units for each variant, or for each second, third, … one, on n digits.

    Attacks take so many steps in training.
    """

    n: int
    fresh: int
    m: int
    epochs: int
    steps: int
    every: int
    k: int
    seed: int


def chosen(case: Case) -> Mapping[str, Variant]:
    """The variants, as long and attacked as often as the case says."""
    return {name: fitted(case, VARIANTS[name]) for name in list(VARIANTS)[:: case.every]}


def fitted(case: Case, variant: Variant) -> Variant:
    """The variant with the epochs and the attack of the case."""
    recipe = variant.recipe
    assert recipe.attack is not None
    attack = replace(recipe.attack, steps=case.steps, best=False)
    kept = tuple(range(EVERY, case.epochs + 1, EVERY)) if variant.early else None
    return replace(variant, recipe=replace(recipe, epochs=case.epochs, attack=attack, checkpoints=kept))


def predict(case: Case) -> Array:
    """Signs: of the correlations of worst and average flatness with the gap beyond 0.6; of the excess of the first
    over that with the error; of that of the second over that of clean flatness, where there are enough digits.
    """
    return np.array([1.0, 1.0, 1.0, float(case.n >= ENOUGH)])


def rival(case: Case) -> Array:
    """Flat minima are the robust ones, whichever loss is flat: flatness tells the error as well as the gap."""
    return np.array([1.0, 1.0, -1.0, -float(case.n >= ENOUGH)])


def simulate(case: Case) -> Observation:
    """Train every variant from the same starts and batches, and measure all with the same random numbers."""
    points, (Z, t) = image_sets.drawn(rng(case, "digits").spawn(case.k), "digits", case.n, HELD + case.fresh)
    held, fresh = (Z[:, :HELD], t[:, :HELD]), (Z[:, HELD:], t[:, HELD:])
    variants = chosen(case)

    def start(rngs: Rngs, more: int, activation: str) -> Classifier:
        widths = (PIXELS, case.m, case.m, image_sets.CLASSES + more)
        return classifier.fully_connected(rngs, widths, activation=activation)

    nets = trained(variants, *points, start, {name: rng(case, "train").spawn(case.k) for name in variants}, held)
    alike = (list(group) for _, group in itertools.groupby(nets.values(), lambda net: net.activation))
    table = np.concatenate([measured(case, group, points, fresh) for group in alike], -1)
    train, loss, error, average, worst, clean = table  # each networks × variants
    pairs = [(f, target) for f in (worst, average, clean) for target in (loss - train, loss, error)]
    stream = rng(case, "bootstrap")
    found = np.array([[correlation.interval(*pair, stream) for pair in zip(f, y, strict=True)] for f, y in pairs])
    related = found.mean(1).reshape(3, 3, 3)  # flatness × what it is compared with × (value, low, high)
    with_gap, with_error = related[:, 0, 0], related[:, 2, 0]
    value = [*(with_gap[:2] - RELATED), with_gap[0] - with_error[0], with_gap[1] - with_gap[2]]
    exhibit = dict(zip(COLUMNS, table.mean(1), strict=True)) | {
        "variants": np.array(list(variants)),
        "correlation": related,
    }
    return Observation(np.array(value), exhibit=exhibit)


def measured(case: Case, nets: Sequence[Classifier], points: Points, fresh: Points) -> Array:
    """For each network and variant robust training and test loss, error, and flatness: average, worst, clean."""
    net = stack.joined(nets)
    (X, y), (Z, t) = (
        (images.repeat(len(nets), 1, 1), labels.repeat(len(nets), 1)) for images, labels in (points, fresh)
    )
    attack = Attack(0.1)

    def draws() -> list[np.random.Generator]:
        return [g for _ in nets for g in rng(case, "weights").spawn(case.k)]

    columns = (
        robust(net, X, y, attack, draws())[0],
        *robust(net, Z, t, attack, draws()),
        flatness.average(net, Z, t, AVERAGE, draws(), attack, draws=4, mirrored=True).flatness,
        worst_flatness.worst(net, Z, t, WORST, draws(), attack).flatness,
        flatness.average(net, Z, t, AVERAGE, draws(), draws=4, mirrored=True).flatness,
    )
    return np.stack([column.reshape(len(nets), case.k).T.numpy() for column in columns])


CLAIM = Claim(
    statement=__doc__ or "",
    source="Stutz, Hein & Schiele 2021, flatness and robust loss across methods; on digits here",
    assumptions={
        "eight variants or more": lambda c: -(-len(VARIANTS) // c.every) >= 8,
        "more parameters than the training points have labels": lambda c: c.m * (PIXELS + c.m) > 10 * c.n,
        "a hundred passes over the digits or more": lambda c: c.epochs >= 100,
        "an attack that can cross its ball": lambda c: c.steps >= 4,
    },
    cases=grid(Case, n=[100], fresh=[300], m=[48], epochs=[150], steps=[5], every=[1], k=[1], seed=range(14)),
    quick=grid(Case, n=[50], fresh=[100], m=[24], epochs=[100], steps=[4], every=[3], k=[2], seed=range(10)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(),
    looks=2,
)

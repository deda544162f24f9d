r"""For positively homogeneous activations the networks of $(W_l,b_l,W_{l+1})$ and $(cW_l,cb_l,W_{l+1}/c)$, $c>0$,
are one function, and its loss, clean or robust, is equally flat at both: in the balls
$\|\nu_l\|_2\le\xi\|w_l\|_2$ of each tensor, on average over the sphere with the same random numbers, and at worst
along the same normalised ascent.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch

from sims import classifier, flatness, images, stack, worst_flatness
from sims.claim import Array, Claim, Observation, grid, rng
from sims.classifier import Classifier
from sims.judge import equal
from sims.network_attack import Attack
from sims.train import Recipe, train
from sims.weight_ball import WeightBall


@dataclass(frozen=True)
class Case:
    """A network of two hidden layers of m units trained on n digits; its layer is scaled, 0 the first."""

    n: int
    m: int
    eps: float
    epochs: int
    layer: int
    c: float
    seed: int


def predict(case: Case) -> Array:
    """Ratios of flatness after and before: on average and at worst, of the robust and then of the clean loss."""
    return np.ones(4)


def rival(case: Case) -> Array:
    """Flatness in a layer is like its curvature, which changes by the square of c."""
    return np.full(4, case.c**-2)


def trained(case: Case) -> tuple[Classifier, torch.Tensor, torch.Tensor]:
    """The network after adversarial training, the same for every layer and c; test images and labels."""
    stream = rng(replace(case, layer=0, c=1.0), "train")
    split = images.digits(stream, range(10))
    X, Z = torch.from_numpy(split.X_train[: case.n]), torch.from_numpy(split.X_test[: case.n])
    y, t = (
        torch.from_numpy(labels.astype(np.int64)) for labels in (split.y_train[: case.n], split.y_test[: case.n])
    )
    net = classifier.fully_connected([stream], (X.shape[1], case.m, case.m, 10))
    recipe = Recipe(case.epochs, 0.1, batch=50, momentum=0.9, attack=Attack(case.eps, steps=5))
    return train(net, X, y, recipe, [stream]).net, Z, t


def rescaled(net: Classifier, layer: int, c: float) -> Classifier:
    """A layer times c and the weights of the next one divided by c."""
    weights, biases = list(net.weights), list(net.biases)
    weights[layer], biases[layer] = c * weights[layer], c * biases[layer]
    weights[layer + 1] = weights[layer + 1] / c
    return stack.with_parameters(net, [*weights, *biases])


def simulate(case: Case) -> Observation:
    """Measure both networks with the same random numbers; on balls of one absolute radius for the exhibit."""
    net, X, y = trained(case)
    pair = (net, rescaled(net, case.layer, case.c))
    size = float(torch.cat([W.flatten() for W in net.parameters]).norm())
    relative = (WeightBall(0.5), WeightBall(0.01))
    absolute = (WeightBall(0.2 * size, "absolute"), WeightBall(0.01 * size, "absolute"))
    ratios = []
    for attack, balls in ((Attack(case.eps), relative), (None, relative), (Attack(case.eps), absolute)):
        before, after = (measured(case, each, X, y, attack, balls) for each in pair)
        ratios.append(after / before)
    return Observation(np.concatenate(ratios[:2]), exhibit={"absolute": ratios[2]})


def measured(
    case: Case,
    net: Classifier,
    X: torch.Tensor,
    y: torch.Tensor,
    attack: Attack | None,
    balls: tuple[WeightBall, WeightBall],
) -> Array:
    """Flatness on average and at worst, from the same random numbers for every network."""
    mean = flatness.average(net, X, y, balls[0], [rng(case, "weights")], attack)
    most = worst_flatness.worst(net, X, y, balls[1], [rng(case, "weights")], attack)
    return np.array([float(mean.flatness), float(most.flatness)])


CLAIM = Claim(
    statement=__doc__ or "",
    source="Stutz, Hein & Schiele 2021, scale invariance of relative, layer-wise perturbations",
    assumptions={
        r"$c>0$": lambda c: c.c > 0,
        "one hidden layer is scaled": lambda c: c.layer in (0, 1),
    },
    cases=grid(
        Case, n=[200], m=[64], eps=[0.1], epochs=[100], layer=[0, 1], c=[0.1, 0.3, 3.0, 10.0], seed=range(2)
    ),
    quick=grid(Case, n=[50], m=[16], eps=[0.1], epochs=[40], layer=[0, 1], c=[0.2, 5.0], seed=range(1)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(1e-5),  # rounding, 1e-16, amplified where an attack's sign or a unit is undecided
)

r"""Networks of one hidden layer of ReLUs without biases on 20 images, digits 2 against 7, are trained by gradient
descent and by sign descent from the same small weights, standard and adversarially with $\varepsilon=0.1$. Let the
excess be the generalisation gap, training less test accuracy (under attack after adversarial training), of sign
descent less that of gradient descent. Where both come to be robust at all their images, the excess is larger after
adversarial training than after standard training; on the $8\times8$ digits it is then positive. That it is so
on MNIST, and how it is at equal loss, is measured and not claimed; nor is anything of 100 images and 784 units
with $\varepsilon=0.2$, as in the paper, nor of convolutional networks on all ten digits.
"""

import functools
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float
from torch import Tensor

from sims import classifier, device, images, losses
from sims.claim import Array, Claim, Observation, rng
from sims.classifier import Classifier
from sims.judge import ordered
from sims.losses import Loss
from sims.network_attack import Attack, pgd
from sims.train import Recipe, train

Points = tuple[Tensor, Tensor]
Drawn = npt.NDArray[np.generic]
DESCENTS = ("gradient", "sign")
SHARES = (0.1, 0.25, 0.4, 0.6, 1.0)  # of the training, where it is looked at
PIXELS = {"digits": 64, "mnist": 784, "digits10": 64, "mnist10": 784}
FRESH = {2: 1000, 10: 300}  # test images at most, by classes: an attack costs a convolutional network more


@dataclass(frozen=True)
class Case:
    """k networks, each with n images of its own; a radius; how both descents train.

    On "digits" and "mnist" m units tell 2 from 7: no biases, weights uniform on ± 0.01/√fan-in, loss exp(−margin).
    On "digits10" and "mnist10" convolutional networks tell all ten digits apart: 5 × 5 to m channels, then to 2m,
    each time with maxima over 2 × 2, then 32m units; biases, ± 1/√fan-in, cross-entropy. Rates are those of
    gradient descent on the summed loss and of sign descent; a training attack takes `search` steps of 2/search
    radii.
    """

    data: str
    n: int
    m: int
    eps: float
    epochs: int
    gradient: float
    sign: float
    search: int
    k: int
    seed: int


def predict(case: Case) -> Array:
    """Signs of the excess: in standard training, under attack, of what the attack adds, and at equal loss.

    0 claims nothing: where a few training sets only show what happens, and where seeds are too few for the noise.
    """
    claimed = float(case.data in ("digits", "mnist") and case.n == 20 and case.eps == 0.1)
    return claimed * np.array([0.0, float(case.data == "digits"), 1.0, 0.0])


def rival(case: Case) -> Array:
    """Small changes of all pixels are best met by the geometry that they have: sign descent generalises better."""
    return -predict(case)


def simulate(case: Case) -> Observation:
    """Both descents, without and with attack, from the same weights on the same images, in float32; means over k.

    Only networks count that both descents make robust at all their images, NaN if there are none. Accuracies are
    under 5 steps of search; the doubt is what twice as many change at the end.
    """
    rngs = rng(case, "train").spawn(case.k)
    place = device.chosen()
    X, y, Z, t = (
        torch.from_numpy(np.stack(part)).to(place)
        for part in zip(*(drawn(case, own) for own in rngs), strict=True)
    )
    net, loss = networks(case, rngs, place)
    epochs = tuple(max(1, round(case.epochs * share)) for share in SHARES)
    curves = np.empty((2, 2, len(epochs), 3, case.k))  # radius, descent, epoch; level, training and test accuracy
    moved = np.zeros(case.k)
    for i, j in np.ndindex(2, 2):
        attack = Attack(
            (0.0, case.eps)[i], steps=case.search * i, step=2 / case.search, start="centre", best=False
        )
        rate = (case.n * case.gradient, case.sign)[j]
        recipe = Recipe(case.epochs, rate, descent=DESCENTS[j], attack=attack if i else None, checkpoints=epochs)
        nets = train(net, X, y, replace(recipe, loss=loss), rngs).nets[1:]
        usual = replace(attack, steps=5 * i, step=0.4, best=True, loss=losses.margin)
        curves[i, j] = [look(stack, (X, y), (Z, t), usual) for stack in nets]
        harder = look(nets[-1], (X, y), (Z, t), replace(usual, steps=10 * i, step=0.2))
        moved += np.abs(np.array([1, -1]) @ (harder - curves[i, j, -1])[1:])
    level, gaps = curves[1, :, :, 0], curves[:, :, :, 1] - curves[:, :, :, 2]
    excess = gaps[:, 1, -1] - gaps[:, 0, -1]
    caught = np.argmax(level[1] >= np.minimum(level[0, -1], level[1, -1]), axis=0)
    equal = gaps[1, 1][caught, np.arange(case.k)] - gaps[1, 0, -1]
    fitted = (curves[1, :, -1, 1] == 1).all(0)
    rows = np.stack([*excess, excess[1] - excess[0], equal, moved])
    *value, doubt = rows[:, fitted].mean(1) if fitted.any() else np.full(5, np.nan)
    return Observation(
        np.array(value),
        doubt=doubt,
        exhibit={
            "epochs": np.array(epochs),
            "curves": curves.mean(-1),
            "excess": excess.mean(-1),
            "fitted": fitted,
            "device": np.array(device.name(place)),
        },
    )


def networks(case: Case, rngs: Sequence[np.random.Generator], place: str) -> tuple[Classifier, Loss]:
    """The networks before training, and the loss that is descended."""
    d, m, f32 = PIXELS[case.data], case.m, torch.float32
    if len(classes(case)) == 2:
        net = classifier.fully_connected(rngs, (d, m, 1), bias=False, scale=0.01, dtype=f32, device=place)
        return net, losses.exponential
    image = (1, math.isqrt(d), math.isqrt(d))
    net = classifier.convolutional(rngs, image, (m, 2 * m), (32 * m, 10), dtype=f32, device=place)
    return net, losses.cross_entropy


def classes(case: Case) -> tuple[int, ...]:
    """The digits that are told apart."""
    return tuple(range(10)) if case.data.endswith("10") else (2, 7)


def drawn(case: Case, own: np.random.Generator) -> tuple[Drawn, ...]:
    """The images of one network and their labels, then those to test on and theirs.

    The paper takes the first n images of MNIST for all seeds; here each network draws its own.
    """
    told = classes(case)
    if case.data.startswith("mnist"):
        chosen = mnist(os.environ.get(images.FOLDER), told)
    else:
        chosen = images.digits(own, told, test=0.85)
    kept = own.permutation(len(chosen.y_train))[: case.n]
    fresh = own.permutation(len(chosen.y_test))[: FRESH[len(told)]]
    labels = np.float32 if len(told) == 2 else np.int64
    return (
        chosen.X_train[kept].astype(np.float32),
        chosen.y_train[kept].astype(labels),
        chosen.X_test[fresh].astype(np.float32),
        chosen.y_test[fresh].astype(labels),
    )


@functools.lru_cache(maxsize=1)
def mnist(folder: str | None, told: tuple[int, ...]) -> images.Images:
    """These digits, read once."""
    return images.mnist(folder, told)


def look(net: Classifier, own: Points, fresh: Points, attack: Attack) -> Float[Array, "3 k"]:
    """The log of 1/mean e^(−margin) at the training images, their accuracy, and that of the others."""
    seen, unseen = (pgd(net, *points, attack)[1].double() for points in (own, fresh))  # minus the least margins
    level = math.log(seen.shape[1]) - torch.logsumexp(seen, 1)
    return np.stack([part.cpu().numpy() for part in (level, accuracy(seen), accuracy(unseen))])


def accuracy(values: Float[Tensor, "k n"]) -> Float[Tensor, " k"]:
    """The share of points whose margins stay positive; NaN where training blew up."""
    return ((values < 0).double() + 0 * values).mean(1)


# Seeds start at 400 where something is claimed: sizes, radii and rates were chosen on others.
DIGITS = tuple(Case("digits", 20, 32, 0.1, 300, 6e-3, 1.2e-3, 3, 6, seed) for seed in range(400, 424))
PROTOCOL = tuple(Case("mnist", 100, 784, 0.2, 4000, 1e-4, 1e-4, 10, 1, seed) for seed in range(3))
# The convolutional network of the paper, for fewer epochs: 4000 on 100 images take a core 1.6 hours each descent.
CONVOLUTIONAL = tuple(Case("mnist10", 20, 32, 0.1, 150, 5e-3, 4e-4, 5, 1, seed) for seed in range(3))

CLAIM = Claim(
    statement=__doc__ or "",
    source="Tsilivis et al. 2024, Figure 3",
    assumptions={
        "MNIST or the digits bundled with scikit-learn": lambda c: c.data in PIXELS,
        "trained adversarially": lambda c: c.eps > 0,
        "as many weights as it takes to overfit": lambda c: c.n < c.m * (PIXELS[c.data] + 1),
    },
    cases=(
        *DIGITS,
        *(Case("mnist", 20, 64, 0.1, 600, 1e-3, 3e-4, 3, 2, seed) for seed in range(400, 428)),
        *PROTOCOL,
        *CONVOLUTIONAL,
    ),
    quick=DIGITS,
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(by=("data", "n", "eps")),
)

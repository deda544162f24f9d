"""Networks that differ in nothing but the radius of the adversary that they were trained against.

One start, one set of digits, one order of batches and the same random starts of the attack for all radii of a
setting, so that what a radius changes is seen as a paired difference.
"""

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from jaxtyping import Float
from torch import Tensor

from sims import classifier, image_sets, stack
from sims.claim import rng
from sims.classifier import Classifier
from sims.image_sets import CLASSES, Points
from sims.network_attack import Attack
from sims.regularisers import Around
from sims.schedules import drops
from sims.train import Recipe, train

PIXELS, HIDDEN = 64, 3
KEPT = 32  # settings whose networks are kept, for other questions about them


@dataclass(frozen=True)
class Setting:
    """n digits to train on, `fresh` others; 3 hidden layers of m units; so many radii, evenly from 0 to `top`.

    Weights start uniform on ± scale/√fan-in. The spectral norm of every layer is kept at or below the bound.
    """

    n: int
    fresh: int
    m: int
    top: float
    radii: int
    epochs: int
    scale: float
    seed: int
    bound: float = math.inf


@dataclass(frozen=True)
class Hardened:
    """A member for each radius, and the digits, the same for all members."""

    eps: Float[npt.NDArray[np.float64], " B"]
    net: Classifier
    train: Points
    test: Points

    @property
    def rngs(self) -> Sequence[np.random.Generator]:
        """Generators of an attack on the members: the same numbers for all."""
        return [np.random.default_rng(0) for _ in self.eps]


@functools.lru_cache(maxsize=KEPT)
def hardened(setting: Setting) -> Hardened:
    """The networks of a setting, trained."""
    eps = np.linspace(0, setting.top, setting.radii)
    parts = image_sets.drawn([rng(setting, "images")], "digits", setting.n, setting.fresh)
    points, fresh = ((X.expand(len(eps), -1, -1), y.expand(len(eps), -1)) for X, y in parts)
    widths = (PIXELS, *[setting.m] * HIDDEN, CLASSES)
    one = classifier.fully_connected([rng(setting, "start")], widths, scale=setting.scale)
    recipe = Recipe(
        setting.epochs,
        0.1,
        batch=50,
        momentum=0.9,
        decay=5e-4,
        schedule=drops((1 / 2, 3 / 4)),
        attack=Attack(tuple(eps), steps=5, best=False),
        around=Around(spectral=setting.bound),
        checkpoints=(),
    )
    rngs = [rng(setting, "batches") for _ in eps]
    net = train(stack.joined([one] * len(eps)), *points, recipe, rngs).net
    return Hardened(eps, net, points, fresh)


def numbers(values: Tensor) -> npt.NDArray[np.float64]:
    """A tensor as an array."""
    return np.asarray(values.cpu().numpy(), dtype=np.float64)

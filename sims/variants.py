"""Adversarial training and its variants as data: by name, with the published settings scaled to digits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from torch import Tensor

from sims import objectives
from sims.classifier import Classifier
from sims.network_attack import Attack
from sims.objectives import Objective
from sims.regularisers import Around, LocalEntropy
from sims.robustness import early_stopped
from sims.rotations import TURNS
from sims.schedules import cyclic, drops
from sims.train import Recipe, train

ATTACK = Attack(0.1, steps=7)
PLAIN = Recipe(200, 0.1, batch=100, momentum=0.9, nesterov=True, attack=ATTACK)
HELD = Attack(0.1, steps=7, restarts=5)  # the search that early stopping looks at


@dataclass(frozen=True)
class Variant:
    """A recipe, the activation of the network that it trains, and whether its best checkpoint is taken."""

    recipe: Recipe
    activation: str = "relu"
    early: bool = False


def variant(name: str, strength: float = 0.0, **around: float | LocalEntropy) -> Variant:
    """Another objective, or what acts around a step."""
    return Variant(replace(PLAIN, objective=Objective(name, strength), around=Around(**around)))  # type: ignore[arg-type]


def trained(
    variant: Variant,
    X: Tensor,
    y: Tensor,
    start: Callable[[int, str], Classifier],
    rngs: Sequence[np.random.Generator],
    held: tuple[Tensor, Tensor],
) -> Classifier:
    """The networks as the variant leaves them, without the outputs that only training had.

    They start from what `start` makes of the number of those outputs and of the activation. Points, labels and the
    held-out ones that early stopping looks at are shared or carry an axis of members first.
    """
    turns = TURNS if variant.recipe.objective.name == "self-supervision" else 0
    seen = train(start(turns, variant.activation), X, y, variant.recipe, rngs)
    nets = [objectives.classifying(stack, variant.recipe.objective) for stack in seen.nets]
    return early_stopped(nets, *held, HELD, rngs)[0] if variant.early else nets[-1]


VARIANTS: Mapping[str, Variant] = MappingProxyType(
    {
        "adversarial": Variant(PLAIN),
        "early stopping": Variant(replace(PLAIN, checkpoints=tuple(range(5, 201, 5))), early=True),
        "larger radius": Variant(replace(PLAIN, attack=Attack(0.1125, steps=7))),  # 9/8 of it
        "ignore incorrect": variant("ignore incorrect"),
        "predicted labels": variant("predicted labels"),
        "stopped attack": Variant(replace(PLAIN, attack=replace(ATTACK, extra=1))),
        "trades 1": variant("trades", 1.0),
        "trades 6": variant("trades", 6.0),
        "mart 3": variant("mart", 3.0),
        "self-supervision": variant("self-supervision", 1.0),
        "label smoothing": variant("label smoothing", 0.3),
        "label noise": variant("label noise", 0.3),
        "weight perturbation": variant("adversarial", perturb=0.02),
        "weight clipping 0.1": variant("adversarial", clip=0.1),
        "weight clipping 0.05": variant("adversarial", clip=0.05),
        "weight averaging": variant("adversarial", average=0.98),
        "entropy sgd": variant("adversarial", entropy=LocalEntropy(loops=5)),
        "weight decay 1e-3": Variant(replace(PLAIN, decay=1e-3)),
        "weight decay 1e-2": Variant(replace(PLAIN, decay=1e-2)),
        "cyclic rate": Variant(replace(PLAIN, schedule=cyclic(4, peak=2.0))),
        "late rate": Variant(replace(PLAIN, schedule=drops((14 / 15, 29 / 30)))),
        "multi-step rate": Variant(replace(PLAIN, schedule=drops((2 / 5, 3 / 5, 4 / 5)))),
        "adam": Variant(replace(PLAIN, rate=1e-3, nesterov=False, descent="adam")),
        "batch 25": Variant(replace(PLAIN, batch=25)),
        "silu": Variant(PLAIN, activation="silu"),
        "gelu": Variant(PLAIN, activation="gelu"),
        "mish": Variant(PLAIN, activation="mish"),
    }
)
"""Additional unlabelled points and image augmentation, which the paper has too, need data of another kind.

Source: Stutz, Hein & Schiele 2021, their list of methods; radius, network and rate as adversarial training on 200
digits needs them to overfit.
"""

"""Adversarial training and its variants as data: by name, with the published settings scaled to digits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from torch import Tensor

from sims import objectives, stack
from sims.classifier import Classifier
from sims.network_attack import Attack, Numbers
from sims.objectives import Objective
from sims.regularisers import Around, LocalEntropy
from sims.robustness import early_stopped
from sims.rotations import TURNS
from sims.schedules import cyclic, drops
from sims.train import Recipe, train

ATTACK = Attack(0.1, steps=7)
PLAIN = Recipe(200, 0.1, batch=100, momentum=0.9, nesterov=True, attack=ATTACK)
HELD = Attack(0.1, steps=7, restarts=5)  # the search that early stopping looks at

Rngs = Sequence[np.random.Generator]
Start = Callable[[Rngs, int, str], Classifier]  # with so many more outputs, and an activation


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
    variants: Mapping[str, Variant],
    X: Tensor,
    y: Tensor,
    start: Start,
    rngs: Mapping[str, Rngs],
    held: tuple[Tensor, Tensor],
) -> dict[str, Classifier]:
    """The networks as each variant leaves them: the last of its `stages`, or the best where it stops early.

    The held-out points that early stopping looks at are shared or carry an axis of networks first.
    """
    nets = stages(variants, X, y, start, rngs)
    return {
        name: early_stopped(nets[name], *held, HELD, rngs[name])[0] if variant.early else nets[name][-1]
        for name, variant in variants.items()
    }


def stages(
    variants: Mapping[str, Variant], X: Tensor, y: Tensor, start: Start, rngs: Mapping[str, Rngs]
) -> dict[str, tuple[Classifier, ...]]:
    """The networks of each variant as its recipe has them seen, without the outputs that only training had.

    A variant has a generator for each of its networks, which draws their starts and then their training: in one
    state for all variants, it gives all of them the same. Points and labels are shared or carry an axis of
    networks first. Variants that differ in nothing but numbers are trained in one call.

    Errors: each is as if trained alone, up to rounding amplified by the training.
    Raises:
        ValueError: if a variant has no generators.
    """
    if variants.keys() != rngs.keys():
        raise ValueError(f"each variant needs generators of its own, got {[*rngs]} for {[*variants]}")
    groups: dict[Variant, dict[str, Variant]] = {}
    for name, variant in variants.items():
        groups.setdefault(kind(variant), {})[name] = variant
    found: dict[str, tuple[Classifier, ...]] = {}
    for same, group in groups.items():
        found |= together(same, group, X, y, start, rngs)
    return {name: found[name] for name in variants}


def kind(variant: Variant) -> Variant:
    """What variants that are trained in one call have in common: all but numbers and checkpoints."""
    recipe = variant.recipe
    return Variant(
        replace(
            recipe,
            rate=0.0,
            momentum=0.0,
            decay=0.0,
            attack=recipe.attack and replace(recipe.attack, eps=0.0),
            objective=Objective(recipe.objective.name),
            around=Around(entropy=recipe.around.entropy),
            checkpoints=None,
        ),
        variant.activation,
    )


def together(
    same: Variant, group: Mapping[str, Variant], X: Tensor, y: Tensor, start: Start, rngs: Mapping[str, Rngs]
) -> dict[str, tuple[Classifier, ...]]:
    """The stages of variants of the same kind, trained side by side."""
    objective = same.recipe.objective
    turns = TURNS if objective.name == "self-supervision" else 0
    starts = [start(rngs[name], turns, same.activation) for name in group]
    k = starts[0].members
    points, labels = (T.repeat(len(group), *[1] * own) if T.ndim > own else T for T, own in ((X, 2), (y, 1)))
    recipe = united([variant.recipe for variant in group.values()], k)
    seen = train(stack.joined(starts), points, labels, recipe, [g for name in group for g in rngs[name]])
    nets = {
        epoch: objectives.classifying(net, objective)
        for epoch, net in zip(seen.epochs.tolist(), seen.nets, strict=True)
    }
    return {
        name: tuple(stack.taken(nets[epoch], slice(i * k, (i + 1) * k)) for epoch in (0, *variant.recipe.looks))
        for i, (name, variant) in enumerate(group.items())
    }


def united(recipes: Sequence[Recipe], k: int) -> Recipe:
    """One recipe of one kind for k networks of each, seen whenever one of them is."""

    def each(number: Callable[[Recipe], Numbers]) -> list[float]:
        return [float(value) for recipe in recipes for value in np.broadcast_to(number(recipe), k)]

    first = recipes[0]
    return replace(
        first,
        rate=each(lambda r: r.rate),
        momentum=each(lambda r: r.momentum),
        decay=each(lambda r: r.decay),
        attack=first.attack and replace(first.attack, eps=each(lambda r: r.attack.eps if r.attack else 0.0)),
        objective=replace(first.objective, strength=each(lambda r: r.objective.strength)),
        around=replace(
            first.around,
            perturb=each(lambda r: r.around.perturb),
            clip=each(lambda r: r.around.clip),
            spectral=each(lambda r: r.around.spectral),
            average=each(lambda r: r.around.average),
        ),
        checkpoints=tuple(sorted({epoch for recipe in recipes for epoch in recipe.looks})),
    )


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

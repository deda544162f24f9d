"""Standard and adversarial training of many classifiers in one call: seeds, radii, rates and decays side by side.

On a CPU as many members advance together as the cache holds, on an accelerator all of them; a member's numbers do
not depend on its company beyond rounding.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float, Int
from torch import Tensor

from sims import classifier, losses, objectives, regularisers, stack
from sims.classifier import Classifier
from sims.descent import record_grid
from sims.losses import Loss
from sims.network_attack import Attack, Numbers, aligned, check, per_member
from sims.objectives import ADVERSARIAL, Batch, Objective, classifying
from sims.regularisers import UNTOUCHED, Around
from sims.schedules import Schedule, constant, drops
from sims.scratch import Scratch
from sims.steps import DESCENTS, descend, moments
from sims.surrogates import Examples

__all__ = ["Recipe", "Schedule", "Trained", "constant", "drops", "gradient", "train"]


@dataclass(frozen=True)
class Recipe:
    """How every member is trained; a sequence in place of a number gives each member its own.

    Attributes:
        epochs: passes over the data.
        rate: the step length, on the mean loss of a batch.
        batch: points per step, in an order drawn anew each epoch; None for all of them, in the order given.
        momentum: v ← momentum·v + gradient, and v is what is descended along.
        nesterov: descend along gradient + momentum·v.
        decay: weight decay, decay·W added to the gradient.
        schedule: a factor of the rate at each share in [0, 1) of the training.
        descent: along the gradient; its signs; its largest entry alone, over all parameters of the member; or
            "adam", with momentum for the decay of its first moment.
        attack: the adversary whose points are trained on; None for the points themselves.
        loss: what is descended.
        objective: what is made of a batch, the adversary and the loss.
        around: what acts on the weights around each step.
        checkpoints: epochs after which the stack is kept, beside 0 and the last; None for a logarithmic grid.
    """

    epochs: int
    rate: Numbers
    batch: int | None = None
    momentum: Numbers = 0.0
    nesterov: bool = False
    decay: Numbers = 0.0
    schedule: Schedule = constant
    descent: str = "gradient"
    attack: Attack | None = None
    loss: Loss = losses.cross_entropy
    objective: Objective = ADVERSARIAL
    around: Around = UNTOUCHED
    checkpoints: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse what is no descent."""
        if self.epochs < 1 or (self.batch is not None and self.batch < 1):
            raise ValueError(f"epochs and batch must be at least 1, got {self.epochs} and {self.batch}")
        if self.descent not in DESCENTS:
            raise ValueError(f"descent must be one of {', '.join(DESCENTS)}, got {self.descent!r}")
        if self.descent == "adam" and self.nesterov:
            raise ValueError("Adam has no Nesterov step here: leave nesterov=False")
        if not all(1 <= epoch <= self.epochs for epoch in self.checkpoints or ()):
            raise ValueError(f"checkpoints must lie in 1 … {self.epochs}, got {self.checkpoints}")
        for name, value in (("rate", self.rate), ("momentum", self.momentum), ("decay", self.decay)):
            if not (np.isfinite(value).all() and (np.asarray(value) >= 0).all()):
                raise ValueError(f"{name} must be finite and ≥ 0, got {value}")

    @property
    def looks(self) -> list[int]:
        """Epochs after which the stack is seen, the last among them."""
        seen = record_grid(self.epochs) if self.checkpoints is None else [*self.checkpoints, self.epochs]
        return sorted({int(epoch) for epoch in seen})


@dataclass(frozen=True)
class Trained:
    """A training seen at epoch 0 and at the checkpoints.

    Attributes:
        epochs: 0, 1, 2, 3, 4, 6, 7, 10, … and the last, or what the recipe says.
        nets: the stack at each of them; its average or its centre where the recipe forms one.
        losses: the mean loss over the points of each epoch, as the steps saw it, attacked where they were.
    """

    epochs: Int[npt.NDArray[np.int64], " T"]
    nets: tuple[Classifier, ...]
    losses: Float[Tensor, "B epochs"]

    @property
    def net(self) -> Classifier:
        """The stack at the end."""
        return self.nets[-1]


@torch.no_grad()
def train(net: Classifier, X: Tensor, y: Tensor, recipe: Recipe, rngs: Sequence[np.random.Generator]) -> Trained:
    """All members from `net` by the same recipe; `net` itself is left as it is.

    Points (n, d) and labels (n,) are shared, or carry an axis of members first. A member draws its batches and the
    starts of its attacks from its own generator: same generator, same numbers, whoever trains beside it.

    Errors: in float64 a stack and its members one by one agree to rounding, amplified by the training itself.
    Raises:
        ValueError: if shapes do not fit, or there is not one generator for each member.
    """
    if len(rngs) != net.members:
        raise ValueError(f"training needs one generator for each of {net.members} members, got {len(rngs)}")
    X = classifier.stacked(net, X)
    if X.dtype != net.weights[0].dtype:
        raise ValueError(f"points and weights must be of one type, got {X.dtype} and {net.weights[0].dtype}")
    objectives.refuse(net, recipe.objective, recipe.attack, recipe.loss)
    regularisers.refuse(net, recipe.around)
    y = aligned(classifying(net, recipe.objective), y, X.shape[-2], recipe.loss)
    if recipe.attack is not None:
        check(net, X, recipe.attack, rngs)
    columns = {
        "eps": per_member(recipe.attack.eps if recipe.attack else 0.0, net, "eps"),
        "rate": per_member(recipe.rate, net, "rate"),
        "momentum": per_member(recipe.momentum, net, "momentum"),
        "decay": per_member(recipe.decay, net, "decay"),
        "strength": per_member(recipe.objective.strength, net, "strength"),
        "perturb": per_member(recipe.around.perturb, net, "perturb"),
        "clip": per_member(recipe.around.clip, net, "clip"),
        "spectral": per_member(recipe.around.spectral, net, "spectral"),
        "average": per_member(recipe.around.average, net, "average"),
    }
    grid = np.array([0, *recipe.looks])
    scratch = Scratch()  # of one size after the other, hence the same memory for all
    parts = [
        together(
            stack.taken(net, s),
            X[s],
            y[s],
            recipe,
            {k: v[s] for k, v in columns.items()},
            rngs[s],
            set(grid),
            scratch,
        )
        for s in stack.portions(net, min(recipe.batch or X.shape[-2], X.shape[-2]))
    ]
    nets = tuple(stack.joined(stacks) for stacks in zip(*(nets for nets, _ in parts), strict=True))
    return Trained(grid, nets, torch.cat([losses_seen for _, losses_seen in parts]))


def together(
    net: Classifier,
    X: Float[Tensor, "B n d"],
    y: Tensor,
    recipe: Recipe,
    columns: dict[str, Tensor],
    rngs: Sequence[np.random.Generator],
    grid: set[int],
    scratch: Scratch,
) -> tuple[list[Classifier], Float[Tensor, "B epochs"]]:
    """The members that are taken together."""
    X, n = X.contiguous(), X.shape[1]
    net, around = stack.copied(net), recipe.around
    memory = moments(net, recipe.descent, columns["momentum"])
    mean = stack.copied(net) if columns["average"].any() else None
    state = regularisers.search(net) if around.entropy else None
    shown = mean or (state.centre if state else net)
    nets, seen = [stack.copied(net)], []
    batch = min(recipe.batch or n, n)
    steps = -(-n // batch)
    for epoch in range(recipe.epochs):
        total = X.new_zeros(len(X))
        order = [rng.permutation(n) for rng in rngs] if recipe.batch else []
        for k in range(steps):
            points, labels = X, y
            if recipe.batch:
                rows = torch.from_numpy(np.stack([o[k * batch : (k + 1) * batch] for o in order])).to(X.device)
                points, labels = rows_of(X, rows), rows_of(y, rows)
            values, gradients = slopes(net, points, labels, recipe, columns, rngs, scratch)
            total += values.sum(1)
            factor = recipe.schedule((epoch * steps + k) / (recipe.epochs * steps))
            if state and around.entropy:
                regularisers.pull_(gradients, net, state, around.entropy)
            descend(net, gradients, memory, recipe.descent, recipe.nesterov, columns, factor)
            if not columns["clip"].isinf().all():
                regularisers.clip_(net, columns["clip"])
            if not columns["spectral"].isinf().all():
                regularisers.shrink_(net, columns["spectral"])
            if mean:
                regularisers.average_(mean, net, columns["average"])
            if state and around.entropy:
                regularisers.settle_(net, state, around.entropy, factor * columns["rate"], rngs)
        seen.append(total / n)
        if epoch + 1 in grid:
            nets.append(stack.copied(shown))
    return nets, torch.stack(seen, 1)


def slopes(
    net: Classifier,
    X: Float[Tensor, "B n d"],
    y: Tensor,
    recipe: Recipe,
    columns: dict[str, Tensor],
    rngs: Sequence[np.random.Generator],
    scratch: Scratch,
) -> tuple[Float[Tensor, "B n"], list[Tensor]]:
    """The objective at each point of a batch, and what is descended: its gradients, at perturbed weights if so."""
    objective, strength = recipe.objective, columns["strength"]
    batch = Batch(X, y, columns["eps"], strength)
    examples = objectives.examples(net, batch, objective, recipe.attack, rngs, scratch)
    values, gradients = objectives.gradient(net.learning(), examples, objective, recipe.loss, strength, scratch)
    if columns["perturb"].any():
        above = regularisers.uphill(net, gradients, columns["perturb"]).learning()
        _, gradients = objectives.gradient(above, examples, objective, recipe.loss, strength, scratch)
    return values, gradients


def gradient(
    net: Classifier, X: Float[Tensor, "B n d"], y: Tensor, loss: Loss, scratch: Scratch | None = None
) -> tuple[Float[Tensor, "B n"], list[Tensor]]:
    """The loss of each point, and the gradients of their mean in the weights and biases of each member."""
    strength = X.new_zeros((len(X), 1, 1))
    return objectives.gradient(net, Examples(X, y), ADVERSARIAL, loss, strength, scratch)


def rows_of(values: Tensor, rows: Int[Tensor, "B b"]) -> Tensor:
    """The entries of each member at its own rows."""
    B, n = values.shape[:2]
    places = rows + n * torch.arange(B, device=rows.device)[:, None]
    return values.flatten(0, 1).index_select(0, places.flatten()).reshape(*rows.shape, *values.shape[2:])

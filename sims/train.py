"""Standard and adversarial training of many classifiers in one call: seeds, radii, rates and decays side by side.

On a CPU as many members advance together as the cache holds, on an accelerator all of them; a member's numbers do
not depend on its company beyond rounding.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float, Int
from torch import Tensor

from sims import classifier, losses
from sims.classifier import Classifier
from sims.descent import record_grid
from sims.losses import Loss
from sims.network_attack import Attack, Numbers, aligned, ascend, check, per_member
from sims.scratch import Scratch

DESCENTS = ("gradient", "sign", "coordinate")
Schedule = Callable[[float], float]


def constant(_: float) -> float:
    """The rate as it is."""
    return 1.0


def drops(at: Sequence[float], factor: float = 0.1) -> Schedule:
    """The rate times `factor` from each of these shares of the training on."""
    return lambda share: float(factor ** sum(share >= mark for mark in at))


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
        descent: along the gradient; its signs; or its largest entry alone, over all parameters of the member.
        attack: the adversary whose points are trained on; None for the points themselves.
        loss: what is descended.
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

    def __post_init__(self) -> None:
        """Refuse what is no descent."""
        if self.epochs < 1 or (self.batch is not None and self.batch < 1):
            raise ValueError(f"epochs and batch must be at least 1, got {self.epochs} and {self.batch}")
        if self.descent not in DESCENTS:
            raise ValueError(f"descent must be one of {', '.join(DESCENTS)}, got {self.descent!r}")
        for name, value in (("rate", self.rate), ("momentum", self.momentum), ("decay", self.decay)):
            if not (np.isfinite(value).all() and (np.asarray(value) >= 0).all()):
                raise ValueError(f"{name} must be finite and ≥ 0, got {value}")


@dataclass(frozen=True)
class Trained:
    """A training seen at epoch 0 and on a logarithmic grid of epochs.

    Attributes:
        epochs: 0, 1, 2, 3, 4, 6, 7, 10, … and the last.
        nets: the stack at each of them.
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
    y = aligned(net, y, X.shape[-2], recipe.loss)
    if recipe.attack is not None:
        check(net, X, recipe.attack, rngs)
    columns = {
        "eps": per_member(recipe.attack.eps if recipe.attack else 0.0, net, "eps"),
        "rate": per_member(recipe.rate, net, "rate"),
        "momentum": per_member(recipe.momentum, net, "momentum"),
        "decay": per_member(recipe.decay, net, "decay"),
    }
    grid = np.concatenate([[0], record_grid(recipe.epochs)])
    parts = [
        together(
            classifier.taken(net, s), X[s], y[s], recipe, {k: v[s] for k, v in columns.items()}, rngs[s], set(grid)
        )
        for s in classifier.portions(net, min(recipe.batch or X.shape[-2], X.shape[-2]))
    ]
    nets = tuple(classifier.joined(stacks) for stacks in zip(*(nets for nets, _ in parts), strict=True))
    return Trained(grid, nets, torch.cat([seen for _, seen in parts]))


def together(
    net: Classifier,
    X: Float[Tensor, "B n d"],
    y: Tensor,
    recipe: Recipe,
    columns: dict[str, Tensor],
    rngs: Sequence[np.random.Generator],
    grid: set[int],
) -> tuple[list[Classifier], Float[Tensor, "B epochs"]]:
    """The members that are taken together."""
    X, n = X.contiguous(), X.shape[1]
    net = copied(net)
    velocity = [torch.zeros_like(W) for W in net.parameters] if columns["momentum"].any() else None
    nets, seen, scratch = [copied(net)], [], Scratch()
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
            if recipe.attack is not None:
                points, _ = ascend(net, points, labels, recipe.attack, columns["eps"], rngs, scratch)
            values, gradients = gradient(net, points, labels, recipe.loss, scratch)
            total += values.sum(1)
            factor = recipe.schedule((epoch * steps + k) / (recipe.epochs * steps))
            descend(net, gradients, velocity, recipe, columns, factor)
        seen.append(total / n)
        if epoch + 1 in grid:
            nets.append(copied(net))
    return nets, torch.stack(seen, 1)


def gradient(
    net: Classifier, X: Float[Tensor, "B n d"], y: Tensor, loss: Loss, scratch: Scratch | None = None
) -> tuple[Float[Tensor, "B n"], list[Tensor]]:
    """The loss of each point, and the gradients of their mean in the weights and biases of each member."""
    trace = classifier.sweep(net, X, scratch)
    weights = loss.weights(trace.outputs, y) / X.shape[1]
    slopes = loss.directions(trace.outputs, y) * weights[..., None]
    values = loss.values(trace.outputs, y)
    return values, classifier.weight_gradients(
        net, trace, classifier.backward(net, trace, slopes, scratch), scratch
    )


def descend(
    net: Classifier,
    gradients: list[Tensor],
    velocity: list[Tensor] | None,
    recipe: Recipe,
    columns: dict[str, Tensor],
    factor: float,
) -> None:
    """One step of all members, in place."""
    if columns["decay"].any():
        for W, g in zip(net.parameters, gradients, strict=True):
            g += column(columns["decay"], W) * W
    ways = gradients
    if velocity is not None:
        for v, g in zip(velocity, gradients, strict=True):
            v.mul_(column(columns["momentum"], v)).add_(g)
        ways = velocity
        if recipe.nesterov:
            pairs = zip(velocity, gradients, strict=True)
            ways = [g + column(columns["momentum"], v) * v for v, g in pairs]
    if recipe.descent == "sign":
        ways = [v.sign() for v in ways]
    elif recipe.descent == "coordinate":
        ways = largest(ways)
    for W, v in zip(net.parameters, ways, strict=True):
        W -= (factor * column(columns["rate"], W)) * v


def largest(gradients: Sequence[Tensor]) -> list[Tensor]:
    """The entry of largest size over all tensors of a member, and 0 elsewhere."""
    flat = torch.cat([g.flatten(1) for g in gradients], 1)
    j = flat.abs().argmax(1, keepdim=True)
    alone = torch.zeros_like(flat).scatter_(1, j, flat.gather(1, j))
    parts = torch.split(alone, [g[0].numel() for g in gradients], 1)
    return [part.reshape(g.shape) for part, g in zip(parts, gradients, strict=True)]


def column(numbers: Float[Tensor, "B 1 1"], like: Tensor) -> Tensor:
    """One number per member, ready to multiply a tensor of any rank."""
    return numbers.reshape(-1, *[1] * (like.ndim - 1))


def rows_of(values: Tensor, rows: Int[Tensor, "B b"]) -> Tensor:
    """The entries of each member at its own rows."""
    members = torch.arange(len(rows), device=values.device)[:, None]
    return values[members, rows]


def copied(net: Classifier) -> Classifier:
    """The stack as it is now, in memory of its own."""
    return replace(net, weights=tuple(W.clone() for W in net.weights), biases=tuple(b.clone() for b in net.biases))

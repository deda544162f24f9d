"""Worst-case flatness: how much the clean or robust loss can grow in a ball of weights around a classifier.

With R(w) the mean over points of max_{‖δ‖ ≤ eps} loss, or of the loss itself where there is no attack, it is
max R(w + ν) − R(w) over the ball, sought by ascent in weights and inputs together, on all points.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from sims import ball as inputs
from sims import classifier, losses, weight_ball
from sims.classifier import Classifier
from sims.landscape import attacked, generators, mean_loss, seeds
from sims.losses import Loss
from sims.network_attack import Attack, aligned, per_member, unit
from sims.steps import column
from sims.weight_ball import WeightBall


@dataclass(frozen=True)
class Worst:
    """The loss at the weights and along each ascent.

    Attributes:
        reference: R(w), the adversary having as many steps as along an ascent.
        found: the largest R(w + ν) seen up to each step, restarts in their order; never decreasing.
        change: the ν of the largest, one tensor for each that moves.
    """

    reference: Float[Tensor, " B"]
    found: Float[Tensor, "B restarts steps"]
    change: tuple[Tensor, ...]

    @property
    def flatness(self) -> Float[Tensor, " B"]:
        """The largest R(w + ν) − R(w) found, ν = 0 among them."""
        return self.found[:, -1, -1] - self.reference


@dataclass(frozen=True)
class Ascent:
    """How the worst weights are searched.

    Attributes:
        steps: joint steps of weights and inputs, on all points.
        step: their length in weights, in units of the radius of each block; in inputs it is that of the attack.
        restarts: how many starts, random directions times a uniform share of the radius.
        refresh: after so many steps the attack searches from its starts again, and each point keeps the better.
    """

    steps: int = 20
    step: float = 0.25
    restarts: int = 1
    refresh: int = 10

    def __post_init__(self) -> None:
        """Refuse what is no search."""
        if self.steps < 0 or self.restarts < 1 or self.refresh < 1 or not self.step > 0:
            raise ValueError(
                "an ascent needs steps ≥ 0, restarts ≥ 1, refresh ≥ 1, step > 0, got "
                f"{self.steps}, {self.restarts}, {self.refresh}, {self.step}"
            )


@torch.no_grad()
def worst(
    net: Classifier,
    X: Tensor,
    y: Tensor,
    ball: WeightBall,
    rngs: Sequence[np.random.Generator],
    attack: Attack | None = None,
    *,
    ascent: Ascent = Ascent(),
    loss: Loss = losses.cross_entropy,
) -> Worst:
    """Worst-case flatness of each member, from below: the largest loss along joint ascents from random starts.

    The gradient in the weights is of the mean over all points, normalised in each block. Points are first attacked
    at the start, then step by step with the weights, and R(w) has the same number of both: at radius 0 the measure
    is 0. The largest value is kept: it is at least R(w), and neither more steps nor more restarts ever find less.

    Raises:
        ValueError: if shapes do not fit, or generators are missing.
    Source: Stutz, Hein & Schiele 2021, worst-case flatness; their code takes the last iterate.
    """
    starts, directions = seeds(rngs), generators(seeds(rngs))
    X, y = classifier.stacked(net, X), aligned(net, y, X.shape[-2], loss)
    reference = at_rest(net, X, y, attack, starts, ascent.steps, loss)
    top, best = reference, [torch.zeros_like(v) for v in weight_ball.moving(ball, net)]
    found: list[Tensor] = []
    for _ in range(ascent.restarts):
        share = torch.from_numpy(np.array([g.random() for g in directions])).to(X)
        change = [column(share, v) * v for v in weight_ball.sphere(ball, net, directions)]
        Z = X
        for t in range(ascent.steps + 1):
            there = weight_ball.shifted(net, change, ball.only)
            if attack is not None and t % ascent.refresh == 0:
                Z = stronger(there, attacked(there, X, y, attack, starts), Z, y, loss)
            trace = classifier.sweep(there, Z)
            value = loss.values(trace.outputs, y).mean(1)
            better = value > top
            best = [torch.where(column(better, v), v, b) for v, b in zip(change, best, strict=True)]
            top = torch.where(better, value, top)
            found.append(top)
            if t == ascent.steps:
                break
            slopes = loss.directions(trace.outputs, y) * loss.weights(trace.outputs, y)[..., None]
            every = classifier.weight_gradients(there, trace, classifier.backward(there, trace, slopes))
            gradient = [every[i] for i in weight_ball.positions(net, ball.only)]
            way = weight_ball.stretched(ball, net, gradient)
            if attack is not None:
                Z = stepped(there, trace, Z, X, y, attack)
            change = [v + ascent.step * u for v, u in zip(change, way, strict=True)]
            change = weight_ball.project(ball, net, change)
    table = torch.stack(found, 1).reshape(net.members, ascent.restarts, ascent.steps + 1)
    return Worst(reference, table, tuple(best))


def at_rest(
    net: Classifier, X: Tensor, y: Tensor, attack: Attack | None, starts: Sequence[int], steps: int, loss: Loss
) -> Float[Tensor, " B"]:
    """R(w): the strongest of what the attack finds and of so many further steps, for each point."""
    if attack is None:
        return mean_loss(net, X, y, None, starts, loss)
    Z = stronger(net, attacked(net, X, y, attack, starts), X, y, loss)
    trace = classifier.sweep(net, Z)
    top = loss.values(trace.outputs, y)
    for _ in range(steps):
        Z = stepped(net, trace, Z, X, y, attack)
        trace = classifier.sweep(net, Z)
        top = torch.maximum(top, loss.values(trace.outputs, y))
    return top.mean(1)


def stronger(net: Classifier, Z: Tensor, V: Tensor, y: Tensor, loss: Loss) -> Float[Tensor, "B n d"]:
    """Of two candidates for each point the one with the larger loss."""
    there, here = (loss.values(classifier.sweep(net, points).outputs, y) for points in (V, Z))
    return torch.where((there > here)[..., None], V, Z)


def stepped(
    net: Classifier,
    trace: classifier.Trace,
    Z: Float[Tensor, "B n d"],
    X: Float[Tensor, "B n d"],
    y: Tensor,
    attack: Attack,
) -> Float[Tensor, "B n d"]:
    """One step of the attack from the points of the trace."""
    eps = per_member(attack.eps, net, "eps")
    deltas = classifier.backward(net, trace, attack.loss.directions(trace.outputs, y))
    gradient = classifier.input_gradient(net, trace, deltas)
    way = unit(gradient) if attack.p == 2 else gradient.sign()
    return inputs.project(Z + attack.step * eps * way, X, eps, attack.p, attack.box)

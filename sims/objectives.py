"""What adversarial training and its variants descend: the points a step is taken at, and their losses there.

Each objective first makes examples of a batch, then has a value for each point of the batch and the gradient of
their mean: two functions, since weights may be perturbed in between.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from sims import classifier, losses, rotations, stack, surrogates
from sims.classifier import Classifier
from sims.losses import Loss
from sims.network_attack import Attack, Numbers, ascend
from sims.rotations import TURNS
from sims.scratch import Scratch
from sims.surrogates import Examples, Measure


@dataclass(frozen=True)
class Objective:
    """What is descended, by name; the strength is one number or one per member.

    With z the attacked point of x, p = softmax f(x), p' = softmax f(z) and CE the cross-entropy of the label y:

    * adversarial: the loss at z.
    * ignore incorrect: the loss at z, and at x where x is misclassified.
    * predicted labels: the loss at z, where z attacks the predicted label, which does not leak y.
    * label smoothing: −Σ_j t_j log p'_j with t = (1 − strength) e_y + strength/K.
    * label noise: the loss at z of labels that are uniform with probability `strength`, fresh at each step; z
      attacks the true label.
    * trades: CE(f(x)) + strength · KL(p ‖ p'), where z attacks the divergence.
    * mart: CE(f(z)) − log(1.0001 − max_{j≠y} p'_j) + strength · KL(p ‖ p') (1 − p_y).
    * self-supervision: CE(f(z)) + strength · mean CE of the turn of half of the points, turned by a random
      multiple of 90° and attacked in it; the last four of the outputs tell the turn.

    Source: as listed by Stutz, Hein & Schiele 2021; Zhang et al. 2019 (trades), Wang et al. 2020 (mart),
    Hendrycks et al. 2019 (self-supervision), Kurakin et al. 2017 (label leaking).
    """

    name: str = "adversarial"
    strength: Numbers = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no objective."""
        if self.name not in OBJECTIVES:
            raise ValueError(f"objective must be one of {', '.join(OBJECTIVES)}, got {self.name!r}")
        top = 1.0 if self.name in SHARES else np.inf
        strength = np.asarray(self.strength, dtype=np.float64)
        if not (np.isfinite(strength).all() and (strength >= 0).all() and (strength <= top).all()):
            raise ValueError(f"strength of {self.name} must be finite and in [0, {top:g}], got {self.strength}")


@dataclass(frozen=True)
class Batch:
    """What a step is made of: points (B, n, d), labels (B, n) and the numbers of the members."""

    X: Float[Tensor, "B n d"]
    y: Tensor
    eps: Float[Tensor, "B 1 1"]
    strength: Float[Tensor, "B 1 1"]


Rngs = Sequence[np.random.Generator]
Pose = Callable[[Classifier, Batch, Attack | None, Rngs, Scratch], Examples]


def examples(
    net: Classifier, batch: Batch, objective: Objective, attack: Attack | None, rngs: Rngs, scratch: Scratch
) -> Examples:
    """What the objective makes of a batch."""
    return OBJECTIVES[objective.name][0](net, batch, attack, rngs, scratch)


def gradient(
    net: Classifier,
    at: Examples,
    objective: Objective,
    loss: Loss,
    strength: Float[Tensor, "B 1 1"],
    scratch: Scratch | None = None,
) -> tuple[Float[Tensor, "B n"], list[Tensor]]:
    """The value at each point of the batch, and the gradients of their mean in weights and biases."""
    trace = classifier.sweep(net, at.X, scratch)
    values, slopes = OBJECTIVES[objective.name][1](trace.outputs, at, loss, strength)
    deltas = classifier.backward(net, trace, slopes, scratch)
    return values, classifier.weight_gradients(net, trace, deltas, scratch)


def classifying(net: Classifier, objective: Objective) -> Classifier:
    """The network without the outputs that tell turns."""
    return net if objective.name != "self-supervision" else with_outputs(net, slice(None, -TURNS))


def with_outputs(net: Classifier, kept: slice) -> Classifier:
    """The network with some of its outputs."""
    weights, biases = ([*part[:-1], *(W[:, kept] for W in part[-1:])] for part in (net.weights, net.biases))
    return stack.with_parameters(net, [*weights, *biases, *net.parameters[len(weights) + len(biases) :]])


def refuse(net: Classifier, objective: Objective, attack: Attack | None, loss: Loss) -> None:
    """Refuse an objective that this network, adversary and loss do not serve."""
    name = objective.name
    if name == "adversarial":
        return
    if attack is None and name not in UNATTACKED:
        raise ValueError(f"{name} compares points with attacked ones: give the recipe an attack")
    if name in ENTROPIC and loss is not losses.cross_entropy:
        raise ValueError(f"{name} has the cross-entropy in its definition: leave the recipe's loss as it is")
    if attack is not None and name == "trades" and (attack.start == "centre" or attack.extra is not None):
        raise ValueError(
            "a divergence is flat at the point and has no success: attack with start=uniform, extra=None"
        )
    least = 2 + TURNS * (name == "self-supervision")
    if net.weights[-1].shape[1] < least:
        raise ValueError(f"{name} needs at least {least} outputs, got {net.weights[-1].shape[1]}")
    if name == "self-supervision":
        rotations.side(net)


def attacked(net: Classifier, batch: Batch, attack: Attack | None, rngs: Rngs, scratch: Scratch) -> Examples:
    """The adversary's points, or the points themselves without one."""
    if attack is None:
        return Examples(batch.X, batch.y)
    return Examples(ascend(net, batch.X, batch.y, attack, batch.eps, rngs, scratch)[0], batch.y)


def ignoring(net: Classifier, batch: Batch, attack: Attack | None, rngs: Rngs, scratch: Scratch) -> Examples:
    """Attacked where the point itself is classified correctly."""
    wrong = losses.margins(classifier.sweep(net, batch.X, scratch).outputs, batch.y) <= 0
    found = attacked(net, batch, attack, rngs, scratch)
    return replace(found, X=torch.where(wrong[..., None], batch.X, found.X))


def predicted(net: Classifier, batch: Batch, attack: Attack | None, rngs: Rngs, scratch: Scratch) -> Examples:
    """Attacked away from the predicted label."""
    guess = classifier.sweep(net, batch.X, scratch).outputs.argmax(-1)
    return replace(attacked(net, replace(batch, y=guess), attack, rngs, scratch), y=batch.y)


def noisy(net: Classifier, batch: Batch, attack: Attack | None, rngs: Rngs, scratch: Scratch) -> Examples:
    """Attacked away from the true labels, then some labels drawn anew among all."""
    found = attacked(net, batch, attack, rngs, scratch)
    n, K = batch.X.shape[1], net.weights[-1].shape[1]
    u = torch.from_numpy(np.stack([rng.random(n) for rng in rngs])).to(batch.X)
    any_class = torch.from_numpy(np.stack([rng.integers(0, K, n) for rng in rngs])).to(batch.y)
    return replace(found, y=torch.where(u < batch.strength[..., 0], any_class, batch.y))


def beside(net: Classifier, batch: Batch, attack: Attack | None, rngs: Rngs, scratch: Scratch) -> Examples:
    """The points, then the attacked ones."""
    Z = attacked(net, batch, attack, rngs, scratch).X
    return Examples(torch.cat([batch.X, Z], 1), batch.y)


def divergent(net: Classifier, batch: Batch, attack: Attack | None, rngs: Rngs, scratch: Scratch) -> Examples:
    """The points, then those where the prediction diverges most from theirs."""
    target = classifier.sweep(net, batch.X, scratch).outputs.clone()
    against = replace(attack, loss=losses.divergence) if attack else None
    return replace(beside(net, replace(batch, y=target), against, rngs, scratch), y=batch.y)


def turned(net: Classifier, batch: Batch, attack: Attack | None, rngs: Rngs, scratch: Scratch) -> Examples:
    """The attacked points, then half of the points turned and attacked in their turn."""
    k = -(-batch.X.shape[1] // 2)
    turns = torch.from_numpy(np.stack([rng.integers(0, TURNS, k) for rng in rngs])).to(batch.X.device)
    half = replace(batch, X=rotations.turned(batch.X[:, :k], turns, rotations.side(net)), y=turns)
    upright = attacked(classifying(net, Objective("self-supervision")), batch, attack, rngs, scratch)
    X = torch.cat([upright.X, attacked(with_outputs(net, slice(-TURNS, None)), half, attack, rngs, scratch).X], 1)
    return Examples(X, batch.y, turns)


OBJECTIVES: dict[str, tuple[Pose, Measure]] = {
    "adversarial": (attacked, surrogates.plain),
    "ignore incorrect": (ignoring, surrogates.plain),
    "predicted labels": (predicted, surrogates.plain),
    "label smoothing": (attacked, surrogates.smooth),
    "label noise": (noisy, surrogates.plain),
    "trades": (divergent, surrogates.trades),
    "mart": (beside, surrogates.mart),
    "self-supervision": (turned, surrogates.supervised),
}
SHARES = ("label smoothing", "label noise")  # strengths that are probabilities
UNATTACKED = ("label smoothing", "label noise", "self-supervision")
ADVERSARIAL = Objective()
ENTROPIC = ("label smoothing", "trades", "mart", "self-supervision")

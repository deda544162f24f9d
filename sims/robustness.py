"""The robust loss and error of trained classifiers, and the checkpoint at which the error is smallest."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from sims import classifier, losses, stack
from sims.classifier import Classifier
from sims.network_attack import Attack, pgd


@torch.no_grad()
def robust(
    net: Classifier, X: Tensor, y: Tensor, attack: Attack, rngs: Sequence[np.random.Generator]
) -> tuple[Float[Tensor, " B"], Float[Tensor, " B"]]:
    """The mean of the attacked loss over the points, and the share misclassified where the attack ends.

    Errors: both from below, as the search finds them; more steps or restarts never make the loss smaller.
    """
    Z, values = pgd(net, X, y, attack, rngs)
    if not attack.best:
        values = attack.loss.values(classifier.outputs(net, Z), y.expand(net.members, X.shape[-2]))
    margins = losses.margins(classifier.outputs(net, Z), y.expand(net.members, X.shape[-2]))
    return values.mean(1), (margins <= 0).to(values.dtype).mean(1)


@torch.no_grad()
def early_stopped(
    nets: Sequence[Classifier], X: Tensor, y: Tensor, attack: Attack, rngs: Sequence[np.random.Generator]
) -> tuple[Classifier, Int[Tensor, " B"]]:
    """For each member the checkpoint of smallest robust error on held-out points, the first of them, and which.

    Raises:
        ValueError: if there is no checkpoint, or points, labels and generators do not fit the stacks.
    """
    if not nets:
        raise ValueError("early stopping chooses among checkpoints: give one stack or more")
    errors = torch.stack([robust(net, X, y, attack, rngs)[1] for net in nets])
    best = errors.argmin(0)
    chosen = [stack.taken(nets[t], slice(i, i + 1)) for i, t in enumerate(best.tolist())]
    return stack.joined(chosen), best

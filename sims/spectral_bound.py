"""Training with a bound on the spectral norm of every layer: after each step W ← W · min(1, bound/σ_max)."""

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from sims import classifier, objectives, train
from sims.classifier import Classifier
from sims.network_attack import Numbers, aligned, check, per_member
from sims.scratch import Scratch
from sims.steps import column, descend, moments
from sims.train import Recipe


@torch.no_grad()
def trained(
    net: Classifier,
    X: Tensor,
    y: Tensor,
    recipe: Recipe,
    bound: Numbers,
    rngs: Sequence[np.random.Generator],
) -> Classifier:
    """The stack after the epochs of the recipe, as `sims.train` takes its steps; biases are left alone.

    Errors: with an infinite bound the numbers are those of `sims.train`, to rounding.
    Raises:
        ValueError: if a layer convolves, a bound is not positive, or the recipe acts around its steps.
    """
    if any(W.ndim != 3 for W in net.weights) or not (np.asarray(bound) > 0).all():
        raise ValueError(f"bounds must be > 0 and layers fully connected, got {bound}; infinity bounds nothing")
    if recipe.around != Recipe(1, 0.1).around:
        raise ValueError("a spectral bound alone acts around a step here: leave the recipe's around as it is")
    X = classifier.stacked(net, X).contiguous()
    y = aligned(net, y, X.shape[1], recipe.loss)
    objectives.refuse(net, recipe.objective, recipe.attack, recipe.loss)
    if recipe.attack is not None:
        check(net, X, recipe.attack, rngs)
    numbers = {
        "eps": recipe.attack.eps if recipe.attack else 0.0,
        "rate": recipe.rate,
        "momentum": recipe.momentum,
        "decay": recipe.decay,
        "strength": recipe.objective.strength,
        "perturb": 0.0,
    }
    columns = {name: per_member(value, net, name) for name, value in numbers.items()}
    limit = per_member(bound, net, "bound")
    net = classifier.copied(net)
    memory, scratch = moments(net, recipe.descent, columns["momentum"]), Scratch()
    n = X.shape[1]
    batch = min(recipe.batch or n, n)
    steps = -(-n // batch)
    for epoch in range(recipe.epochs):
        order = np.stack([rng.permutation(n) if recipe.batch else np.arange(n) for rng in rngs])
        for k in range(steps):
            rows = torch.from_numpy(order[:, k * batch : (k + 1) * batch]).to(X.device)
            points, labels = train.rows_of(X, rows), train.rows_of(y, rows)
            _, gradients = train.slopes(net, points, labels, recipe, columns, rngs, scratch)
            factor = recipe.schedule((epoch * steps + k) / (recipe.epochs * steps))
            descend(net, gradients, memory, recipe.descent, recipe.nesterov, columns, factor)
            shrink_(net, limit)
    return net


def shrink_(net: Classifier, bound: Float[Tensor, "B 1 1"]) -> None:
    """Scale each weight matrix down to its bound, in place."""
    for W in net.weights:
        W *= (column(bound, W) / norms(W).clamp(min=torch.finfo(W.dtype).tiny)).clamp(max=1.0)


def norms(W: Float[Tensor, "B out in"]) -> Float[Tensor, "B 1 1"]:
    """The spectral norms, from the smaller Gram matrix: for the largest singular value that loses no digits."""
    gram = W @ W.mT if W.shape[1] <= W.shape[2] else W.mT @ W
    top: Tensor = torch.linalg.eigvalsh(gram)[:, -1:, None]
    return top.clamp(min=0).sqrt()

"""What acts on the weights around a step: adversarial perturbation, bounds, averaging, local entropy."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from sims import stack
from sims.classifier import Classifier
from sims.network_attack import Numbers
from sims.steps import column


@dataclass(frozen=True)
class LocalEntropy:
    """Entropy-SGD: each step follows the mean of a short Langevin search around the weights, the centre x.

    From w = μ = x each of the inner steps descends the objective on a new batch, pulled by γ (w − x), adds noise
    of standard deviation noise · √rate, and takes μ ← (1 − share) μ + share w; after the last of them x ← μ.
    The pull γ grows by the factor 1 + growth with each x.

    Source: Chaudhari et al. 2017, Algorithm 1, with the outer step ηγ = 1.
    """

    loops: int = 5
    gamma: float = 1e-4
    growth: float = 1e-3
    noise: float = 1e-4
    share: float = 0.75

    def __post_init__(self) -> None:
        """Refuse what is no search."""
        numbers = (self.gamma, self.growth, self.noise)
        if self.loops < 1 or not (np.isfinite(numbers).all() and min(numbers) >= 0) or not 0 < self.share <= 1:
            raise ValueError(
                "local entropy needs loops ≥ 1, gamma, growth and noise finite and ≥ 0, and share in (0, 1], got "
                f"{self.loops}, {numbers} and {self.share}"
            )


@dataclass(frozen=True)
class Around:
    """What acts on the weights around each step; a sequence in place of a number gives each member its own.

    Attributes:
        perturb: radius ξ: gradients are taken at W_l + ξ ‖W_l‖ g_l/‖g_l‖, g the gradient at the examples, for each
            weight and no bias (adversarial weight perturbation, Wu, Xia & Wang 2020).
        clip: entries of weights and biases are cut to ± clip after each step.
        spectral: W ← W · min(1, spectral/σ_max(W)) for each weight after each step, where no layer convolves.
        average: τ of the mean w̄ ← τ w̄ + (1 − τ) w after each step, from the first weights on; w̄ is what is seen,
            and likewise of what a normalisation keeps.
        entropy: Entropy-SGD; its centre is what is seen.
    """

    perturb: Numbers = 0.0
    clip: Numbers = np.inf
    spectral: Numbers = np.inf
    average: Numbers = 0.0
    entropy: LocalEntropy | None = None

    def __post_init__(self) -> None:
        """Refuse radii below 0, bounds that leave nothing, and means that never move."""
        if not (np.isfinite(self.perturb).all() and (np.asarray(self.perturb) >= 0).all()):
            raise ValueError(f"perturb must be finite and ≥ 0, got {self.perturb}: 0 perturbs nothing")
        for name, bound in (("clip", self.clip), ("spectral", self.spectral)):
            if not (np.asarray(bound) > 0).all():
                raise ValueError(f"{name} must be > 0, got {bound}: infinity bounds nothing")
        if not ((np.asarray(self.average) >= 0) & (np.asarray(self.average) < 1)).all():
            raise ValueError(f"average must be in [0, 1), got {self.average}: 0 averages nothing")
        bounded = np.isfinite(self.clip).any() or np.isfinite(self.spectral).any()
        if self.entropy is not None and (np.any(self.average) or bounded):
            raise ValueError("local entropy itself says which weights are seen: leave average, clip, spectral out")


UNTOUCHED = Around()


def refuse(net: Classifier, around: Around) -> None:
    """Refuse a bound that this network does not serve."""
    if np.isfinite(around.spectral).any() and any(W.ndim != 3 for W in net.weights):
        raise ValueError("spectral bounds matrices of weights: leave it infinite where a layer convolves")


def uphill(net: Classifier, gradients: Sequence[Tensor], radius: Float[Tensor, "B 1 1"]) -> Classifier:
    """Each weight one step of length radius · ‖W_l‖ along its gradient away; biases as they are."""
    weights = tuple(
        W + column(radius, W) * length(W) * g / length(g).clamp(min=torch.finfo(g.dtype).tiny)
        for W, g in zip(net.weights, gradients, strict=False)
    )
    return stack.with_parameters(net, [*weights, *net.parameters[len(weights) :]])


def clip_(net: Classifier, bound: Float[Tensor, "B 1 1"]) -> None:
    """Cut the entries of each member to ± its bound, in place."""
    for W in net.parameters:
        torch.clamp(W, -column(bound, W), column(bound, W), out=W)


def shrink_(net: Classifier, bound: Float[Tensor, "B 1 1"]) -> None:
    """Scale each matrix of weights down to its bound, in place."""
    for W in net.weights:
        W *= (column(bound, W) / spectral_norms(W).clamp(min=torch.finfo(W.dtype).tiny)).clamp(max=1.0)


def spectral_norms(W: Float[Tensor, "B out in"]) -> Float[Tensor, "B 1 1"]:
    """σ_max, from the smaller Gram matrix: for the largest singular value that loses no digits."""
    gram = W @ W.mT if W.shape[1] <= W.shape[2] else W.mT @ W
    top: Tensor = torch.linalg.eigvalsh(gram)[:, -1:, None]
    return top.clamp(min=0).sqrt()


def average_(mean: Classifier, net: Classifier, tau: Float[Tensor, "B 1 1"]) -> None:
    """w̄ ← τ w̄ + (1 − τ) w, in place."""
    for M, W in zip((*mean.parameters, *mean.running), (*net.parameters, *net.running), strict=True):
        M.mul_(column(tau, M)).add_((1 - column(tau, W)) * W)


@dataclass
class Search:
    """Where a local search stands: its centre x, the mean μ of its weights, and the inner steps taken by now."""

    centre: Classifier
    mean: Classifier
    taken: int = 0


def search(net: Classifier) -> Search:
    """A search that begins at the weights."""
    return Search(stack.copied(net), stack.copied(net))


def pull_(gradients: Sequence[Tensor], net: Classifier, state: Search, entropy: LocalEntropy) -> None:
    """Add γ (w − x) to the gradients, in place."""
    gamma = entropy.gamma * (1 + entropy.growth) ** (state.taken // entropy.loops)
    for g, W, x in zip(gradients, net.parameters, state.centre.parameters, strict=True):
        g.add_(W - x, alpha=gamma)


def settle_(
    net: Classifier,
    state: Search,
    entropy: LocalEntropy,
    rate: Float[Tensor, "B 1 1"],
    rngs: Sequence[np.random.Generator],
) -> None:
    """After an inner step: noise, the mean, and after the last one the new centre; in place."""
    state.taken += 1
    for W, M, x in zip(net.parameters, state.mean.parameters, state.centre.parameters, strict=True):
        drawn = np.stack([rng.standard_normal(W.shape[1:]) for rng in rngs])
        W += entropy.noise * column(rate, W).sqrt() * torch.from_numpy(drawn).to(W)
        M.lerp_(W, entropy.share)
        if state.taken % entropy.loops == 0:
            x.copy_(M)
            W.copy_(M)
    for seen, kept in zip(state.centre.running, net.running, strict=True):
        seen.copy_(kept)


def length(W: Tensor) -> Tensor:
    """The Euclidean length of each member's tensor."""
    return column(torch.linalg.vector_norm(W.flatten(1), dim=1), W)

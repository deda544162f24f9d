"""Balls of weights around a classifier: relative to each tensor, each unit or all weights, or of absolute radius.

Per tensor, the ball of a ReLU network goes along when a layer is multiplied by c and the next one divided by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from sims import stack
from sims.classifier import Classifier
from sims.network_attack import noise
from sims.steps import column

Shift = Sequence[Float[Tensor, "B ..."]]  # a change of the weights: one tensor for each that moves
KINDS = ("tensor", "unit", "global", "absolute")


@dataclass(frozen=True)
class WeightBall:
    """The ν with ‖ν_b‖₂ ≤ xi‖w_b‖₂ for each block b of the parameters that move.

    Attributes:
        xi: the radius.
        kind: what a block is: a tensor, each matrix of weights and each vector of biases by itself; what enters a
            unit, each bias by itself; all of them (global); or all of them with ‖ν‖₂ ≤ xi (absolute).
        only: names of the tensors that move; None for all weights and biases.
    """

    xi: float
    kind: str = "tensor"
    only: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        """Refuse what is no ball."""
        if not (np.isfinite(self.xi) and self.xi >= 0):
            raise ValueError(f"xi must be finite and ≥ 0, got {self.xi}: 0 leaves the weights where they are")
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}, got {self.kind!r}")


def names(net: Classifier) -> tuple[str, ...]:
    """W1, W2, …, b1, b2, …: one for each tensor of weights and biases, in the order of `net.parameters`."""
    weights = [f"W{i + 1}" for i in range(len(net.weights))]
    return (*weights, *(f"b{i + 1}" for i in range(len(net.biases))))


def positions(net: Classifier, only: Sequence[str] | None) -> tuple[int, ...]:
    """Where the named tensors stand among `net.parameters`, in their order there.

    Raises:
        ValueError: if a name is not one of the network's, or none is given.
    """
    every = names(net)
    if only is None:
        return tuple(range(len(every)))
    if not only or not set(only) <= set(every):
        raise ValueError(f"only must name some of the tensors {', '.join(every)}, got {tuple(only)}")
    return tuple(i for i, name in enumerate(every) if name in only)


def moving(ball: WeightBall, net: Classifier) -> list[Tensor]:
    """The tensors that move."""
    return [net.parameters[i] for i in positions(net, ball.only)]


def shifted(net: Classifier, change: Shift, only: Sequence[str] | None = None) -> Classifier:
    """The stack at w + ν, ν given for the tensors that move."""
    parameters = list(net.parameters)
    for i, v in zip(positions(net, only), change, strict=True):
        parameters[i] = parameters[i] + v
    return stack.with_parameters(net, parameters)


def radii(ball: WeightBall, net: Classifier) -> list[Tensor]:
    """xi‖w_b‖₂ for each block, ready to multiply the tensors; 0 where a block is 0, which then never moves."""
    tensors = moving(ball, net)
    if ball.kind == "absolute":
        return [W.new_tensor(ball.xi) for W in tensors]
    return [ball.xi * size for size in lengths(ball, tensors)]


def lengths(ball: WeightBall, tensors: Sequence[Tensor]) -> list[Tensor]:
    """‖·‖₂ of each block, ready to multiply the tensors."""
    if ball.kind == "tensor":
        return [norm(v, 1) for v in tensors]
    if ball.kind == "unit":
        return [norm(v, 2) for v in tensors]
    whole = torch.cat([v.flatten(1) for v in tensors], 1).norm(dim=1)
    return [column(whole, v) for v in tensors]


def norm(v: Tensor, first: int) -> Tensor:
    """The length over the axes from `first` on, which are kept."""
    axes = tuple(range(first, v.ndim))
    return torch.linalg.vector_norm(v, dim=axes, keepdim=True) if axes else v.abs()


def stretched(ball: WeightBall, net: Classifier, direction: Shift) -> list[Tensor]:
    """The point of the sphere, ‖ν_b‖₂ = xi‖w_b‖₂ for each block, in a direction; 0 where the direction is.

    Entries are scaled first, so that the gradient of a loss near 0 does not underflow.
    """
    tiny = torch.finfo(direction[0].dtype).tiny
    top = torch.cat([v.flatten(1).abs() for v in direction], 1).amax(1).clamp(min=tiny)
    scaled = [v / column(top, v) for v in direction]
    blocks = zip(scaled, lengths(ball, scaled), radii(ball, net), strict=True)
    return [v * (radius / size.clamp(min=tiny)) for v, size, radius in blocks]


def sphere(ball: WeightBall, net: Classifier, rngs: Sequence[np.random.Generator]) -> list[Tensor]:
    """ν uniform on the sphere of each block, from the generator of each member."""
    if len(rngs) != net.members:
        raise ValueError(f"a draw needs one generator for each of {net.members} members, got {len(rngs)}")
    normal = [g.standard_normal for g in rngs]
    tensors = moving(ball, net)
    direction = [noise((len(v), v[0].numel(), 1), v, normal).reshape(v.shape) for v in tensors]
    return stretched(ball, net, direction)


def project(ball: WeightBall, net: Classifier, change: Shift) -> list[Tensor]:
    """The nearest ν of the ball: blocks that are too long, shortened."""
    tiny = torch.finfo(change[0].dtype).tiny
    blocks = zip(change, lengths(ball, change), radii(ball, net), strict=True)
    return [v * (radius / size.clamp(min=tiny)).clamp(max=1) for v, size, radius in blocks]


def common(rng: np.random.Generator, members: int) -> list[np.random.Generator]:
    """One generator for each member, all of which draw the same numbers."""
    seed = int(rng.integers(2**63))
    return [np.random.default_rng(seed) for _ in range(members)]

"""Projected gradient ascent on a loss of many classifiers at once, each with a radius of its own."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from sims import ball, classifier, losses, stack
from sims.ball import Box
from sims.classifier import Classifier
from sims.losses import Loss
from sims.scratch import Scratch

Numbers = float | Sequence[float]
STARTS = ("centre", "uniform")


@dataclass(frozen=True)
class Attack:
    """How an adversary searches ‖δ‖ₚ ≤ eps.

    Attributes:
        eps: the radius, one number or one per member.
        p: exponent of the ball, 2 or ∞: steps follow the gradient's direction or its signs.
        steps: gradient steps of each start.
        step: their length in units of eps.
        restarts: how many starts; the strongest perturbation of all is kept.
        start: at the point itself, or uniform in the ball, cut by the box.
        best: keep the strongest iterate of each point, the unperturbed point among them; else the last one.
        box: what pixels may be, None for no limits.
        loss: what is ascended.
        extra: steps that a start still takes from its first misclassified iterate on; None for all of them.
    """

    eps: Numbers
    p: float = math.inf
    steps: int = 10
    step: float = 0.25
    restarts: int = 1
    start: str = "uniform"
    best: bool = True
    box: Box = (0.0, 1.0)
    loss: Loss = losses.cross_entropy
    extra: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is no search."""
        if self.p not in (2, math.inf):
            raise ValueError(f"p must be 2 or ∞, whose steps and projections are exact, got {self.p}")
        if not (np.isfinite(self.eps).all() and (np.asarray(self.eps) >= 0).all()):
            raise ValueError(f"eps must be finite and ≥ 0, got {self.eps}: 0 leaves the points where they are")
        if self.steps < 0 or self.restarts < 1 or not self.step > 0:
            raise ValueError(
                f"steps must be ≥ 0, restarts ≥ 1, step > 0, got {self.steps}, {self.restarts}, {self.step}"
            )
        if self.start not in STARTS:
            raise ValueError(f"start must be one of {', '.join(STARTS)}, got {self.start!r}")
        if self.restarts > 1 and not self.best:
            raise ValueError("restarts are compared by their losses: leave best=True, or take one restart")
        if self.extra is not None and (self.extra < 0 or self.loss is losses.divergence):
            raise ValueError(
                f"extra steps must be ≥ 0 and follow the success against a label, got {self.extra}: a divergence "
                "has none, leave extra=None"
            )
        if self.box is not None and not self.box[0] < self.box[1]:
            raise ValueError(f"box must be (low, high) with low < high, got {self.box}")


@torch.no_grad()
def pgd(
    net: Classifier, X: Tensor, target: Tensor, attack: Attack, rngs: Sequence[np.random.Generator] = ()
) -> tuple[Float[Tensor, "B n d"], Float[Tensor, "B n"]]:
    """Perturbed points for each member, and the loss there.

    Points (n, d) and targets (n, …) are shared, or carry an axis of members first. The random starts of a member
    come from its own generator, so that its numbers do not depend on its company; restarts continue one sequence,
    so that more of them, or more steps without restarts, never find less.

    Errors: ‖z − X‖ₚ ≤ eps and the box up to rounding. On a linear score with p = ∞ the worst case is reached after
    2/step steps; with p = 2 the angle to it falls by 1/(1 + step) each step, and the value with its square.
    Raises:
        ValueError: if shapes do not fit, points are not finite or outside the box, or generators are missing.
    """
    X, target = classifier.stacked(net, X), aligned(net, target, X.shape[-2], attack.loss)
    check(net, X, attack, rngs)
    eps = per_member(attack.eps, net, "eps")
    scratch = Scratch()
    parts = [
        ascend(stack.taken(net, s), X[s], target[s], attack, eps[s], rngs[s], scratch)
        for s in stack.portions(net, X.shape[-2])
    ]
    return torch.cat([Z for Z, _ in parts]), torch.cat([values for _, values in parts])


@torch.no_grad()
def loss_gradient(
    net: Classifier, X: Tensor, target: Tensor, loss: Loss = losses.cross_entropy
) -> Float[Tensor, "B n d"]:
    """The gradient of each point's loss in the point."""
    X, target = classifier.stacked(net, X), aligned(net, target, X.shape[-2], loss)
    trace = classifier.sweep(net, X)
    slopes = loss.directions(trace.outputs, target) * loss.weights(trace.outputs, target)[..., None]
    return classifier.input_gradient(net, trace, classifier.backward(net, trace, slopes))


def ascend(
    net: Classifier,
    X: Float[Tensor, "B n d"],
    target: Tensor,
    attack: Attack,
    eps: Float[Tensor, "B 1 1"],
    rngs: Sequence[np.random.Generator],
    scratch: Scratch,
) -> tuple[Float[Tensor, "B n d"], Float[Tensor, "B n"]]:
    """The search for members that are taken together; without `best` no losses are computed or returned."""
    low, high = ball.bounds(X, eps, attack.box)
    stride = attack.step * eps
    best, top = X, X.new_empty((X.shape[0], 0))
    if attack.best:
        best, top = X.clone(), attack.loss.values(classifier.sweep(net, X, scratch).outputs, target)
    Z = best
    for _ in range(attack.restarts):
        Z = begin(X, low, high, attack, eps, rngs)
        since = torch.zeros_like(X[..., :1])  # iterates since the first misclassified one, with it
        for t in range(attack.steps + 1):
            last = t == attack.steps
            if last and not attack.best:
                break
            trace = classifier.sweep(net, Z, scratch)
            if attack.best:
                values = attack.loss.values(trace.outputs, target)
                better = values > top
                top = torch.where(better, values, top)
                best = torch.where(better[..., None], Z, best)
            if last:
                break
            length = stride
            if attack.extra is not None:
                since += (since > 0) | (losses.margins(trace.outputs, target) <= 0)[..., None]
                length = stride * (since <= attack.extra)
            slopes = attack.loss.directions(trace.outputs, target)
            deltas = classifier.backward(net, trace, slopes, scratch)
            G = classifier.input_gradient(net, trace, deltas, scratch)
            if attack.p == math.inf:
                Z = torch.clamp(Z.addcmul_(G.sign_(), length), low, high, out=Z)
            else:
                Z = ball.project(Z.addcmul_(unit(G), length), X, eps, attack.p, attack.box)
    return (best, top) if attack.best else (Z, top)


def begin(
    X: Tensor, low: Tensor, high: Tensor, attack: Attack, eps: Tensor, rngs: Sequence[np.random.Generator]
) -> Tensor:
    """Where a search starts; always memory of its own."""
    if attack.start == "centre":
        return X.clone()
    B, n, d = X.shape
    if attack.p == math.inf:
        u = noise((B, n, d), X, [rng.random for rng in rngs])
        Z = torch.addcmul(low, u, high - low)
        return torch.clamp(Z, low, high, out=Z)
    g = noise((B, n, d), X, [rng.standard_normal for rng in rngs])
    length = noise((B, n, 1), X, [rng.random for rng in rngs]) ** (1 / d)
    return ball.project(X + eps * length * unit(g), X, eps, attack.p, attack.box)


def noise(shape: tuple[int, int, int], like: Tensor, draws: Sequence[Callable[..., object]]) -> Tensor:
    """One draw for each member, of the type and on the device of `like`."""
    drawn = np.empty(shape, dtype=np.float32 if like.dtype == torch.float32 else np.float64)
    for row, draw in zip(drawn, draws, strict=True):
        draw(dtype=drawn.dtype, out=row)
    return torch.from_numpy(drawn).to(like.device)


def unit(G: Tensor) -> Tensor:
    """Rows of length 1, and 0 where they vanish; scaled first, so that small ones do not underflow."""
    tiny = torch.finfo(G.dtype).tiny
    G = G / G.abs().amax(-1, keepdim=True).clamp(min=tiny)
    length: Tensor = torch.linalg.vector_norm(G, dim=-1, keepdim=True)
    return G / length.clamp(min=tiny)


def per_member(value: Numbers, net: Classifier, name: str) -> Float[Tensor, "B 1 1"]:
    """One number for each member."""
    W = net.weights[0]
    numbers = torch.as_tensor(np.asarray(value, dtype=np.float64), dtype=W.dtype, device=W.device)
    if numbers.ndim > 1 or (numbers.ndim == 1 and len(numbers) != net.members):
        raise ValueError(f"{name} must be one number or {net.members}, one per member, got {tuple(numbers.shape)}")
    return numbers.expand(net.members)[:, None, None]


def aligned(net: Classifier, target: Tensor, n: int, loss: Loss) -> Tensor:
    """Targets (B, n), or (B, n, K) for losses that compare outputs."""
    axes = 3 if loss is losses.divergence else 2
    target = target if target.ndim == axes else target[None]
    if target.ndim != axes or target.shape[1] != n or len(target) not in (1, net.members):
        raise ValueError(
            f"targets must be ({n}, …), or ({net.members}, {n}, …) for each member, got {tuple(target.shape)}"
        )
    K = net.weights[-1].shape[1]
    if axes == 2 and K > 1 and (target.is_floating_point() or target.min() < 0 or target.max() >= K):
        raise ValueError(f"labels of {K} outputs are whole numbers 0 … {K - 1} in an integer tensor")
    if axes == 2 and K == 1 and not (target.abs() == 1).all():
        raise ValueError("labels of a single output are −1 and +1")
    return target.expand(net.members, *target.shape[1:])


def check(net: Classifier, X: Tensor, attack: Attack, rngs: Sequence[np.random.Generator]) -> None:
    """Refuse points that cannot be attacked, and a random start without generators."""
    if not torch.isfinite(X).all():
        raise ValueError("points must be finite: they hold NaN or infinity")
    if attack.box is not None and not ((attack.box[0] <= X) & (attack.box[1] >= X)).all():
        raise ValueError(f"points must lie in the box {attack.box}: scale them, or give box=None")
    if attack.start == "uniform" and len(rngs) != net.members:
        raise ValueError(f"a random start needs one generator for each of {net.members} members, got {len(rngs)}")

r"""If $L(Dw)=L(w)$ for an invertible linear map $D$ and all $w$, then
$\nabla^2L(Dw)=D^{-\top}\nabla^2L(w)D^{-1}$, although the network is one function. Where each layer is divided by
its norm, $D=c$: extremal eigenvalues change by $c^{-2}$, and $|\lambda_{\min}|/\lambda_{\max}$ stays. In ReLU
networks $D$ may multiply $(W_1,b_1)$ by $c$ and $W_2$ by $1/c$: the traces of the blocks of $W_1$ and $W_2$ change
by $c^{-2}$ and $c^2$.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from sims import classifier, curvature, hessian, images, losses, stack
from sims.claim import Array, Claim, Observation, grid, rng
from sims.classifier import Classifier
from sims.judge import equal
from sims.network_attack import Attack
from sims.train import Recipe, train


@dataclass(frozen=True)
class Case:
    """A network of two hidden layers of m units trained on n digits, and the scale c."""

    n: int
    m: int
    eps: float
    epochs: int
    c: float
    seed: int


def predict(case: Case) -> Array:
    """Ratios after and before: λ_max, λ_min and |λ_min|/λ_max of the normalised network; traces of W_1 and W_2."""
    return np.array([case.c**-2, case.c**-2, 1.0, case.c**-2, case.c**2])


def rival(case: Case) -> Array:
    """Curvature belongs to the function, and does not depend on its parameters."""
    return np.ones(5)


def simulate(case: Case) -> Observation:
    """Train, scale, and take ends of spectra and traces."""
    stream = rng(replace(case, c=1.0), "train")
    split = images.digits(stream, range(10))
    X = torch.from_numpy(split.X_train[: case.n])
    y = torch.from_numpy(split.y_train[: case.n].astype(np.int64))
    net = classifier.fully_connected([stream], (X.shape[1], case.m, case.m, 10))
    recipe = Recipe(case.epochs, 0.1, batch=50, momentum=0.9, attack=Attack(case.eps, steps=5))
    net = train(net, X, y, recipe, [stream]).net
    ends, traces = [], []
    for c in (1.0, case.c):
        H = hessian.of(normalised(net, X, y), [c * W for W in net.weights])
        ends.append(curvature.ends(H, rng(case, "Lanczos")))
        blocks = hessian.of_loss(rescaled(net, c), X, y, only=("W1", "W2"))
        traces.append(hessian.traces(blocks, [rng(case, "signs")])[0][0].numpy())
    low, high, convexity = ((getattr(ends[1], at) / getattr(ends[0], at)) for at in ("low", "high", "convexity"))
    value = np.array([high, low, convexity, *(traces[1] / traces[0])])
    off = sum(max(e.residuals) / min(abs(e.low), e.high) for e in ends)
    return Observation(
        value,
        doubt=value * np.array([off, off, 2 * off, 0, 0]),
        exhibit={"ends": np.array([[e.low, e.high] for e in ends])},
    )


def normalised(net: Classifier, X: torch.Tensor, y: torch.Tensor) -> hessian.Objective:
    """The mean loss as a function of weights of which directions alone count, at the lengths they have now."""
    sizes = [W.norm() for W in net.weights]

    def objective(weights: Sequence[torch.Tensor]) -> torch.Tensor:
        unit = [size * W / W.norm() for size, W in zip(sizes, weights, strict=True)]
        there = stack.with_parameters(net, [*unit, *net.biases])
        return losses.cross_entropy.values(classifier.outputs(there, X), y[None]).mean(1)

    return objective


def rescaled(net: Classifier, c: float) -> Classifier:
    """The first layer times c and the weights of the second divided by c."""
    W, b = net.weights, net.biases
    return stack.with_parameters(net, [c * W[0], W[1] / c, *W[2:], c * b[0], *b[1:]])


CLAIM = Claim(
    statement=__doc__ or "",
    source="Stutz, Hein & Schiele 2021, on Hessian eigenvalues of scaled weights; Dinh et al. 2017, §4",
    assumptions={r"$c>0$": lambda c: c.c > 0, "trained, so that no eigenvalue is 0": lambda c: c.epochs >= 10},
    cases=grid(Case, n=[200], m=[32], eps=[0.1], epochs=[60], c=[0.3, 0.5, 2.0, 3.0], seed=range(2)),
    quick=grid(Case, n=[50], m=[12], eps=[0.1], epochs=[60], c=[0.5, 3.0], seed=range(2)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(1e-6),  # what Lanczos leaves, 1e-10 of the largest eigenvalue, over |smallest|/largest
)

r"""Scale a smooth network by $\alpha$ and train it on $\|\alpha h-y\|^2/(2\alpha^2)$ from $\alpha h=0$: its
weights move by $O(1/\alpha)$, and its outputs differ from those of the linearised network by $O(1/\alpha)$, at all
times, where $h$ is centred by subtracting its start; where it starts at 0 by antisymmetric doubling, second-order
terms cancel and the difference is $O(1/\alpha^2)$.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sims import lazy, network, sphere
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import mean_equal
from sims.network import Network

SCALES = 6  # values of α, each twice the last
TEST = 20


@dataclass(frozen=True)
class Case:
    """A tanh network of m hidden units, trained on n points for so many steps; `alpha` is the least scale."""

    m: int
    n: int
    d: int
    steps: int
    alpha: float
    seed: int


def predict(case: Case) -> Array:
    """Orders in 1/α: of the weights' way, of the difference when centred, of the difference when doubled."""
    return np.array([1.0, 1.0, 2.0])


def rival(case: Case) -> Array:
    """Doubling only centres: both differences are of first order."""
    return np.array([1.0, 1.0, 1.0])


def simulate(case: Case) -> Observation:
    """Slopes over the grid of α; doubt: what leaving out its smaller half changes."""
    draw = rng(case, "data")
    X, Z = (torch.from_numpy(sphere.sphere(draw, k, case.d)) for k in (case.n, TEST))
    y = torch.from_numpy(sphere.noisy(draw, X.numpy(), 0.5))
    net = network.two_layer(draw, case.m, case.d, activation="tanh")
    doubled = network.antisymmetric(net)
    alphas: Array = case.alpha * 2.0 ** np.arange(SCALES, dtype=np.float64)
    sizes: Array = np.array(
        [
            [*differences(net, alpha, X, y, Z, case.steps), differences(doubled, alpha, X, y, Z, case.steps)[1]]
            for alpha in alphas
        ]
    )
    late = SCALES // 2
    orders = order(alphas[late:], sizes[late:])
    doubt = np.abs(np.subtract(orders, order(alphas, sizes)))
    return Observation(orders, doubt, exhibit={"alpha": alphas, "differences": sizes})


def differences(net: Network, alpha: float, X: Tensor, y: Tensor, Z: Tensor, steps: int) -> tuple[float, float]:
    """How far the weights move at most, and the outputs from the linearised ones, the start subtracted."""
    large = network.scaled(net, alpha)
    target = y + network.forward(large, X)
    seen, _ = lazy.train(large, X, target, Z, steps=steps)
    line = lazy.linearised(large, X, target, Z, steps=steps)
    return float(seen.moved.max()), float((seen.test - line.test).abs().max())


def order(x: Array, y: Array) -> Array:
    """Minus the slope of log y over log x, column by column."""
    return np.asarray(-np.polyfit(np.log(x), np.log(y), 1)[0])


CLAIM = Claim(
    statement=__doc__ or "",
    source="Chizat, Oyallon & Bach 2019, Theorem 2.3 (first order); second order derived and measured here",
    assumptions={
        r"smooth: tanh, and $\alpha$ far above 1": lambda c: c.alpha >= 10,
        "more weights than points": lambda c: c.m * (c.d + 1) > c.n,
    },
    cases=grid(Case, m=[40, 160], n=[15], d=[5], steps=[80], alpha=[16.0], seed=range(24)),
    quick=grid(Case, m=[40], n=[15], d=[5], steps=[30], alpha=[16.0], seed=range(16)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.02, by="m"),
    looks=3,
)

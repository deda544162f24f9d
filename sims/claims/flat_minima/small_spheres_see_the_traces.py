r"""Of a smooth network, with adversarial points kept fixed, average-case flatness in relative spheres of small
radius is a weighted trace of the Hessian, $E_\nu L(w+\nu)-L(w)=\frac{\xi^2}{2}\sum_l\frac{\|w_l\|^2}{n_l}
\mathrm{tr}\,\nabla^2_{ll}L+O(\xi^4)$, the sum over tensors $w_l$ of $n_l$ entries. With ReLU the Hessian, taken
where it exists, lacks the kinks that $\nu$ moves over, and the law asks for radii below the distance to them.
"""

from dataclasses import dataclass

import numpy as np
import torch

from sims import classifier, flatness, hessian, images
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import mean_equal
from sims.network_attack import Attack, pgd
from sims.train import Recipe, train
from sims.weight_ball import WeightBall

RADII = (0.01, 0.1)


@dataclass(frozen=True)
class Case:
    """k networks of two hidden layers of m units, trained on the same n digits; so many pairs ν, −ν."""

    n: int
    m: int
    activation: str
    eps: float
    epochs: int
    pairs: int
    k: int
    seed: int


def predict(case: Case) -> Array:
    """Flatness over the quadratic law, at each radius."""
    return np.ones(len(RADII))


def rival(case: Case) -> Array:
    """Flatness is linear in the radius, and as the law has it at the largest."""
    return RADII[-1] / np.array(RADII)


def simulate(case: Case) -> Observation:
    """Train, attack, and divide means over spheres by the law with the traces of each network; their mean."""
    split, rngs = images.digits(rng(case, "split"), range(10)), rng(case, "train").spawn(case.k)
    X = torch.from_numpy(split.X_train[: case.n])
    y = torch.from_numpy(split.y_train[: case.n].astype(np.int64))
    net = classifier.fully_connected(rngs, (X.shape[-1], case.m, case.m, 10), activation=case.activation)
    recipe = Recipe(case.epochs, 0.1, batch=50, momentum=0.9, attack=Attack(case.eps, steps=5))
    net = train(net, X, y, recipe, rngs).net
    Z, _ = pgd(net, X, y, Attack(case.eps), rngs)
    traces = hessian.exact_traces(hessian.of_loss(net, Z, y))
    squares = torch.stack([W.flatten(1).square().mean(1) for W in net.parameters], 1)
    law = (squares * traces).sum(1) / 2
    ratios = []
    for xi in RADII:
        draws = rng(case, "weights").spawn(case.k)
        seen = flatness.average(net, Z, y, WeightBall(xi), draws, draws=2 * case.pairs, mirrored=True)
        ratios.append(seen.flatness / (xi**2 * law))
    table = torch.stack(ratios)
    return Observation(table.mean(1).numpy(), exhibit={"ratios": table.numpy(), "traces": traces.numpy()})


CLAIM = Claim(
    statement=__doc__ or "",
    source="Taylor's theorem on a product of spheres, for the measure of Stutz, Hein & Schiele 2021",
    assumptions={
        "a smooth activation": lambda c: c.activation != "relu",
        "some pairs": lambda c: c.pairs >= 1,
    },
    cases=grid(
        Case, n=[100], m=[16], activation=["tanh"], eps=[0.1], epochs=[60], pairs=[200], k=[12], seed=range(8)
    ),
    quick=grid(
        Case, n=[50], m=[4], activation=["tanh"], eps=[0.1], epochs=[15], pairs=[40], k=[12], seed=range(10)
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.1),  # the next term, of order xi², at the largest radius
    looks=3,
)

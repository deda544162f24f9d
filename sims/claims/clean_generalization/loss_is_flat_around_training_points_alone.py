r"""Let $\rho_r$ be the mean of $\|\nabla_x\ell\|_1$ at the worst points within $r$ of fresh images, over the mean
of the same around the training points. While a network is trained against an $\ell_\infty$ adversary of radius
$\varepsilon$, $\rho_\varepsilon$ grows to above 2: the loss becomes flat around the training points and not around
others. This flatness is local: at $r=2\varepsilon$ the ratio stays between $\frac12$ and 2.
"""

from dataclasses import dataclass

import numpy as np

from sims import classifier, image_sets
from sims.claim import Array, Claim, Observation, grid, rng
from sims.classifier import Classifier
from sims.image_sets import CLASSES, Points
from sims.judge import ordered
from sims.network_attack import Attack, loss_gradient, pgd
from sims.train import Recipe, train

RADII = (0.5, 1.0, 1.5, 2.0)  # in units of eps
PIXELS = {"digits": 64, "mnist": 784}


@dataclass(frozen=True)
class Case:
    """k networks of two hidden layers of m units, each with n images of its own, looked at so many times."""

    data: str
    n: int
    fresh: int
    m: int
    eps: float
    epochs: int
    looks: int
    k: int
    seed: int


def predict(case: Case) -> Array:
    """Signs: of log₂ ρ_ε − 1 at the end; of its growth up to the middle look and after it; of 1 − |log₂ ρ_2ε|."""
    return np.ones(4)


def rival(case: Case) -> Array:
    """Flatness is global: fresh points are within the factor 2 at every radius, to the end."""
    return np.array([-1.0, 0.0, 0.0, 1.0])


def simulate(case: Case) -> Observation:
    """Train the k networks in one call, and take the gradients at the worst points found at each look."""
    rngs = rng(case, "train").spawn(case.k)
    parts = image_sets.drawn(rngs, case.data, case.n, case.fresh)
    net = classifier.fully_connected(rngs, (PIXELS[case.data], case.m, case.m, CLASSES))
    recipe = Recipe(case.epochs, 0.1, batch=50, momentum=0.9, attack=Attack(case.eps, steps=4, best=False))
    seen = train(net, *parts[0], recipe, rngs)
    last = len(seen.epochs) - 1
    chosen = np.linspace(3 * last // 5, last, case.looks).round().astype(int)
    sizes = np.array(
        [[[steepness(seen.nets[i], part, r * case.eps, rngs) for part in parts] for r in RADII] for i in chosen]
    )  # looks × radii × parts × networks
    log_rho = np.log2(sizes[:, :, 1] / sizes[:, :, 0]).mean(-1)  # looks × radii
    at = log_rho[:, RADII.index(1.0)]
    value = [at[-1] - 1, at[case.looks // 2] - at[0], at[-1] - at[case.looks // 2], 1 - abs(log_rho[-1, -1])]
    exhibit = {
        "radii": case.eps * np.array(RADII),
        "epochs": seen.epochs[chosen],
        "train": sizes[:, :, 0].mean(-1),
        "test": sizes[:, :, 1].mean(-1),
        "log_ratio": log_rho,
    }
    return Observation(np.array(value), exhibit=exhibit)


def steepness(net: Classifier, points: Points, radius: float, rngs: list[np.random.Generator]) -> Array:
    """The mean of ‖∇ₓ loss‖₁ at the worst points found within the radius, for each network."""
    worst, _ = pgd(net, *points, Attack(radius, steps=10), rngs)
    sizes = loss_gradient(net, worst, points[1]).abs().sum(-1).mean(1)
    return np.asarray(sizes.numpy(), dtype=np.float64)


CLAIM = Claim(
    statement=__doc__ or "",
    source="Li & Li 2024 (first version of the paper), figure on flatness around training points",
    assumptions={
        r"a radius within which all training points can be fitted, $0<\varepsilon\le0.15$": (
            lambda c: 0 < c.eps <= 0.15
        ),
        "more parameters than the training points have labels": lambda c: (
            c.m * (PIXELS[c.data] + c.m) > CLASSES * c.n
        ),
        "looked at in between": lambda c: c.looks >= 3,
        "at least 50 passes over the images": lambda c: c.epochs >= 50,
    },
    cases=(
        *(Case("digits", 200, 400, 128, 0.1, 200, 5, 2, seed) for seed in range(20)),
        *(Case("mnist", 500, 250, 256, 0.1, 100, 5, 1, seed) for seed in range(30)),
    ),
    quick=grid(
        Case,
        data=["digits"],
        n=[100],
        fresh=[250],
        m=[64],
        eps=[0.1],
        epochs=[100],
        looks=[3],
        k=[2],
        seed=range(12),
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(by="data"),
    looks=2,
)

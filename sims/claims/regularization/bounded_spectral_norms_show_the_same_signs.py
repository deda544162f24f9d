r"""Spectral norms alone do not explain what an adversary does to a network. Keep that of every layer at or below
$s$ throughout the training, $W_i\leftarrow W_i\min(1,s/\sigma_{\max}(W_i))$ after each step: still an attack of a
fixed radius changes the features of every layer less where the adversary of the training had a large radius than
where it had none, and for $s\ge2$ the gap of the clean loss is smaller. With $s=1$ four layers hardly learn, the
losses stay near $\ln10$, and of the gap nothing is claimed.
"""

import numpy as np

from sims import classifier, features, losses, spectra
from sims.claim import Array, Claim, Observation, grid
from sims.hardened import HIDDEN, Setting, hardened, numbers
from sims.judge import ordered
from sims.network_attack import Attack, pgd

ATTACK = Attack(0.1, steps=20)
ROUNDING = 1e-9  # of a spectral norm
LEARNS = 2.0  # the least bound at which four layers fit the digits


def predict(case: Setting) -> Array:
    """Signs of the changes of the gap and of r_1 … r_L, from radius 0 to the largest."""
    return np.array([-float(case.bound >= LEARNS), *-np.ones(HIDDEN + 1)])


def rival(case: Setting) -> Array:
    """With spectral norms bounded alike, attacked training is only harder: the gap and the changes grow."""
    return -predict(case)


def simulate(case: Setting) -> Observation:
    """Train within the bound, which no layer exceeds, and take gaps and changes of features."""
    made = hardened(case)
    values = spectra.singular_values(made.net)
    norms = np.array([numbers(s[:, 0]) for s in values])
    if norms.max() > case.bound * (1 + ROUNDING):
        raise ArithmeticError(f"a layer has spectral norm {norms.max()} above its bound {case.bound}")
    loss = np.array(
        [
            numbers(losses.cross_entropy.values(classifier.outputs(made.net, X), y)).mean(1)
            for X, y in (made.train, made.test)
        ]
    )
    Z, _ = pgd(made.net, *made.test, ATTACK, made.rngs)
    r = numbers(features.changes(made.net, made.test[0], Z)).T  # layers × radii
    gap = loss[1] - loss[0]
    exhibit = {
        "eps": made.eps,
        "loss": loss,
        "changes": r,
        "norms": norms,
        "stable_rank": np.array([numbers(spectra.stable_rank(s)) for s in values]),
    }
    return Observation(np.array([gap[-1] - gap[0], *(r[:, -1] - r[:, 0])]), exhibit=exhibit)


CLAIM = Claim(
    statement=__doc__ or "",
    source="Wen, Li and Jia 2020, appendix on networks with bounded spectral norms",
    assumptions={
        r"a bound that can hold back a layer: $1\le s\le4$": lambda c: 1 <= c.bound <= 4,
        r"a large radius: $0.1\le\varepsilon\le0.2$, for pixels in $[0,1]$": lambda c: 0.1 <= c.top <= 0.2,
        "training that ends: at least 20 passes over the digits": lambda c: c.epochs >= 20,
    },
    cases=grid(
        Setting,
        n=[300],
        fresh=[449],
        m=[64],
        top=[0.15],
        radii=[2],
        epochs=[60],
        scale=[1.0],
        bound=[1.0, 2.0, 4.0],
        seed=range(24),
    ),
    quick=grid(
        Setting,
        n=[150],
        fresh=[449],
        m=[48],
        top=[0.1],
        radii=[2],
        epochs=[40],
        scale=[2.0],
        bound=[3.0],
        seed=range(20),
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(by="bound"),
    looks=2,
)

r"""Let $r_l$ be the mean of $\lVert h_l(z)-h_l(x)\rVert$ over that of $\lVert h_l(x)\rVert$, for fresh points $x$
and the points $z$ that an attack of a fixed radius finds. In every layer $r_l$ is smaller for networks trained
against an adversary of large radius than for those trained without, and from two fifths of that radius on the
changes are more even on average: the ratio of the last layer to the first is smaller. The largest singular value
of the Jacobian of the outputs falls.
"""

import numpy as np
import torch

from sims import features, jacobians
from sims.claim import Array, Claim, Observation, grid
from sims.hardened import HIDDEN, Setting, hardened, numbers
from sims.judge import ordered
from sims.network_attack import Attack, pgd

ATTACK = Attack(0.1, steps=20)
POINTS = 60  # fresh points at which Jacobians are taken
MILD = 2  # radii below this one are left out where the ratio is averaged


def predict(case: Setting) -> Array:
    """Signs of the changes of r_1 … r_L and of the Jacobian, and with several radii of the ratio."""
    return np.array([*-np.ones(HIDDEN + 2), -1.0 if case.radii > MILD else 0.0])


def rival(case: Setting) -> Array:
    """Training on attacked points makes the features follow the attack: they change more, and later ones most."""
    return -predict(case)


def simulate(case: Setting) -> Observation:
    """Attack every network on fresh points, and compare the features before and after."""
    made = hardened(case)
    Z, _ = pgd(made.net, *made.test, ATTACK, made.rngs)
    r = numbers(features.changes(made.net, made.test[0], Z)).T  # layers × radii
    top = numbers(torch.linalg.svdvals(jacobians.of_network(made.net, made.test[0][:, :POINTS]))[..., 0].mean(1))
    ratio = r[-1] / r[0]
    value = [*(r[:, -1] - r[:, 0]), top[-1] - top[0], ratio[MILD:].mean() - ratio[0] if len(ratio) > MILD else 0.0]
    return Observation(np.array(value), exhibit={"eps": made.eps, "changes": r, "largest": top})


CLAIM = Claim(
    statement=__doc__ or "",
    source="Wen, Li and Jia 2020, abstract and figures on perturbations of features",
    assumptions={
        r"a large radius: $0.1\le\varepsilon\le0.2$, for pixels in $[0,1]$": lambda c: 0.1 <= c.top <= 0.2,
        "training that ends: at least 20 passes over the digits": lambda c: c.epochs >= 20,
        "no bound on the layers": lambda c: np.isinf(c.bound),
    },
    cases=grid(
        Setting, n=[300], fresh=[449], m=[96], top=[0.2], radii=[6], epochs=[60], scale=[1.0], seed=range(24)
    ),
    quick=grid(
        Setting, n=[150], fresh=[449], m=[48], top=[0.1], radii=[2], epochs=[40], scale=[2.0], seed=range(20)
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(),
    looks=2,
)

r"""Let networks differ in nothing but the radius $\varepsilon$ of the $\ell_\infty$ adversary that they are
trained against. The gap of the clean loss, on fresh points less on training points, is smaller at every
$\varepsilon>0$ than at 0, and at the largest smaller than at the least $\varepsilon>0$; the error under an attack
of fixed radius is smaller at three fifths of the largest than at 0. On digits the error without an attack falls at
mild radii and exceeds that of standard training only near the largest; the training loss rises with $\varepsilon$.
"""

import numpy as np

from sims import classifier, losses
from sims.claim import Array, Claim, Observation, grid
from sims.hardened import Hardened, Setting, hardened, numbers
from sims.image_sets import Points
from sims.judge import ordered
from sims.network_attack import Attack, pgd

ATTACK = Attack(0.1, steps=20, loss=losses.margin)


def predict(case: Setting) -> Array:
    """Signs: of the gap at 0 less that at each other radius, at the least of them less the largest, of errors."""
    return np.array([*np.ones(case.radii - 1), float(case.radii > 2), 1.0])


def rival(case: Setting) -> Array:
    """Points that are attacked are harder to fit, and generalise the worse the larger the radius is."""
    return np.array([*-predict(case)[:-1], 1.0])


def simulate(case: Setting) -> Observation:
    """Clean losses and errors on the training points and on fresh ones, and errors under the fixed attack."""
    made = hardened(case)
    trained, tested = (clean(made, part) for part in (made.train, made.test))
    robust = [
        (numbers(pgd(made.net, *part, ATTACK, made.rngs)[1]) >= 0).mean(1) for part in (made.train, made.test)
    ]
    gap = tested[0] - trained[0]
    exhibit = {
        "eps": made.eps,
        "loss": np.array([trained[0], tested[0]]),
        "error": np.array([trained[1], tested[1]]),
        "robust": np.array(robust),
    }
    value = [*(gap[0] - gap[1:]), gap[1] - gap[-1], robust[1][0] - robust[1][case.radii // 2]]
    return Observation(np.array(value), exhibit=exhibit)


def clean(made: Hardened, part: Points) -> tuple[Array, Array]:
    """The mean loss and the error of each network."""
    F = classifier.outputs(made.net, part[0])
    values = numbers(losses.cross_entropy.values(F, part[1]))
    return values.mean(1), (numbers(losses.margins(F, part[1])) <= 0).mean(1)


CLAIM = Claim(
    statement=__doc__ or "",
    source="Wen, Li and Jia 2020, abstract and figures on gaps of the loss (there CIFAR and Tiny-ImageNet)",
    assumptions={
        "radii at which the training points can still be fitted": lambda c: 0 < c.top <= 0.2,
        "more training points than one of each class": lambda c: c.n >= 100,
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

r"""A smaller gap of the surrogate loss is no smaller error. From a mild radius of the adversary to the largest,
training against it leaves a smaller gap of the clean loss between fresh and training points, and yet misclassifies
more fresh points, since more of them lie near the boundary, $\lvert p_y-\max_{j\ne y}p_j\rvert<0.1$, where little
turns a label. Between 0 and mild radii, where nearly all training points are right, both gaps fall alike.
"""

import numpy as np

from sims import classifier, confidence, losses
from sims.claim import Array, Claim, Observation, grid
from sims.hardened import Hardened, Setting, hardened, numbers
from sims.image_sets import Points
from sims.judge import ordered

NEAR = 0.1  # a difference of probabilities


def predict(case: Setting) -> Array:
    """Signs of the changes of the gap of the loss, of the error, and of the share of points near the boundary."""
    return np.array([-1.0, 1.0, 1.0])


def rival(case: Setting) -> Array:
    """The error follows the gap of the loss, as it would if margins only grew."""
    return np.array([-1.0, -1.0, -1.0])


def simulate(case: Setting) -> Observation:
    """Losses, errors and shares near the boundary, on the training points and on fresh ones."""
    made = hardened(case)
    trained, tested = (read(made, part) for part in (made.train, made.test))
    gap, mild = tested[0] - trained[0], min(1, case.radii - 2)
    value = [curve[-1] - curve[mild] for curve in (gap, tested[1], tested[2])]
    exhibit = {"eps": made.eps, "train": np.array(trained), "test": np.array(tested)}
    return Observation(np.array(value), exhibit=exhibit)


def read(made: Hardened, part: Points) -> tuple[Array, Array, Array]:
    """The mean loss, the error and the share near the boundary of each network."""
    F = classifier.outputs(made.net, part[0])
    near = confidence.probability_margins(F, part[1]).abs() < NEAR
    return (
        numbers(losses.cross_entropy.values(F, part[1]).mean(1)),
        (numbers(losses.margins(F, part[1])) <= 0).mean(1),
        numbers(near.double().mean(1)),
    )


CLAIM = Claim(
    statement=__doc__ or "",
    source="Wen, Li and Jia 2020, discussion of the loss gap and the error",
    assumptions={
        r"a strong adversary, $\varepsilon\ge0.15$, for pixels in $[0,1]$": lambda c: c.top >= 0.15,
        "training that ends: at least 20 passes over the digits": lambda c: c.epochs >= 20,
        "no bound on the layers": lambda c: np.isinf(c.bound),
    },
    cases=grid(
        Setting, n=[300], fresh=[449], m=[96], top=[0.2], radii=[6], epochs=[60], scale=[1.0], seed=range(24)
    ),
    quick=grid(
        Setting, n=[150], fresh=[449], m=[48], top=[0.16], radii=[2], epochs=[40], scale=[2.0], seed=range(24)
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(),
    looks=2,
)

r"""Compare networks that are trained against a strong $\ell_\infty$ adversary with the same trained without:
on fresh points the mean of the output margin $M=f_y-\max_{j\ne y}f_j$ falls, and so does its standard deviation;
the confidence $\max_jp_j$ falls, on all points and on those that are classified right; more points lie near the
boundary, with $\lvert p_y-\max_{j\ne y}p_j\rvert<0.1$. On the training points the mean margin and the confidence
fall as well. At mild radii, margins and confidence of digits are unchanged or rise.
"""

import math

import numpy as np

from sims import classifier, confidence, instance_margin, losses
from sims.claim import Array, Claim, Observation, grid
from sims.hardened import Hardened, Setting, hardened, numbers
from sims.image_sets import Points
from sims.judge import ordered

NEAR = 0.1  # a difference of probabilities
SEEN = 100  # fresh points whose distance to the boundary is measured
EDGES = np.linspace(-10, 25, 71)  # of the histograms of margins


def predict(case: Setting) -> Array:
    """Signs of the change from radius 0 to the largest, in the order of `simulate`."""
    return np.array([-1.0, -1.0, -1.0, -1.0, 1.0, -1.0, -1.0])


def rival(case: Setting) -> Array:
    """What withstands attacks is surer: margins and confidence grow, fewer points are near the boundary."""
    return -predict(case)


def simulate(case: Setting) -> Observation:
    """Margins and probabilities on the training points and on fresh ones, and distances to the boundary."""
    made = hardened(case)
    trained, tested = (spread(made, part) for part in (made.train, made.test))
    points = made.test[0][:, :SEEN]
    away = [
        np.median(numbers(instance_margin.boundary(made.net, points, p).distances), axis=1) for p in (2, math.inf)
    ]
    change = {name: (trained[name][-1] - trained[name][0], tested[name][-1] - tested[name][0]) for name in tested}
    value = [
        *(change[name][1] for name in ("margin", "deviation", "confidence", "confidence_right", "near")),
        *(change[name][0] for name in ("margin", "confidence")),
    ]
    exhibit = {name: np.array([trained[name], tested[name]]) for name in tested}
    exhibit |= {"eps": made.eps, "edges": EDGES, "distance": np.array(away)}
    exhibit["histogram"] = np.array([histogram(made, part) for part in (made.train, made.test)])
    return Observation(np.array(value), exhibit=exhibit)


def spread(made: Hardened, part: Points) -> dict[str, Array]:
    """Of each network the mean and deviation of the margin, two confidences, and the share near the boundary."""
    F = classifier.outputs(made.net, part[0])
    M, sure = losses.margins(F, part[1]), confidence.confidence(F)
    near = confidence.probability_margins(F, part[1]).abs() < NEAR
    return {
        "margin": numbers(M.mean(1)),
        "deviation": numbers(M.std(1)),
        "confidence": numbers(sure.mean(1)),
        "confidence_right": numbers(confidence.mean_where(sure, M > 0)),
        "near": numbers(near.double().mean(1)),
    }


def histogram(made: Hardened, part: Points) -> Array:
    """Shares of points by margin, for each network; margins beyond the edges count in the last bins."""
    M = numbers(losses.margins(classifier.outputs(made.net, part[0]), part[1])).clip(EDGES[0], EDGES[-1])
    return np.array([np.histogram(row, EDGES)[0] / len(row) for row in M])


CLAIM = Claim(
    statement=__doc__ or "",
    source="Wen, Li and Jia 2020, abstract and figures on distributions of margins",
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

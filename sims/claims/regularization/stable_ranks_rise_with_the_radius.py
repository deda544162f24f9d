r"""For a layer between two hidden ones, with singular values $\sigma_1\ge\sigma_2\ge\dots$ of its weights, let the
stable rank be $\sum_i\sigma_i^2/\sigma_1^2$. It rises with the radius $\varepsilon$ of the adversary that the
network was trained against, from 0 to three fifths of the largest and on to the largest, and $\sigma_1$ over the
mean singular value falls: weights become smoother in all directions. Nothing is claimed of the raw standard
deviation of the singular values, which at this scale rises before it falls, nor of the first and the last layer.
"""

import numpy as np
import torch

from sims import jacobians, spectra
from sims.claim import Array, Claim, Observation, grid
from sims.hardened import HIDDEN, Setting, hardened, numbers
from sims.judge import ordered

POINTS = 30  # fresh points at which Jacobians are taken
BETWEEN = range(1, HIDDEN)  # layers between hidden ones


def predict(case: Setting) -> Array:
    """Signs of changes of the stable rank and of σ_max over the mean, for two layers and two ranges of radii."""
    later = float(case.radii > 2)
    return np.array([1.0, later] * 2 + [-1.0, -later] * 2)


def rival(case: Setting) -> Array:
    """An adversary leaves fewer directions to be used: stable ranks fall and the leading directions stand out."""
    return -predict(case)


def simulate(case: Setting) -> Observation:
    """Spectra of the weights of every layer, and of Jacobians of the network and of its layers at fresh points."""
    made = hardened(case)
    values = spectra.singular_values(made.net)
    seen = {
        "stable_rank": np.array([numbers(spectra.stable_rank(s)) for s in values]),
        "peak": np.array([numbers(spectra.peak(s)) for s in values]),
        "variation": np.array([numbers(spectra.variation(s)) for s in values]),
        "deviation": np.array([numbers(s.std(1)) for s in values]),
        "largest": np.array([numbers(s[:, 0]) for s in values]),
    }
    X = made.test[0][:, :POINTS]
    maps = [jacobians.of_layer(made.net, X, i) for i in BETWEEN] + [jacobians.of_network(made.net, X)]
    for name, of in (("stable_rank", spectra.stable_rank), ("variation", spectra.variation)):
        seen[f"jacobian_{name}"] = np.array([numbers(of(torch.linalg.svdvals(J)).mean(1)) for J in maps])
    later = case.radii // 2
    value = [
        difference
        for name in ("stable_rank", "peak")
        for i in BETWEEN
        for difference in (
            seen[name][i, later] - seen[name][i, 0],
            seen[name][i, -1] - seen[name][i, later],
        )
    ]
    return Observation(np.array(value), exhibit={"eps": made.eps, **seen})


CLAIM = Claim(
    statement=__doc__ or "",
    source="Wen, Li and Jia 2020, section on singular values, in a form that does not depend on their scale",
    assumptions={
        "radii at which the training points can still be fitted": lambda c: 0 < c.top <= 0.2,
        "training that ends: at least 20 passes over the digits": lambda c: c.epochs >= 20,
        "no bound on the layers": lambda c: np.isinf(c.bound),
    },
    cases=grid(
        Setting, n=[300], fresh=[449], m=[96], top=[0.2], radii=[6], epochs=[60], scale=[1.0], seed=range(24)
    ),
    quick=grid(
        Setting, n=[150], fresh=[449], m=[48], top=[0.1], radii=[2], epochs=[40], scale=[2.0], seed=range(24)
    ),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(),
    looks=2,
)

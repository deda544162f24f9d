r"""Two-layer ReLU networks with antisymmetric start $f_0=0$, trained on both layers by gradient descent to
interpolation of noisy labels, approach the minimum-norm interpolator of the tangent kernel as they grow wider:
$|f_{\mathrm{nn}}-f_{\mathrm{ntk}}|=O(m^{-1/2})$.
"""

from dataclasses import dataclass, replace

import numpy as np
import torch

from sims import lazy, network, sphere, wide
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import rate
from theory.kernel_regression import kernel_ridge, ntk_regression
from theory.kernels import gaussian_process

TEST = 32
UNTIL = 1e-8  # mean squared training error, below the square of any difference that matters here


@dataclass(frozen=True)
class Case:
    """2m hidden units, trained on n points of the sphere in d dimensions with label noise sigma; attack eps."""

    m: int
    n: int
    d: int
    sigma: float
    eps: float
    seed: int


def problem(case: Case) -> tuple[Array, Array, Array]:
    """Training points, labels and other points, the same for every width."""
    draw = rng(replace(case, m=0), "data")
    X = sphere.sphere(draw, case.n, case.d)
    return X, sphere.noisy(draw, X, case.sigma), sphere.sphere(draw, TEST, case.d)


def predict(case: Case) -> Array:
    """The interpolator of the tangent kernel."""
    X, y, Z = problem(case)
    return np.asarray(ntk_regression(X, y, np.zeros(1)).predict(Z)[0])


def rival(case: Case) -> Array:
    """The interpolator of the last layer's kernel."""
    X, y, Z = problem(case)
    return np.asarray(kernel_ridge(X, y, np.zeros(1), gaussian_process()).predict(Z)[0])


def simulate(case: Case) -> Observation:
    """The trained network; doubt: how far it would still move to interpolate exactly.

    Beside it clean and adversarial risk of the network, and of the interpolator of infinite width.
    """
    data = problem(case)
    X, y, Z = (torch.from_numpy(part) for part in data)
    net = network.antisymmetric(network.two_layer(rng(case, "init"), case.m, case.d, gain=1.0))
    seen, net = lazy.train(net, X, y, Z, steps=20_000, until=UNTIL)
    truth = np.sqrt(case.d) * data[2][:, 0]
    learners = (lambda V: outputs(net, V), wide.interpolate(*data[:2]).seen)
    risks = [wide.risks(learner, data[2], truth, case.eps, rng(case, "attack")) for learner in learners]
    return Observation(
        network.forward(net, Z).numpy(),
        lazy.unfinished(net, X, y, Z).numpy(),
        exhibit={"taken": seen.taken.numpy(), "risks": np.array(risks)},
    )


def outputs(net: network.Network, V: Array) -> tuple[Array, Array]:
    """The network's outputs at these points and their gradients."""
    points = torch.from_numpy(V)
    return network.forward(net, points).numpy(), network.input_gradient(net, points).numpy()


CLAIM = Claim(
    statement=__doc__ or "",
    source="Hao & Zhang 2024, two-layer tangent kernel; Lee et al. 2019, Theorem 2.1, for the order",
    assumptions={
        "noisy labels": lambda c: c.sigma > 0,
        "more weights than points": lambda c: c.m * (c.d + 1) > c.n,
        r"no more points than the sphere keeps apart: $n\le2d$": lambda c: c.n <= 2 * c.d,
    },
    cases=grid(Case, m=[64, 256, 1024, 4096], n=[16], d=[20], sigma=[0.5], eps=[0.2], seed=range(128)),
    quick=grid(Case, m=[64, 1024], n=[8], d=[20], sigma=[0.5], eps=[0.2], seed=range(64)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=rate(order=1 / 2, along="m"),
    looks=3,
)

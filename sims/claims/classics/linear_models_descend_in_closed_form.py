r"""Gradient descent with step $\eta$ on $\frac12\|f-y\|^2$ of a model that is linear in its parameters, with
feature kernel $K$, gives after $k$ steps exactly $K(Z,X)K^{-1}(I-(I-\eta K)^k)y$, at training and at other points.
The features here are the gradients of a finite network.
"""

from dataclasses import dataclass

import numpy as np
import torch

from sims import lazy, network, sphere
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import equal
from theory.kernel_descent import descent_path
from theory.ridge import flow_path


@dataclass(frozen=True)
class Case:
    """A tanh network of m hidden units; n training points, as many others; so many steps of share/λmax."""

    m: int
    n: int
    d: int
    steps: int
    share: float
    seed: int


def problem(case: Case) -> tuple[network.Network, Array, Array]:
    """The network, the points (training points first) and the labels."""
    draw = rng(case, "data")
    Z = sphere.sphere(draw, 2 * case.n, case.d)
    net = network.two_layer(draw, case.m, case.d, activation="tanh")
    return net, Z, sphere.noisy(draw, Z[: case.n], 0.5)


def predict(case: Case) -> Array:
    """The closed form, from the kernel alone."""
    net, Z, y = problem(case)
    K = network.tangent_kernel(net, torch.from_numpy(Z)).numpy()
    square = K[: case.n, : case.n]
    step = case.share / float(np.linalg.norm(square, 2))
    return np.asarray(descent_path(square, y, step, np.array([case.steps]), K[:, : case.n])[0])


def rival(case: Case) -> Array:
    """Gradient flow at the same time: exponentials in place of powers."""
    net, Z, y = problem(case)
    Phi = network.jacobian(net, torch.from_numpy(Z)).numpy()
    step = case.share / np.linalg.norm(Phi[: case.n], 2) ** 2
    return np.asarray(Phi @ flow_path(Phi[: case.n], y, np.array([case.n * step * case.steps]))[0])


def simulate(case: Case) -> Observation:
    """Descent in the parameters, step by step."""
    net, Z, y = problem(case)
    Phi = network.jacobian(net, torch.from_numpy(Z))
    train = Phi[: case.n]
    step = case.share / float(torch.linalg.matrix_norm(train, 2)) ** 2
    return Observation((Phi @ lazy.linear_descent(train, torch.from_numpy(y), step, case.steps)).numpy())


CLAIM = Claim(
    statement=__doc__ or "",
    source="Jacot, Gabriel & Hongler 2018, section 5; Lee et al. 2019, equations 8 to 11, in discrete time",
    assumptions={
        "fewer points than parameters": lambda c: c.n < c.m * (c.d + 1),
        r"$0<\eta<2/\lambda_{\max}(K)$": lambda c: 0 < c.share < 2,
    },
    cases=grid(Case, m=[40, 400], n=[10, 40], d=[10], steps=[1, 10, 100, 1000], share=[0.9], seed=range(8)),
    quick=grid(Case, m=[40], n=[15], d=[5], steps=[1, 10, 100, 1000], share=[0.9], seed=range(8)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(1e-9),
)

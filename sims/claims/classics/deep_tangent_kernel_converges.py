r"""At depth 3 as well the empirical tangent kernel of a ReLU network whose layers have width $m$ is within
$O(m^{-1/2})$ of its limit, in Frobenius norm: $\Sigma\leftarrow\kappa_1(\Sigma)$,
$\Theta\leftarrow\Theta\,\kappa_0(\Sigma)+\kappa_1(\Sigma)$ from $\Sigma=\Theta=\langle x,z\rangle$.
"""

from dataclasses import dataclass, replace

import torch

from sims import network, sphere
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import rate
from theory.kernels import nngp_relu, ntk_relu


@dataclass(frozen=True)
class Case:
    """A network of so many hidden layers of m units, seen at n points of the sphere in d dimensions."""

    depth: int
    m: int
    n: int
    d: int
    seed: int


def points(case: Case) -> Array:
    """The inputs at which both kernels are evaluated, the same for every width."""
    return sphere.sphere(rng(replace(case, m=0), "data"), case.n, case.d)


def predict(case: Case) -> Array:
    """The limit."""
    return ntk_relu(points(case), depth=case.depth)


def rival(case: Case) -> Array:
    """The last layer's kernel once for each layer: equal on the diagonal."""
    return (case.depth + 1) * nngp_relu(points(case), depth=case.depth)


def simulate(case: Case) -> Observation:
    """One network, drawn and differentiated."""
    net = network.fully_connected(rng(case, "init"), (case.d, *[case.m] * case.depth))
    return Observation(network.tangent_kernel(net, torch.from_numpy(points(case))).numpy())


CLAIM = Claim(
    statement=__doc__ or "",
    source="Jacot, Gabriel & Hongler 2018, Theorem 1; rate measured",
    assumptions={
        "more than one hidden layer": lambda c: c.depth > 1,
        r"wide: $m\ge16\,\mathrm{depth}$": lambda c: c.m >= 16 * c.depth,
    },
    cases=grid(Case, depth=[3], m=[128, 512, 2048], n=[6], d=[10], seed=range(160)),
    quick=grid(Case, depth=[3], m=[48, 128, 512], n=[8], d=[10], seed=range(128)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=rate(order=1 / 2, along="m"),
    looks=3,
)

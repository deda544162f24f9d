r"""At initialisation the empirical tangent kernel of a ReLU network with $m$ hidden units is within
$O(m^{-1/2})$ of its limit $\Theta(x,z)=\langle x,z\rangle\kappa_0+\|x\|\|z\|\kappa_1$, entrywise, on the unit
sphere.
"""

from dataclasses import dataclass, replace

import torch

from sims import network, sphere
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import rate
from theory.kernels import nngp_relu, ntk_relu


@dataclass(frozen=True)
class Case:
    """A network of m hidden units, seen at n points of the sphere in d dimensions."""

    m: int
    n: int
    d: int
    seed: int


def points(case: Case) -> Array:
    """The inputs at which both kernels are evaluated, the same for every width."""
    return sphere.sphere(rng(replace(case, m=0), "data"), case.n, case.d)


def predict(case: Case) -> Array:
    """The limit."""
    return ntk_relu(points(case))


def rival(case: Case) -> Array:
    """Twice the kernel of a network whose last layer alone is trained: equal on the diagonal."""
    return 2 * nngp_relu(points(case))


def simulate(case: Case) -> Observation:
    """One network, drawn and differentiated."""
    net = network.two_layer(rng(case, "init"), case.m, case.d)
    return Observation(network.tangent_kernel(net, torch.from_numpy(points(case))).numpy())


CLAIM = Claim(
    statement=__doc__ or "",
    source="Jacot, Gabriel & Hongler 2018, Theorem 1; rate: Du et al. 2019, Lemma 3.1",
    assumptions={
        r"$n\ge2$": lambda c: c.n >= 2,
        r"$d\ge2$, so that angles are generic": lambda c: c.d >= 2,
    },
    cases=grid(Case, m=[64, 256, 1024, 4096, 16384], n=[6], d=[10], seed=range(256)),
    quick=grid(Case, m=[32, 128, 512], n=[8], d=[10], seed=range(100)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=rate(order=1 / 2, along="m"),
    looks=3,
)

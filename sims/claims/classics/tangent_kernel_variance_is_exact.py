r"""The tangent kernel of the two-layer Gaussian ReLU network has, on unit vectors with
$u=\langle x,z\rangle=\cos\vartheta$, the variance
$m\,\mathrm{Var}\,\Theta_m=6u^2\kappa_0+4u\kappa_1+2J_2/\pi-(u\kappa_0+\kappa_1)^2$ at every width, where
$J_2=3u\sin\vartheta+(\pi-\vartheta)(1+2u^2)$; on the diagonal it is 12.
"""

from dataclasses import dataclass

import numpy as np
import torch

from sims import network, sphere
from sims.claim import Array, Claim, Observation, rng
from sims.judge import mean_equal
from theory.kernel_variance import ntk_variance

POINTS = sphere.fan(np.array([1.0, 0.9, 0.5, 0.0, -0.5, -0.9]))


@dataclass(frozen=True)
class Case:
    """So many networks of m units; the plane suffices, for a kernel of two points sees no more."""

    m: int
    draws: int
    seed: int


def predict(case: Case) -> Array:
    """The exact variance, times m."""
    return np.asarray(ntk_variance(POINTS[:1], POINTS)[0])


def rival(case: Case) -> Array:
    """The same with E a⁴ = 1, as if the outer weights were signs: 8 on the diagonal."""
    return np.asarray(ntk_variance(POINTS[:1], POINTS, fourth=1.0)[0])


def simulate(case: Case) -> Observation:
    """The unbiased sample variance over independent networks, times m."""
    nets = network.two_layer(rng(case, "init"), case.m, 2, k=case.draws)
    Z = torch.from_numpy(POINTS)
    return Observation(case.m * network.tangent_kernel(nets, Z[:1], Z)[:, 0].var(0).numpy())


CLAIM = Claim(
    statement=__doc__ or "",
    source="computed from the arc-cosine kernels of Cho & Saul 2009; E a⁴ = 3 enters",
    assumptions={"a hidden unit": lambda c: c.m >= 1, "two draws or more": lambda c: c.draws >= 2},
    cases=tuple(Case(m, draws, seed) for m, draws in [(1, 65536), (8, 8192), (64, 2048)] for seed in range(160)),
    quick=tuple(Case(m, draws, seed) for m, draws in [(1, 24576), (50, 768)] for seed in range(96)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.05, by="m"),
    looks=3,
)

r"""The tangent kernel of the two-layer Gaussian ReLU network $f(x)=\sqrt{2/m}\sum_ja_j(\langle w_j,x\rangle)_+$
has its limit as its mean at every width, $\mathbb{E}\,\Theta_m=\Theta$, a single unit included.
"""

from dataclasses import dataclass

import numpy as np
import torch

from sims import network, sphere
from sims.claim import Array, Claim, Observation, rng
from sims.judge import mean_equal
from theory.kernels import nngp_relu, ntk_relu

POINTS = sphere.fan(np.array([1.0, 0.9, 0.5, 0.0, -0.5, -0.9]))


@dataclass(frozen=True)
class Case:
    """So many networks of m units; the plane suffices, for a kernel of two points sees no more."""

    m: int
    draws: int
    seed: int


def predict(case: Case) -> Array:
    """The limit."""
    return np.asarray(ntk_relu(POINTS[:1], POINTS)[0])


def rival(case: Case) -> Array:
    """Twice the last layer's kernel."""
    return np.asarray(2 * nngp_relu(POINTS[:1], POINTS)[0])


def simulate(case: Case) -> Observation:
    """The mean over independent networks."""
    nets = network.two_layer(rng(case, "init"), case.m, 2, k=case.draws)
    Z = torch.from_numpy(POINTS)
    return Observation(network.tangent_kernel(nets, Z[:1], Z)[:, 0].mean(0).numpy())


CLAIM = Claim(
    statement=__doc__ or "",
    source="Jacot, Gabriel & Hongler 2018, section 4; exactness at finite width is immediate at depth 1",
    assumptions={"a hidden unit": lambda c: c.m >= 1, "independent draws": lambda c: c.draws >= 1},
    cases=tuple(Case(m, draws, seed) for m, draws in [(1, 65536), (8, 8192), (64, 1024)] for seed in range(256)),
    quick=tuple(Case(m, draws, seed) for m, draws in [(1, 16384), (50, 512)] for seed in range(64)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=mean_equal(0.02, by="m"),
    looks=3,
)

r"""Kernel ridge regression on a finite domain of $M$ points learns a total of
$\sum_{i=1}^{M}\mathcal L_i=\operatorname{tr}K(K+\delta I)^{-1}$ from any $n$ of them, exactly: $\mathcal L_i=
\langle\varphi_i,\hat f_i\rangle$ is the learnability of the $i$-th eigenfunction, $\hat f_i$ what is learned
from the values of $\varphi_i$, and $K$ the kernel matrix of the sample. Without a ridge the total is $n$.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch

from sims import network, sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import equal
from theory.kernel_regression import decompose


@dataclass(frozen=True)
class Case:
    """n of M points of the sphere in d dimensions, the tangent kernel of m units, ridge delta."""

    M: int
    n: int
    d: int
    m: int
    delta: float
    seed: int


def domain(case: Case) -> tuple[Array, npt.NDArray[np.int64]]:
    """The kernel on the whole domain, and which of its points are the sample."""
    points = torch.from_numpy(sample.inputs(rng(case, "domain"), case.M, case.d))
    points = points / points.norm(dim=1, keepdim=True)
    net = network.two_layer(rng(case, "network"), case.m, case.d)
    return network.tangent_kernel(net, points).numpy(), rng(case, "sample").permutation(case.M)[: case.n]


def predict(case: Case) -> Array:
    """The trace, from the eigenvalues of the sample's kernel."""
    K, chosen = domain(case)
    s = decompose(K[np.ix_(chosen, chosen)]).s
    return np.array([np.sum(s / (s + case.delta))])


def rival(case: Case) -> Array:
    """The trace over the whole domain at an n/M-th of its eigenvalues: exact on average for wide spectra only."""
    s = decompose(domain(case)[0]).s * case.n / case.M
    return np.array([np.sum(s / (s + case.delta)) if case.delta else case.n])


def simulate(case: Case) -> Observation:
    """Each eigenfunction of the domain fitted from its values on the sample, and compared with itself."""
    K, chosen = domain(case)
    _, functions = np.linalg.eigh(K)
    G = K[np.ix_(chosen, chosen)] + case.delta * np.eye(case.n)
    learned = K[:, chosen] @ np.linalg.solve(G, functions[chosen])
    learnability = np.sum(functions * learned, axis=0)
    return Observation(np.array([learnability.sum()]), exhibit={"learnability": learnability})


CLAIM = Claim(
    statement=__doc__ or "",
    source="Simon, Dickens, Karkada & DeWeese 2023, The eigenlearning framework, conservation of learnability",
    assumptions={r"$n\le M$": lambda c: c.n <= c.M, r"$\delta\ge 0$": lambda c: c.delta >= 0},
    cases=grid(Case, M=[200], n=[20, 60, 120], d=[8], m=[2000], delta=[0.0, 0.1, 10.0], seed=range(8)),
    quick=grid(Case, M=[60], n=[15, 40], d=[5], m=[500], delta=[0.0, 0.1, 10.0], seed=range(3)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(1e-8),
)

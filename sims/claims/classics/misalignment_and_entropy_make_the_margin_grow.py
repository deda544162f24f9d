r"""Along the gradient flow of $L=\sum_ie^{-m_i}$, margins $m_i$ homogeneous of degree $k$, once $L<1$ the smoothed
margin $\tilde\gamma=\log(1/L)/\lVert\theta\rVert_2^k$ grows exactly by
$d\log\tilde\gamma=\left(\tan^2\alpha+\frac{H(q)}{\log(1/L)\cos^2\alpha}\right)d\log\lVert\theta\rVert_2^k$:
$\alpha$ is the angle between $\theta$ and $\sum_iq_i\nabla m_i$, $q$ the softmax weights of the points and $H$
their entropy. As $\tilde\gamma$ is bounded, neither part can stay large.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.integrate import simpson

from sims import homogeneous
from sims.claim import Array, Claim, Observation, grid, rng
from sims.homogeneous_data import chosen
from sims.judge import equal
from theory.smoothed_margin import alignment_rates

QUADRATURE = 1e-4  # of Simpson's rule on 40 levels or more per decade and of the integrator; 7e-6 was seen


@dataclass(frozen=True)
class Case:
    """A model, m = 0 for a diagonal one; an ℓ2 attack; a flow seen at so many levels up to log 1/L = until."""

    n: int
    d: int
    m: int
    share: float
    until: float
    levels: int
    seed: int


@lru_cache(maxsize=4)
def flow(case: Case) -> tuple[homogeneous.Model, Array]:
    """The model, and its parameters at levels of log 1/L from 1 up, evenly spaced in their logarithm."""
    model, theta = chosen(rng(case, "data"), case.n, case.d, case.m, case.share, 2.0)
    return model, homogeneous.gradient_flow(model, theta, np.geomspace(1.0, case.until, case.levels))


def growth(case: Case) -> tuple[Array, Array]:
    """The integrals of both parts over log‖theta‖^k."""
    model, points = flow(case)
    log_norm = model.degree * np.log(np.linalg.norm(points, axis=1))
    rates = np.array([alignment_rates(*homogeneous.look(model, theta), theta, model.degree) for theta in points])
    return simpson(rates[:, 0], x=log_norm), simpson(rates[:, 1], x=log_norm)


def predict(case: Case) -> Array:
    """Misalignment and entropy."""
    return np.asarray(sum(growth(case)))


def rival(case: Case) -> Array:
    """Misalignment alone, the lower bound read as an equality."""
    return growth(case)[0]


def simulate(case: Case) -> Observation:
    """The growth of log gamma~ from the first level to the last."""
    model, points = flow(case)
    first, last = np.log(np.linalg.norm(points[[0, -1]], axis=1))
    return Observation(np.log(case.until) - model.degree * (last - first))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Lyu & Li 2020, Lemma 5.1 (the misalignment, as a lower bound); the identity is worked out here",
    assumptions={"margins are differentiable along the flow": lambda c: c.m == 0 or c.share == 0},
    cases=grid(Case, n=[12], d=[4], m=[24], share=[0.0], until=[1e2, 1e4], levels=[201], seed=range(6))
    + grid(Case, n=[15], d=[30], m=[0], share=[0.0, 0.5], until=[1e2, 1e4], levels=[201], seed=range(6)),
    quick=grid(Case, n=[12], d=[4], m=[24], share=[0.0], until=[1e3], levels=[121], seed=range(2))
    + grid(Case, n=[15], d=[30], m=[0], share=[0.5], until=[1e3], levels=[121], seed=[0]),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(QUADRATURE),
)

r"""Once the loss $L=\sum_ie^{-m_i}$ of a homogeneous network of degree $k$ is below 1, steepest flow with respect
to $\lVert\cdot\rVert_r$ never lets the smoothed margin $\log(1/L)/\lVert\theta\rVert_r^k$ fall. In another norm
$\log(1/L)/\lVert\theta\rVert_s^k$ may fall, by a factor of at most $P^{k|1/r-1/s|}$ for $P$ parameters.
"""

import math
from dataclasses import dataclass

import numpy as np

from sims import homogeneous
from sims.claim import Array, Claim, Observation, grid, rng
from sims.homogeneous_data import chosen
from sims.judge import at_most
from theory.smoothed_margin import largest_fall

NORMS = (1.0, 2.0, math.inf)
SINCE = 1.0  # the level of log 1/L from which falls count
ROUNDING = 1e-12  # of the sums in log(1/L)/‖theta‖^k


@dataclass(frozen=True)
class Case:
    """A model of m hidden units, m = 0 for a diagonal one; an attack; a flow until log 1/L, by such steps."""

    n: int
    d: int
    m: int
    attack: float
    share: float
    geometry: float
    until: float
    step: float
    seed: int


def problem(case: Case) -> tuple[homogeneous.Model, Array]:
    """The model on its training set, and the parameters at the start."""
    return chosen(rng(case, "data"), case.n, case.d, case.m, case.share, case.attack)


def factors(case: Case, own: tuple[float, ...]) -> Array:
    """The factors that margins may fall by in ℓ1, ℓ2, ℓ∞, if they never do in the norms `own`."""
    k, P = (2, 2 * case.d) if case.m == 0 else (3, case.m * (case.d + 1))
    return np.array([1.0 if s in own else largest_fall(k, P, case.geometry, s) for s in NORMS])


def predict(case: Case) -> Array:
    """No fall in the norm of the flow."""
    return factors(case, (case.geometry,))


def rival(case: Case) -> Array:
    """A margin is a margin: no fall in any norm."""
    return factors(case, NORMS)


def simulate(case: Case) -> Observation:
    """The largest fall over all steps; half as long steps say what is owed to their length."""
    model, theta = problem(case)
    levels = np.array([SINCE, case.until])
    coarse, fine = (
        homogeneous.steepest_flow(model, theta, case.geometry, levels, step=step)
        for step in (case.step, case.step / 2)
    )
    reached = np.isfinite(fine.points).all() and np.isfinite(coarse.points).all()
    value = np.exp(fine.falls[:3]) if reached else np.full(3, np.nan)
    return Observation(value, doubt=np.abs(value - np.exp(coarse.falls[:3])))


def smooth_enough(case: Case) -> bool:
    """Differentiable margins; the kinks of an ℓ∞ attack let explicit steps chatter, unless the geometry is ℓ2."""
    return case.share == 0 or case.attack == 2 or case.geometry == 2


def rows(until: float, step: float, seeds: range) -> tuple[Case, ...]:
    """Squared ReLUs on quadrants, and diagonal networks with and without an attack, in the three geometries."""
    networks = grid(
        Case,
        n=[12],
        d=[4],
        m=[24],
        attack=[2.0],
        share=[0.0],
        geometry=list(NORMS),
        until=[until],
        step=[step],
        seed=seeds,
    )
    diagonals = grid(
        Case,
        n=[15],
        d=[30],
        m=[0],
        attack=[2.0, math.inf],
        share=[0.0, 0.5],
        geometry=list(NORMS),
        until=[until],
        step=[step],
        seed=seeds,
    )
    distinct = (case for case in diagonals if case.share > 0 or case.attack == 2)
    return networks + tuple(case for case in distinct if smooth_enough(case))


CLAIM = Claim(
    statement=__doc__ or "",
    source="Lyu & Li 2020, Lemma 5.1 (r = 2); Tsilivis, Gronich, Kempe & Vardi 2025 (any norm)",
    assumptions={
        "each step moves no margin by more than a fifth": lambda c: 0 < c.step <= 0.2,
        r"margins are differentiable, or $r=2$": smooth_enough,
    },
    cases=rows(50.0, 0.05, range(12)),
    quick=rows(20.0, 0.1, range(2)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=at_most(ROUNDING),
)

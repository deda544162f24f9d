r"""Let $x=(sy(z),z)$ with $z$ uniform on $\{-1,1\}^{D-1}$ and labels $y(z)$ drawn at random, half of each sign.
The sign of $x_1$ has no error. Under an $\ell_\infty$ attack of radius $\delta\in(s,1)$ the least width of a
two-layer ReLU network that adversarial training makes robust grows with $D$ by more than $\sqrt2$ per dimension,
and faster than $D^2$; it exceeds the least width that training without attack finds.
"""

from dataclasses import dataclass

import numpy as np

from sims import sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import ordered
from sims.robust_width import smallest
from theory.robust_capacity import points

FIRST, SIGNAL, RADIUS, SHARE = 3, 0.05, 0.45, 0.97
WIDTHS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128)
RESTARTS, STEPS = 16, 200  # without attack


@dataclass(frozen=True)
class Case:
    """Dimensions 3 to top, every one or every second, k labellings; so many restarts of so many steps a width."""

    top: int
    every: int
    k: int
    restarts: int
    steps: int
    seed: int


def dimensions(case: Case) -> list[int]:
    """3, …, top."""
    return list(range(FIRST, case.top + 1, case.every))


def growth(case: Case, widths: Array) -> Array:
    """log₂ of the widths at the dimensions: slope less 1/2, growth less that of D², and what robustness costs."""
    D = np.array(dimensions(case), dtype=np.float64)
    bits = np.log2(widths)
    slope = (D - D.mean()) @ bits / ((D - D.mean()) @ (D - D.mean()))
    return np.array([slope - 1 / 2, bits[-1] - bits[0] - 2 * np.log2(D[-1] / D[0]), bits[-1]])


def predict(case: Case) -> Array:
    """The width follows the number of points."""
    return growth(case, np.array([points(D) for D in dimensions(case)], dtype=np.float64))


def rival(case: Case) -> Array:
    """The width follows the dimension, as the width that computes a parity does."""
    return growth(case, np.array(dimensions(case), dtype=np.float64))


def simulate(case: Case) -> Observation:
    """Train every width at every dimension, at the top also without attack, and find the smallest that does it."""
    found = []
    for D in dimensions(case):
        stream = rng(case, f"{D}")
        Z = sample.all_signs(D - 1)
        y = np.stack([stream.permutation(np.arange(len(Z)) % 2 * 2.0 - 1) for _ in range(case.k)])
        X = np.stack([np.column_stack([SIGNAL * labels, Z]) for labels in y])
        tried = [m for m in WIDTHS if 2 ** (D - 4) <= m <= 2**D]
        found.append(smallest(stream, X, y, RADIUS, tried, restarts=case.restarts, steps=case.steps, share=SHARE))
    clean = smallest(
        rng(case, "clean"), X[:1], y[:1], 0.0, WIDTHS[:4], restarts=RESTARTS, steps=STEPS, share=SHARE
    )
    value = growth(case, np.exp2(np.log2(found).mean(axis=1)))
    value[2] -= np.log2(clean[0])
    return Observation(value, exhibit={"robust": np.array(found), "clean": clean})


CLAIM = Claim(
    statement=__doc__ or "",
    source="Li and Li 2025, Theorem 4.7; Li et al. 2022. Trained widths bound the smallest one from above only",
    assumptions={
        r"$s<\delta<1$": lambda c: SIGNAL < RADIUS < 1,
        "two dimensions or more": lambda c: c.top >= FIRST + c.every,
    },
    cases=grid(Case, top=[7], every=[1], k=[1], restarts=[3], steps=[1000], seed=range(12)),
    quick=grid(Case, top=[5], every=[2], k=[2], restarts=[3], steps=[200], seed=range(16)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=ordered(),
    looks=2,
)

r"""Normalised steepest descent $w\leftarrow w+\eta\arg\max_{\lVert v\rVert_r\le1}\langle-\nabla\log L,v\rangle$ on
$L=\sum_ie^{-\langle w,z_i\rangle}$ from $w=0$ has, after $T$ steps, a margin
$\frac{\min_i\langle w_T,z_i\rangle}{\lVert w_T\rVert_r}\ge\gamma-\frac{\eta B^2}2-\frac{\log n}{\eta T}$ whenever
the right-hand side is positive; $\gamma$ is the maximum margin, $B=\max_i\lVert z_i\rVert_{r^*}$. For $r=2$ and an
$\ell_2$ attack of radius $\varepsilon<\gamma$ on the loss, the margin less $\varepsilon$ obeys the same with
$\gamma-\varepsilon$ for $\gamma$, less $\frac{\varepsilon(B+\varepsilon)(1+\log T)}{2(\gamma-\varepsilon)T}$.
"""

import math
from dataclasses import dataclass

import numpy as np

from sims import homogeneous, sample
from sims.claim import Array, Claim, Observation, grid, rng
from sims.descent import conjugate, lengths, robust_margin
from sims.judge import at_most
from sims.radius import tolerated
from theory.margin import max_margin
from theory.smoothed_margin import descent_margin

RHO = 0.3  # by which the points are moved apart, so that the bound is soon positive
ROUNDING = 1e-9  # of the maximum margin's certificate and of sums over the steps


@dataclass(frozen=True)
class Case:
    """n points in d dimensions, all but one of them so many times; steps of eta = length/B; an ℓ2 attack."""

    n: int
    d: int
    copies: int
    geometry: float
    share: float
    length: float
    steps: int
    seed: int


def problem(case: Case) -> tuple[Array, Array, float, float]:
    """Points, labels, the radius of the attack, and B."""
    X, y, w_star = sample.planted(rng(case, "data"), case.n, case.d)
    X = sample.shift_margin(X, y, w_star, RHO)
    eps = case.share * tolerated(X, y, 2.0) if case.share else 0.0
    repeats = np.r_[1, np.full(case.n - 1, case.copies)]
    X, y = np.repeat(X, repeats, axis=0), np.repeat(y, repeats)
    return X, y, eps, float(lengths(X, conjugate(case.geometry)).max())


def seen(case: Case) -> list[int]:
    """The steps at which it looks."""
    return [case.steps // 4, case.steps // 2, case.steps]


def bounds(case: Case) -> Array:
    """The margin that is guaranteed."""
    X, y, eps, B = problem(case)
    gamma = max_margin(X, y, case.geometry).value
    return np.array([descent_margin(gamma, B, len(X), case.length / B, T, eps) for T in seen(case)])


def predict(case: Case) -> Array:
    """The largest norm that margins of 1 can need."""
    return np.asarray(1 / bounds(case))


def rival(case: Case) -> Array:
    """The same without log n/(eta T): no time lost while the many outvote the one."""
    X, _, _, B = problem(case)
    lost = math.log(len(X)) / (case.length / B * np.array(seen(case)))
    return np.asarray(1 / (bounds(case) + lost))


def simulate(case: Case) -> Observation:
    """Descend, and scale the iterate to robust margins of 1."""
    X, y, eps, B = problem(case)
    model = homogeneous.linear(X, y, eps, 2.0)
    w = homogeneous.normalised_descent(model, case.geometry, case.length / B, np.array(seen(case)))
    return Observation(1 / robust_margin(w, X, y, eps, 2.0, case.geometry))


def rows(copies: list[int], steps: int, seeds: range) -> tuple[Case, ...]:
    """Every geometry without an attack, and ℓ2 under one."""
    every = grid(
        Case,
        n=[8],
        d=[6],
        copies=copies,
        geometry=[1.0, 2.0, math.inf],
        share=[0.0, 0.5],
        length=[0.02],
        steps=[steps],
        seed=seeds,
    )
    return tuple(case for case in every if case.geometry == 2 or case.share == 0)


CLAIM = Claim(
    statement=__doc__ or "",
    source="Telgarsky 2013; Gunasekar et al. 2018 (the argument); constants and the attacked case worked out here",
    assumptions={
        r"$\varepsilon<\gamma$, and $\varepsilon>0$ for $r=2$ alone": lambda c: (
            0 <= c.share < 1 and (c.share == 0 or c.geometry == 2)
        ),
        "the bound is positive": lambda c: bool((bounds(c) > 0).all()),
    },
    cases=rows([1, 30], 40_000, range(6)),
    quick=rows([1, 10], 20_000, range(2)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=at_most(ROUNDING),
)

r"""On real images, digits 2 against 7: coordinate, gradient and sign descent on the robust exponential loss
under $\ell_\infty$ attacks approach the robust maximum margins of their own geometries.
"""

import math
from dataclasses import dataclass, replace

import numpy as np

from sims import descent, images
from sims.claim import Array, Claim, Observation, grid, rng
from sims.judge import equal
from sims.radius import tolerated
from theory.adversarial import worst_case
from theory.margin import max_margin
from theory.norms import norm

GEOMETRIES = (1.0, 2.0, math.inf)


@dataclass(frozen=True)
class Case:
    """n training images under an attack at a share of what they tolerate."""

    n: int
    share: float
    steps: int
    seed: int


def problem(case: Case) -> tuple[images.Images, float]:
    """Images of both digits, split at random, and the radius of the attack."""
    pictures = images.digits(rng(case, "split"))
    pictures = replace(pictures, X_train=pictures.X_train[: case.n], y_train=pictures.y_train[: case.n])
    return pictures, case.share * tolerated(pictures.X_train, pictures.y_train, math.inf)


def predict(case: Case) -> Array:
    """The three programs."""
    pictures, eps = problem(case)
    return np.array([max_margin(pictures.X_train, pictures.y_train, r, eps=eps).value for r in GEOMETRIES])


def rival(case: Case) -> Array:
    """One program for all: the Euclidean one."""
    pictures, eps = problem(case)
    w = max_margin(pictures.X_train, pictures.y_train, 2.0, eps=eps).w
    least = float(worst_case(w, pictures.X_train, pictures.y_train, eps, math.inf).min())
    return np.array([least / norm(w, r) for r in GEOMETRIES])


def simulate(case: Case) -> Observation:
    """Three descents."""
    pictures, eps = problem(case)
    X, y = pictures.X_train, pictures.y_train
    found = [descent.descend(X, y, geometry=r, eps=eps, steps=case.steps).points[-1] for r in GEOMETRIES]
    margins = [descent.robust_margin(w, X, y, eps, math.inf, r) for w, r in zip(found, GEOMETRIES, strict=True)]
    errors = [descent.robust_error(w, pictures.X_test, pictures.y_test, eps, math.inf) for w in found]
    return Observation(np.array(margins), exhibit={"eps": np.array(eps), "error": np.array(errors)})


CLAIM = Claim(
    statement=__doc__ or "",
    source="Tsilivis et al. 2024, Theorem 1, on the digits bundled with scikit-learn",
    assumptions={r"$\varepsilon<\varepsilon^\star$": lambda c: 0 <= c.share < 1},
    cases=grid(Case, n=[100, 200], share=[0.25, 0.5], steps=[1_000_000], seed=range(3)),
    quick=grid(Case, n=[50], share=[0.5], steps=[300_000], seed=range(2)),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge=equal(0.03),
)

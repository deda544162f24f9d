"""The price of implicit bias: what the wrong geometry costs in robust test error, on one training set."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import adversarial, checks, norms
from theory.margin import largest_radius, max_margin

GEOMETRIES = (1.0, 2.0, math.inf)  # coordinate descent, gradient descent, sign descent


@dataclass(frozen=True, eq=False)
class Price:
    """Robust max-margin directions in three geometries, and their errors on the same held-out points.

    The first axis of every array is the geometry r, in the order of `GEOMETRIES`; k runs over the radii.

    Attributes:
        attack: the exponent of the attack.
        eps: the radii (k,).
        radius: eps*, the largest radius at which the training set is robustly separable.
        directions: maximisers of the robust margin among ‖w‖ᵣ = 1 (3, k, d).
        margins: their robust margins divided by ‖w‖_s, for s over `GEOMETRIES` too (3, 3, k); [i, i] is their own.
        errors: robust 0-1 errors on the held-out points, a worst margin of 0 being an error (3, k).
        reference: the same of the max-margin direction in the norm dual to the attack (k,).
        price: errors − reference (3, k); positive where the geometry costs.
        gaps: relative duality gaps of the margins (3, k).
    """

    attack: float
    eps: Float[Array, " k"]
    radius: float
    directions: Float[Array, "3 k d"]
    margins: Float[Array, "3 3 k"]
    errors: Float[Array, "3 k"]
    reference: Float[Array, " k"]
    price: Float[Array, "3 k"]
    gaps: Float[Array, "3 k"]


def price(
    X: Float[Array, "n d"],
    y: Float[Array, " n"],
    eps: Float[Array, " k"],
    X_test: Float[Array, "m d"],
    y_test: Float[Array, " m"],
    *,
    attack: float = math.inf,
) -> Price:
    """RobErr(w_r) − RobErr(w_{attack*}) for w_r the robust max-margin direction in ℓᵣ, r = 1, 2, ∞.

    The limits of steepest descent on the robust exponential loss in those three norms; the reference is the norm
    dual to the attack, in which the robust and the clean direction agree.

    Errors: the gaps are reported. A direction need not be unique; its margin is.
    Raises:
        NotSeparable: if some radius is not below eps*.
        ValueError: if a radius is negative or not finite, the test points do not match, or on bad input.
    Source: Tsilivis, Frank, Srebro & Kempe, NeurIPS 2024, Theorem 1 and §2.
    """
    X, y = checks.classification(X, y)
    X_test, y_test = checks.regression(X_test, y_test)
    eps = np.array([checks.radius(radius) for radius in checks.real(eps, "eps", 1)])
    attack = checks.exponent(attack, "attack")
    if X_test.shape[1] != X.shape[1]:
        raise ValueError(f"X_test has {X_test.shape[1]} columns but X has {X.shape[1]}; they must agree")
    aligned = norms.dual(attack)
    geometries = GEOMETRIES if aligned in GEOMETRIES else (*GEOMETRIES, aligned)
    widest = largest_radius(X, y, attack)
    fits = [[max_margin(X, y, r, eps=radius, attack=attack) for radius in eps] for r in geometries]

    def robust_margin(w: Float[Array, " d"], radius: float) -> float:
        return float(adversarial.worst_case(w, X, y, radius, attack).min())

    def error(w: Float[Array, " d"], radius: float) -> float:
        return float(np.mean(adversarial.worst_case(w, X_test, y_test, radius, attack) <= 0))

    every_error = np.array([[error(fit.w, radius) for fit, radius in zip(row, eps, strict=True)] for row in fits])
    reference = every_error[geometries.index(aligned)]
    errors, fits = every_error[:3], fits[:3]
    margins = [
        [
            [robust_margin(fit.w, e) / norms.norm(fit.w, s) for fit, e in zip(row, eps, strict=True)]
            for s in GEOMETRIES
        ]
        for row in fits
    ]
    return Price(
        attack=attack,
        eps=eps,
        radius=widest.value,
        directions=np.array([[fit.w for fit in row] for row in fits]),
        margins=np.array(margins),
        errors=errors,
        reference=reference,
        price=errors - reference,
        gaps=np.array([[fit.gap for fit in row] for row in fits]),
    )

"""Adversarial risk of ridge and of early stopping under any ℓp attack: deterministic equivalents.

The attack costs eps‖ŵ‖_q, q dual to p, and ‖ŵ‖_q is that of the law of the coordinates. The ball lives in the
eigenbasis of Sigma: for a diagonal Sigma the coordinates of x, and for Sigma = I any orthonormal basis. For
p = 2 the basis does not matter.
"""

import math

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import checks, norms
from theory.coordinate_law import CoordinateLaw, flow_law, ridge_law
from theory.isotropic_flow import flow
from theory.risk import gaussian_worst_square, ridge_risk
from theory.spectrum import Spectrum


def attacked_ridge(
    spectrum: Spectrum,
    theta_squared: Float[Array, " k"],
    n: float,
    lams: float | Float[Array, " m"],
    noise: float,
    eps: float,
    attack: float = math.inf,
    *,
    definition: str = "D1",
    carriers: Float[Array, " k"] | None = None,
) -> Float[Array, " m"]:
    """E max over ‖delta‖ₚ ≤ eps of the squared error of ridge, p = attack, at each lam ≥ 0; 0 is the least norm.

    D1 has the clean targets ⟨w_star, x⟩, D4 the noisy ones, as in `theory.risk.adversarial_risk`:
    R + 2√(2/π) eps √R ‖ŵ‖_q + eps²‖ŵ‖_q² with R the excess risk, and for D4 + noise. Signal and carriers as in
    `theory.coordinate_law.ridge_law`.

    Errors: of the formulas, as there; of the equivalence, relative O(n^{-1/2}) per draw.
    Raises:
        ValueError: if the definition is neither D1 nor D4, eps < 0 or attack < 1, or as `ridge_law`.
    Source: Javanmard, Soltanolkotabi & Hassani 2020 for the risk; Hastie et al. 2022 for the equivalents.
    """
    lams = np.atleast_1d(checks.path(lams, "lams", 0, 1))
    laws = [ridge_law(spectrum, theta_squared, n, float(lam), noise, carriers=carriers) for lam in lams]
    excess = ridge_risk(spectrum, theta_squared, n, lams, noise).standard
    return _attacked(excess, laws, noise, eps, attack, definition)


def attacked_flow(
    d: float,
    theta_squared: float,
    n: float,
    times: Float[Array, " m"],
    noise: float,
    eps: float,
    attack: float = math.inf,
    *,
    definition: str = "D1",
    carriers: float | None = None,
) -> Float[Array, " m"]:
    """The same of gradient flow from 0, stopped at each time, for x ~ N(0, I_d).

    Errors: as `theory.coordinate_law.flow_law`.
    Raises:
        ValueError: if the definition is neither D1 nor D4, eps < 0 or attack < 1, or as `flow_law`.
    Source: Ali, Kolter & Tibshirani 2019 for the risk of the flow.
    """
    d, n = checks.amount(d, "d", positive=True), checks.amount(n, "n", positive=True)
    times = checks.path(times, "times")
    laws = [flow_law(d, theta_squared, n, float(t), noise, carriers=carriers) for t in times]
    return _attacked(flow(d / n, times, theta_squared, noise).risk, laws, noise, eps, attack, definition)


def _attacked(
    excess: Float[Array, " m"],
    laws: list[CoordinateLaw],
    noise: float,
    eps: float,
    attack: float,
    definition: str,
) -> Float[Array, " m"]:
    """The closed form at these excess risks, with the lengths of these laws."""
    eps, q = checks.radius(eps), norms.dual(checks.exponent(attack, "attack"))
    if definition not in ("D1", "D4"):
        raise ValueError(f"definition must be D1, clean targets, or D4, noisy ones; got {definition!r}")
    label = checks.amount(noise, "noise") if definition == "D4" else 0.0
    length = np.array([law.norm(q) for law in laws])
    return np.asarray(gaussian_worst_square(excess + label, length, eps))

"""Exact robust 0-1 risk of a linear classifier under a linear teacher with Gaussian inputs."""

import math

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy.special import erf, ndtr, owens_t

from theory import checks, norms


def robust_error(
    w: Float[Array, " d"],
    w_star: Float[Array, " d"],
    eps: float,
    attack: float = math.inf,
    shift: float = 0.0,
) -> float:
    """P(min over ‖delta‖ₚ ≤ eps of y⟨w, x + delta⟩ ≤ 0), p = attack, for x ~ N(0, I) and y = sign⟨w_star, x⟩.

    With theta the angle between w and w_star, Φ the normal distribution function, T Owen's function and
    t = eps‖w‖_q/‖w‖₂, q dual to p, it is Φ(t) − 2T(t, cot theta); at eps = 0, theta/π. A shift rho moves each
    input by y rho‖w_star‖₁ w_star/‖w_star‖₂², a margin of rho in ℓ∞, and t by −rho‖w_star‖₁ cos theta/‖w_star‖₂.

    A worst margin of zero is an error, so w = 0 has error 1.

    Errors: absolute 1e-15; for shift = 0 also relative 1e-14, for however small an error.
    Raises:
        ValueError: if w_star is 0, eps or shift is negative or not finite, attack < 1, or on bad input.
    Source: Owen, Annals of Mathematical Statistics 1956; the skew normal distribution, Azzalini 1985.
    """
    w, w_star = checks.real(w, "w", 1), checks.real(w_star, "w_star", 1)
    eps, q = checks.radius(eps), norms.dual(checks.exponent(attack, "attack"))
    if w.shape != w_star.shape:
        raise ValueError(f"w and w_star must agree in length, got {len(w)} and {len(w_star)}")
    if not (math.isfinite(shift) and shift >= 0):
        raise ValueError(f"shift must be a finite number ≥ 0, got {shift}; use 0 for none")
    if not w_star.any():
        raise ValueError("w_star must not be 0: it labels the points")
    if not w.any():
        return 1.0
    u, u_star = w / norms.norm(w, 2), w_star / norms.norm(w_star, 2)
    near, far = float(np.linalg.norm(u - u_star)), float(np.linalg.norm(u + u_star))
    theta = 2 * math.atan2(near, far)  # exact for small angles too
    t = eps * norms.norm(u, q) - shift * norms.norm(u_star, 1) * math.cos(theta)
    return _below(t, theta)


def _below(t: float, theta: float) -> float:
    """P(sign(V) U ≤ t) for standard normal U, V at angle theta: Φ(t) − 2T(t, cot theta), without cancellation.

    For acute angles Owen's reflection turns the difference into erf(t/√2) Φ(t cot theta) + 2T(t cot theta,
    tan theta), a sum of positive terms where t ≥ 0.
    """
    if theta == 0:
        return max(0.0, float(erf(t / math.sqrt(2))))
    if theta < math.pi / 4:
        h = t / math.tan(theta)
        probability = erf(t / math.sqrt(2)) * ndtr(h) + 2 * owens_t(h, math.tan(theta))
    else:
        cot = math.cos(theta) / math.sin(theta) if theta < math.pi else -math.inf
        probability = ndtr(t) - 2 * owens_t(t, cot)
    return min(1.0, max(0.0, float(probability)))

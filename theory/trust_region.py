"""The largest value of a convex quadratic on a ball: not a convex program, and yet solved with a proof."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy import optimize

from theory import checks
from theory.solution import Solution

HARD = 1e-14  # relative: a multiplier so near the largest eigenvalue is it


def maximise_quadratic(H: Float[Array, "d d"], g: Float[Array, " d"], radius: float) -> Solution:
    """The maximum of ⟨g, v⟩ + ⟨v, Hv⟩/2 over ‖v‖ ≤ radius, H positive semi-definite.

    Any mu ≥ λ_max with g in the range of mu I − H proves the bound (⟨g, (mu I − H)⁻¹ g⟩ + mu radius²)/2. At the
    optimum (mu I − H)v = g and ‖v‖ = radius; where g misses the top eigenvectors, one of them fills the length.

    Errors: relative gap 1e-12; read `Solution.gap`.
    Raises:
        ValueError: if H is not symmetric and positive semi-definite to rounding, if radius < 0, or on bad input.
    Source: Moré & Sorensen 1983; Conn, Gould & Toint, Trust-Region Methods, §7.2.
    """
    H, g, radius = checks.real(H, "H", 2), checks.real(g, "g", 1), checks.amount(radius, "radius")
    if 0 < radius < checks.SMALL:
        raise ValueError(f"radius must be 0 or at least {checks.SMALL:g}, got {radius}: its square would be 0")
    scale = float(np.abs(H).max())
    if H.shape != (len(g), len(g)) or not np.allclose(H, H.T, rtol=0, atol=1e-12 * scale):
        raise ValueError(f"H must be symmetric with {len(g)} rows to match g, got shape {H.shape}")
    eigenvalues, V = np.linalg.eigh(H)
    top = float(eigenvalues[-1])
    if eigenvalues[0] < -1e-12 * scale:
        raise ValueError(f"H must be positive semi-definite, got the eigenvalue {eigenvalues[0]}; this maximum is")
    b = V.T @ g
    least = max(top, 0.0) * (1 + HARD) + HARD * float(np.linalg.norm(b)) / max(radius, HARD)
    if radius == 0 or (least == 0 and not b.any()):
        return Solution(np.zeros_like(g), np.array([least]), 0.0, 0.0)

    def excess(mu: float) -> float:
        return float(np.linalg.norm(b / (mu - eigenvalues))) / radius - 1

    mu = least
    if excess(least) > 0:
        high = least + float(np.linalg.norm(b)) / radius
        mu = float(optimize.brentq(excess, least, high, xtol=1e-300, rtol=1e-14, maxiter=5000))
    v = b / (mu - eigenvalues)
    short = radius**2 - float(v @ v)
    if short > 0:
        v[-1] = np.copysign(np.sqrt(v[-1] ** 2 + short), b[-1])
    v *= radius / np.linalg.norm(v)
    bound = (float(b @ (b / (mu - eigenvalues))) + mu * radius**2) / 2
    return Solution(V @ v, np.array([mu]), float(b @ v + eigenvalues @ v**2 / 2), bound)

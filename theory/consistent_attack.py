"""Isotropic ridge against attacks that never change the truth: robust risk in the limit, and its best ridge.

The model of `theory.isotropic_ridge` with ‖w_star‖ = 1. The attack moves x within ‖delta‖₂ ≤ eps orthogonally to
w_star, so that ⟨w_star, x⟩ stays. With R the excess risk, O = ‖ŵ‖² − ⟨ŵ, w_star⟩² = R − (lam m)² is its handle.
"""

import math

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy.optimize import minimize_scalar

from theory import checks
from theory.isotropic_ridge import ridge
from theory.marchenko_pastur import stieltjes
from theory.risk import gaussian_worst_square

RANGE = (1e-8, 1e8)  # of lam, where the best ridge is looked for
GRID = 400
LEAST = 1e-6  # by which a best ridge must beat w = 0


def robust_risk(gamma: float, lams: Float[Array, " k"], eps: float, noise: float = 0.0) -> Float[Array, " k"]:
    """R + 2√(2/π) eps √(O R) + eps² O at each lam ≥ 0, without label noise of the test point.

    Errors: relative 1e-12 in R, absolute 1e-15 in O.
    Raises:
        ValueError: if gamma is not positive, or a lam, eps or the noise is negative.
    Source: Donhauser, Tifrea, Aerni, Heckel & Yang, NeurIPS 2021.
    """
    gamma, noise = checks.amount(gamma, "gamma", positive=True), checks.amount(noise, "noise")
    R = ridge(gamma, lams, 1.0, noise).risk
    lams = checks.path(lams, "lams")
    missed = np.full(len(lams), max(0.0, 1 - 1 / gamma))  # lam m, the share of w_star that is not fitted
    some = lams > 0
    if some.any():
        missed[some] = lams[some] * stieltjes(lams[some], gamma)[0]
    O = np.maximum(R - missed**2, 0.0)  # noqa: E741 (the letter of the source)
    return np.asarray(gaussian_worst_square(R, np.sqrt(O), eps))


def best_ridge(gamma: float, eps: float, noise: float = 0.0) -> tuple[float, float]:
    """The lam ≥ 0 of least robust risk, and that risk. Positive, if eps is not small, even without noise.

    Errors: relative 1e-6 in lam, 1e-12 in the risk; a best lam below 1e-8 is called 0.
    Raises:
        ValueError: as for `robust_risk`; or if w = 0, of risk 1, is as good as any ridge to 1e-6.
    Source: Donhauser, Tifrea, Aerni, Heckel & Yang, NeurIPS 2021.
    """
    eps, gamma = checks.radius(eps), checks.amount(gamma, "gamma", positive=True)
    u = np.linspace(math.log(RANGE[0]), math.log(RANGE[1]), GRID)
    risks = robust_risk(gamma, np.append(0.0, np.exp(u)), eps, noise)
    k = int(np.argmin(risks)) - 1
    if k <= 0:
        return 0.0, float(risks[0])
    if risks[k + 1] > 1 - LEAST:
        raise ValueError(f"no ridge has a robust risk below 1 at eps={eps}, which w = 0 has: do not fit at all")
    found = minimize_scalar(
        lambda v: float(robust_risk(gamma, np.array([math.exp(v)]), eps, noise)[0]),
        bounds=(u[k - 1], u[k + 1]),
        method="bounded",
        options={"xatol": 1e-9},
    )
    return math.exp(found.x), float(found.fun)

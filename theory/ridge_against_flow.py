"""Constants by which early stopped gradient flow can lose to ridge: for every problem, and on average.

Along an eigenvalue s of XᵀX/n, at time t and at lam = 1/t with x = ts, flow shrinks by exp(−x) what ridge shrinks
by 1/(1 + x), and fits the shares 1 − exp(−x) and x/(1 + x). Risks are sums over eigenvalues, so that the worst
ratio over x bounds the ratio of the risks, in estimation and in in-sample prediction.
"""

import math

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy.optimize import brentq, minimize_scalar

from theory import checks

RANGE = (1e-6, 1e6)  # of x: beyond it the ratios are within 1e-5 of their limits
GRID = 2000


def worst_x() -> float:
    """The x = ts at which the variance of flow loses most: the positive root of eˣ = 1 + x + x².

    Errors: relative 1e-15.
    Source: the derivative of the logarithm of the ratio in `worst_ratio`.
    """
    return float(brentq(lambda x: math.expm1(x) - x - x * x, 1.0, 3.0, xtol=1e-15, rtol=1e-15))


def worst_ratio() -> float:
    """C = sup over x of [(1 − e⁻ˣ)(1 + x)/x]² = [(1 + x)²/(1 + x + x²)]² at `worst_x`, near 1.686.

    For all X, w_star, noise and t: risk of flow at t ≤ C · risk of ridge at lam = 1/t. The bias alone has ratio
    at most 1, since eˣ ≥ 1 + x; so C is reached only where there is nothing but noise.

    Errors: relative 1e-15.
    Source: Ali, Kolter & Tibshirani, A continuous-time view of early stopping, AISTATS 2019,
        where C is rounded up to 1.6862.
    """
    x = worst_x()
    return float(((1 + x) ** 2 / (1 + x + x * x)) ** 2)


def bayes_ratio(coupling: float = 1.0) -> float:
    """The supremum over x of (1 + x)(e⁻²ᶜˣ + (1 − e⁻ᶜˣ)²/x), c = coupling: about 1.2147 at c = 1.

    For w_star of covariance signal/d · I, and lam = noise d/(n signal) the best ridge, it bounds the risk of flow
    at time c/lam over the risk of that ridge, both averaged over w_star and noise, for every X.

    Errors: relative 1e-12.
    Raises:
        ValueError: if the coupling is not positive.
    Source: Ali, Kolter & Tibshirani, AISTATS 2019; c ≠ 1 by the same argument.
    """
    c = checks.amount(coupling, "coupling", positive=True)
    u = np.linspace(math.log(RANGE[0]), math.log(RANGE[1]), GRID)
    k = int(np.argmax(_bayes(u, c)))
    if k in (0, GRID - 1):
        return 1.0  # the supremum is the limit at an end
    found = minimize_scalar(
        lambda v: -float(_bayes(np.array([v]), c)[0]),
        bounds=(u[k - 1], u[k + 1]),
        method="bounded",
        options={"xatol": 1e-9},
    )
    return float(max(1.0, -found.fun))


def best_coupling() -> float:
    """The c that makes `bayes_ratio(c)` least, about 0.457: flow stopped at c/lam is closest to the best ridge.

    Errors: absolute 1e-6.
    Source: a minimum over one variable.
    """
    found = minimize_scalar(bayes_ratio, bounds=(0.2, 1.0), method="bounded", options={"xatol": 1e-9})
    return float(found.x)


def _bayes(u: Float[Array, " k"], c: float) -> Float[Array, " k"]:
    """The ratio at x = eᵘ."""
    x = np.exp(u)
    return np.asarray((1 + x) * (np.exp(-2 * c * x) + np.expm1(-c * x) ** 2 / x))

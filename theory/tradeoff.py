"""Standard against adversarial risk along the ridge path: the optimal penalties, the curve, and its price M."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import checks
from theory.risk import RidgeRisk, ridge_risk
from theory.spectrum import Spectrum

GRID = 400  # penalties of the first look, on a logarithmic grid
ZOOM = 20  # points between the best two neighbours at each further look
LOOKS = 14
TIE = 1e-14  # relative: below it the smaller penalty is as good


@dataclass(frozen=True)
class Optimum:
    """A least value over all lam ≥ 0, and a lam that reaches it; 0 stands for interpolation."""

    lam: float
    value: float


@dataclass(frozen=True)
class Curve:
    """The points (standard, adversarial) that ridge reaches along `lams`, and their ratios.

    Attributes:
        lams: the penalties, 0 first.
        standard: the excess risk R_std.
        adversarial: the ℓ2-adversarial risk R_adv, definition D1.
        standard_ratio: R_std over that of interpolation.
        adversarial_ratio: R_adv over that of the true parameters, eps²‖w_star‖².
    """

    lams: Float[Array, " k"]
    standard: Float[Array, " k"]
    adversarial: Float[Array, " k"]
    standard_ratio: Float[Array, " k"]
    adversarial_ratio: Float[Array, " k"]


def best_standard(spectrum: Spectrum, theta_squared: Float[Array, " k"], n: float, noise: float) -> Optimum:
    """Argmin over lam ≥ 0 of the excess risk, by the deterministic equivalent.

    Errors: lam to 1e-7 relative (a minimum is flat), the value to rounding, if the risk has a single minimum.
    Raises:
        ValueError: as `ridge_risk`.
    """
    return _least(lambda risk: risk.standard, spectrum, theta_squared, n, noise)


def best_adversarial(
    spectrum: Spectrum, theta_squared: Float[Array, " k"], n: float, noise: float, eps: float
) -> Optimum:
    """Argmin over lam ≥ 0 of the adversarial risk D1, by the deterministic equivalent.

    Where ‖ŵ‖² and the excess risk both fall, so does every term of the adversarial risk: the lam here is at
    least that of `best_standard`.

    Errors: as `best_standard`.
    Raises:
        ValueError: as `ridge_risk`, and if eps is not a radius.
    """
    checks.radius(eps)
    return _least(lambda risk: risk.adversarial(eps), spectrum, theta_squared, n, noise)


def price(spectrum: Spectrum, theta_squared: Float[Array, " k"], n: float, noise: float, eps: float) -> Optimum:
    """M = min over lam ≥ 0 of max(R_std(lam)/R_std(0), R_adv(lam)/R_adv(w_star)), and where it is reached.

    M → ∞ means that no penalty keeps both risks within a constant: of interpolation's excess risk, and of the
    true parameters' adversarial risk.

    Errors: relative 1e-8, if the two ratios cross as unimodal curves do.
    Raises:
        ValueError: as `ridge_risk`; if p ≤ n, where nothing interpolates; if R_adv(w_star) is 0.
    Source: Hao & Zhang 2024, the trade-off; this normalisation is relative because an absolute one is false.
    """
    unit, ours = _units(spectrum, theta_squared, n, noise, eps)
    ratios = lambda risk: np.maximum(risk.standard / unit, risk.adversarial(eps) / ours)  # noqa: E731
    return _least(ratios, spectrum, theta_squared, n, noise)


def curve(
    spectrum: Spectrum,
    theta_squared: Float[Array, " k"],
    n: float,
    noise: float,
    eps: float,
    lams: Float[Array, " m"] | None = None,
) -> Curve:
    """Both risks along lams, or along 0 and a logarithmic grid that covers the path.

    Raises:
        ValueError: as `price`.
    """
    unit, ours = _units(spectrum, theta_squared, n, noise, eps)
    risk = ridge_risk(spectrum, theta_squared, n, _grid(spectrum, n) if lams is None else lams, noise)
    attacked = risk.adversarial(eps)
    return Curve(risk.lams, risk.standard, attacked, risk.standard / unit, attacked / ours)


def _units(
    spectrum: Spectrum, theta_squared: Float[Array, " k"], n: float, noise: float, eps: float
) -> tuple[float, float]:
    """The excess risk of interpolation and the adversarial risk of the true parameters."""
    if spectrum.dimension <= checks.amount(n, "n", positive=True):
        raise ValueError(f"p = {spectrum.dimension:g} must exceed n = {n:g}: else lam = 0 does not interpolate")
    length = float(np.sum(checks.real(theta_squared, "theta_squared", 1)))
    ours = checks.radius(eps) ** 2 * length
    if not ours > 0:
        raise ValueError(
            f"eps and w_star must not be 0, got eps={eps} and ‖w_star‖²={length}: no risk to compare with"
        )
    return float(ridge_risk(spectrum, theta_squared, n, 0.0, noise).standard[0]), ours


def _grid(spectrum: Spectrum, n: float) -> Float[Array, " k"]:
    """0 and a logarithmic grid from far below the tail level to far above the top."""
    top, mean = float(spectrum.levels[0]), spectrum.trace / n
    low = 1e-8 * min(top, mean)
    return np.append(0.0, np.geomspace(low, 1e4 * max(top, mean), GRID))


def _least(
    value: Callable[[RidgeRisk], Float[Array, " k"]],
    spectrum: Spectrum,
    theta_squared: Float[Array, " k"],
    n: float,
    noise: float,
) -> Optimum:
    """The least value on the grid, then on finer grids between the neighbours of the best point."""
    n = checks.amount(n, "n", positive=True)
    lams = _grid(spectrum, n)
    if spectrum.dimension == n:
        lams = lams[1:]
    first = lams[0]
    for _ in range(LOOKS):
        values = value(ridge_risk(spectrum, theta_squared, n, lams, noise))
        best = int(np.argmin(values))
        left, right = lams[max(best - 1, 0)], lams[min(best + 1, len(lams) - 1)]
        found = Optimum(float(lams[best]), float(values[best]))
        inner = np.linspace(left, right, ZOOM) if left == 0 else np.geomspace(left, right, ZOOM)
        lams = np.union1d(inner, found.lam)
    start = float(value(ridge_risk(spectrum, theta_squared, n, first, noise))[0])
    return Optimum(float(first), start) if start <= found.value * (1 + TIE) else found

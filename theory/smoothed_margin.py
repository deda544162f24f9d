"""The smoothed margin of a homogeneous model, how steepest flow makes it grow, and how near a KKT point it is.

A model of degree k has margins m_i(c theta) = c^k m_i(theta), c > 0, robust or not. With the exponential loss
L = Σ e^(−m_i), softmax weights q_i = e^(−m_i)/L and g = Σ q_i ∇m_i = ∇ log 1/L,

    gamma~ = log(1/L)/‖theta‖_r^k

is at most the least normalised margin, and Euler's identity ⟨theta, g⟩ = k Σ q_i m_i = k (log 1/L + H(q)), H the
entropy, makes it grow along the steepest flow of ‖·‖_r.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import checks
from theory.norms import align, dual, norm

BEYOND = 700.0  # logarithm of a number of float64


@dataclass(frozen=True)
class Growth:
    """d log gamma~ per unit ‖·‖_r-length of the flow, in three parts, none of which is negative.

    Attributes:
        misalignment: (‖theta‖_r‖g‖_{r*} − ⟨theta, g⟩)/(‖theta‖_r log 1/L), 0 where Hölder is tight: theta is
            stationary for the norm among the parameters with these margins.
        entropy: k H(q)/(‖theta‖_r log 1/L), 0 where one margin has all the weight.
        detour: k(1 − d‖theta‖_r/ds)/‖theta‖_r, 0 where all of the length goes into the norm.
    """

    misalignment: float
    entropy: float
    detour: float

    @property
    def total(self) -> float:
        """Their sum, d log gamma~/ds."""
        return self.misalignment + self.entropy + self.detour


def log_inverse_loss(margins: Float[Array, " n"]) -> float:
    """log(1/L) = −log Σ e^(−m_i), between min m_i − log n and min m_i.

    Errors: a few units in the last place of max(1, |min m_i|), however large the margins are.
    Raises:
        ValueError: if the margins are no finite vector.
    """
    m = checks.real(margins, "margins", 1)
    return float(m.min() - math.log(np.exp(m.min() - m).sum()))


def smoothed_margin(margins: Float[Array, " n"], length: float, degree: float) -> float:
    """gamma~ = log(1/L)/‖theta‖^degree, for parameters of this length in any norm.

    gamma~ ≤ min m_i/‖theta‖^degree ≤ gamma~ + log n/‖theta‖^degree. Negative while L > 1.

    Raises:
        ValueError: if the margins are no finite vector, or length or degree is not positive.
    Source: Lyu & Li 2020, section 4 (for ℓ2); Tsilivis, Gronich, Kempe & Vardi 2025 (any norm).
    """
    length = checks.amount(length, "length", positive=True)
    return float(log_inverse_loss(margins) / _power(length, checks.amount(degree, "degree", positive=True)))


def growth(
    margins: Float[Array, " n"],
    gradients: Float[Array, "n k"],
    theta: Float[Array, " k"],
    degree: float,
    r: float = 2.0,
    direction: Float[Array, " k"] | None = None,
) -> Growth:
    """How fast log gamma~ grows where the flow moves along v, ‖v‖_r = 1, ⟨g, v⟩ = ‖g‖_{r*}; rows are ∇m_i.

    Where the steepest v is not unique, `direction` says which; else the first is taken. d log(1/L)/ds = ‖g‖_{r*}
    and d‖theta‖_r/ds ≤ 1, so that with Euler's identity

        d log gamma~/ds = ‖g‖_{r*}/log(1/L) − k (d‖theta‖_r/ds)/‖theta‖_r

    is the sum of the three parts. For r = 2 and the angle alpha of theta and g it is, per d log‖theta‖₂^k,
    tan² alpha + H(q)/(log(1/L) cos² alpha).

    Errors: rounding, in units of ‖g‖_{r*}/log(1/L).
    Raises:
        ValueError: if shapes do not fit, theta = 0, g = 0, or L ≥ 1, before separation.
    Source: Lyu & Li 2020, Lemma 5.1 (an inequality, for ℓ2); the identity, in any norm, is worked out here.
    """
    m, theta, q, g = _weighed(margins, gradients, theta)
    degree = checks.amount(degree, "degree", positive=True)
    level, length, steepness = log_inverse_loss(m), norm(theta, r), norm(g, dual(r))
    if not level > 0:
        raise ValueError(f"log 1/L = {level:.3g} must be > 0: gamma~ only grows once the loss is below 1")
    if steepness == 0:
        raise ValueError("g = 0 is a stationary point of the loss: there is no steepest direction")
    v = align(g, dual(r)) if direction is None else checks.real(direction, "direction", 1)
    entropy = float(q @ (m - m.min()) - math.log(q.max()))  # −log q_i = m_i − min m − log max q
    return Growth(
        misalignment=(length * steepness - float(theta @ g)) / (length * level),
        entropy=degree * entropy / (length * level),
        detour=degree * (1 - _norm_slope(theta, v, r)) / length,
    )


def alignment_rates(
    margins: Float[Array, " n"], gradients: Float[Array, "n k"], theta: Float[Array, " k"], degree: float
) -> tuple[float, float]:
    """tan² alpha and H(q)/(log(1/L) cos² alpha): d log gamma~ per d log‖theta‖₂^degree along the gradient flow.

    alpha is the angle of theta and g. The same as `growth` for r = 2, per unit of the norm instead of length.

    Raises:
        ValueError: as for `growth`.
    Source: Lyu & Li 2020, Lemma 5.1 (tan² alpha as a lower bound); the identity is worked out here.
    """
    entropy, theta = growth(margins, gradients, theta, degree, 2.0).entropy, checks.real(theta, "theta", 1)
    cos = 1 - kkt_residual(margins, gradients, theta, 2.0)
    return 1 / cos**2 - 1, entropy * norm(theta, 2.0) / (float(degree) * cos**2)


def least_misalignment(level_a: float, level_b: float, norm_a: float, norm_b: float, degree: float) -> float:
    """A bound on min tan² alpha of the gradient flow, while log 1/L grows from level_a to level_b.

    `alignment_rates` integrate to log(gamma~_b/gamma~_a), so the mean of tan² alpha over log‖theta‖₂^degree is at
    most log(gamma~_b/gamma~_a)/log(‖theta_b‖^degree/‖theta_a‖^degree): O(1/log log 1/L), as gamma~ is bounded.

    Raises:
        ValueError: unless levels and norms are positive and increase.
    Source: Lyu & Li 2020, section 5; the constant is worked out here.
    """
    pairs = (("level", level_a, level_b), ("norm", norm_a, norm_b))
    for name, low, high in pairs:
        if not checks.LEAST <= checks.amount(low, name) < checks.amount(high, name):
            raise ValueError(f"each {name} must be positive and grow, got {low} and {high}")
    wider = checks.amount(degree, "degree", positive=True) * math.log(norm_b / norm_a)
    return math.log(level_b / level_a) / wider - 1


def kkt_residual(
    margins: Float[Array, " n"], gradients: Float[Array, "n k"], theta: Float[Array, " k"], r: float = 2.0
) -> float:
    """1 − ⟨theta, g⟩/(‖theta‖_r‖g‖_{r*}) ≥ 0: how far theta is from a KKT point of min ‖theta‖_r, all m_i ≥ 1.

    With multipliers proportional to q, h = Σ lam_i ∇m_i scaled to ‖h‖_{r*} = ‖theta‖_r, it is the Fenchel gap
    (‖theta‖_r²/2 + ‖h‖_{r*}²/2 − ⟨theta, h⟩)/‖theta‖_r², which vanishes only for h in ∂(‖theta‖_r²/2); 1 − cos for
    r = 2. Slackness is violated by Σ q_i m_i − min m_i ≤ log n at most, little beside a large min m_i.

    Raises:
        ValueError: if shapes do not fit, theta = 0 or g = 0.
    Source: Lyu & Li 2020, section 4; Tsilivis, Gronich, Kempe & Vardi 2025 (generalised KKT points).
    """
    _, theta, _, g = _weighed(margins, gradients, theta)
    steepness = norm(g, dual(r))
    if steepness == 0:
        raise ValueError("g = 0 has no direction: the margins are stationary")
    return 1 - float(theta @ g) / (norm(theta, r) * steepness)


def largest_fall(degree: float, k: int, r: float, s: float) -> float:
    """The factor k^(degree |1/r − 1/s|), by which log(1/L)/‖theta‖_s^degree may fall while gamma~ in ℓ_r does not.

    For k parameters ‖theta‖_s/‖theta‖_r stays between 1 and k^(1/s − 1/r).

    Raises:
        ValueError: if an exponent is below 1, or degree or k is not positive.
    """
    r, s = checks.exponent(r, "r"), checks.exponent(s, "s")
    degree = checks.amount(degree, "degree", positive=True)
    return _power(checks.count(k, "k"), degree * abs(1 / r - 1 / s))


def descent_margin(gamma: float, reach: float, n: int, eta: float, steps: int, eps: float = 0.0) -> float:
    """A lower bound on the margin of T normalised steps on separable linear data, from w = 0, if positive.

    Steps w ← w + eta v, v steepest with ‖v‖ = 1, maximum margin gamma and reach B = max‖z_i‖_*. The curvature of
    log Σ e^(−⟨w, z_i⟩) is at most B² and its slope at least gamma, so that if the bound is positive

        min_i ⟨w_T, z_i⟩/‖w_T‖ ≥ gamma − eta B²/2 − log n/(eta T).

    Where it is negative the argument breaks down, for ‖w_T‖ may be below eta T. With an ℓ2 attack of radius eps
    on the loss, in ℓ2, the margin less eps is at least the same with gamma − eps for gamma, less the curvature of
    eps‖w‖₂, which costs eps (B + eps)(1 + log T)/(2 (gamma − eps) T) at most, because
    ‖w_t‖ ≥ eta t (gamma − eps)/(B + eps). In ℓ1 an ℓ∞ attack on the loss has no such bound: beyond half the
    largest radius coordinate descent stalls.

    Raises:
        ValueError: if a quantity is not positive, or eps not in [0, gamma).
    Source: Telgarsky 2013; Gunasekar et al. 2018 (the argument); the attacked case is worked out here.
    """
    gamma, reach = (checks.amount(v, name, positive=True) for v, name in ((gamma, "gamma"), (reach, "reach")))
    eta, eps = checks.amount(eta, "eta", positive=True), checks.radius(eps)
    n, steps = checks.count(n, "n"), checks.count(steps, "steps")
    if eps >= gamma:
        raise ValueError(f"eps must be below gamma={gamma}, got {eps}: beyond it nothing separates robustly")
    kink = eps * (reach + eps) * (1 + math.log(steps)) / (2 * (gamma - eps) * steps)
    return gamma - eps - eta * reach**2 / 2 - math.log(n) / (eta * steps) - kink


def _power(base: float, exponent: float) -> float:
    """A power that is a number and not 0."""
    if abs(exponent * math.log(base)) > BEYOND:
        raise ValueError(f"degree must leave powers in float64, got {base:g} to the power {exponent:g}")
    return float(base**exponent)


def _norm_slope(theta: Array, v: Array, r: float) -> float:
    """The derivative of ‖theta‖_r along v, from the right."""
    if r == 1:
        return float(np.sign(theta) @ v + np.abs(v[theta == 0]).sum())
    if r == math.inf:
        top = np.abs(theta) == np.abs(theta).max()
        return float((np.sign(theta) * v)[top].max())
    return float(align(theta, r) @ v)


def _weighed(margins: Array, gradients: Array, theta: Array) -> tuple[Array, Array, Array, Array]:
    """Margins, parameters, softmax weights q and g = Σ q_i ∇m_i, checked."""
    m, G = checks.real(margins, "margins", 1), checks.real(gradients, "gradients", 2)
    theta = checks.real(theta, "theta", 1)
    if G.shape != (len(m), len(theta)):
        raise ValueError(f"gradients must be (n, k) = {(len(m), len(theta))}, one row per margin, got {G.shape}")
    if not theta.any():
        raise ValueError("theta is 0, which has no direction: give parameters that separate the data")
    q = np.exp(m.min() - m)
    q /= q.sum()
    return m, theta, q, q @ G

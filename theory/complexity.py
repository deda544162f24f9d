"""Rademacher complexity of linear classes ‖w‖ᵣ ≤ W under attack: exact values, and the bounds in closed form."""

import math

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy.special import gammaln

from theory import checks, norms
from theory.ball import nearest
from theory.formula import Formula

FACTOR = Formula("C", "Max(1, d**(1 - 1/r - 1/attack))", {"attack": "p"})
ATTACK_TERM = Formula(r"\mathrm{attack\ term}", "eps*W*C/(2*sqrt(n))")
MARGIN_BOUND = Formula(
    r"\mathrm{bound}",
    "2/margin*complexity + 3*sqrt(log(2/delta)/(2*n))",
    {"margin": r"\rho", "complexity": r"\mathfrak{R}"},
)


def dimension_factor(d: int, attack: float, r: float) -> float:
    """C = max ‖w‖_{attack*} over ‖w‖ᵣ ≤ 1 in d dimensions: max(1, d^(1 − 1/r − 1/attack)).

    It is 1, free of dimension, exactly when r ≤ attack*.

    Raises:
        ValueError: if d < 1 or an exponent is not in [1, ∞].
    """
    attack, r = checks.exponent(attack, "attack"), checks.exponent(r, "r")
    return float(FACTOR(d=checks.count(d, "d"), attack=attack, r=r))


def suprema(
    Z: Float[Array, "n d"],
    eps: float,
    attack: float,
    r: float,
    signs: Float[Array, "k n"],
    W: float = 1.0,
) -> Float[Array, " k"]:
    """For each row of signs, the largest mean of sign_i (z_i·w − eps‖w‖_{attack*}) over ‖w‖ᵣ ≤ W, z_i = y_i x_i.

    With a = mean(sign_i z_i) and b = mean(sign_i) that is W times the distance of a, in the dual norm of r, from
    the attack's ball of radius eps b; for b < 0, W times the largest ‖a + v‖_{r*} over its points v. The latter
    has an exact form when attack or r is 1 or ∞, and when r is dual to the attack.

    Errors: a few roundings of a, which carries n of them.
    Raises:
        ValueError: if the class and the attack have no exact form, if an entry of signs is not ±1, if the
            shapes disagree, if eps or W is negative or not finite, or on bad input.
    Source: minimax duality for b ≥ 0; extreme points of the attack's ball, or Hölder, for b < 0.
    """
    Z, signs = checks.real(Z, "Z", 2), checks.real(signs, "signs", 2)
    eps, W = checks.radius(eps), checks.amount(W, "W")
    attack, r = checks.exponent(attack, "attack"), checks.exponent(r, "r")
    if signs.shape[1] != len(Z):
        raise ValueError(f"signs has {signs.shape[1]} columns but Z has {len(Z)} rows; they must agree")
    if not np.isin(signs, (-1.0, 1.0)).all():
        raise ValueError("signs must hold -1 and +1 only")
    dual = norms.dual(r)
    if eps > 0 and not ({attack, r} & {1.0, math.inf} or math.isclose(dual, attack)):
        raise ValueError(
            f"attack={attack} with r={r} has no exact form: one of them must be 1 or inf, or r dual to attack; "
            "use two_sided for bounds"
        )
    means, balances = signs @ Z / len(Z), signs.mean(axis=1)
    return W * np.array(
        [
            norms.norm(a - nearest(a, eps * b, attack, dual), dual)
            if b >= 0
            else _farthest(a, -eps * b, attack, dual)
            for a, b in zip(means, balances, strict=True)
        ]
    )


def _farthest(a: Float[Array, " d"], radius: float, attack: float, dual: float) -> float:
    """The largest ‖a + v‖ in the dual norm over the attack's ball: v has the signs of a."""
    size = np.abs(a)
    if attack == math.inf:
        return norms.norm(size + radius, dual)
    if attack == 1:
        return max(norms.norm(size + radius * e, dual) for e in np.eye(len(a)))
    if dual == 1:
        return norms.norm(a, 1) + radius * float(len(a) ** (1 - 1 / attack))
    return norms.norm(a, dual) + radius  # dual = ∞, dual = attack, or no attack


def rademacher(
    Z: Float[Array, "n d"],
    eps: float,
    attack: float,
    r: float,
    signs: Float[Array, "k n"],
    W: float = 1.0,
) -> float:
    """The mean of `suprema`: the adversarial Rademacher complexity, if signs lists all 2ⁿ or is a sample of them.

    For n samples with labels, Z = y x; at eps = 0 the labels do not matter.

    Raises:
        ValueError: as for `suprema`.
    Source: Awasthi, Frank & Mohri, ICML 2020.
    """
    return float(np.mean(suprema(Z, eps, attack, r, signs, W)))


def two_sided(
    standard: float, n: int, d: int, eps: float, attack: float, r: float, W: float = 1.0
) -> tuple[float, float]:
    """Bounds of the adversarial complexity by the standard one, R, and c = `dimension_factor`.

    max(R, eps W c/(2√(2n))) ≤ adversarial ≤ R + eps W c/(2√n).

    Raises:
        ValueError: if n or d < 1, standard or eps or W is negative or not finite, or an exponent is below 1.
    Source: Awasthi, Frank & Mohri, ICML 2020; the constants are those of Khintchine's inequality for E|mean sign|.
    """
    n, standard, W = checks.count(n, "n"), checks.amount(standard, "standard"), checks.amount(W, "W")
    term = ATTACK_TERM(eps=checks.radius(eps), W=W, C=dimension_factor(d, attack, r), n=n)
    return max(standard, term / math.sqrt(2)), standard + term


def data_term(X: Float[Array, "n d"], r: float, W: float = 1.0) -> float:
    """An upper bound of the standard complexity, W C‖(column norms of X)‖_{r*}/n, the columns in ℓ2.

    C = √(2 log 2d) for r = 1, √2 (Γ((r* + 1)/2)/√π)^(1/r*) for 1 < r ≤ 2, and 1 for r ≥ 2.
    As r falls to 1 the second constant grows without limit, like √r*.

    Raises:
        ValueError: if W is negative or not finite, r < 1, or on bad input.
    Source: Massart's lemma; Khintchine's inequality with Haagerup's constant; Jensen's inequality.
    """
    X, q = checks.real(X, "X", 2), norms.dual(checks.exponent(r, "r"))
    columns = np.array([norms.norm(x, 2) for x in X.T])
    return checks.amount(W, "W") * _constant(X.shape[1], r, q) * norms.norm(columns, q) / len(X)


def _constant(d: int, r: float, q: float) -> float:
    """The constant of the data term."""
    if r == 1:
        return math.sqrt(2 * math.log(2 * d))
    return math.sqrt(2) * math.exp((float(gammaln((q + 1) / 2)) - math.log(math.pi) / 2) / q) if r < 2 else 1.0


def margin_bound(
    standard: float,
    margin: float,
    n: int,
    d: int,
    eps: float,
    attack: float,
    r: float,
    delta: float = 0.05,
) -> float:
    """At least the robust error, with chance 1 − delta, of all w with ‖w‖ᵣ ≤ 1 and robust margin at least margin.

    (2/margin)(R + eps c/(2√n)) + 3√(log(2/delta)/(2n)), R the standard complexity of the unit ball. The margin
    must be fixed before the data are seen; one chosen by the data costs √(log log₂(2/margin)/n) more.

    Raises:
        ValueError: if margin ≤ 0, delta is not in (0, 1), or as for `two_sided`.
    Source: Mohri, Rostamizadeh & Talwalkar, Foundations of Machine Learning, Theorem 5.8, for the ramp loss.
    """
    margin, delta = checks.amount(margin, "margin", positive=True), checks.chance(delta, "delta")
    _, upper = two_sided(standard, n, d, eps, attack, r)
    return float(MARGIN_BOUND(margin=margin, complexity=upper, delta=delta, n=n))

"""Maximum-margin linear separators in any ℓp geometry, clean or under attack, each with its optimality proof.

With z_i = y_i x_i and 1/attack + 1/attack* = 1, two sides of one number:

    max over ‖w‖ₚ ≤ 1 of min_i ⟨w, z_i⟩ − eps‖w‖_{attack*}
    = min over the simplex's a and ‖v‖_attack ≤ eps of ‖Zᵀa − v‖_{p*}.
"""

import math
from dataclasses import replace

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import checks
from theory.ball import nearest
from theory.cone import least_norm
from theory.hull import nearest_point
from theory.norms import dual, norm
from theory.polish import polish
from theory.separability import NotSeparable as NotSeparable
from theory.separability import balance, certain, refusal
from theory.solution import Problem, Solution

ENOUGH = 1e-11  # the gap at which no further pass is made
EXACT = 1e-14  # the gap at which nothing is left to polish; w itself is then good to far better than √ENOUGH
FLOORS = (1.0, 1e-1, 1e-3, 1e-2, 1e-4)  # least share of a feature in the units of each pass
FACES = (1e-4, 1e-6, 1e-8)  # how small is zero, for the guess of the optimal face


def max_margin(
    X: Float[Array, "n d"], y: Float[Array, " n"], p: float = 2.0, *, eps: float = 0.0, attack: float = math.inf
) -> Solution:
    """The w, ‖w‖ₚ = 1, whose worst margin min_i y_i⟨w, x_i⟩ − eps‖w‖_{attack*} is largest.

    `dual` is a in the simplex, `shift` is v with ‖v‖_attack ≤ eps, and `bound` = ‖Zᵀa − v‖_{p*}.

    Errors: relative gap below 1e-8 for features scaled from 1e-4 to 1e4, usually below 1e-11; read `Solution.gap`.
        It is relative to the margin itself, so it grows without limit as eps nears eps*. The gap leaves out the
        rounding of its own two sums, about 1e-16 of the largest Σ_j |z_ij w_j|.
    Raises:
        NotSeparable: if no w has a positive margin, as far as rounding can tell.
        ValueError: if the data are not finite points with labels ±1 of both kinds, eps < 0, or p, attack < 1.
    Source: minimax duality; Boyd & Vandenberghe, Convex Optimization, §8.6.1.
    """
    X, y = checks.classification(X, y, reach=checks.WIDE)
    p, eps, attack = checks.exponent(p), checks.radius(eps, reach=checks.WIDE), checks.exponent(attack, "attack")
    Z, r = y[:, None] * X, dual(attack)
    # Under the attack dual to p the penalty is constant on the sphere: the clean separator is the robust one.
    inner = 0.0 if r == p else eps
    column = np.abs(Z).max(axis=0)
    column[column == 0] = 1.0
    unit, level = np.sqrt(column.max() / column), float(column.max())
    best = certify(Z, 1 / column, np.ones(len(Z)), p, eps, attack)
    for attempt, floor in enumerate(FLOORS):
        if attempt == 0 and p == 2 and inner == 0:
            w, a = nearest_point(Z)
        else:
            w, a = least_norm(Z, p, inner, r, unit, level, vertex=attempt > 0)
        best = _better(best, certify(Z, w, a, p, eps, attack))
        if not certain(Z, best.w, eps * norm(best.w, r)):
            best = _better(best, certify(Z, separator(X, y, eps, attack), best.dual, p, eps, attack))
        for tol in FACES:
            if best.gap > EXACT:
                best = _better(best, certify(Z, *polish(Z, best.w, best.dual, p, inner, r, tol), p, eps, attack))
        if best.gap <= ENOUGH:
            break
        # Interior points lose digits in bad units; the last point found gives better ones.
        share = np.abs(best.w) * column
        unit, level = np.maximum(share, floor * share.max()) / column, best.value
    return replace(best, problem=Problem("max_margin", X, y, {"p": p, "eps": eps, "attack": attack}))


def largest_radius(X: Float[Array, "n d"], y: Float[Array, " n"], attack: float = math.inf) -> Solution:
    """eps*, the largest radius of attack under which the data stay separable, as the value of max_margin.

    eps* = max over ‖w‖_{attack*} ≤ 1 of min_i y_i⟨w, x_i⟩: the distance from the data to the best hyperplane.

    Errors: as for `max_margin`.
    Raises:
        NotSeparable: if no w classifies every point correctly.
        ValueError: as for `max_margin`.
    Source: Hölder's inequality.
    """
    return max_margin(X, y, dual(checks.exponent(attack, "attack")))


def certify(
    Z: Float[Array, "n d"], w: Float[Array, " d"], a: Float[Array, " n"], p: float, eps: float, attack: float
) -> Solution:
    """The proof that any w and multipliers a amount to: both made feasible, both sides computed from the data.

    A w or a that is zero or not finite is replaced by ones: feasible, and as bad as its gap says.

    Errors: a few roundings of the entries of Z, w and a.
    Raises:
        ValueError: if an exponent is not in [1, ∞].
    Source: weak duality.
    """
    a = np.maximum(a, 0)
    w, a = (u if np.isfinite(u).all() and u.any() else np.ones_like(u) for u in (w, a))
    w, a = w / norm(w, p), a / norm(a, 1)
    q = dual(p)
    u = Z.T @ a
    v = nearest(u, eps, attack, q)
    value = float(np.min(Z @ w)) - eps * norm(w, dual(attack))
    return Solution(w=w, dual=a, value=value, bound=norm(u - v, q), shift=v)


def separator(X: Float[Array, "n d"], y: Float[Array, " n"], eps: float, attack: float) -> Float[Array, " d"]:
    """Some w whose margin under attack is positive.

    Raises:
        NotSeparable: if there is none.
        ValueError: as for `max_margin`.
    """
    X, y = checks.classification(X, y, reach=checks.WIDE)
    eps, Z = checks.radius(eps, reach=checks.WIDE), y[:, None] * X
    if eps == 0:
        w, a = balance(Z)
        if not certain(Z, w):
            raise refusal(
                f"no w classifies all {len(y)} points correctly in d={X.shape[1]} dimensions; "
                "add features, or minimise a loss instead of a margin",
                Z,
                a,
                np.zeros(X.shape[1]),
            )
        return w
    widest = largest_radius(X, y, attack)
    if not certain(Z, widest.w, eps * norm(widest.w, dual(attack))):
        raise refusal(
            f"eps={eps} is not below eps*={widest.value}, to rounding the largest radius at which the "
            f"data are separable under this attack (exponent {attack}); choose eps below eps*",
            Z,
            widest.dual,
            nearest(Z.T @ widest.dual, eps, attack, attack),
        )
    return widest.w


def _better(one: Solution, other: Solution) -> Solution:
    """The larger value and the smaller bound of two proofs of the same problem."""
    up, down = max(one, other, key=lambda s: s.value), min(one, other, key=lambda s: s.bound)
    return replace(down, w=up.w, value=up.value)

"""The linear adversary, exactly: worst margins, the perturbations that reach them, and fits that expect them."""

import math
from dataclasses import replace

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import checks, norms, robust_classification, robust_regression
from theory.solution import Problem, Solution

ROOM = 1 - 4 * float(np.finfo(np.float64).eps)  # keeps perturbations inside their ball after rounding


def worst_case(
    w: Float[Array, " d"], X: Float[Array, "n d"], y: Float[Array, " n"], eps: float, attack: float = math.inf
) -> Float[Array, " n"]:
    """The least y_i⟨w, x_i + delta⟩ over ‖delta‖ₚ ≤ eps, p = attack: y_i x_i·w − eps‖w‖_q, 1/p + 1/q = 1.

    Errors: d roundings of the terms of x_i·w.
    Raises:
        ValueError: if a label is not ±1, eps is negative or not finite, attack < 1, or on bad input.
    """
    w, X, y, eps, q = _checked(w, X, y, eps, attack)
    return np.asarray(y * (X @ w) - eps * norms.norm(w, q))


def perturb(
    w: Float[Array, " d"], X: Float[Array, "n d"], y: Float[Array, " n"], eps: float, attack: float = math.inf
) -> Float[Array, "n d"]:
    """The perturbations that reach the worst margins: −y_i eps times the vector that aligns with w.

    At w = 0 every perturbation is as bad as any other; one on the surface of the ball is returned.

    Errors: inside the ball as computed; short of its surface by 4 roundings.
    Raises:
        ValueError: if a label is not ±1, eps is negative or not finite, attack < 1, or on bad input.
    """
    w, X, y, eps, q = _checked(w, X, y, eps, attack)
    u = norms.align(w, q)
    u = u / max(1.0, norms.norm(u, norms.dual(q)))
    return -y[:, None] * (ROOM * eps * u)


def fit(
    X: Float[Array, "n d"],
    y: Float[Array, " n"],
    eps: float,
    *,
    attack: float = math.inf,
    loss: str = "squared",
) -> Solution:
    """The w of least mean worst-case loss over ‖delta_i‖ₚ ≤ eps, p = attack, with its Fenchel dual.

    For real y the worst residual is u_i = |y_i − x_i·w| + eps‖w‖_q, and with z_i = y_i x_i for labels ±1 the worst
    margin is c_i = z_i·w − eps‖w‖_q. Each dual variable below is a (n,), each bound at most the optimum:

    - squared, mean u²/2: the largest (a·y − ‖b‖²/2)/n over b ≥ |a|, ‖Xᵀa‖ₚ ≤ eps Σb;
    - absolute, mean u: the largest a·y/n over |a| ≤ 1, ‖Xᵀa‖ₚ ≤ eps n;
    - hinge, mean max(0, 1 − c): the largest mean a over 0 ≤ a ≤ 1, ‖Zᵀa‖ₚ ≤ eps Σa;
    - logistic, mean log(1 + exp(−c)): the largest mean −a log a − (1 − a) log(1 − a), same a;
    - exponential, mean exp(−c): the largest mean a − a log a over a ≥ 0, ‖Zᵀa‖ₚ ≤ eps Σa.

    For eps = 0 the constraint reads Xᵀa = 0 (Zᵀa = 0) and holds to rounding, and residuals below their own
    rounding count as 0. The logistic and exponential losses of data that some direction classifies robustly
    fall for ever along it: there is no minimiser, and the margin is the quantity that has one.

    Errors: relative gap below 1e-8 for attack in {1, 1.5, 2, 3, ∞} and moderate scales; read `Solution.gap`.
    Raises:
        ValueError: if the loss is unknown, if it has no minimiser (see theory.margin.max_margin), if a label is
            not ±1 or one class is absent, if eps is negative or not finite, attack < 1, or on bad input.
    Source: Boyd & Vandenberghe, Convex Optimization, §3.3 and §5.1.6; Xu, Caramanis & Mannor, JMLR 2009.
    """
    eps, attack = checks.radius(eps), checks.exponent(attack, "attack")
    if 0 < eps < checks.LEAST:
        raise ValueError(f"eps must be 0 or at least {checks.LEAST:g}, got {eps}: the dual divides by it")
    options = {"eps": eps, "attack": attack, "loss": loss}
    if loss in robust_regression.LOSSES:
        X, y = checks.regression(X, y)
        best = robust_regression.fit(X, y, eps, attack, loss)
        return replace(best, problem=Problem("regression", X, y, options))
    if loss in robust_classification.LOSSES:
        X, y = checks.classification(X, y)
        best = robust_classification.fit(X, y, eps, attack, loss)
        return replace(best, problem=Problem("classification", X, y, options))
    known = ", ".join([*robust_regression.LOSSES, *robust_classification.LOSSES])
    raise ValueError(f"loss must be one of {known}; got {loss!r}")


def _checked(
    w: Float[Array, " d"], X: Float[Array, "n d"], y: Float[Array, " n"], eps: float, attack: float
) -> tuple[Float[Array, " d"], Float[Array, "n d"], Float[Array, " n"], float, float]:
    """The arguments, and the dual exponent of the attack in its place."""
    w, (X, y) = checks.real(w, "w", 1), checks.regression(X, y)
    eps, q = checks.radius(eps), norms.dual(checks.exponent(attack, "attack"))
    if len(w) != X.shape[1]:
        raise ValueError(f"w has {len(w)} entries but X has {X.shape[1]} columns; they must agree")
    if not np.isin(y, (-1.0, 1.0)).all():
        raise ValueError(f"y must hold the labels -1 and +1, got {np.unique(y)[:5]}; map your classes to them")
    return w, X, y, eps, q

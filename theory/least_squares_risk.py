"""Exact risk and squared norm of least squares and of its minimum-norm extension, at any finite size.

The model: n rows from N(0, I), targets y = Xw_star + noise of variance `noise`. Only p of the columns are given
to the fit; `used` and `unused` are the squared lengths of w_star on these columns and on the others, which act
as noise of variance s = noise + unused. Risks are excess risks: without the label noise of the test point.
"""

from theory import checks
from theory.formula import Formula

LETTERS = {"used": r"\|w_\star\|^2_{\mathrm{used}}"}
BIAS = Formula(r"\mathrm{bias}", "Max(p - n, 0)*used/p", LETTERS)
KEPT = Formula(r"\|\mathbb{E}\hat{w}\|^2", "Min(n, p)*used/p", LETTERS)
VARIANCE = Formula(
    r"\mathrm{variance}", "s*Piecewise((p/(n - p - 1), p < n - 1), (n/(p - n - 1), p > n + 1), (oo, True))"
)


def risk(n: int, p: int, used: float, unused: float, noise: float) -> float:
    """E‖ŵ − w_star‖², with ŵ = 0 on the unused columns, over the sample: unused + bias + variance, where

        p ≤ n − 2:  bias = 0,               variance = s p/(n − p − 1),
        p ≥ n + 2:  bias = used (1 − n/p),  variance = s n/(p − n − 1).

    For |p − n| ≤ 1 the variance has no finite expectation: then the risk is math.inf unless s = 0.

    Errors: relative, a few units of the last place.
    Raises:
        ValueError: if n or p is not an integer ≥ 1, or a squared length or the noise is negative.
    Source: Breiman & Freedman, JASA 1983; Belkin, Hsu & Xu, SIAM J. Math. Data Sci. 2020, Theorem 1.
    """
    _check(n, p, used, unused, noise)
    return unused + float(BIAS(n=n, p=p, used=used)) + _variance(n, p, noise + unused)


def squared_norm(n: int, p: int, used: float, unused: float, noise: float) -> float:
    """E‖ŵ‖² = used · min(1, n/p) + variance, with the variance of `risk`.

    Errors: relative, a few units of the last place.
    Raises:
        ValueError: as for `risk`.
    Source: Belkin, Hsu & Xu, SIAM J. Math. Data Sci. 2020.
    """
    _check(n, p, used, unused, noise)
    return float(KEPT(n=n, p=p, used=used)) + _variance(n, p, noise + unused)


def _variance(n: int, p: int, s: float) -> float:
    """The expectation of s tr((XᵀX)⁺): an inverse Wishart moment."""
    return float(VARIANCE(n=n, p=p, s=s)) if s > 0 else 0.0


def _check(n: int, p: int, used: float, unused: float, noise: float) -> None:
    checks.count(n, "n")
    checks.count(p, "p")
    for name, value in (("used", used), ("unused", unused), ("noise", noise)):
        checks.amount(value, name)

"""Which of the figures N1 to N9 of numerical truth are met? Each is measured by this run; nothing is copied.

Prints a Markdown table: what is required, what was found, and whether that is enough. Instances are those of the
tests where tests have them. Takes a minute or two on one core; `--quick` a tenth of the random instances.
Run: python benchmarks/reliability.py [--quick]
"""

import math
import platform
import sys
from collections.abc import Iterator
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "theory"))

import reliability_ratios as ratios
import test_exact_formula as closed
import test_known_programs as programs
import test_nist as nist

from theory import exact, exact_margin
from theory.exact_balls import holds
from theory.exact_balls import norm as norm_ball
from theory.exact_balls import robust_error as error_ball
from theory.exact_equivalents import ridge_risk as risk_balls
from theory.exact_formula import enclose
from theory.exact_numbers import signed, times
from theory.least_squares import least_squares
from theory.least_squares_risk import risk
from theory.margin import NotSeparable, max_margin
from theory.norms import norm
from theory.risk import ridge_risk, robust_error
from theory.spectrum import Spectrum

QUICK = "--quick" in sys.argv
SHARE = 10 if QUICK else 1
UNIT = float(np.finfo(np.float64).eps)
LAPACK = 30.0
ANSWERS = {True: "yes", False: "**no**", None: "not measured"}
Row = tuple[str, str, str, bool | None]  # figure, required, measured, met; None where it was not measured


def n1() -> Iterator[Row]:
    """NIST's eleven certified regressions."""
    found: dict[str, list[float]] = {"default": [], "errors": [], "exact": [], "exact errors": []}
    for name in nist.SETS:
        X, y, beta, se = nist.load(name)
        fit, truth = least_squares(X.astype(float), y.astype(float)), exact.least_squares(X, y)
        goal = nist.FLOAT.get(name, 9)
        found["default"].append(nist.digits(fit.w, beta).min() - goal)
        found["errors"].append(nist.digits(fit.standard_errors, se, beta).min() - goal + 1)
        found["exact"].append(nist.digits(truth.w, beta).min())
        found["exact errors"].append(nist.digits(truth.standard_errors, se, beta).min())
    least = {key: min(values) for key, values in found.items()}
    yield "N1 coefficients", "9 digits; 7 on Filip, Wampler3–5", _more(least["default"]), least["default"] >= 0
    yield "N1 standard errors", "one digit less", _more(least["errors"]), least["errors"] >= 0
    yield "N1 coefficients, in rationals", "14 digits", f"{least['exact']:.1f} digits", least["exact"] >= 14
    yield "N1 standard errors, in rationals", "13", f"{least['exact errors']:.1f}", least["exact errors"] >= 13


def _more(digits: float) -> str:
    return f"in the worst set {abs(digits):.1f} digits {'more' if digits >= 0 else 'fewer'} than required"


def n2() -> Iterator[Row]:
    """Digits that are promised less those that are there."""
    instances = [nist.load(name)[:2] for name in nist.SETS]
    instances += [nist.hilbert(k) for k in range(2, 17)] + [nist.vandermonde(k) for k in range(2, 15)]
    instances += [nist.longley(seed) for seed in range(40)]
    excess = [nist.promise(X, y) for X, y in instances]
    worst, refused = max(e for e in excess if e is not None), sum(e is None for e in excess)
    said = f"{worst:.2f} at most over {len(excess)} problems; {refused} refused"
    yield "N2 digits promised above true ones", "≤ 1", said, worst <= 1


def n3() -> Iterator[Row]:
    """LAPACK's test ratios of the paths that solve."""
    worst, where, refused, total = ratios.worst()
    said = f"{worst:.2g} at most ({where}); {refused} of {total} refused in words, size 0 too"
    yield "N3 LAPACK ratio", f"< {LAPACK:g}", said, worst < LAPACK and ratios.nothing_is_refused()


def n4() -> Iterator[Row]:
    """A small backward error is not called a small forward error."""
    X, y = nist.hilbert(12)
    A, b = X.astype(float), y.astype(float)
    w = np.linalg.solve(A, b)
    ratio = np.abs(A @ w - b).max() / (12 * UNIT * np.linalg.norm(A, np.inf) * np.abs(w).max())
    there = nist.digits(w, nist.fractions([1] * 12)).min()
    try:
        promised = f"{least_squares(A, b).digits.min():.1f} digits promised"
        honest = least_squares(A, b).digits.min() < 1
    except ValueError:
        promised, honest = "the fit is refused", True
    said = f"ratio {ratio:.2g}, {there:.1f} digits right; {promised}"
    yield "N4 Hilbert 12", "ratio < 30, no forward claim", said, ratio < LAPACK and honest


def n5() -> Iterator[Row]:
    """Maximum ℓ2 margins of badly scaled features against rational optima."""
    count, worst, wrong, refused = 200 // SHARE, 0.0, 0, 0
    for seed in range(count):
        X, y = closed_margin(seed)
        truth = exact_margin.max_margin(X, y)
        w = np.array([float(v) for v in truth.w])
        try:
            seen = max_margin(X, y)
        except NotSeparable:
            refused += 1
            continue
        worst = max(worst, float(np.linalg.norm(seen.w - w / np.linalg.norm(w))))
        slack = 2 * (len(w) + 2) * UNIT * np.max(np.abs(X) @ np.abs(seen.w))
        wrong += not seen.value - slack <= truth.value <= seen.bound + slack
    said = f"{worst:.1e} at most over {count} problems; {refused} undecided, {wrong} wrong certificates"
    yield "N5 direction of the maximum margin", "≤ 1e-8, no wrong certificate", said, worst <= 1e-8 and wrong == 0


def closed_margin(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Ten points in three dimensions, margins down to 1e-6, features in units from 1e-6 to 1e6."""
    g = np.random.default_rng(seed)
    X, teacher = g.standard_normal((10, 3)), g.standard_normal(3)
    teacher /= np.linalg.norm(teacher)
    y = np.where(np.arange(10) % 2, 1.0, -1.0)
    margin = 10 ** -g.uniform(0, 6) + np.abs(g.standard_normal(10)) * (np.arange(10) > 1)
    X += np.outer(y * margin - X @ teacher, teacher)
    return X * 10.0 ** g.uniform(-6, 6, 3), y


def n6() -> Iterator[Row]:
    """Programs whose optima are known."""
    required = "within 1e-9 by two solvers, dual checked"
    points = {solver: programs.quadratic(solver) for solver in programs.QUADRATIC}
    errors = {solver: float(np.abs(x - [1, 0]).max()) for solver, (x, _) in points.items()}
    polished = [programs.polished(x, s) for x, s in points.values()]
    proven = sum(list(x) == [1, 0] and programs.satisfied(x, s) for x, s in polished)
    said = ", ".join(f"{solver} off by {error:.1e}" for solver, error in errors.items())
    said += f"; polished in rationals, {proven} of {len(points)} are (1, 0) with multipliers that prove it"
    met = sum(error <= programs.NEAR for error in errors.values()) >= 2 and proven == len(points)
    yield "N6 Clarabel.cpp#36", required, said, met
    answers = [programs.linear(name, solver) for solver in programs.INTERIOR for name in programs.SIZES]
    off, moved = (max(answer[k] for answer in answers) for k in (0, 1))
    proven = sum(value is not None for _, _, value in answers)
    said = (
        f"{' and '.join(programs.INTERIOR)}: values off by {off:.1e} at most; {proven} of {len(answers)} answers "
    )
    said += f"proven optimal in rationals, after a move by {moved:.1e} at most"
    yield "N6 eight Netlib programs", required, said, off <= programs.NEAR and proven == len(answers)


def n7() -> Iterator[Row]:
    """Separability on both sides of the threshold, each answer checked in rationals."""
    count, sides, wrong = 1000 // SHARE, [0, 0], 0
    for seed in range(count):
        g = np.random.default_rng(seed)
        n = int(g.integers(2, 51))
        d = max(1, int(n * g.uniform(0.25, 0.75)))
        X, y = g.standard_normal((n, d)), np.where(np.arange(n) % 2, 1.0, -1.0)
        try:
            w = max_margin(X, y).w
            sides[0] += 1
            wrong += not min(times(signed(X, y), np.array([Fraction(v) for v in w], dtype=object))) > 0
        except NotSeparable as proof:
            sides[1] += 1
            a = exact_margin.farkas(X, y, proof.dual > 1e-9 * proof.dual.max())
            wrong += not (min(a) >= 0 and a.sum() == 1 and not times(signed(X, y).T, a).any())
        except ValueError:  # neither a separator nor a proof that there is none
            continue
    silent = count - sum(sides)
    said = f"{wrong} wrong, {silent} unanswered of {count}: {sides[0]} separators, {sides[1]} Farkas certificates"
    yield "N7 separability", "0 wrong, 0 unanswered", said, wrong == silent == 0 and min(sides) > 0


def n8() -> Iterator[Row]:
    """Exact Gaussian risks against simulated ones, by betting that the mean is larger than claimed.

    For R ≥ 0 of mean μ the products of 1 + (R/μ − 1)/3 are an e-process: above 1e5 they reject μ at level 1e-5.
    """
    draws = 100_000 // SHARE
    g, n, p = np.random.default_rng(0), 30, 10
    R = np.concatenate([_traces(g, n, p, draws // 10) for _ in range(10)])
    true, false = risk(n, p, 0.0, 0.0, 1.0), p / (n - p)
    right, wrong = (np.cumsum(np.log1p((R / mean - 1) / 3)) for mean in (true, false))
    when = int(np.argmax(wrong > math.log(1e5))) if wrong.max() > math.log(1e5) else None
    said = f"e-value of the truth at most {math.exp(right.max()):.2g}, p/(n − p) rejected after {when} draws"
    yield (
        "N8 risk of least squares",
        "truth kept, p/(n − p) rejected in 1e5 draws",
        said,
        (right.max() < math.log(1e5) and when is not None),
    )
    R = np.concatenate(
        [_traces(g, p, n, draws // 10) for _ in range(10)]
    )  # the same trace, of the other Gram matrix
    over = np.cumsum(np.log1p((R / risk(p, n, 0.0, 0.0, 1.0) - 1) / 3)).max()
    said = f"e-value at most {math.exp(over):.2g}"
    yield "N8 variance of interpolation", "truth kept", said, over < math.log(1e5)


def _traces(g: np.random.Generator, n: int, p: int, draws: int) -> np.ndarray:
    """Tr (XᵀX)⁺ of so many Gaussian X."""
    X = g.standard_normal((draws, max(n, p), min(n, p)))
    return np.trace(np.linalg.inv(np.swapaxes(X, 1, 2) @ X), axis1=1, axis2=2)


def n9() -> Iterator[Row]:
    """Closed forms in their balls."""
    count, missed = 200 // SHARE, 0
    for formula in closed.FORMULAS.values():
        g = np.random.default_rng(0)
        for _ in range(count):
            values = {letter: closed.draw(g, letter) for letter in formula.names}
            truth, seen = enclose(formula, **values), formula(**values)
            missed += not (seen == math.inf if truth == math.inf else holds(truth, seen, closed.ROUNDINGS))
    yield (
        "N9 closed forms in their balls",
        "all",
        f"{missed} of {len(closed.FORMULAS) * count} outside",
        missed == 0,
    )
    g, outside = np.random.default_rng(0), 0
    for _ in range(count):
        w, v, eps = g.standard_normal(4), g.standard_normal(4), float(g.uniform(0, 2))
        p = float(g.choice([1.0, 1.5, 2.0, 3.0]))
        outside += not holds(norm_ball(w, p), norm(w, p), 20 * UNIT)
        outside += not holds(error_ball(w, v, eps, p), robust_error(w, v, eps, p), 1e-14)
        s, c, mass = np.array([2.0, 0.5]), np.ceil(g.uniform(1, 40, 2)), g.uniform(0, 1, 2)
        n, lam = float(c.sum() * g.uniform(1.1, 5)), float(10 ** g.uniform(-3, 0))
        truth, seen = risk_balls(s, c, mass, n, lam, 0.5), ridge_risk(Spectrum(s, c), mass, n, lam, 0.5)
        outside += not all(
            holds(getattr(truth, name), getattr(seen, name)[0], 1e-12) for name in ("bias", "variance", "train")
        )
    yield "N9 norms, robust errors, equivalents", "all", f"{outside} of {3 * count} outside", outside == 0


def main() -> None:
    print("| Figure | Required | Measured | Met |\n|---|---|---|---|")
    for figure in (n1, n2, n3, n4, n5, n6, n7, n8, n9):
        for name, required, measured, met in figure():
            print(f"| {name} | {required} | {measured} | {ANSWERS[met]} |")
    packages = ("numpy", "scipy", "cvxpy", "clarabel", "highspy", "osqp", "python-flint", "sympy")
    versions = ", ".join(f"{name} {version(name)}" for name in packages)
    print(f"\nPython {platform.python_version()}, {versions}{'; a tenth of the random instances' * QUICK}.")


if __name__ == "__main__":
    main()

"""How many digits of NIST's certified regressions does each path find, and how many does ours promise?

The worst coefficient of each set, and in the last column the worst standard error of ours; 15 is all that is
certified. Nothing is timed. LinearRegression fits its own intercept where the set has one.
Run: python benchmarks/nist.py
"""

import json
import math
import warnings
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import numpy as np
from scipy.linalg import lstsq
from sklearn.linear_model import LinearRegression

from theory import exact
from theory.least_squares import least_squares
from theory.ridge import ridge_path

DATA = Path(__file__).parents[1] / "tests" / "theory" / "nist_strd.json"
CERTIFIED = 15.0


def fractions(values):
    return np.vectorize(Fraction, otypes=[object])(np.array(values, dtype=object))


def digits(values, certified, scale):
    """Correct digits of the worst entry; where 0 is certified, relative to `scale`."""
    worst = 0.0
    for v, c, s in zip(values, certified, scale, strict=True):
        worst = max(worst, float(abs(Fraction(float(v)) - c) / abs(c or s)))
    return min(CERTIFIED, max(0.0, -math.log10(worst))) if worst else CERTIFIED


def sklearn(X, y, tol=1e-6):
    constant = (X[:, 0] == 1).all()
    fit = LinearRegression(fit_intercept=constant, tol=tol).fit(X[:, 1:] if constant else X, y)
    return np.append(fit.intercept_, fit.coef_) if constant else fit.coef_


PATHS: dict[str, Callable] = {
    "numpy lstsq": lambda X, y: np.linalg.lstsq(X, y, rcond=None)[0],
    "numpy lstsq, rcond=0": lambda X, y: np.linalg.lstsq(X, y, rcond=0)[0],
    "scipy gelsy": lambda X, y: lstsq(X, y, lapack_driver="gelsy")[0],
    "sklearn LinearRegression": sklearn,
    "sklearn, tol=0": lambda X, y: sklearn(X, y, 0.0),
    "ridge_path, lam = 0": lambda X, y: ridge_path(X, y, np.array([0.0]))[0],
    "least_squares": lambda X, y: least_squares(X, y).w,
}


def main() -> None:
    names = [*PATHS, "promised", "in rationals", "least_squares, standard errors"]
    print("| Set | " + " | ".join(names) + " |\n|" + "---|" * (len(names) + 1))
    for name, held in sorted(json.loads(DATA.read_text()).items()):
        X, y, beta, se = (fractions(held[key]) for key in ("X", "y", "beta", "se"))
        A, b = X.astype(float), y.astype(float)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some peers warn, some do not: the digits say it
            row = [digits(path(A, b), beta, beta) for path in PATHS.values()]
        fit = least_squares(A, b)
        row += [float(fit.digits.min()), digits(exact.least_squares(X, y).w, beta, beta)]
        row += [digits(fit.standard_errors, se, beta)]
        print(f"| {name} | " + " | ".join(f"{d:.1f}" for d in row) + " |")


if __name__ == "__main__":
    main()

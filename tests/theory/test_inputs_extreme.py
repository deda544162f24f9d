"""Every public function of `theory` at the ends of float64, on zeros and on dependent rows: numbers or words.

Warnings are errors here, so that no overflow passes in silence; what may be NaN or infinite is listed.
"""

import numpy as np
import pytest
from input_calls import CALLS, call
from input_mutants import answer, extreme_arrays, extreme_numbers

# NaN where a field is documented so; math.inf where a documented limit is infinite.
NOT_A_NUMBER = {"conditional_risk.conditional_risk", "spectrum.effective_ranks"}
INFINITE = {
    "isotropic_ridge.ridgeless", "least_squares_risk.risk", "least_squares_risk.squared_norm", "norms.dual",
    "patch_phases.signal_time", "patch_phases.noise_times", "kernel_attack.tangent_curvature", "price.price",
    "spectrum.effective_ranks", "rank.decision", "formula.Formula.__call__",
}  # fmt: skip
SLOW = {"linear_flatness.ball_flatness", "attacked_ridge.attacked_ridge"}  # quadratures over fits


def worse(name):
    """The arguments of a call, one of them extreme, or points and labels together."""
    arguments = CALLS[name]
    for argument, value in arguments.items():
        array = isinstance(value, np.ndarray)
        if argument in ("self", "ndim") or isinstance(value, (bool, str)):
            continue
        if array or isinstance(value, (int, float)):
            for kind, extreme in extreme_arrays(value) if array else extreme_numbers(value):
                yield (argument, kind), {**arguments, argument: extreme}
    X, y = arguments.get("X"), arguments.get("y")
    if isinstance(X, np.ndarray) and isinstance(y, np.ndarray) and len(X) == len(y) and "w" not in arguments:
        yield "one point", {**arguments, "X": X[:1], "y": y[:1]}
        yield "two points", {**arguments, "X": X[[0, -1]], "y": y[[0, -1]]}
        yield "one feature", {**arguments, "X": X[:, :1]}
        yield "twice", {**arguments, "X": np.vstack([X, X]), "y": np.append(y, y)}
        yield "with opposite labels", {**arguments, "X": np.vstack([X, X]), "y": np.append(y, -y)}
        yield "one class", {**arguments, "y": np.ones(len(y))}
        yield "all 0", {**arguments, "X": 0 * X}
        yield "targets 0", {**arguments, "y": 0 * y}


@pytest.mark.parametrize(
    "name", sorted(name for name, arguments in CALLS.items() if arguments and name not in SLOW)
)
def test_extremes_give_numbers_or_words(name):
    plain = name.split("/")[0]
    for what, arguments in worse(name):
        found, refusal = answer(call(name), arguments)
        if refusal is None and not plain.startswith("exact"):  # exact numbers may exceed float64
            assert plain in NOT_A_NUMBER or not np.isnan(found).any(), (what, "NaN")
            assert plain in INFINITE | NOT_A_NUMBER or np.isfinite(found).all(), (what, "infinite")

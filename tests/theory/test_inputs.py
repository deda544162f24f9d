"""Every public function of `theory`, and what is no argument of it: a ValueError that says what is wrong.

NaN, infinity, other types, missing values, masks, ragged lists, sparse matrices, wrong shapes, nothing at all.
"""

import ast
import inspect
from pathlib import Path

import numpy as np
import pytest
from input_calls import CALLS, INTERNAL, OTHER, call, public
from input_mutants import answer, broken_arrays, broken_numbers

ROOT = Path(__file__).parents[2]
ENDLESS = {"attack", "p", "q", "r", "s", "times"}  # may be infinite, and so may k of `nearest`
ANY_SHAPE = {"checks.real", "patch_model.odd_power", "patch_model.falling", "projection.mean_abs"}
EXACT = {"strings", "bool", "integers beyond float64"}  # numbers to the oracle
ANY_NUMBER = {"formula.Formula.__call__"}  # NaN, infinity, arrays: it evaluates what it gets
ALLOWED = {
    ("ball.nearest", "k", "inf"),
    ("risk.gaussian_worst_square", "standard", "inf"),
    ("risk.gaussian_worst_square", "length", "inf"),
    ("risk.gaussian_worst_square", "standard", "a dimension more"),
    ("risk.gaussian_worst_square", "length", "a dimension more"),
    ("partition_bound.partition_bound", "suprema", "a dimension more"),
    ("network_margin.least_stretch", "W", "no entry along 0"),  # no rows: 1, as documented
    ("classical_kernels.points", "Z", "None"),
    ("classical_kernels.weighted", "Z", "None"),
    ("linearised_gradient.linearised_gradient", "Z", "None"),
    ("checks.number", "value", "nan"),
    ("checks.number", "value", "inf"),
    ("checks.number", "value", "-inf"),
}


def test_every_public_function_has_a_call():
    known = {name.split("/")[0] for name in CALLS}
    internal = {name for name in public() if name in INTERNAL or name.split(".")[0] in INTERNAL}
    missing = public() - known - internal - OTHER
    assert not missing, f"give each a valid call in input_data.py or input_formulas.py: {sorted(missing)}"
    assert known <= public(), f"no such functions: {sorted(known - public())}"


def test_nothing_outside_of_theory_calls_what_is_internal():
    for path in [*(ROOT / "sims").rglob("*.py"), *(ROOT / "figures").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("theory"):
                names = {f"{node.module}.{alias.name}".removeprefix("theory.") for alias in node.names}
                found = {name for name in names if name in INTERNAL or name.split(".")[0] in INTERNAL}
                assert found <= OTHER, f"{path} calls {found}, which takes its arguments unchecked"


def optional(function, argument):
    """Whether None stands for something."""
    parameter = inspect.signature(function).parameters.get(argument)
    return parameter is not None and parameter.default is None


@pytest.mark.parametrize("name", [name for name, arguments in CALLS.items() if arguments])
def test_what_is_no_argument_is_refused(name):
    arguments, function, plain = CALLS[name], call(name), name.split("/")[0]
    assert answer(function, arguments)[1] is None
    accepted = []
    for argument, value in arguments.items():
        array = isinstance(value, np.ndarray)
        if (
            argument in ("self", "ndim")
            or isinstance(value, (bool, str))
            or not (array or isinstance(value, (int, float)))
        ):
            continue
        if name == "conditional_risk.conditional_risk/diagonal" and argument == "lams":
            continue  # a number or an array
        for kind, wrong in broken_arrays(value) if array else broken_numbers(value):
            result, _ = answer(function, {**arguments, argument: wrong})
            fine = (
                (kind == "inf" and argument in ENDLESS)
                or (kind == "None" and optional(function, argument))
                or (kind in EXACT and plain.startswith(("exact", "proof")))
                or (kind == "a dimension more" and plain in ANY_SHAPE)
                or (plain in ANY_NUMBER and kind in {"nan", "inf", "-inf", "bool", "list", "array"})
                or (plain, argument, kind) in ALLOWED
            )
            if result is not None and not fine:
                accepted.append((argument, kind))
    assert not accepted

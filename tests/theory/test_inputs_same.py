"""Every public function of `theory` on the same numbers held otherwise: the same answer, and no traces."""

import os
import random

import numpy as np
import pytest
from input_calls import CALLS, call
from input_mutants import answer, same_arrays, same_numbers

ROUNDING = (
    1e-9  # relative to the largest number of the result: solvers stop at 1e-11, and sums are added otherwise
)


@pytest.mark.parametrize("name", [name for name, arguments in CALLS.items() if arguments])
def test_the_same_numbers_give_the_same_answer(name):
    arguments, function = CALLS[name], call(name)
    expected = np.array(answer(function, arguments)[0])
    scale = np.abs(expected[np.isfinite(expected)]).max(initial=1e-300)
    for argument, value in arguments.items():
        array = isinstance(value, np.ndarray)
        if argument == "self" or isinstance(value, (bool, str)) or not (array or isinstance(value, (int, float))):
            continue
        for kind, same in same_arrays(value) if array else same_numbers(value):
            before = np.array(same, copy=True) if isinstance(same, np.ndarray) else None
            found, refusal = answer(function, {**arguments, argument: same})
            if refusal is not None:  # whole numbers of steps want integers
                assert argument == "steps" or name == "checks.count", (argument, kind, refusal)
                continue
            assert before is None or np.array_equal(before, same), (argument, kind, "changed its argument")
            assert np.allclose(found, expected, rtol=0, atol=ROUNDING * scale, equal_nan=True), (argument, kind)


def test_calls_leave_nothing_behind(capfd):
    np.random.seed(7)  # noqa: NPY002 (the global generator is what must not move)
    drawn, state, random_state = np.random.get_state()[1].copy(), np.geterr(), random.getstate()  # noqa: NPY002
    kept = dict(os.environ)
    for name, arguments in CALLS.items():
        held = {k: v.copy() for k, v in arguments.items() if isinstance(v, np.ndarray)}
        answer(call(name), arguments)
        assert all(np.array_equal(arguments[k], v) for k, v in held.items()), f"{name} changed its arguments"
    assert np.array_equal(drawn, np.random.get_state()[1])  # noqa: NPY002
    assert np.geterr() == state
    assert random.getstate() == random_state
    assert dict(os.environ) == kept
    assert capfd.readouterr() == ("", "")

"""Whole numbers in arrays: exact at any length, refused beyond 64 bits, of use as indices."""

import types
from fractions import Fraction

import numpy as np
import pytest

from sims.falsify_exactly import exactly, namesakes
from sims.falsify_file import second_look
from sims.falsify_number import Inexact, Number
from sims.falsify_statement import Grade
from sims.falsify_whole import Whole, whole

A = np.array([3, 5, 7])
SAME = [
    "a + 1 - 2 * a",
    "a**3 % 4 + a // 2",
    "np.cumsum(a)[::-1] * np.sort(a)",
    "np.eye(9)[a].sum() + a.mean() + a[a > 4].max()",
    "np.bincount(a)[a] @ a + np.dot(a, a) + np.outer(a, a).trace()",
    "np.where(a > 3, a, 0).prod() + np.concatenate([a, a]).sum() + len(a)",
    "np.einsum('i,i->', a, a) + np.tensordot(a, a, 1) + abs(-a).min()",
    "np.zeros(0, dtype=int).sum() + a[:0].sum()",
    "[v for v in range(a[1])][a[0]]",
]


@pytest.mark.parametrize("text", SAME)
def test_short_ones_are_as_ever(text):
    found = eval(text, {"np": np, "a": whole(A)})
    np.testing.assert_array_equal(
        np.asarray(found, dtype=float), np.asarray(eval(text, {"np": np, "a": A}), float)
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.prod()", 2**186),
        ("np.prod(a)", 2**186),
        ("a.sum()", 3 * 2**62),
        ("np.dot(a, a)", 3 * 2**124),
        ("a @ a", 3 * 2**124),
        ("np.einsum('i,i->', a, a)", 3 * 2**124),
        ("a.dot(a)", 3 * 2**124),
        ("a[0] ** 3", 2**186),
        ("(a / 3)[0]", Fraction(2**62, 3)),
    ],
)
def test_a_single_one_has_any_length(text, expected):
    found = eval(text, {"np": np, "a": whole(np.full(3, 2**62))})
    assert (found.ends()[0] if isinstance(found, Number) else found) == expected


@pytest.mark.parametrize("text", ["a**30", "a * 2", "np.cumsum(a)", "np.outer(a, a)", "np.kron(a, a)", "-2 * a"])
def test_arrays_beyond_64_bits_are_refused(text):
    with pytest.raises(Inexact, match="64 bits"):
        eval(text, {"np": np, "a": whole(np.full(3, 2**62))})


def test_unsigned_ones_beyond_64_bits_with_a_sign_are_refused():
    assert whole(np.array([2**63 - 1], dtype=np.uint64))[0] == 2**63 - 1
    with pytest.raises(Inexact, match="64 bits"):
        whole(np.array([2**63], dtype=np.uint64))


def test_in_place_they_stay_whole():
    a = whole(A.copy())
    a += 1
    a[a > 5] = 0
    assert isinstance(a, Whole) and a.tolist() == [4, 0, 0]
    with pytest.raises(TypeError, match="cannot hold"):
        a += 0.5
    with pytest.raises(Inexact, match="64 bits"):
        a *= 2**62


def test_instances_and_what_a_file_makes_itself_are_such():
    counting = exactly({"index": A, "k": np.int64(3)}, whole=False)
    assert isinstance(counting["index"], Whole) and type(counting["k"]) is int
    made = types.ModuleType("made")
    exec("import numpy as np\nfrom numpy import full", vars(made))
    with namesakes(made):
        exec(
            "seen = [np.arange(4), np.array([1, 2]), np.ones(2, int), full(3, 2), np.nonzero([0, 1])[0]]",
            vars(made),
        )
    assert all(isinstance(array, Whole) for array in made.seen)


@pytest.mark.parametrize(
    "conclude",
    [
        "return x['index'][0] * 0, (x['index'] ** 25).sum() - np.eye(9)[x['index']].sum()",
        "return 0.0 * x['y'], (np.arange(1, 9) ** 23).sum()",
        "return 0.0 * x['y'], np.prod(np.full(9, 10**6))",
        "return 1.0 * x['y'], np.prod([10**6] * 11)",
        "return 0.0 * x['y'], np.dot([2**62, 2**62], (1, 1))",
    ],
)
def test_a_true_statement_is_not_refuted_by_wrapping_round(conclude):
    """In floats each is violated: 64 bits wrap round to a negative number, or to 0."""
    made = types.ModuleType("made")
    exec(f"import numpy as np\ndef conclude(x):\n    {conclude}\n", vars(made))
    x = {"index": np.array([3, 5, 7]), "y": 1.0}
    lhs, rhs = made.conclude(x)
    assert lhs > rhs
    look = second_look(made, x)
    assert look.grade is not Grade.REFUTED

"""A file's own functions on exact numbers: what they give encloses the truth, and rounding is refused."""

import math
import types
from fractions import Fraction

import numpy as np
import pytest

from sims.falsify_exactly import ends, exactly, namesakes
from sims.falsify_file import second_look
from sims.falsify_number import Inexact, Number, Undecided
from sims.falsify_statement import Grade
from theory.exact_numbers import precision

X = np.array([1.5, -2.25, 0.1])
FUNCTIONS = [
    "np.linalg.norm(x, 1) - 1.375 * np.linalg.norm(x)",
    "np.abs(x).sum() / len(x) + np.sqrt((x**2).mean())",
    "math.exp(x[0]) + sqrt(2) + math.log(3.0) - math.log(x[0], 10)",
    "np.linalg.svd(np.outer(x, x) + np.eye(3), compute_uv=False)[0] * norm(np.diag(x))",
    "np.linalg.solve(np.diag(x) + 1, x) @ x + np.linalg.inv(np.diag(x)).trace()",
    "np.maximum(x, 0).sum() + np.linalg.lstsq(np.outer(x, x), x, rcond=None)[0].sum()",
    "np.pi * x.var() + np.max(np.zeros(3) + x) + np.prod(x)",
    "np.sort(x)[0] + np.median(x) + np.argmax(x) + np.sign(x).sum()",
    "np.log(np.exp(x).sum()) + np.tanh(x).sum() + np.arctan(x)[1]",
    "np.linalg.cond(np.outer(x, x) + np.eye(3)) / np.linalg.det(np.outer(x, x) + np.eye(3))",
    "np.linalg.norm(np.outer(x, x) + np.eye(3), 2) + norm(np.diag(x), 'fro') + norm(x, np.inf) + norm(x, 3)",
    "float(x.sum()) + math.hypot(x[0], x[1]) + math.erf(x[2]) + math.prod(x)",
    "np.linalg.eigvalsh(np.outer(x, x) + np.diag(x))[0] + np.linalg.matrix_rank(np.outer(x, x))",
    "np.where(x > 0, x, 2 * x).sum() + (2.0**x[0] if np.isfinite(x).all() else math.inf) + x[0] ** 0.5",
    "np.linalg.pinv(np.outer(x, x[:2])).sum() + np.array([x[0], 1.0], dtype=float).sum()",
]


def module(text: str) -> types.ModuleType:
    made = types.ModuleType("made")
    exec(
        "import math\nfrom math import sqrt\nimport numpy as np\nfrom numpy.linalg import norm\n" + text,
        vars(made),
    )
    return made


@pytest.mark.parametrize("text", FUNCTIONS)
def test_code_written_for_floats_runs_on_exact_numbers(text: str) -> None:
    made = module(f"def f(x): return {text}")
    with precision(), namesakes(made):
        low, high = ends(made.f(exactly(X)))
    assert 0 <= high - low <= Fraction(1, 10**50)
    assert float(low) == pytest.approx(made.f(X), rel=1e-11)  # and the file's own np is back in its place
    assert made.np is np and "float" not in vars(made)


@pytest.mark.parametrize(
    "text",
    [
        "np.sqrt(x.size) * 1.0 * x[0] * np.float32(0.1)",
        "x.astype(float).sum()",
        "x[0] * (1 / 3)",
        "np.linalg.svd(np.diag(x))[0].sum()",
        "(x.shape[0] ** 0.5) * x[0]",
        "math.floor(x[0]) + np.random.default_rng(0).normal(x[0])",
        "np.linalg.norm(np.diag(x), -np.inf)",
        "np.linalg.norm(x, -1)",
        "np.linalg.lstsq(np.diag(x), x, rcond=0.1)[0].sum()",
    ],
)
def test_rounding_is_refused(text: str) -> None:
    made = module(f"def f(x): return {text}")
    made.f(X)
    with precision(), namesakes(made), pytest.raises((Inexact, TypeError, AttributeError)):
        ends(made.f(exactly(X)))


def test_rationals_stay_rational_and_floats_are_binary_fractions() -> None:
    tenth = exactly(0.1)
    assert ends(3 * tenth - tenth / 7)[0] == 3 * Fraction(0.1) - Fraction(0.1) / 7
    assert ends(exactly(2.25).sqrt()) == (Fraction(3, 2), Fraction(3, 2))
    assert exactly(0.1) * 3 != exactly(0.3) and exactly(0.25) * 3 == 0.75
    assert ends((Fraction(1, 3), 1)) == (Fraction(1, 3), 1) and ends(-math.inf) == (-math.inf, -math.inf)


def test_a_comparison_that_the_ball_leaves_open_is_not_made() -> None:
    with precision():
        root = Number.of(2).sqrt()
        assert 1 < root < 1.5 and root > -math.inf and not root > math.inf
        with pytest.raises(Undecided):
            bool(root * root >= 2)
        with pytest.raises(ArithmeticError, match="not finite"):
            ends(Number.of(0).log())


def test_instances_keep_their_nest() -> None:
    case = {"X": np.eye(2), "k": 3, "on": True, "pair": (0.5, [1, "a"]), "index": np.array([1, 0])}
    whole, counting = exactly(case), exactly(case, whole=False)
    assert isinstance(whole["k"], Number) and counting["k"] == 3 and counting["index"].dtype.kind == "i"
    assert whole["on"] is True and whole["pair"][1][1] == "a" and range(whole["k"]) == range(3)
    assert ends(exactly(np.array([0.1, 2], dtype=object)).sum())[0] == Fraction(0.1) + 2
    for inexact in ((1.0, math.nan), frozenset([0.1]), 1j, np.array([1j]), types.SimpleNamespace(a=0.1)):
        with pytest.raises(Inexact):
            exactly(inexact)


def test_a_short_constant_is_its_decimal_and_its_float_at_once() -> None:
    """In floats 1/10 is 0.1, which is larger: the mean of ten equal numbers would exceed them."""
    low, high = ends(Number.of(0.1))
    assert low <= Fraction(1, 10) < Fraction(0.1) <= high and high - low < Fraction(1, 10**15)
    mean = module("def conclude(x): return (1 / len(x)) * x.sum(), x.max()")
    assert second_look(mean, np.full(10, 0.7)).grade is Grade.OPEN
    true = module("from fractions import Fraction\ndef conclude(x): return Fraction(1, len(x)) * x.sum(), x.max()")
    assert second_look(true, np.full(10, 0.7)).grade is Grade.NO
    false = module("def conclude(x): return (1 / len(x)) * x.sum(), 0.9 * x.max()")
    assert second_look(false, np.full(10, 0.7)).grade is Grade.REFUTED


def test_numpy_means_the_same_on_exact_numbers() -> None:
    made = module(
        "def finite(x): return np.isfinite([x[0], np.inf]), math.isnan(math.nan), np.isinf(x)\n"
        "def lower(A): return np.linalg.eigvalsh(A)\n"
        "def close(e): return np.linalg.eigvalsh(np.diag([1 + e, 1, 1 - e]))\n"
        "def rest(X, y): return np.linalg.lstsq(X, y)[1]\n"
        "def rows(X): return norm(X, axis=2)"
    )
    A, thin = np.array([[2.0, 5.0], [0.5, 1.0]]), np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]])
    block = np.arange(24.0).reshape(2, 3, 4)
    with precision(), namesakes(made):
        entries, nan, infinite = made.finite(exactly(X))
        small, large = (ends(v) for v in made.lower(exactly(A)))
        near = [ends(v) for v in made.close(Number.of(Fraction(1, 10**30)))]
        residuals, norms = made.rest(exactly(thin), exactly(np.ones(3))), made.rows(exactly(block))
        tower = Number.of(5).exp().exp().exp()
        with pytest.raises(ArithmeticError, match="too large"):  # and FLINT does not abort
            ends(tower)
        assert Number.of(3) ** 10**11 > 2
    assert entries.tolist() == [True, False] and nan and not infinite.any()
    assert [float(small[0]), float(large[0])] == pytest.approx(made.lower(A))
    assert near[0][1] < near[1][0] <= near[1][1] < near[2][0]
    assert residuals.size == made.rest(thin, np.ones(3)).size == 0 and norms.shape == (2, 3)


def test_ends_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError, match="in order"):
        ends((1, Fraction(1, 3)))

"""`Solution.certify`: what a solver returned is proven, or found wanting, in rational arithmetic."""

import math
import pickle
import sys
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from theory.adversarial import fit
from theory.interpolation import min_norm
from theory.margin import largest_radius, max_margin
from theory.proof import Proof
from theory.solution import Solution

RNG = np.random.default_rng(4)
X, TARGETS = RNG.standard_normal((6, 9)), RNG.standard_normal(6)
LABELS = np.where(X @ RNG.standard_normal(9) > 0, 1.0, -1.0)
CROWD, SIDES = RNG.standard_normal((12, 2)), np.resize([1.0, -1.0], 12)
SOLVED = {
    "min_norm": lambda: min_norm(X, TARGETS),
    "min_norm of 0": lambda: min_norm(X, np.zeros(6)),
    "min_norm in l1": lambda: min_norm(X, TARGETS, 1),
    "max_margin": lambda: max_margin(X, LABELS, 2, eps=0.01),
    "max_margin in l1": lambda: max_margin(X, LABELS, 1),
    "largest_radius": lambda: largest_radius(X, LABELS),
    "squared": lambda: fit(X, TARGETS, 0.2),
    "absolute": lambda: fit(X, TARGETS, 0.2, attack=2.0, loss="absolute"),
    "hinge": lambda: fit(CROWD, SIDES, 0.1, attack=2.0, loss="hinge"),
    "exponential": lambda: fit(CROWD, SIDES, 0.1, attack=2.0, loss="exponential"),
}


@pytest.mark.parametrize("name", SOLVED)
def test_what_the_solvers_return_is_proven_to_the_gap_they_state(name):
    solution = SOLVED[name]()
    proof = solution.certify()
    assert proof.lower <= proof.upper
    assert proof.proves(solution.value, max(10 * solution.gap, 1e-13))
    assert pickle.loads(pickle.dumps(solution)).certify() == proof


@pytest.mark.parametrize("name", [name for name in SOLVED if name != "min_norm of 0"])
def test_another_point_or_another_dual_proves_less(name):
    solution = SOLVED[name]()
    g = np.random.default_rng(0)
    for other in (
        replace(solution, w=solution.w * (1 + 0.1 * g.standard_normal(len(solution.w)))),
        replace(solution, dual=solution.dual * (1 + 0.1 * g.standard_normal(len(solution.dual)))),
    ):
        assert not other.certify().proves(solution.value, 1e-6)


@pytest.mark.parametrize("name", ["min_norm", "max_margin", "squared"])
@pytest.mark.parametrize("part", ["w", "dual"])
def test_a_solution_of_other_data_is_refused(name, part):
    solution = SOLVED[name]()
    short = replace(solution, **{part: getattr(solution, part)[1:]})
    with pytest.raises(ValueError, match=r"X is \(6, 9\), so w and the dual must have \(9, 6\) entries"):
        short.certify()


def test_a_shift_of_other_data_is_refused():
    with pytest.raises(ValueError, match="shift must have an entry for each of w, 9, got 2"):
        replace(SOLVED["max_margin"](), shift=np.ones(2)).certify()


def test_a_solution_put_together_by_hand_says_that_it_does_not_know_its_problem():
    with pytest.raises(ValueError, match="does not know its problem"):
        Solution(np.ones(2), np.ones(2), 1.0, 1.0).certify()


def test_without_the_extra_the_way_out_is_named(monkeypatch):
    solution = min_norm(X, TARGETS)
    monkeypatch.setitem(sys.modules, "theory.exact_proof", None)
    with pytest.raises(ModuleNotFoundError, match="python-flint"):
        solution.certify()


def test_a_proof_speaks_of_finite_numbers():
    proof = Proof(Fraction(0), Fraction(0), 0.0)
    assert (proof.gap, replace(proof, lower=Fraction(-1)).gap) == (0.0, math.inf)
    for value in (math.nan, math.inf):
        with pytest.raises(ValueError, match="finite"):
            proof.proves(value, 0.1)

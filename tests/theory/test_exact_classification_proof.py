"""Certificates of robust classification in rationals: right fits are proven, wrong points and duals are not."""

import math
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from theory.adversarial import fit
from theory.exact_classification_proof import certify_classification
from theory.solution import Solution

LOSSES = ("hinge", "logistic", "exponential")
G = np.random.default_rng(0)
X = G.standard_normal((12, 3))
Y = np.where(X[:, 0] + 1.5 * G.standard_normal(12) > 0, 1.0, -1.0)
GAP = 1e-7


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize(("eps", "attack"), [(0.0, 2.0), (0.1, 1.0), (0.3, 2.0), (0.2, 3.0), (0.4, math.inf)])
def test_fits_are_proven(loss, eps, attack):
    solution = fit(X, Y, eps, attack=attack, loss=loss)
    proof = certify_classification(solution, X, Y, eps, attack=attack, loss=loss)
    assert 0 < proof.lower <= proof.upper
    assert proof.gap < GAP
    assert proof.proves(solution.value, GAP)


@pytest.mark.parametrize("loss", LOSSES)
def test_a_wrong_point_or_dual_proves_less_and_nothing_false(loss):
    solution = fit(X, Y, 0.3, attack=2.0, loss=loss)
    optimum = Fraction(solution.value)
    for wrong in (
        replace(solution, w=1.1 * solution.w),
        replace(solution, w=-solution.w),
        replace(solution, dual=solution.dual[::-1].copy()),
        replace(solution, dual=-solution.dual),
        replace(solution, dual=np.ones(12)),
        replace(solution, dual=0.5 * solution.dual),
        replace(solution, w=0 * solution.w, dual=0 * solution.dual),
    ):
        proof = certify_classification(wrong, X, Y, 0.3, attack=2.0, loss=loss)
        assert proof.lower <= optimum * (1 + Fraction(1, 10**9))
        assert proof.upper >= optimum * (1 - Fraction(1, 10**9))
        assert proof.gap > 1e-5
        assert not proof.proves(solution.value, GAP)


@pytest.mark.parametrize("loss", LOSSES)
def test_an_easier_problem_is_not_proven_by_the_solution_of_another(loss):
    solution = fit(X, Y, 0.3, attack=2.0, loss=loss)
    for eps, attack in ((0.0, 2.0), (0.2, 2.0), (0.3, math.inf)):
        assert not certify_classification(solution, X, Y, eps, attack=attack, loss=loss).proves(
            solution.value, GAP
        )


def test_the_value_at_0_is_exact():
    zero = Solution(np.zeros(3), np.zeros(12), 0.0, 0.0)
    hinge = certify_classification(zero, X, Y, 0.3, loss="hinge")
    assert (hinge.lower, hinge.upper) == (0, 1)
    logistic = certify_classification(zero, X, Y, 0.3, loss="logistic")
    assert abs(float(logistic.upper) - math.log(2)) < 1e-15
    assert logistic.upper > Fraction(math.log(2)) - Fraction(1, 10**16)  # outward


def test_separable_data_need_a_loss_of_0_at_least():
    easy = np.where(X[:, 0] > 0, 1.0, -1.0)
    solution = fit(X, easy, 0.0, loss="hinge")
    proof = certify_classification(solution, X, easy, 0.0, loss="hinge")
    assert proof.lower == 0
    assert proof.upper < 1e-12
    proof = certify_classification(replace(solution, dual=np.ones(12)), X, easy, 0.0, loss="hinge")
    assert proof.lower == 0  # no weights cancel separable points


def test_a_dual_that_cancels_up_to_rounding_is_made_to_cancel():
    points, labels = [[1.0], [3.0], [-7.0]], [1.0, 1.0, 1.0]
    points, labels = [*points, [2.0]], [*labels, -1.0]
    solution = Solution(np.zeros(1), np.array([0.1, 0.3, 1 / 7, 0.0]), 1.0, 0.0)
    proof = certify_classification(solution, points, labels, 0, loss="hinge")
    assert 0 < proof.lower <= Fraction(1, 4) * Fraction(0.1 + 0.3 + 1 / 7) + Fraction(1, 100)


def test_bad_input_is_refused():
    zero = Solution(np.zeros(3), np.zeros(12), 0.0, 0.0)
    with pytest.raises(ValueError, match="loss must be one of"):
        certify_classification(zero, X, Y, 0.3, loss="squared")
    with pytest.raises(ValueError, match="eps must be ≥ 0"):
        certify_classification(zero, X, Y, -0.3)
    with pytest.raises(ValueError, match="must have"):
        certify_classification(replace(zero, dual=np.zeros(5)), X, Y, 0.3)
    with pytest.raises(ValueError, match="both labels"):
        certify_classification(zero, X, np.ones(12), 0.3)
    with pytest.raises(ValueError, match="finite rational"):
        certify_classification(replace(zero, w=np.full(3, np.nan)), X, Y, 0.3)
    with pytest.raises(ValueError, match=r"attack must be in \[1, inf\], got 0.5"):
        certify_classification(zero, X, Y, 0.3, attack=0.5)


@pytest.mark.parametrize("size", [1e300, -1e300])
@pytest.mark.parametrize("loss", LOSSES)
def test_margins_of_any_size_have_an_answer(loss, size):
    """The exact value of exp(1e300) has more digits than there is memory for."""
    points, labels = [[1.0], [-1.0]], [1.0, -1.0]
    solution = Solution(np.array([size]), np.ones(2), 0.0, 0.0)
    if (loss, size) == ("exponential", -1e300):
        with pytest.raises(ValueError, match="rescale w"):
            certify_classification(solution, points, labels, 0, loss=loss)
        return
    proof = certify_classification(solution, points, labels, 0, loss=loss)
    assert proof.lower == 0
    assert (proof.upper < 1e-300) if size > 0 else proof.upper >= Fraction(10**300)

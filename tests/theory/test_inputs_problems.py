"""Hard problems rather than hard arguments: units, lost ranks, slim margins, kernels that are none, bad functions.

The right answer is known, from a scaling law, in rationals or by hand; a refusal in words is an answer too.
"""

import math

import numpy as np
import pytest
from input_objects import MIXED, MIXED_Y, T, W, X, Y

from theory import exact, exact_margin
from theory.adversarial import worst_case
from theory.class_distance import closest_pair
from theory.classical_kernels import Kernel, gaussian, laplace
from theory.complexity import data_term
from theory.interpolation import min_norm
from theory.kernel_regression import decompose, kernel_flow, kernel_ridge, ntk_regression
from theory.kernels import ntk_relu
from theory.least_squares import least_squares
from theory.margin import NotSeparable, largest_radius, max_margin
from theory.norms import align, norm
from theory.projection import direction_mean
from theory.ridge import ridge_path
from theory.risk import robust_error
from theory.sphere_spectrum import harmonics

UNIT = np.finfo(float).eps
# Functions of c with f(c) = c^degree f(1), exactly so for powers of 2 but for the last digits of solvers.
SCALING = {
    "norm": (lambda c: norm(c * W, 3.0), 1),
    "align": (lambda c: align(c * W, 3.0), 0),
    "worst margins": (lambda c: worst_case(c * W, X, Y, 0.5, 2.0), 1),
    "closest pair": (lambda c: closest_pair(c * X, Y, 3.0)[0], 1),
    "data term": (lambda c: data_term(c * X, 1.5), 1),
    "robust error": (lambda c: robust_error(c * W, T[:3], 0.25), 0),
    "tangent kernel": (lambda c: ntk_relu(c * X), 2),
    "least norm": (lambda c: min_norm(c * X[:2], T[:2]).w, -1),
    "least ℓ1 norm": (lambda c: min_norm(c * X[:2], T[:2], 1.0).w, -1),
    "least squares": (lambda c: least_squares(c * X, T).w, -1),
    "standard errors": (lambda c: least_squares(c * X, T).standard_errors, -1),
    "ridge at 0": (lambda c: ridge_path(c * X, T, np.zeros(1)), -1),
    "maximum margin": (lambda c: max_margin(c * X, Y).value, 1),
    "its direction": (lambda c: max_margin(c * X, Y).w, 0),
    "its direction in ℓ1": (lambda c: max_margin(c * X, Y, 1.0).w, 0),
    "largest radius": (lambda c: largest_radius(c * X, Y).value, 1),
}


@pytest.mark.parametrize("name", SCALING)
def test_units_change_no_digit(name):
    function, degree = SCALING[name]
    expected = np.array(function(1.0))
    for k in (-480, -300, 300, 480) if degree < 2 else (-240, 240):
        found = np.ldexp(function(2.0**k), -k * degree)
        assert np.allclose(found, expected, rtol=1e-12, atol=1e-12 * np.abs(expected).max()), k


@pytest.mark.parametrize("power", range(0, 19, 2))
def test_any_condition_is_solved_as_promised_or_refused(power):
    g = np.random.default_rng(power)
    U, V = np.linalg.qr(g.standard_normal((6, 3)))[0], np.linalg.qr(g.standard_normal((3, 3)))[0]
    A, b = U * np.array([1, 10.0 ** (-power / 2), 10.0**-power]) @ V.T, g.standard_normal(6)
    try:
        fit = least_squares(A, b)
    except ValueError as refusal:
        assert "rank" in str(refusal)
        assert power >= 14
        return
    truth = exact.least_squares(A, b).w.astype(float)
    assert (np.abs(fit.w - truth) <= fit.error + 2 * UNIT * np.abs(truth)).all()


@pytest.mark.parametrize("off", [0.0, 1e-17, 1e-15, 1e-14, 1e-12, 1e-9])
def test_a_rank_is_exact_or_refused(off):
    A = np.column_stack([X[:, 0], X[:, 1], X[:, 0] + off * X[:, 2]])
    try:
        w = ridge_path(A, T, np.zeros(1))[0]
    except ValueError as refusal:
        assert "rank" in str(refusal)
        return
    # Either the least norm solution of the exact data, or that of the data without the part below rounding.
    truths = [exact.ridge(B, T, 0).astype(float) for B in (A, np.column_stack([X[:, :2], X[:, 0]]))]
    condition = np.linalg.cond(A) if off >= 1e-14 else 1e3
    assert min(np.abs(w - truth).max() / np.abs(truth).max() for truth in truths) <= 100 * UNIT * condition


def test_nothing_to_separate_is_said_with_a_proof():
    for points, labels, eps in (
        (np.vstack([X, X]), np.append(Y, -Y), 0.0),  # each point twice, with opposite labels
        (0 * X, Y, 0.0),
        (MIXED, MIXED_Y, 0.0),
        (X, Y, 1e6),
        (X, Y, float(np.nextafter(largest_radius(X, Y).value, 2))),
    ):
        with pytest.raises(NotSeparable) as proof:
            max_margin(points, labels, eps=eps)
        assert proof.value.residual <= 1e-12
        if eps == 0:
            a = exact_margin.farkas(points, labels, proof.value.dual)
            assert not (labels * a @ points).any()


@pytest.mark.parametrize("slim", [1e-3, 1e-10, 1e-300])
def test_slim_margins_are_found_or_left_undecided(slim):
    points, labels = np.array([[1.0, slim], [1.0, -slim], [2.0, slim]]), np.array([1.0, -1.0, 1.0])
    for p in (1.0, 2.0, math.inf):
        try:
            found = max_margin(points, labels, p)
        except NotSeparable:
            assert slim < 1e-15
            continue
        truth = exact_margin.max_margin(points, labels, p).value
        assert found.value * (1 - 1e-9) <= truth <= found.bound * (1 + 1e-9)
        assert found.value == pytest.approx(truth, rel=1e-6)
    tiny = max_margin(slim * np.array([[1.0], [-1.0]]), np.array([1.0, -1.0]))
    assert tiny.value == pytest.approx(slim, rel=1e-14)


def test_half_a_norm_is_refused():
    for call in (lambda: norm(W, 0.5), lambda: max_margin(X, Y, 0.5), lambda: largest_radius(X, Y, 0.5)):
        with pytest.raises(ValueError, match="below 1 it is no norm"):
            call()


def test_kernels_that_are_none_are_refused():
    for K in (np.array([[1.0, 2.0], [2.0, 1.0]]), -np.eye(2)):
        with pytest.raises(ValueError, match="positive semi-definite"):
            decompose(K)
    for width in (0.0, math.inf, -1.0, math.nan):
        for kernel in (gaussian, laplace):
            with pytest.raises(ValueError, match="width must be"):
                kernel(width)


@pytest.mark.parametrize("fit", [lambda *a: ntk_regression(*a), lambda *a: kernel_ridge(*a, gaussian(1.0))])
def test_points_twice_are_fitted_by_their_mean_and_nothing_is_added(fit):
    points, targets, none = np.vstack([X, X]), np.append(T, T + 1), np.zeros(1)
    assert np.allclose(fit(points, targets, none).predict(X)[0], T + 0.5, rtol=0, atol=1e-10)
    assert np.allclose(fit(X, T, none).predict(X)[0], T, rtol=0, atol=1e-10)  # a jitter would leave a residual


class ExpectedError(Exception):
    """What a function of the caller's own may raise."""


def fails(*_):
    raise ExpectedError


@pytest.mark.parametrize(
    "call",
    [
        lambda f: direction_mean(f, 3),
        lambda f: direction_mean(f, 1),
        lambda f: harmonics(f, 3, 2),
        lambda f: kernel_ridge(X, T, np.ones(1), Kernel(lambda X, Z: f(X), lambda X, Z, A: f(X))),
        lambda f: kernel_flow(X, T, np.ones(1), Kernel(lambda X, Z: f(X), lambda X, Z, A: f(X))),
    ],
)
def test_functions_of_the_caller_that_misbehave_are_named(call):
    with pytest.raises(ExpectedError):
        call(fails)
    for wrong in (np.nan, np.inf, None, "abc", np.array([["a"]]), np.ones((2, 3, 4)), [[1.0], [1.0, 2.0]], 1j):
        with pytest.raises(ValueError, match="must"):
            call(lambda _, wrong=wrong: wrong)
    state = np.geterr()
    with pytest.raises(ValueError, match="must"):
        call(lambda _: np.full(7, np.nan))
    assert np.geterr() == state

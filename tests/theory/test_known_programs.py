"""Programs whose optima were published: two solvers or more on each, and every answer proven in rationals.

The linear programs are eight of Netlib's lp/data (Gay 1985, COAL Newsletter 13) with the optima given there; each
line of the compressed text that they were expanded from met its checksum. The quadratic one is that of
oxfordcontrol/Clarabel.cpp#36.
"""

import json
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache
from pathlib import Path

import cvxpy as cp
import numpy as np
import pytest
from scipy import sparse

from theory import program
from theory.exact_linear import least
from theory.exact_numbers import Exact, times, zeros

SETS = json.loads(Path(__file__).with_name("netlib_lp.json").read_text())
SIZES = {  # rows with the cost, columns, entries: Netlib's table
    "AFIRO": (28, 32, 88),
    "ADLITTLE": (57, 97, 465),
    "BLEND": (75, 83, 521),
    "SC50A": (51, 48, 131),
    "SC50B": (51, 48, 119),
    "SC105": (106, 103, 281),
    "ISRAEL": (175, 142, 2358),
    "BANDM": (306, 472, 2659),
}
INTERIOR = {"HiGHS": False, "Clarabel": True}
NEAR = 1e-9  # relative
ZERO = 1e-9  # entries below this are taken for the rounding of 0
TINY = Fraction(1, 10**30)


@dataclass(frozen=True)
class Linear:
    """min c·x subject to x ≥ 0, Ax = b in the rows of `equal` and Ax ≤ b in the others."""

    A: Exact
    b: Exact
    c: Exact
    equal: np.ndarray


@cache
def load(name):
    """The program as it is written, in decimals; its columns and right-hand side list rows and values in turn."""
    held = SETS[name]
    kind = np.array(list(held["rows"]))
    lists = [held["rhs"], *held["columns"]]
    M = zeros(len(kind) * len(lists)).reshape(len(kind), len(lists))
    for j, words in enumerate(text.split() for text in lists):
        M[np.array(words[::2], dtype=int), j] = [Fraction(v) for v in words[1::2]]
    M[kind == "G"] *= -1
    rows = kind != "N"
    return Linear(M[rows, 1:], M[rows, 0], M[~rows, 1:][0], kind[rows] == "E")


def solve(lp, interior):
    """A solver's x, and its multipliers v of the rows."""
    A, b, c = (v.astype(np.float64) for v in (lp.A, lp.b, lp.c))
    blocks = [program.positive(sparse.identity(len(c), format="csr"))]
    kinds = {"zero": lp.equal, "positive": ~lp.equal}
    blocks += [program.Block(kind, sparse.csr_matrix(A[rows]), b[rows]) for kind, rows in kinds.items()]
    x, (_, equal, less) = program.solve(c, blocks, interior=interior)
    v = np.zeros(len(b))
    v[lp.equal], v[~lp.equal] = equal, less
    return x, v


def exactly(lp, x, v):
    """The pair on the face that (x, v) names, nearest to it: x is 0 off S and tight on T, v is 0 off U and s on Z.

    With s = c + Aᵀv and r = b − Ax: S where x stands out over s, Z where s does not over x; U and T the same for
    v and r. Where neither stands out, as at a degenerate vertex, both are 0.
    """
    A, b, c = (part.astype(np.float64) for part in (lp.A, lp.b, lp.c))
    s, r = c + A.T @ v, b - A @ x
    S, Z = over(x, s), ~over(s, x)
    U, T = lp.equal | over(v, r), lp.equal | ~over(r, v)
    x_face, v_face = zeros(len(c)), zeros(len(b))
    x_face[S] = project(lp.A[np.ix_(T, S)], lp.b[T], x[S])
    v_face[U] = project(lp.A[np.ix_(U, Z)].T, -lp.c[Z], v[U])
    return x_face, v_face


def over(u, other):
    return (u > other) & (u > ZERO)


def project(A, b, guess):
    """The solution of Au = b next to a guess; some other vector if there is none."""
    u = np.array([Fraction(g) for g in guess.tolist()], dtype=object)
    return u + least(A, b - times(A, u))


def optimal(lp, x, v):
    """Are x and v feasible for the program and its dual, and c·x = −b·v? Nothing is rounded, nothing trusted."""
    r, s = lp.b - times(lp.A, x), lp.c + times(lp.A.T, v)
    feasible = (x >= 0).all() and (r >= 0).all() and not r[lp.equal].any()
    return bool(feasible and (s >= 0).all() and (v[~lp.equal] >= 0).all() and lp.c @ x == -lp.b @ v)


def linear(name, solver):
    """How far a solver's value is from the published one, its answer from the proven one; the optimum or None."""
    lp, published = load(name), float(SETS[name]["optimum"])
    found = solve(lp, INTERIOR[solver])
    off = abs(float(lp.c.astype(np.float64) @ found[0]) - published) / abs(published)
    proven = exactly(lp, *found)
    moved = max(
        np.abs(e.astype(np.float64) - u).max() / np.abs(u).max() for e, u in zip(proven, found, strict=True)
    )
    return off, moved, lp.c @ proven[0] if optimal(lp, *proven) else None


@pytest.mark.parametrize("name", SIZES)
def test_netlib_sizes(name):
    held = SETS[name]
    entries = sum(len(text.split()) // 2 for text in held["columns"])
    assert (len(held["rows"]), len(held["columns"]), entries) == SIZES[name]


@pytest.mark.parametrize("solver", INTERIOR)
@pytest.mark.parametrize("name", SIZES)
def test_known_programs(name, solver):
    off, moved, value = linear(name, solver)
    assert max(off, moved) <= NEAR
    assert value is not None and f"{float(value):.10E}" == SETS[name]["optimum"]  # to all eleven digits


@pytest.mark.parametrize("name", SIZES)
def test_the_answers_are_of_two_solvers(name):
    """`program.solve` turns to the second where the first fails, which would give the same bits twice."""
    first, second = (solve(load(name), interior)[0] for interior in (False, True))
    assert (first != second).any()


@pytest.mark.parametrize("solver", INTERIOR)
def test_another_programs_answer_is_not_proven(solver):
    lp = load("AFIRO")
    x, v = solve(replace(lp, c=lp.c + 1), INTERIOR[solver])
    assert not optimal(lp, *exactly(lp, x, v))


def test_what_is_off_by_1e_30_is_no_proof():
    lp = load("AFIRO")
    x, v = exactly(lp, *solve(lp, interior=False))
    assert optimal(lp, x, v)
    for j in np.flatnonzero((lp.c != 0) | (x == 0)):  # the value moves, or x < 0
        assert not optimal(lp, x - TINY * (np.arange(len(x)) == j), v)
    for i in np.flatnonzero((lp.b != 0) | ((v == 0) & ~lp.equal)):
        assert not optimal(lp, x, v - TINY * (np.arange(len(v)) == i))


P, COST = np.diag([2, 4]), np.array([-2, 0])  # x₁² + 2x₂² − 2x₁, over x₁ + x₂ = 1, x ≥ 0: the optimum is (1, 0)
QUADRATIC = {"Clarabel": None, "HiGHS": cp.HIGHS, "OSQP": cp.OSQP}


def quadratic(solver):
    """A solver's point, and its multipliers of x ≥ 0."""
    if QUADRATIC[solver] is None:
        blocks = [program.zero(program.ones(2).T, np.ones(1)), program.positive(sparse.identity(2, format="csr"))]
        x, (_, s) = program.solve(COST.astype(np.float64), blocks, sparse.csr_matrix(P.astype(np.float64)))
        return x, s
    w = cp.Variable(2)
    sign = w >= 0
    value = cp.quad_form(w, P) / 2 + COST @ w
    cp.Problem(cp.Minimize(value), [cp.sum(w) == 1, sign]).solve(solver=QUADRATIC[solver])
    return w.value, sign.dual_value


def polished(x, s):
    """The exact point with Σx = 1, Px + cost + v = s and s = 0 on the support of x, and the exact s."""
    S = over(x, s)
    K = np.block([[P[np.ix_(S, S)], np.ones((S.sum(), 1))], [np.ones((1, S.sum())), 0]])
    found = least(np.vectorize(Fraction, otypes=[object])(K), np.append(-COST[S], 1) * Fraction(1))
    point = zeros(2)
    point[S] = found[:-1]
    return point, P @ point + COST + found[-1]


def satisfied(x, s):
    """The optimality conditions of the quadratic program, given that s = Px + cost + v."""
    return bool((x >= 0).all() and x.sum() == 1 and (s >= 0).all() and x @ s == 0)


@pytest.mark.parametrize("solver", QUADRATIC)
def test_known_quadratic_program(solver):
    """Without strict complementarity an interior point is good to the root of its gap, until it is polished."""
    x, s = quadratic(solver)
    assert np.abs(x - [1, 0]).max() <= (1e-6 if solver == "Clarabel" else NEAR)
    point, multipliers = polished(x, s)
    assert satisfied(point, multipliers) and list(point) == [1, 0]


def test_the_other_vertex_is_not_polished_to_an_optimum():
    assert not satisfied(*polished(np.array([0.0, 1.0]), np.zeros(2)))

"""The verifier is verified: each judge says holds, fails and open; its error rates are measured."""

from dataclasses import dataclass

import numpy as np
import pytest

from sims import judge
from sims.claim import Evidence, Outcome, Verdict, grid

HOLDS, FAILS, OPEN = Outcome.HOLDS, Outcome.FAILS, Outcome.OPEN


@dataclass(frozen=True)
class Case:
    x: int
    seed: int


def evidence(cases, predicted, observed, doubt=0.0, look=1):
    observed = [np.asarray(o, dtype=float) for o in observed]
    predicted = [
        np.broadcast_to(np.asarray(p, dtype=float), o.shape) for p, o in zip(predicted, observed, strict=True)
    ]
    return Evidence(
        tuple(cases),
        tuple(predicted),
        tuple(observed),
        tuple(np.full(o.shape, doubt) for o in observed),
        look,
    )


def rows(predicted, observed, doubt=0.0):
    return evidence([Case(0, i) for i in range(len(observed))], predicted, observed, doubt)


@pytest.mark.parametrize(
    ("observed", "doubt", "outcome"),
    [(1.004, 0, HOLDS), (1.004, 0.002, HOLDS), (1.02, 0, FAILS), (1.02, 0.015, OPEN), (np.nan, 0, OPEN)],
)
def test_equal(observed, doubt, outcome):
    assert judge.equal(0.01)(rows([1.0, 1.0], [1.0, observed], doubt)).outcome is outcome


def test_equal_measures_vectors_by_their_length():
    verdict = judge.equal(0.1)(rows([[3.0, 4.0]], [[3.0, 4.5]]))
    assert verdict.gap == pytest.approx(0.1, rel=1e-15)


def test_infinite_observations_prove_nothing():
    assert judge.equal(0.01)(rows([1.0], [np.inf])).outcome is OPEN
    assert judge.at_most(0.01)(rows([1.0], [np.inf])).outcome is OPEN


@pytest.mark.parametrize(
    ("observed", "doubt", "outcome"),
    [(0.2, 0, HOLDS), (1.0, 0, HOLDS), (1.1, 0, FAILS), (1.1, 0.2, OPEN), (np.nan, 0, OPEN)],
)
def test_at_most(observed, doubt, outcome):
    assert judge.at_most(1e-12)(rows([1.0, 1.0], [0.5, observed], doubt)).outcome is outcome


def test_one_bad_entry_of_a_vector_breaks_a_bound():
    assert judge.at_most(0.0)(rows([[1.0, 1.0, 1.0]], [[0.1, 1.5, 0.1]])).outcome is FAILS


@pytest.mark.parametrize(("offset", "seeds", "outcome"), [(0.0, 400, HOLDS), (0.5, 400, FAILS), (0.0, 6, OPEN)])
def test_mean_equal(offset, seeds, outcome):
    rng = np.random.default_rng(0)
    cases = grid(Case, x=[1, 2], seed=range(seeds))
    observed = [10.0 + offset * (case.x == 2) + 0.2 * rng.standard_normal() for case in cases]
    assert judge.mean_equal(0.01, by="x")(evidence(cases, [10.0] * len(cases), observed)).outcome is outcome


def test_a_single_seed_is_open():
    assert judge.mean_equal(0.5, by="x")(rows([1.0], [1.0])).outcome is OPEN


@pytest.mark.parametrize(
    ("mean", "seeds", "outcome"), [(1.0, 100, HOLDS), (-1.0, 100, FAILS), (0.02, 20, OPEN), (1.0, 3, OPEN)]
)
def test_ordered(mean, seeds, outcome):
    rng = np.random.default_rng(1)
    observed = [[-1 + 0.3 * rng.standard_normal(), mean + 0.3 * rng.standard_normal()] for _ in range(seeds)]
    verdict = judge.ordered()(rows([[-1.0, 1.0]] * seeds, observed))
    assert verdict.outcome is outcome


def test_an_order_that_claims_nothing_is_open():
    assert judge.ordered()(rows([0.0] * 50, [1.0] * 50)).outcome is OPEN


def decay(order, correction=0.0, seeds=64, noise=0.1, seed=2, sizes=(16, 32, 64, 128, 256, 512, 1024, 2048)):
    rng = np.random.default_rng(seed)
    cases = grid(Case, x=sizes, seed=range(seeds))
    observed = [
        1 + c.x**-order * (1 + correction * c.x**-0.5) * abs(1 + noise * rng.standard_normal()) for c in cases
    ]
    return evidence(cases, [1.0] * len(cases), observed)


@pytest.mark.parametrize(
    ("data", "outcome"),
    [
        (decay(0.5, seeds=256), HOLDS),
        (decay(0.0, seeds=256), FAILS),
        (decay(0.5, seeds=4, noise=0.5), OPEN),
        (decay(0.5, seeds=1, noise=0), HOLDS),
        (decay(0.8, seeds=1, noise=0), FAILS),
    ],
)
def test_rate(data, outcome):
    assert judge.rate(0.5, along="x")(data).outcome is outcome


def test_rate_sees_through_a_correction_to_scaling():
    """A plain log-log slope misses the true exponent by more than is allowed; the corrected fit does not."""
    kept = [
        judge.rate(0.5, "x", 0.05)(decay(0.5, correction=2.0, seed=s)).outcome is not FAILS for s in range(100)
    ]
    wrong = [judge.rate(0.75, "x", 0.05)(decay(0.5, correction=2.0, seed=s)).outcome is FAILS for s in range(100)]
    sizes = np.unique([c.x for c in decay(0.5).cases])
    plain = -np.polyfit(np.log(sizes), np.log(sizes**-0.5 * (1 + 2.0 * sizes**-0.5)), 1)[0]
    assert abs(plain - 0.5) > 0.05
    assert np.mean(kept) >= 0.95
    assert np.mean(wrong) >= 0.9


def test_rate_needs_two_sizes():
    with pytest.raises(ValueError, match="at least two values of x"):
        judge.rate(0.5, "x")(decay(0.5, sizes=(16,)))


def test_looking_again_does_not_inflate_the_error():
    """A true mean looked at six times: a naive test at level 0.05 is wrong far more often than that."""
    rng = np.random.default_rng(3)
    budget = 0.05 / (judge.LEDGER / judge.CLAIMS)  # scale the ledger's level up to one that can be measured
    spent, naive, runs = 0, 0, 1000
    for _ in range(runs):
        draws = rng.standard_normal((320, 1))
        looks = [draws[: 10 * 2**k] for k in range(6)]
        means = [
            judge._mean_and_radius(d, np.zeros_like(d), budget * judge.level(k + 1, 1))
            for k, d in enumerate(looks)
        ]
        spent += any(abs(m[0]) > r[0] for m, r in means)
        flat = [judge._mean_and_radius(d, np.zeros_like(d), 0.05) for d in looks]
        naive += any(abs(m[0]) > r[0] for m, r in flat)
    assert spent / runs <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / runs)
    assert naive / runs > 0.1


def test_the_budget_of_all_looks_and_comparisons_stays_below_the_ledger():
    spent = judge.CLAIMS * sum(7 * judge.level(look, 7) for look in range(1, 60))
    assert spent <= judge.LEDGER


def test_the_clearest_failure_decides():
    verdicts = [
        Verdict(0.1, 0.0, 1.0),
        Verdict(np.nan, 0.0, 1.0),
        Verdict(3.0, 0.5, 1.0),
        Verdict(5.0, 4.5, 1.0),
    ]
    assert judge.worst(verdicts) == verdicts[2]
    assert judge.worst(verdicts[:2]).outcome is OPEN
    assert judge.worst([]).outcome is OPEN


def test_what_a_verdict_catches_is_caught():
    """A true gap just above `catches` is FAILS wherever within the doubt it is seen."""
    verdict = Verdict(0.0, 0.2, 1.0)
    for seen in (-1, 0, 1):
        assert Verdict(verdict.catches + 1e-9 + seen * verdict.doubt, verdict.doubt, 1.0).outcome is FAILS

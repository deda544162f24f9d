"""Each law holds for right estimators and fails for a planted wrong one; check shrinks, prints and refuses."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import strategies as st
from law_suspects import RIGHT, WRONG
from sklearn.linear_model import Lasso, Ridge
from sklearn.preprocessing import StandardScaler

from theory import laws
from theory.law_findings import Verdict, confront
from theory.laws import LAWS, check, find
from theory.margin import max_margin

NAMES = [law.name for law in LAWS]


def test_there_are_many_laws_and_each_says_what_it_is():
    assert len(LAWS) >= 25
    assert len(set(NAMES)) == len(LAWS)
    for law in LAWS:
        assert law.statement
        assert law.kinds
        assert law.source
        assert isinstance(law.instances, st.SearchStrategy)


@pytest.mark.parametrize("name", NAMES)
def test_the_law_holds_for_the_right_estimators(name):
    assert name in RIGHT
    for estimator, tol in RIGHT[name]:
        finding = confront(estimator, find(name), tol=tol, instances=12)
        assert finding.verdict is Verdict.HOLDS, f"{estimator}: {finding.message} {finding.counterexample}"


@pytest.mark.parametrize("name", NAMES)
def test_the_law_fails_for_a_planted_wrong_estimator(name):
    assert name in WRONG
    for estimator, tol in WRONG[name]:
        finding = confront(estimator, find(name), tol=tol, instances=150, shrinks=0)
        assert finding.verdict is Verdict.FAILS, f"{estimator} passes {name}: worst ratio {finding.worst}"
        assert finding.worst > 10  # not by a hair
        lhs, rhs = find(name).deviation(estimator, finding.counterexample, tol)
        assert lhs > rhs


def test_a_counterexample_shrinks_to_numbers_that_can_be_read():
    finding = confront(Ridge(), find("idempotence"), instances=20)
    X, y = finding.counterexample.X, finding.counterexample.y
    assert X.size <= 8
    assert set(np.unique(X)) | set(np.unique(y)) <= {-2.0, -1.0, 0.0, 1.0, 2.0}


def test_a_report_prints_a_line_for_each_law_and_the_counterexample():
    report = check(
        Lasso(alpha=0.1, tol=1e-12, max_iter=100_000), ["rotation", "target_sign"], tol=1e-6, instances=20
    )
    assert report["rotation"].verdict is Verdict.FAILS
    assert report.names(Verdict.HOLDS) == ("target_sign",)
    text = str(report)
    assert "f[XQ, y](zQ) = f[X, y](z)" in text
    assert "Q = [[" in text


def test_checking_twice_finds_the_same():
    one, other = (check(Ridge(), ["common_scaling"], instances=20)["common_scaling"] for _ in range(2))
    assert one.message == other.message
    assert one.worst == other.worst
    for name, drawn in one.counterexample.arrays().items():
        np.testing.assert_array_equal(drawn, other.counterexample.arrays()[name])


class Refuses(Ridge):
    def fit(self, X, y, sample_weight=None):
        raise ValueError("no data is good enough")


class Breaks(Ridge):
    def predict(self, X):
        raise RuntimeError("out of order")


class NotFinite(Ridge):
    def predict(self, X):
        return np.full(len(X), np.nan)


class Complex(Ridge):
    def predict(self, X):
        return super().predict(X) + 1j


class Short(Ridge):
    def predict(self, X):
        return super().predict(X)[1:]


class Words(Ridge):
    def predict(self, X):
        return np.array(["1.0"] * len(X))


class Unready(Ridge):
    def fit(self, X, y, sample_weight=None):
        raise AttributeError("misspelt_")


class Random(Ridge):
    def predict(self, X):
        return super().predict(X) + np.random.default_rng().standard_normal(len(X))


def test_an_estimator_with_unseeded_randomness_fails():
    assert confront(Random(), find("refit"), instances=20).verdict is Verdict.FAILS
    assert confront(Random(), find("batches"), instances=20).verdict is Verdict.FAILS


def test_an_estimator_that_refuses_everything_is_vacuous_not_right():
    finding = confront(Refuses(), find("rotation"), instances=20)
    assert finding.verdict is Verdict.VACUOUS
    assert "no data is good enough" in finding.message


def test_an_estimator_that_breaks_or_predicts_nan_fails():
    broken = confront(Breaks(), find("rotation"), instances=20)
    assert broken.verdict is Verdict.FAILS
    assert "out of order" in broken.message
    assert confront(NotFinite(), find("rotation"), instances=20).verdict is Verdict.FAILS


@pytest.mark.parametrize("estimator", [Complex(), Short(), Words()], ids=repr)
def test_predictions_that_are_not_one_real_number_a_point_violate_and_are_no_refusal(estimator):
    finding = confront(estimator, find("rotation"), instances=20)
    assert finding.verdict is Verdict.FAILS
    assert "need as many real numbers" in finding.message


def test_an_estimator_whose_fit_breaks_has_a_report():
    report = check(Unready(), "rotation, coefficients", instances=5)
    assert (report["rotation"].verdict, report["coefficients"].verdict) == (Verdict.FAILS, Verdict.ABSENT)
    assert "misspelt_" in report["rotation"].message


def test_a_law_that_cannot_be_stated_is_not_applicable():
    assert confront(Ridge(), find("margin_falls")).verdict is Verdict.ABSENT


def test_the_estimator_and_its_parameters_are_left_alone():
    estimator = Ridge(alpha=0.5)
    check(estimator, ["vanishing_penalty", "additivity"], tol=1e-8, instances=5)
    assert vars(estimator) == vars(Ridge(alpha=0.5))


BAD = [
    ({"laws": ["no_such_law"]}, "no law is called 'no_such_law'; the laws are rotation,"),
    ({"laws": [3]}, "no law is called 3; the laws are rotation,"),
    ({"laws": []}, "laws must hold at least one law"),
    ({"tol": -1.0}, "tol must be a finite number ≥ 0, got -1.0"),
    ({"tol": np.nan}, "tol must be a finite number ≥ 0, got nan"),
    ({"tol": np.inf}, "tol must be a finite number ≥ 0, got inf"),
    ({"instances": 0}, "instances must be ≥ 1, got 0"),
    ({"instances": 2.5}, "instances must be an integer ≥ 1, got 2.5"),
    ({"estimator": Ridge}, r"an estimator must be an object, got the class Ridge; make one: Ridge\(\)"),
    ({"estimator": StandardScaler()}, "an estimator must have fit and predict, got StandardScaler without"),
]


@pytest.mark.parametrize(("bad", "message"), BAD, ids=str)
def test_bad_input_is_refused(bad, message):
    with pytest.raises(ValueError, match=message):
        check(**{"estimator": Ridge(), **bad})


def test_names_of_laws_may_come_in_one_string():
    report = check(Ridge(), "target_sign, separation", tol=1e-8, instances=5)
    assert report.names(Verdict.HOLDS) == ("target_sign",)
    assert "not applicable: separation" in str(report)
    with pytest.raises(KeyError, match="no finding on 'rotation'; asked for were target_sign, separation"):
        report["rotation"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("sklearn.linear_model", "no estimator 'sklearn.linear_model'.*write module:name"),
        (".near:Ridge", "no estimator '.near:Ridge'.*write module:name"),
        ("math:pi", "must have fit and predict, got float without"),
        ("sklearn.multiclass:OneVsRestClassifier", "must be made without arguments.*name an object instead"),
    ],
)
def test_a_name_that_leads_to_no_estimator_is_refused(name, message):
    with pytest.raises(ValueError, match=message):
        laws.load(name)


def test_the_command_prints_reports_and_says_whether_all_hold(capsys):
    assert laws.main(["sklearn.linear_model:Ridge", "--laws", "target_sign", "--instances", "5"]) == 0
    assert "target_sign" in capsys.readouterr().out
    assert laws.main(["sklearn.linear_model:Ridge", "--laws", "common_weight", "--instances", "20"]) == 1
    assert laws.main([]) == 0
    assert capsys.readouterr().out.count("\n") >= len(LAWS)
    with pytest.raises(SystemExit):
        laws.main(["sklearn.linear_model:NoSuchThing"])


def test_without_hypothesis_the_error_says_what_to_install():
    code = "import sys; sys.modules['hypothesis'] = None; import theory.laws"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "pip install 'lemmata[laws]'" in done.stderr


def test_the_margin_under_attack_is_convex_and_not_concave_in_the_radius():
    # The points ±(2, 1) have the margin √((2 − eps)² + (1 − eps)²) for eps ≤ 1: at 1/2 strictly below the chord.
    X, y = np.array([[2.0, 1.0], [-2.0, -1.0]]), np.array([1.0, -1.0])
    start, middle, end = (max_margin(X, y, eps=eps).value for eps in (0.0, 0.5, 0.9))
    assert middle == pytest.approx(np.sqrt(2.5), abs=1e-12)
    assert middle < (4 * start + 5 * end) / 9 - 0.02

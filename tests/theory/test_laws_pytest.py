"""Laws as tests: a parametrisation for one's own file, and the plugin that needs none."""

import pytest
from sklearn.linear_model import Lasso, Ridge

from theory.law_pytest import hold, parametrize_with_laws
from theory.laws import find

pytest_plugins = ["pytester"]
FEW = {"tol": 1e-8, "instances": 10}


@parametrize_with_laws(
    [Ridge(alpha=0.5)],
    ["rotation", "idempotence", "margin_falls"],
    expected_failures={"idempotence": "a ridge shrinks"},
    **FEW,
)
def test_laws_of_ridge(estimator, law):
    law(estimator)


def test_laws_that_cannot_be_stated_are_no_tests():
    mark = parametrize_with_laws([Ridge()], ["rotation", "margin_falls"])
    assert [case.id for case in mark.args[1]] == ["Ridge-rotation"]


def test_an_unknown_law_is_refused():
    with pytest.raises(ValueError, match="no law is called"):
        parametrize_with_laws([Ridge()], expected_failures={"no_such_law": ""})


def test_an_expected_failure_that_is_never_tried_is_refused():
    for laws in (None, ["rotation"]):
        with pytest.raises(ValueError, match="separation can be stated for none of the estimators"):
            parametrize_with_laws([Ridge()], laws, expected_failures={"separation": "it is no classifier"})


def test_a_class_is_no_estimator():
    with pytest.raises(ValueError, match=r"got the class Ridge; make one: Ridge\(\)"):
        parametrize_with_laws([Ridge], ["rotation"])


def test_a_failure_shows_the_counterexample():
    with pytest.raises(AssertionError, match=r"(?s)rotation.*X = .*Q = "):
        hold(Lasso(alpha=0.1), find("rotation"), tol=1e-4, instances=20)


def run(pytester, *arguments):
    pytester.makepyfile(mine="from sklearn.linear_model import Ridge\nweak = Ridge(alpha=0.5)\n")
    pytester.syspathinsert()
    return pytester.runpytest("-p", "theory.law_plugin", "--lemmata-tol=1e-8", *arguments)


def test_the_plugin_runs_laws_without_a_test_file(pytester):
    result = run(pytester, "--lemmata-estimators=mine:weak", "--lemmata-laws=refit,constants,idempotence", "-v")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*mine:weak?refit?*PASSED*", "*f?X, f?X, y?(X)? = f?X, y?*"])


def test_the_plugin_reads_the_configuration(pytester):
    pytester.makeini("[pytest]\nlemmata_estimators =\n    mine:weak\n")
    run(pytester, "--lemmata-laws=constants").assert_outcomes(passed=1)


def test_the_plugin_refuses_what_is_no_estimator(pytester):
    result = run(pytester, "--lemmata-estimators=mine:absent")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*no estimator 'mine:absent'*write module:name*"])


def test_the_plugin_is_silent_unless_asked(pytester):
    pytester.makepyfile("def test_nothing():\n    pass\n")
    run(pytester).assert_outcomes(passed=1)

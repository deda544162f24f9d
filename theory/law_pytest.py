"""Laws as tests of one's own, in the manner of scikit-learn's parametrize_with_checks.

    @parametrize_with_laws([MyRegressor()], expected_failures={"rotation": "an l1 penalty"})
    def test_laws(estimator, law):
        law(estimator)

`theory.law_plugin` runs them without a test file.
"""

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

import pytest

from theory.law import Law
from theory.law_findings import Verdict, confront
from theory.law_fits import usable
from theory.laws import Report, chosen, find


def hold(estimator: Any, law: Law, *, tol: float = 0.0, instances: int = 100) -> None:
    """Assert that a law holds for an estimator.

    Raises:
        AssertionError: with the shrunk counterexample.
        pytest.skip.Exception: if the law cannot be stated for the estimator, or it refuses nearly every instance.
    """
    finding = confront(estimator, law, tol=tol, instances=instances)
    if finding.verdict is Verdict.FAILS:
        raise AssertionError(str(Report(repr(estimator), (finding,))))
    if finding.verdict is not Verdict.HOLDS:
        pytest.skip(f"{law.name} is {finding.verdict} for {estimator!r} {finding.message}".rstrip())


def parametrize_with_laws(
    estimators: Iterable[Any],
    laws: str | Iterable[str | Law] | None = None,
    *,
    expected_failures: Mapping[str, str] | None = None,
    tol: float = 0.0,
    instances: int = 100,
) -> pytest.MarkDecorator:
    """Parametrise a test of (estimator, law) with every pair; the test calls law(estimator).

    `expected_failures` maps names of laws to the reason why they fail: such a test must fail.

    Raises:
        ValueError: if a law is unknown, an estimator is a class or lacks fit or predict, or a law that is
            expected to fail is tried on none of them.
    """
    expected = {find(name).name: reason for name, reason in (expected_failures or {}).items()}
    wanted, pairs = chosen(laws), []
    for estimator in estimators:
        usable(estimator)
        pairs += [(estimator, law) for law in wanted if law.applies(estimator)]
    if untried := set(expected) - {law.name for _, law in pairs}:
        raise ValueError(
            f"an expected failure must be tried, but {', '.join(sorted(untried))} can be stated for none of the "
            "estimators, or is not among laws; drop it"
        )
    return pytest.mark.parametrize(
        ("estimator", "law"),
        [
            pytest.param(
                estimator,
                partial(hold, law=law, tol=tol, instances=instances),
                id=f"{type(estimator).__name__}-{law.name}",
                marks=[pytest.mark.xfail(reason=expected[law.name], strict=True)] if law.name in expected else [],
            )
            for estimator, law in pairs
        ],
    )

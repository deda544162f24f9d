"""A pytest plugin: `pytest --lemmata-estimators package.module:Estimator` runs the laws, without a test file.

Also `lemmata_estimators` in pytest's configuration, one MODULE:NAME per line. Without either it imports nothing.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, and the setting of a configuration file."""
    group = parser.getgroup("lemmata", "laws of estimators")
    words = "estimators to run the laws of theory.laws on: a class or an object, as module:name"
    group.addoption("--lemmata-estimators", action="append", default=[], metavar="MODULE:NAME", help=words)
    group.addoption("--lemmata-laws", default="", metavar="NAMES", help="laws to run, with commas; default all")
    group.addoption("--lemmata-tol", type=float, default=0.0, help="relative accuracy that the estimators state")
    parser.addini("lemmata_estimators", words, type="linelist", default=[])


def pytest_collection_modifyitems(
    session: pytest.Session, config: pytest.Config, items: list[pytest.Item]
) -> None:
    """A test for each estimator named and each law that can be stated for it."""
    names: Sequence[str] = config.getoption("--lemmata-estimators") or config.getini("lemmata_estimators")
    for name in names:
        items.extend(_items(session, name, config.getoption("--lemmata-laws")))


def _items(session: pytest.Session, name: str, wanted: str) -> Iterator[pytest.Item]:
    from theory.laws import chosen, load

    try:
        estimator = load(name)
        laws = chosen(wanted or None)
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None
    for law in laws:
        if law.applies(estimator):
            yield LawItem.from_parent(session, name=f"{name}[{law.name}]", estimator=estimator, law=law)


class LawItem(pytest.Item):
    """One law on one estimator."""

    def __init__(self, *, estimator: Any, law: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.estimator, self.law = estimator, law

    def runtest(self) -> None:
        """Run it."""
        from theory.law_pytest import hold

        hold(self.estimator, self.law, tol=self.config.getoption("--lemmata-tol"))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The counterexample, without the traceback of the search."""
        if isinstance(excinfo.value, AssertionError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[str, None, str]:
        """Where a report says the test is."""
        return "theory.laws", None, self.name

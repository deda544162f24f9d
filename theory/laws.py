"""Laws for everybody's estimators: LAWS, the named invariants, and check, which runs them on any estimator.

`python -m theory.laws sklearn.linear_model:Ridge` prints which hold for an estimator.
"""

import argparse
import importlib
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from theory.law import Law as Law
from theory.law_features import FEATURES
from theory.law_findings import Finding, Verdict, confront
from theory.law_fits import usable
from theory.law_instances import Instance
from theory.law_kernels import KERNELS
from theory.law_margins import MARGINS
from theory.law_penalties import PENALTIES
from theory.law_residuals import RESIDUALS
from theory.law_samples import SAMPLES
from theory.law_targets import TARGETS

LAWS: tuple[Law, ...] = (*FEATURES, *SAMPLES, *TARGETS, *RESIDUALS, *PENALTIES, *KERNELS, *MARGINS)


@dataclass(frozen=True)
class Report:
    """The findings on one estimator; printed, a table of them and the counterexample of each law that fails."""

    estimator: str
    findings: tuple[Finding, ...]

    def __getitem__(self, name: str) -> Finding:
        """The finding of the law of this name.

        Raises:
            KeyError: if that law was not asked for.
        """
        for finding in self.findings:
            if finding.law.name == name:
                return finding
        raise KeyError(f"no finding on {name!r}; asked for were {', '.join(f.law.name for f in self.findings)}")

    def names(self, verdict: Verdict) -> tuple[str, ...]:
        """The laws with this verdict."""
        return tuple(f.law.name for f in self.findings if f.verdict is verdict)

    def __str__(self) -> str:
        """A line per law that can be stated, the names of the others, then the counterexamples."""
        stated = [f for f in self.findings if f.verdict is not Verdict.ABSENT]
        wide = max((len(f.law.name) for f in stated), default=0)
        lines = [self.estimator, ""]
        lines += [
            f"{f.law.name:<{wide}}  {f.verdict:<7}  {f.instances:>4} judged  {f.refused:>4} refused"
            f"  worst {f.worst:<8.2g}  {f.message}".rstrip()
            for f in stated
        ]
        if absent := self.names(Verdict.ABSENT):
            lines += [f"{Verdict.ABSENT}: {', '.join(absent)}"]
        for f in stated:
            if f.counterexample is not None:
                lines += ["", f"{f.law.name}: {f.law.statement}", f"  {f.message}", *_drawn(f.counterexample)]
        return "\n".join(lines)


def check(
    estimator: Any, laws: str | Iterable[str | Law] | None = None, *, tol: float = 0.0, instances: int = 100
) -> Report:
    """Which laws hold for an estimator with fit(X, y) and predict(X): of those given, or of all.

    A law that fails is not a bug by itself: `Law.kinds` says of which estimators it is true. The instances are
    the same in every run.

    Args:
        estimator: unfitted; it is copied, never changed.
        laws: names or laws; a string is names with commas between them.
        tol: the relative accuracy that the estimator states for its predictions, beside rounding.
        instances: how many to draw for each law.

    Raises:
        ValueError: if the estimator is a class or lacks fit or predict, a name is unknown, tol < 0, or there are
            no laws or instances.
    """
    findings = (confront(estimator, law, tol=tol, instances=instances) for law in chosen(laws))
    return Report(repr(estimator), tuple(findings))


def chosen(laws: str | Iterable[str | Law] | None) -> tuple[Law, ...]:
    """These laws, named or given; a string is names with commas between them, None is all laws.

    Raises:
        ValueError: if a name is unknown, or there are none.
    """
    if laws is None:
        return LAWS
    names = laws.split(",") if isinstance(laws, str) else laws
    found = tuple(law if isinstance(law, Law) else find(law) for law in names)
    if not found:
        raise ValueError("laws must hold at least one law, got none; leave them out for all")
    return found


def find(name: str) -> Law:
    """The law of this name.

    Raises:
        ValueError: if there is none.
    """
    for law in LAWS:
        if isinstance(name, str) and law.name == name.strip():
            return law
    raise ValueError(f"no law is called {name!r}; the laws are {', '.join(law.name for law in LAWS)}")


def load(name: str) -> Any:
    """The estimator that "module:name" names: an object, or a class or function that makes one without arguments.

    Raises:
        ValueError: if there is nothing of that name, it takes arguments, or it has no fit and predict.
    """
    module, _, attribute = name.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, TypeError, ValueError) as error:  # TypeError: a relative name
        raise ValueError(f"no estimator {name!r}: {error}; write module:name") from None
    if callable(found) and (isinstance(found, type) or not hasattr(found, "fit")):
        try:
            found = found()
        except TypeError as error:
            raise ValueError(f"{name} must be made without arguments: {error}; name an object instead") from None
    usable(found)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Print the report on each estimator named; 1 if a law fails, else 0."""
    parser = argparse.ArgumentParser(prog="python -m theory.laws", description="Which laws hold for an estimator?")
    parser.add_argument("estimators", nargs="*", metavar="MODULE:NAME", help="without any, the laws are listed")
    parser.add_argument("--laws", help="names of laws, with commas; default all that can be stated")
    parser.add_argument("--tol", type=float, default=0.0, help="relative accuracy that the estimators state")
    parser.add_argument("--instances", type=int, default=100, help="instances for each law")
    options = parser.parse_args(arguments)
    try:
        reports = [
            check(load(name), options.laws, tol=options.tol, instances=options.instances)
            for name in options.estimators
        ]
    except ValueError as error:
        parser.error(str(error))
    if not reports:
        print("\n".join(f"{law.name:<30}{law.statement}" for law in LAWS))
    for report in reports:
        print(report, end="\n\n")
    return int(any(report.names(Verdict.FAILS) for report in reports))


def _drawn(instance: Instance) -> list[str]:
    """The arrays of an instance, a line each."""
    with np.printoptions(threshold=50, linewidth=1000, precision=6):
        return [f"  {name} = {value.tolist()}" for name, value in instance.arrays().items()]


if __name__ == "__main__":
    sys.exit(main())

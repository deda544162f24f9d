"""A law on one estimator as a statement: the estimator itself, run again, is the second look."""

from copy import deepcopy
from typing import Any

from hypothesis.errors import UnsatisfiedAssumption

from sims.falsify_load import named
from sims.falsify_statement import Grade, Look, Statement

SURE = 100.0  # times what a law allows for rounding: a hunt finds the instance that rounds worst
TOL = 1e-6  # relative accuracy that is asked of an estimator which states none
RUNS = 3  # fresh copies of the estimator that must violate alike


def laws() -> dict[str, Any]:
    """The laws by name."""
    from theory.laws import LAWS

    return {law.name: law for law in LAWS}


def statement(name: str, estimator: str | None, tol: float = TOL) -> Statement:
    """The law of that name, said of an estimator.

    Raises:
        ValueError: if there is no such law, no estimator is given, or the law does not speak of it.
    """
    every = laws()
    if name not in every:
        raise ValueError(f"no law is called {name!r}; there are {', '.join(sorted(every)) or 'none'}")
    law = every[name]
    if estimator is None:
        raise ValueError(
            f"a law is about an estimator: lemmata falsify {name} --estimator sklearn.linear_model:Ridge"
        )
    model = named(estimator)
    if not law.applies(model):
        raise ValueError(f"the law {name} does not apply to {model!r}: {law.statement}")
    return Statement(
        name=f"{name}.{type(model).__name__}",
        words=f"{law.statement}, for {model!r}",
        instances=law.instances,
        assume=lambda x: True,
        conclude=lambda x: law.deviation(deepcopy(model), deepcopy(x)),
        check=lambda x: second_look(law, model, x, tol),
        refusals=(ValueError, UnsatisfiedAssumption),
        notes=(f"the right side is what rounding may do; the law is true of {', '.join(law.kinds)}",),
    )


def second_look(law: Any, model: Any, x: Any, tol: float) -> Look:
    """Fresh copies of the estimator on copies of the instance: the law is about their floats, which are exact.

    Beyond SURE times the rounding of a stable algorithm and the relative accuracy `tol`, it is refuted; between
    the two it may be an algorithm that is less stable.
    """
    pairs = [law.deviation(deepcopy(model), deepcopy(x)) for _ in range(RUNS)]
    lhs, rhs = min(pairs, key=lambda pair: pair[0] - pair[1])
    stated = law.deviation(deepcopy(model), deepcopy(x), tol)[1]
    how = f"the estimator fitted afresh {RUNS} times, beyond {SURE:g} times what the law allows for rounding"
    texts, over = (f"{float(lhs)!r}", f"{float(rhs)!r}"), float(lhs) - float(rhs)
    if not lhs > SURE * rhs:  # nor where NaN is
        return Look(Grade.NO, "it may be rounding", *texts, over)
    if not lhs > stated:
        return Look(Grade.SUSPECT, f"{how}, but within a relative accuracy of {tol:g}", *texts, over, final=False)
    return Look(Grade.REFUTED, f"{how} and a relative accuracy of {tol:g}", *texts, over)

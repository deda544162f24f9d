"""Clean and adversarial risk: how they are drawn, and their means along one field of the cases."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from figures.paper import Look, Mean, groups, mean
from sims.claim import Array
from sims.record import Record

CLEAN, ATTACKED = Look("C0", "o"), Look("C1", "s")
SERIES = (Look("C0", "o"), Look("C1", "s"), Look("C2", "^"), Look("C3", "D"))  # where colours tell cases apart


def means(record: Record, along: str, value: Callable[[int], Any], **fixed: Any) -> tuple[Array, Mean]:
    """The values of a field of the cases, and at each the mean of value(i) over its rows i with `fixed` fields."""

    def chosen(case: Mapping[str, Any]) -> bool:
        return all(case[name] == given for name, given in fixed.items())

    rows = groups(record, along, where=chosen)
    found = {x: mean([float(value(i)) for i in index]) for (x,), index in rows.items()}
    parts = (np.array([float(getattr(m, part)) for m in found.values()]) for part in ("value", "error"))
    return np.array(list(found), dtype=np.float64), Mean(*parts)


def exhibit(record: Record, name: str) -> Callable[[int], Any]:
    """The rows' exhibit of this name, a single number."""
    return lambda i: np.ravel(record.exhibits[i][name])[0]


def shared(record: Record, name: str) -> Any:
    """The value of a field that all cases have in common.

    Raises:
        ValueError: if they differ.
    """
    values = {case[name] for case in record.cases}
    if len(values) != 1:
        raise ValueError(f"the cases of {record.name} must agree in {name}, got {sorted(values)}")
    return values.pop()


def entries(x: Sequence[float] | Array, line: Array, seen: tuple[Array, Mean]) -> list[tuple[float, ...]]:
    """Rows of a table: x, the theory there, and mean and standard error where something was simulated."""
    known = {
        float(at): (float(v), float(e)) for at, v, e in zip(seen[0], seen[1].value, seen[1].error, strict=True)
    }
    nothing = (float("nan"), float("nan"))
    return [(float(at), float(y), *known.get(float(at), nothing)) for at, y in zip(x, line, strict=True)]

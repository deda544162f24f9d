"""A record as a readable text and a set of arrays, and back."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from sims.arrays import Arrays
from sims.claim import Outcome, Verdict
from sims.record import Record

SMALL = 4  # entries of an array that the readable file still shows
PER_ROW = ("predicted", "rivalled", "observed", "doubt")
AS_THEY_ARE = ("paper", "name", "statement", "source", "mode", "looks", "fingerprint", "versions")


def arrays_of(record: Record) -> Arrays:
    """Everything per row: stacked where the rows agree in shape and type, else one array per row."""
    arrays: Arrays = {}
    for name in PER_ROW:
        _stack(arrays, name, dict(enumerate(getattr(record, name))), len(record.cases))
    for name in sorted({name for exhibit in record.exhibits for name in exhibit}):
        rows = {i: exhibit[name] for i, exhibit in enumerate(record.exhibits) if name in exhibit}
        _stack(arrays, f"exhibit.{name}", rows, len(record.cases))
    return arrays


def _stack(arrays: Arrays, name: str, rows: dict[int, npt.NDArray[Any]], count: int) -> None:
    if len(rows) == count and len({(row.shape, row.dtype.str) for row in rows.values()}) == 1:
        arrays[name] = np.stack(list(rows.values()))
    else:
        arrays |= {f"{name}.{i}": row for i, row in rows.items()}


def _unstack(arrays: Arrays, name: str, count: int) -> dict[int, npt.NDArray[Any]]:
    """The inverse of `_stack`."""
    if name in arrays:
        return dict(enumerate(arrays[name]))
    return {i: arrays[f"{name}.{i}"] for i in range(count) if f"{name}.{i}" in arrays}


def text_of(record: Record, arrays: str) -> str:
    """The readable file: one case per line, so that a change of one row is a change of one line."""
    head = {
        "paper": record.paper,
        "name": record.name,
        "statement": record.statement,
        "source": record.source,
        "assumptions": list(record.assumptions),
        "mode": record.mode,
        "looks": record.looks,
        "outcome": _outcome(record.verdict),
        "verdict": _numbers(record.verdict),
        "rival_outcome": _outcome(record.rival),
        "rival": _numbers(record.rival),
        "fingerprint": record.fingerprint,
        "versions": dict(record.versions),
        "formulas": [dict(formula) for formula in record.formulas],
        "arrays": arrays,
        "failures": [{"case": dict(c), "last": last, "traceback": text} for c, last, text in record.failures],
    }
    rows = []
    for i, case in enumerate(record.cases):
        row: dict[str, Any] = {"case": dict(case)}
        for name in PER_ROW:
            value = getattr(record, name)[i]
            if value.size <= SMALL:
                row[name] = value.tolist()
        rows.append("  " + _dump(row))
    lines = [f" {json.dumps(name)}: {_dump(value)}" for name, value in head.items()]
    body = ",\n".join(rows)
    return "{\n" + ",\n".join(lines) + ',\n "rows": [\n' + body + ("\n" if rows else "") + " ]\n}\n"


def fields_of(text: dict[str, Any], arrays: Arrays, seconds: float) -> dict[str, Any]:
    """The fields of the record that these two were made of.

    Raises:
        ValueError: if the arrays have other rows than the readable file.
    """
    cases = tuple(_restored(row["case"]) for row in text["rows"])
    fields: dict[str, Any] = {name: text[name] for name in AS_THEY_ARE}
    for name in PER_ROW:
        rows = _unstack(arrays, name, len(cases))
        if len(rows) != len(cases):
            raise ValueError(f"{name} has {len(rows)} rows, the .json {len(cases)}")
        fields[name] = tuple(np.asarray(rows[i], dtype=np.float64) for i in range(len(cases)))
    exhibits: list[Arrays] = [{} for _ in cases]
    for name in sorted({name.split(".")[1] for name in arrays if name.startswith("exhibit.")}):
        for i, row in _unstack(arrays, f"exhibit.{name}", len(cases)).items():
            exhibits[i][name] = np.asarray(row)
    failures = tuple((_restored(f["case"]), str(f["last"]), str(f["traceback"])) for f in text["failures"])
    return fields | {
        "assumptions": tuple(text["assumptions"]),
        "verdict": _verdict(text["verdict"]),
        "rival": _verdict(text["rival"]),
        "cases": cases,
        "exhibits": tuple(exhibits),
        "failures": failures,
        "formulas": tuple(text.get("formulas", ())),
        "seconds": seconds,
    }


def _outcome(verdict: Verdict | None) -> str:
    return (Outcome.ERROR if verdict is None else verdict.outcome).value


def _numbers(verdict: Verdict | None) -> dict[str, float] | None:
    return None if verdict is None else {"gap": verdict.gap, "doubt": verdict.doubt, "allowed": verdict.allowed}


def _verdict(numbers: Mapping[str, Any] | None) -> Verdict | None:
    return None if numbers is None else Verdict(*(float(numbers[name]) for name in ("gap", "doubt", "allowed")))


def _dump(value: Any) -> str:
    """Strict JSON; numbers that are not finite are the words inf, -inf and nan."""
    return json.dumps(_finite(value), ensure_ascii=False, allow_nan=False)


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _finite(item) for name, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_finite(item) for item in value]
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _restored(case: Mapping[str, Any]) -> dict[str, Any]:
    """A case with its infinite exponents and radii as numbers again."""
    return {k: float(v) if v in ("inf", "-inf", "nan") else v for k, v in case.items()}

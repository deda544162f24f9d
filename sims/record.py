"""What is kept of one confrontation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt

from sims.claim import Array, Verdict


@dataclass(frozen=True)
class Record:
    """What is kept of one confrontation, in `<claim>.json` (to read) and `<claim>.npz` (to draw).

    Attributes:
        paper: folder of the claim.
        name: file name of the claim.
        statement: the theorem, LaTeX between dollar signs.
        source: paper and theorem number.
        assumptions: the hypotheses in words.
        mode: "quick" or "full".
        looks: how many looks were taken.
        verdict: of the claim; None if a row raised.
        rival: verdict of the rival on the same rows; None if a row raised.
        fingerprint: of the code behind it.
        cases: the parameters of each row.
        predicted: per row.
        rivalled: what the rival predicted, per row.
        observed: per row.
        doubt: per row.
        exhibits: per row, named arrays for figures.
        failures: rows that raised, as (case, last line of the traceback, traceback); they are not among `cases`.
        seconds: summed over rows, as they ran.
        versions: of the packages that matter.
        formulas: the closed forms that predicting the first case evaluates, as `formula`, `where` (both LaTeX)
            and `value` (to 20 digits).
    """

    paper: str
    name: str
    statement: str
    source: str
    assumptions: tuple[str, ...]
    mode: str
    looks: int
    verdict: Verdict | None
    rival: Verdict | None
    fingerprint: str
    cases: tuple[Mapping[str, Any], ...]
    predicted: tuple[Array, ...]
    rivalled: tuple[Array, ...]
    observed: tuple[Array, ...]
    doubt: tuple[Array, ...]
    exhibits: tuple[Mapping[str, npt.NDArray[Any]], ...]
    failures: tuple[tuple[Mapping[str, Any], str, str], ...]
    seconds: float
    versions: Mapping[str, str]
    formulas: tuple[Mapping[str, str], ...] = ()

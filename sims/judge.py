"""The judges: each turns evidence into a verdict of three numbers in one unit.

A judge's factory takes what the claim allows; the judge itself sees nothing but the evidence. Where seeds
are averaged, the doubt is a confidence radius at the level of one error budget: the chance that any true
claim of the ledger is ever called FAILS is at most `LEDGER`, however often an OPEN one is looked at again.
"""

from collections.abc import Iterable

import numpy as np
from scipy import stats

from sims.claim import Array, Evidence, Judge, Outcome, Verdict

LEDGER = 1e-3  # chance that any true claim is called FAILS
CLAIMS = 200  # how many claims the ledger may hold; a test counts them
CORRECTIONS = (0.5, 1.0)  # exponents of the correction to scaling that `rate` allows for


def level(look: int, comparisons: int) -> float:
    """The error probability left for one comparison: halved at each look, shared among comparisons."""
    return LEDGER / CLAIMS * 2.0**-look / max(comparisons, 1)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The verdict that decides: the clearest failure if there is one, else the one furthest from holding."""
    every = list(verdicts)
    if not every:
        return Verdict(np.nan, np.nan, np.nan)
    failing = [v for v in every if v.outcome is Outcome.FAILS]
    if failing:
        return max(failing, key=lambda v: v.gap - v.doubt)
    undefined = [v for v in every if np.isnan(v.gap + v.doubt - v.allowed)]
    return undefined[0] if undefined else max(every, key=lambda v: v.gap + v.doubt - v.allowed)


def equal(allowed: float) -> Judge:
    """Each observation is the prediction: ‖observed − predicted‖ / ‖predicted‖, the worst row deciding."""

    def judge(evidence: Evidence) -> Verdict:
        return worst(
            Verdict(_share(_length(o - p), _length(p)), _share(_length(d), _length(p)), allowed)
            for p, o, d in zip(evidence.predicted, evidence.observed, evidence.doubt, strict=True)
        )

    return judge


def at_most(slack: float) -> Judge:
    """No observation exceeds its (positive) prediction: observed/predicted − 1, the worst entry deciding."""

    def judge(evidence: Evidence) -> Verdict:
        return worst(
            Verdict(_share(o if np.isfinite(o) else np.nan, p) - 1, _share(d, p), slack)
            for rows in zip(evidence.predicted, evidence.observed, evidence.doubt, strict=True)
            for p, o, d in zip(*(np.atleast_1d(row).ravel() for row in rows), strict=True)
        )

    return judge


def mean_equal(allowed: float, by: str | tuple[str, ...] = ()) -> Judge:
    """The mean observation is the mean prediction, in each group of cases that agree in `by`.

    gap = |mean(observed − predicted)| and its confidence radius, relative to the largest entry of the mean
    prediction. An equivalence test: more seeds make it sharper, and too few leave it OPEN.
    """

    def judge(evidence: Evidence) -> Verdict:
        groups = list(evidence.groups(*_fields(by)).values())
        size = sum(group.observed[0].size for group in groups)
        return worst(
            verdict for group in groups for verdict in _mean_verdicts(group, allowed, level(evidence.look, size))
        )

    return judge


def ordered(by: str | tuple[str, ...] = (), allowed: float = 0.0) -> Judge:
    """The mean observed difference has the predicted sign, in each group of cases that agree in `by`.

    gap = −sign(predicted) · mean(observed): negative by as much as the order is clear. Observations are
    paired differences, one per seed; an entry whose prediction is 0 claims nothing.
    """

    def judge(evidence: Evidence) -> Verdict:
        groups = list(evidence.groups(*_fields(by)).values())
        size = sum(int(np.count_nonzero(group.predicted[0])) for group in groups)
        return worst(
            Verdict(-float(sign * mean), float(radius), allowed)
            for group in groups
            for sign, mean, radius in zip(
                np.sign(_stack(group.predicted).mean(axis=0)),
                *_mean_and_radius(_stack(group.observed), _stack(group.doubt), level(evidence.look, size)),
                strict=True,
            )
            if sign != 0
        )

    return judge


def rate(order: float, along: str, allowed: float = 0.1, by: str | tuple[str, ...] = ()) -> Judge:
    """‖observed − predicted‖ decays like x^(−order) in the field `along`, in each group agreeing in `by`.

    The order is fitted to the errors of each seed with a correction to scaling,
    log e = a − order·log x + b·x^(−ω), for ω = 1/2 and 1, and averaged over seeds; the doubt is half the
    difference of the two fits plus the confidence radius (of the mean over seeds; with a single seed, twice the
    standard error from the residuals). Fewer than four values of x leave no room for the correction: then the
    plain slope is judged.
    """

    def judge(evidence: Evidence) -> Verdict:
        groups = list(evidence.groups(*_fields(by)).values())
        return worst(_rate_verdict(group, order, along, allowed, len(groups)) for group in groups)

    return judge


def _rate_verdict(group: Evidence, order: float, along: str, allowed: float, groups: int) -> Verdict:
    levels = group.groups(along)
    x = np.array([float(value) for (value,) in levels])
    if len(x) < 2 or len({len(rows.cases) for rows in levels.values()}) > 1:
        raise ValueError(
            f"rate needs at least two values of {along} with equally many seeds each, got "
            f"{ {value: len(rows.cases) for (value,), rows in levels.items()} }; complete the grid of cases"
        )
    error = np.array([_errors(rows) for rows in levels.values()])
    doubt = np.array([[_length(d) for d in rows.doubt] for rows in levels.values()])
    with np.errstate(divide="ignore", invalid="ignore"):
        y, moved = np.log(error), (doubt / error).mean(axis=1)
    plain = np.stack([np.ones_like(x), -np.log(x)], axis=1)
    designs = [np.column_stack([plain, x**-w]) for w in CORRECTIONS] if len(x) >= 4 else [plain]
    fits = [_slope(A, y, level(group.look, groups)) for A in designs]
    slopes = [slope for slope, _, _ in fits]
    radius = max(radius + np.abs(weights) @ moved for _, radius, weights in fits)
    half = (max(slopes) - min(slopes)) / 2
    return Verdict(abs(min(slopes) + half - order), float(half + radius), allowed)


def _slope(A: Array, y: Array, share: float) -> tuple[float, float, Array]:
    """The second coefficient of the fits of y (one column per seed) to A: mean, radius, weights of y's rows."""
    fit = np.linalg.pinv(A)
    slopes = fit[1] @ y
    if y.shape[1] > 1:
        mean, radius = _mean_and_radius(slopes[:, None], np.zeros((len(slopes), 1)), share)
        return float(mean[0]), float(radius[0]), fit[1]
    free = len(A) - A.shape[1]
    noise = np.linalg.norm(y - A @ (fit @ y)) / np.sqrt(free) if free else 0.0
    return float(slopes[0]), float(2 * noise * np.linalg.norm(fit[1])), fit[1]


def _errors(rows: Evidence) -> list[float]:
    return [_length(o - p) for o, p in zip(rows.observed, rows.predicted, strict=True)]


def _mean_verdicts(group: Evidence, allowed: float, share: float) -> list[Verdict]:
    predicted, observed = _stack(group.predicted), _stack(group.observed)
    scale = float(np.max(np.abs(predicted.mean(axis=0))))
    mean, radius = _mean_and_radius(observed - predicted, _stack(group.doubt), share)
    return [Verdict(_share(abs(m), scale), _share(r, scale), allowed) for m, r in zip(mean, radius, strict=True)]


def _mean_and_radius(rows: Array, doubt: Array, share: float) -> tuple[Array, Array]:
    """Means over rows with Student radii of total error probability `share`, plus the rows' own doubt."""
    n = len(rows)
    if n < 2:
        return rows.mean(axis=0), np.full(rows.shape[1], np.inf)
    radius = stats.t.isf(share / 2, n - 1) * rows.std(axis=0, ddof=1) / np.sqrt(n)
    return rows.mean(axis=0), radius + doubt.mean(axis=0)


def _stack(rows: tuple[Array, ...]) -> Array:
    return np.stack([np.atleast_1d(row).ravel() for row in rows])


def _length(x: Array) -> float:
    """Euclidean length, NaN unless every entry is finite: a run that blew up proves nothing."""
    return float(np.linalg.norm(np.ravel(x))) if np.isfinite(x).all() else np.nan


def _share(part: float, whole: float) -> float:
    """part/whole, where 0/0 is 0 and x/0 is infinite."""
    if np.isnan(part) or not np.isfinite(whole):
        return np.nan
    if whole == 0:
        return 0.0 if part == 0 else np.inf
    return float(part / whole)


def _fields(by: str | tuple[str, ...]) -> tuple[str, ...]:
    return (by,) if isinstance(by, str) else by

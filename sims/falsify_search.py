"""The search: plain draws for how often hypotheses hold, Hypothesis towards a violation, a global optimiser."""

import itertools
import signal
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import target as towards
from hypothesis.errors import Flaky, Unsatisfiable

from sims import falsify_draws as draws
from sims.falsify_draws import Drawn
from sims.falsify_hunt import ENOUGH_DRAWS, RARE, Enough, Found, Hunt
from sims.falsify_walk import size

CENSUS = 1000  # plain draws that tell how often the hypotheses hold
CENSUS_SHARE = 0.15  # … and the most of the budget that they may take
CLEAR = 5 * RARE  # a share at which fewer draws are enough
EXAMPLES = 200  # that Hypothesis makes at its first turn; twice as many at each of the next …
TURNS = 4  # … so many turns
SLICE = 0.1  # of the budget, for one start of the optimiser
GRACE = 0.05  # of the budget, and a second at least, before code that never returns is interrupted
DEAF = ("gc_callback", "remove", "__del__")  # functions out of which no exception can come
SHRINKING = 0.4  # of the budget, at most, beyond which the smallest witness so far is taken


class NextStart(BaseException):
    """This part of the search has had its share of the time."""


def run(hunt: Hunt) -> None:
    """Hunt until a violation is found and shrunk, or the budget is spent."""
    with _alarm(hunt.budget + max(1.0, GRACE * hunt.budget)), np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            census(hunt)
            if not hunt.vacuous:
                search(hunt)
        except Enough:
            pass
        except KeyboardInterrupt:  # what was seen until then is told
            hunt.interrupted = True
    hunt.ended = time.monotonic()


def census(hunt: Hunt) -> None:
    """Plain draws; each takes the chances that its strategy gives it.

    Raises:
        ValueError: if the strategy raises.
    """
    until = hunt.left - CENSUS_SHARE * hunt.budget
    for i in range(CENSUS):
        try:
            drawn = draws.plain(hunt.statement.instances, hunt.seed * CENSUS + i)
        except Exception as error:  # the strategy's own code
            said = f"{type(error).__name__}: {error}"
            raise ValueError(
                f"`instances` cannot be drawn, {said}; a strategy must not raise (use .filter)"
            ) from error
        hunt.counts["plain"] += 1
        hunt.counts["given up"] += drawn is None
        hunt.counts["plain, held"] += drawn is not None and hunt.holds(drawn.instance)
        if hunt.left <= 0 or (i >= ENOUGH_DRAWS and hunt.rate > CLEAR):
            break
        if hunt.left < until and (i >= ENOUGH_DRAWS or hunt.rate > RARE):
            break


def search(hunt: Hunt) -> None:
    """Hypothesis and the optimiser by turns, until something is found or nothing is left to look at."""
    for turn in itertools.count():
        if generate(hunt, turn) or any(optimise(hunt, near[2], turn) for near in hunt.nearest):
            return smaller(hunt)
        if hunt.exhausted or hunt.vacuous:
            return None


def smaller(hunt: Hunt) -> None:
    """A witness with fewer numbers, where instances have them: shrinking alone does not jump that far."""
    until = min(time.monotonic() + SHRINKING * hunt.budget, hunt.began + hunt.budget)
    for turn in itertools.count(TURNS):
        found = hunt.smallest
        hunt.below = size(found[0].instance)[0] if found else 0
        if hunt.fewest >= hunt.below or not generate(hunt, turn, until):
            return


def generate(hunt: Hunt, turn: int, until: float = np.inf) -> bool:
    """Hypothesis, towards the violation, and shrinking if there is one; whether there is."""
    before, most = hunt.counts["drawn"], EXAMPLES * 2 ** min(turn, TURNS)
    found_at: list[float] = []

    @seeded(hunt.seed + turn)
    @settings(
        max_examples=most,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        phases=(Phase.generate, Phase.target, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(hunt.statement.instances)
    def test(x: Any) -> None:
        if found_at and time.monotonic() > found_at[0] + SHRINKING * hunt.budget:
            raise Enough
        if time.monotonic() > until:
            raise NextStart
        try:
            over = hunt.look(draws.current(x))
        except Found:
            found_at.append(time.monotonic())
            raise
        if np.isfinite(over):
            towards(over)

    try:
        with _silence():
            test()
        hunt.exhausted = hunt.counts["drawn"] - before < most and not hunt.counts["given up"]
    except (Found, NextStart):
        pass
    except Enough:
        if not found_at:
            raise
    except (Flaky, Unsatisfiable):  # a replay that came out differently, or a filter that passed nothing
        pass
    except Exception as error:  # the strategy's own code
        hunt.note(error)
    if found_at:
        polish(hunt)
    return bool(found_at)


def optimise(hunt: Hunt, start: Drawn, turn: int) -> bool:
    """Differential evolution over the numbers among the choices of one instance; whether it found a violation.

    Source: Storn & Price 1997.
    """
    from scipy.optimize import Bounds, differential_evolution

    knobs = start.knobs
    if not knobs:
        return False
    stream = np.random.default_rng([hunt.seed, turn, next(hunt.ticket)])
    low, high = np.array([k.low for k in knobs]), np.array([k.high for k in knobs])
    x0 = np.array([k.value for k in knobs])
    count = max(12, min(60, 4 * len(knobs)))
    scales = 10 ** stream.uniform(-5, 0, (count, 1))
    crowd = np.clip(x0 + scales * (high - low) * stream.standard_normal((count, len(knobs))), low, high)
    crowd[0] = np.clip(x0, low, high)
    until = time.monotonic() + SLICE * hunt.budget

    def depth(v: Any) -> float:
        if time.monotonic() > until:
            raise NextStart
        drawn = turned(hunt, start, v)
        over = np.nan if drawn is None else hunt.look(drawn)
        return 3.0 if np.isnan(over) else -over  # worse than any

    try:
        differential_evolution(
            depth,
            Bounds(low, high),
            init=crowd,
            integrality=np.array([k.whole for k in knobs]),
            tol=1e-10,
            polish=False,
            rng=stream,
        )
    except NextStart:
        pass
    except Found:
        polish(hunt)
        return True
    return False


def turned(hunt: Hunt, start: Drawn, v: Any) -> Drawn | None:
    """The instance with its knobs set to such values."""
    choices = list(start.choices)
    for knob, value in zip(start.knobs, v, strict=True):
        choices[knob.place] = round(float(value)) if knob.whole else float(value)
    hunt.counts["turned"] += 1
    return draws.again(hunt.statement.instances, choices)


def polish(hunt: Hunt) -> None:
    """Rounder numbers, one knob after the other, as long as the violation stands."""
    until = min(time.monotonic() + SHRINKING * hunt.budget, hunt.began + hunt.budget)
    found = hunt.smallest
    drawn = found[0] if found else None
    while drawn is not None and time.monotonic() < until:
        drawn = rounder(hunt, drawn, until)


def rounder(hunt: Hunt, drawn: Drawn, until: float) -> Drawn | None:
    """A violation with less to print, if one is near."""
    for k in drawn.knobs:
        for value in _simpler(k.value):
            if time.monotonic() > until:
                return None
            if value == k.value or not k.low <= value <= k.high or (k.whole and value != round(value)):
                continue
            choices = list(drawn.choices)
            choices[k.place] = int(value) if k.whole else value
            other = draws.again(hunt.statement.instances, choices)
            if other is None or size(other.instance) >= size(drawn.instance):
                continue
            try:
                hunt.look(other)
            except Found:
                return other
    return None


def _simpler(value: float) -> list[float]:
    """Numbers near one with fewer digits, the simplest first."""
    return [0.0, 1.0, -1.0, *(round(value * unit) / unit for unit in (1, 2, 4, 8, 16, 64, 256, 1024, 2.0**20))]


@contextmanager
def _silence() -> Iterator[None]:
    """Hypothesis would print its own report of a failure."""
    from hypothesis.reporting import with_reporter

    with with_reporter(lambda *said: None):
        yield


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Enough is raised when so much time has passed, also inside code that never looks at a clock."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number: int, frame: Any) -> None:
        if frame is not None and frame.f_code.co_name in DEAF:
            signal.setitimer(signal.ITIMER_REAL, 0.01)
            return
        raise Enough

    before: Callable[..., Any] | int | None = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, min(seconds, threading.TIMEOUT_MAX))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)

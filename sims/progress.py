"""What a run says while it runs, and how it hears an interrupt."""

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any

EVERY = 10.0  # seconds between plain lines


class Progress:
    """Counts rows on standard error; standard output is left to results."""

    def __init__(self) -> None:
        self._total = self._done = self._seconds = 0
        self._began = self._said = time.monotonic()
        self._bar: Any = None
        if sys.stderr.isatty():
            try:
                from rich.console import Console
                from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
                from rich.progress import Progress as Bar
            except ImportError:
                return
            columns = (TextColumn("rows"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self._bar = Bar(*columns, console=Console(stderr=True), transient=True)
            self._bar.start()
            self._task = self._bar.add_task("rows", total=None)

    def plan(self, rows: int) -> None:
        """So many more rows are to be computed."""
        self._total += rows
        if self._bar is not None:
            self._bar.update(self._task, total=self._total)

    def done(self, rows: int) -> None:
        """So many rows are computed and on the disk."""
        self._done += rows
        if self._bar is not None:
            self._bar.update(self._task, completed=self._done)
        elif rows and time.monotonic() - self._said > EVERY:
            self._said = time.monotonic()
            left = (self._said - self._began) / self._done * (self._total - self._done)
            self.say(f"{self._done} of {self._total} rows, about {left:.0f} s left")

    def say(self, line: str) -> None:
        """One line, above the bar if there is one."""
        if self._bar is not None:
            self._bar.console.print(line, markup=False, highlight=False)
        else:
            print(line, file=sys.stderr, flush=True)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            self._bar.stop()


@contextlib.contextmanager
def interruptible() -> Iterator[list[int]]:
    """Collect the first interrupt in the list that is yielded; the second one raises KeyboardInterrupt."""
    seen: list[int] = []

    def handle(number: int, frame: FrameType | None) -> None:
        seen.append(number)
        if len(seen) > 1:
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield seen
        return
    before = signal.signal(signal.SIGINT, handle)
    try:
        yield seen
    finally:
        signal.signal(signal.SIGINT, before)

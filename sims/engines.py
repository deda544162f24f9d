"""Where tasks run: in this process, or on a dask cluster; worker processes have a file of their own."""

import os
from collections import deque
from typing import Any, Protocol

from sims.work import Failure, Reply, Task, perform

Answer = tuple[int, Reply]


class Engine(Protocol):
    """Anything that takes tasks under a ticket and gives replies, in any order."""

    def submit(self, ticket: int, task: Task, *, first: bool = False) -> None:
        """Take a task; `first` puts it before those that wait."""

    def ready(self, seconds: float) -> list[Answer]:
        """The replies that have come; waits for one, at most so long."""

    def drop(self) -> list[int]:
        """Forget what has not started, and say which tickets."""

    def close(self) -> None:
        """Let go of every process, whatever it is doing."""


class Serial:
    """One task at a time in this process, for debugging."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[int, Task]] = deque()

    def submit(self, ticket: int, task: Task, *, first: bool = False) -> None:
        """Take a task."""
        (self._waiting.appendleft if first else self._waiting.append)((ticket, task))

    def ready(self, seconds: float) -> list[Answer]:
        """The reply to the first task that waits."""
        if not self._waiting:
            return []
        ticket, task = self._waiting.popleft()
        return [(ticket, perform(task))]

    def drop(self) -> list[int]:
        """Forget everything that waits."""
        tickets = [ticket for ticket, _ in self._waiting]
        self._waiting.clear()
        return tickets

    def close(self) -> None:
        """Nothing to let go of."""


class Dask:
    """A `dask.distributed` cluster at an address, whose workers see the same files.

    Raises:
        ValueError: if distributed is not installed, or nothing answers at the address.
    """

    def __init__(self, scheduler: str, device: str) -> None:
        try:
            import distributed
        except ImportError:
            raise ValueError(
                "--engine dask needs the package distributed; install it with `pip install lemmata[dask]`"
            ) from None
        if not scheduler:
            raise ValueError("--engine dask needs --scheduler ADDRESS, such as tcp://127.0.0.1:8786")
        try:
            self._client = distributed.Client(scheduler, timeout="20s")
        except (OSError, TimeoutError, ValueError) as error:
            raise ValueError(
                f"no dask scheduler answers at {scheduler}: {error}; start one or give its address"
            ) from None
        self._device = device
        self._tickets: dict[Any, int] = {}
        self._waiting: deque[tuple[int, Task]] = deque()
        self._seats = 2 * max(1, sum(self._client.nthreads().values()))

    def submit(self, ticket: int, task: Task, *, first: bool = False) -> None:
        """Take a task."""
        (self._waiting.appendleft if first else self._waiting.append)((ticket, task))

    def ready(self, seconds: float) -> list[Answer]:
        """The replies that have come; a bounded number of tasks is on the cluster at a time."""
        import distributed

        while self._waiting and len(self._tickets) < self._seats:
            ticket, task = self._waiting.popleft()
            future = self._client.submit(_remote, task, self._device, pure=False, retries=0)
            self._tickets[future] = ticket
        if not self._tickets:
            return []
        try:
            done = distributed.wait(list(self._tickets), timeout=seconds, return_when="FIRST_COMPLETED").done
        except TimeoutError:
            return []
        answers = []
        for future in done:
            error = future.exception()
            reply = future.result() if error is None else Reply(None, 0.0, _lost(error))
            answers.append((self._tickets.pop(future), reply))
        return answers

    def drop(self) -> list[int]:
        """Forget what the cluster has not been given."""
        tickets = [ticket for ticket, _ in self._waiting]
        self._waiting.clear()
        return tickets

    def close(self) -> None:
        """Cancel what is left."""
        self._client.cancel(list(self._tickets))
        self._client.close()


def _remote(task: Task, device: str) -> Reply:
    """A task on a machine of the cluster."""
    os.environ["LEMMATA_DEVICE"] = device
    return perform(task)


def _lost(error: BaseException) -> Failure:
    """A row whose worker the cluster gave up on."""
    line = f"the worker was lost on this row: {type(error).__name__}"
    return Failure(line, f"{line}: {error}")

"""Worker processes: a killed one costs one retry of its row, a hanging one is replaced."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any

from sims.fingerprint import PROJECT
from sims.registry import Entry
from sims.work import THREADS, Failure, Reply, Task

LOADING = 300.0  # seconds that importing a claim may take, when a limit per row is set
BATCH = 0.05  # seconds of work that a worker is given in advance
DEPTH = 64  # most tasks that one worker holds
LIVES = 2  # workers that one row may kill


@dataclass
class Worker:
    """One process, the tasks it holds in order, and when it was last heard."""

    process: subprocess.Popen[bytes]
    link: "Connection[Any, Any]"
    heard: float
    backwards: bool  # takes what was submitted last
    held: deque[tuple[int, Task]] = field(default_factory=deque)
    loaded: set[Entry] = field(default_factory=set)


class Processes:
    """A number of worker processes on this machine, each with one thread.

    The task in hand of a worker is the first that it holds: that one is blamed when the worker dies, and the
    others go back into the queue unharmed. Every second worker takes what was submitted last: at the other end
    are other claims, so that workers seldom compile the same loops at the same time.
    """

    def __init__(self, jobs: int, device: str = "auto", timeout: float | None = None) -> None:
        self._jobs, self._timeout = jobs, timeout
        self._environment = (
            os.environ | dict.fromkeys(THREADS, "1") | {"LEMMATA_DEVICE": device, "PYTHONHASHSEED": "0"}
        )
        path = [str(PROJECT), *filter(None, [os.environ.get("PYTHONPATH")])]
        self._environment["PYTHONPATH"] = os.pathsep.join(path)
        self._workers: list[Worker] = []
        self._urgent: deque[tuple[int, Task]] = deque()
        self._waiting: deque[tuple[int, Task]] = deque()
        self._deaths: Counter[int] = Counter()
        self._usual = BATCH  # seconds per task, a running mean
        self._answers: list[tuple[int, Reply]] = []

    def submit(self, ticket: int, task: Task, *, first: bool = False) -> None:
        """Take a task."""
        (self._urgent if first else self._waiting).append((ticket, task))

    def ready(self, seconds: float) -> list[tuple[int, Reply]]:
        """The replies that have come; waits for one, at most so long."""
        self._hand_out()
        links = {id(worker.link): worker for worker in self._workers}
        for link in wait([worker.link for worker in self._workers], seconds) if links else ():
            self._hear(links[id(link)])
        for worker in list(self._workers):
            if worker.process.poll() is not None:
                self._hear(worker)
                self._bury(worker)
            elif self._timeout is not None and worker.held and self._overdue(worker):
                self._hear(worker)  # it may have answered just now
                if worker in self._workers and worker.held and self._overdue(worker):
                    self._bury(worker, hanging=True)
        self._hand_out()
        answers, self._answers = self._answers, []
        return answers

    def drop(self) -> list[int]:
        """Forget what no worker holds yet."""
        tickets = [ticket for ticket, _ in (*self._urgent, *self._waiting)]
        self._urgent.clear()
        self._waiting.clear()
        return tickets

    def close(self) -> None:
        """End every worker, whatever it is doing."""
        for worker in self._workers:
            worker.process.kill()  # first: one that finds its link closed would say so
        for worker in self._workers:
            worker.process.wait()
            worker.link.close()
        self._workers.clear()

    def _hand_out(self) -> None:
        """Give work in rounds, so that no worker holds two tasks while another has none."""
        left = len(self._urgent) + len(self._waiting)
        for _ in range(min(self._jobs - len(self._workers), left)):
            self._workers.append(self._start())
        depth = max(1, min(DEPTH, int(BATCH / self._usual)))
        share = max(1, min(depth, -(-left // max(1, len(self._workers)))))
        for worker in self._workers:
            if len(worker.held) > share // 2:
                continue
            batch = [task for _ in range(share - len(worker.held)) if (task := self._next(worker))]
            if batch:
                if not worker.held:
                    worker.heard = time.monotonic()
                worker.held += batch
                with contextlib.suppress(OSError):  # it may have just died; it is buried when that is noticed
                    worker.link.send(batch)

    def _next(self, worker: Worker) -> tuple[int, Task] | None:
        """The task that comes next for a worker."""
        if self._urgent:
            return self._urgent.popleft()
        if not self._waiting:
            return None
        return self._waiting.pop() if worker.backwards else self._waiting.popleft()

    def _start(self) -> Worker:
        """A new process; an interrupt from the keyboard must not reach it while it starts."""
        ours, theirs = socket.socketpair()
        old = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            # -P: the sims of this package, not one that lies in the current folder
            command = [sys.executable, "-P", "-m", "sims.worker", str(theirs.fileno())]
            process = subprocess.Popen(
                command, env=self._environment, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
            )
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, old)
            theirs.close()
        backwards = 2 * sum(worker.backwards for worker in self._workers) < len(self._workers)
        return Worker(process, Connection(ours.detach()), time.monotonic(), backwards)

    def _hear(self, worker: Worker) -> None:
        """Take in all that a worker has said, even if it is dead by now."""
        try:
            while worker.link.poll():
                ticket, said = worker.link.recv()
                worker.heard = time.monotonic()
                if ticket is None:
                    worker.loaded.add(said)
                    continue
                worker.held.popleft()
                self._usual = 0.9 * self._usual + 0.1 * max(said.seconds, 1e-4)
                self._answers.append((ticket, said))
        except (EOFError, OSError):
            self._bury(worker)

    def _overdue(self, worker: Worker) -> bool:
        limit = self._timeout or 0.0
        if worker.held[0][1].entry not in worker.loaded:
            limit = max(limit, LOADING)
        return time.monotonic() - worker.heard > limit

    def _bury(self, worker: Worker, hanging: bool = False) -> None:
        """Take a dead or hanging worker away; its task in hand gets one more life, or is given up."""
        if worker not in self._workers:
            return
        self._workers.remove(worker)
        worker.process.kill()
        code = worker.process.wait()
        worker.link.close()
        if worker.held:
            ticket, task = worker.held.popleft()
            self._deaths[ticket] += 1
            if hanging:
                self._answers.append(
                    (ticket, _given_up(f"no answer within {self._timeout:g} s; its worker was ended"))
                )
            elif self._deaths[ticket] < LIVES:
                worker.held.appendleft((ticket, task))
            else:
                self._answers.append((ticket, _given_up(f"it ended its worker twice ({_cause(code)})")))
        self._waiting.extendleft(reversed(worker.held))


def _given_up(line: str) -> Reply:
    return Reply(None, 0.0, Failure(line, line))


def _cause(code: int) -> str:
    """What ended a process, in words."""
    if code >= 0:
        return f"exit status {code}"
    try:
        return f"signal {-code}, {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"

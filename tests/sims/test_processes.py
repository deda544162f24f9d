"""In what order worker processes take tasks."""

import time
from unittest.mock import Mock

from sims.processes import Processes, Worker


def test_workers_begin_at_both_ends_and_judgements_come_first():
    engine = Processes(3)
    for ticket in range(5):
        engine.submit(ticket, f"row {ticket}")
    engine.submit(7, "judgement", first=True)
    forwards, backwards = (Worker(None, None, time.monotonic(), end) for end in (False, True))
    taken = [engine._next(worker) for worker in (backwards, forwards, backwards, backwards, forwards)]
    assert [ticket for ticket, _ in taken] == [7, 0, 4, 3, 1]
    assert engine.drop() == [2] and engine._next(forwards) is None


def test_every_second_worker_begins_at_the_end(monkeypatch):
    monkeypatch.setattr("sims.processes.subprocess.Popen", lambda *_, **__: Mock())
    engine = Processes(3)
    for ticket in range(3):
        engine.submit(ticket, f"row {ticket}")
    engine._hand_out()
    assert [(worker.backwards, *worker.held) for worker in engine._workers] == [
        (False, (0, "row 0")),
        (True, (2, "row 2")),
        (False, (1, "row 1")),
    ]
    engine.close()

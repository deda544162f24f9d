"""A worker process: takes tasks from a socket, sends replies, and dies with its driver.

Started as `python -m sims.worker FD` with the number of threads already set in its environment, which is
too late to do once NumPy is imported.
"""

import os
import queue
import signal
import sys
import threading
from multiprocessing.connection import Connection
from typing import Any


def main() -> None:
    """Work until the driver closes the socket or dies."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the driver decides what an interrupt means
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    os.dup2(2, 1)  # what a claim prints is no part of the driver's output
    link: Connection[Any, Any] = Connection(int(sys.argv[1]))
    os.set_inheritable(link.fileno(), False)
    inbox: queue.SimpleQueue[list[tuple[int, Any]]] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(link, inbox), daemon=True).start()

    from sims.work import perform

    me = os.getpid()
    while True:
        for ticket, task in inbox.get():
            reply = perform(task, lambda entry: link.send((None, entry)))
            if os.getpid() != me:  # the claim forked and its child came back here
                os._exit(0)
            link.send((ticket, reply))


def _listen(link: "Connection[Any, Any]", inbox: "queue.SimpleQueue[list[tuple[int, Any]]]") -> None:
    """Take tasks while the main thread works, so that the driver never waits to be heard."""
    while True:
        try:
            inbox.put(link.recv())
        except BaseException:
            os._exit(0)  # the driver is gone: nobody will read what is still to be computed


if __name__ == "__main__":
    main()

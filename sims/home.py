"""Where things live, who owns the store, and writing a file so that it is there whole or not at all."""

import contextlib
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path


class StoreError(Exception):
    """The store cannot be used; the message is one line with the way out."""


def home() -> Path:
    """The folder of rows and quick records: LEMMATA_HOME, or `.lemmata` here."""
    return Path(os.environ.get("LEMMATA_HOME") or ".lemmata")


def committed() -> Path:
    """The folder of full records: LEMMATA_RESULTS, or `sims/results` of the package."""
    given = os.environ.get("LEMMATA_RESULTS")
    return Path(given) if given else Path(__file__).resolve().parent / "results"


def folder(path: Path) -> Path:
    """The folder, made if it is missing."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"cannot make the folder {path}: {error.strerror}; set LEMMATA_HOME or LEMMATA_RESULTS elsewhere"
        ) from None
    return path


def write(path: Path, content: bytes) -> None:
    """Replace a file atomically: temporary file, fsync, rename, fsync of the folder.

    Raises:
        StoreError: if the disk is full or the folder cannot be written; the old file is then still whole.
    """
    temporary = folder(path.parent) / f".{path.name}.{os.getpid()}.tmp"
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise StoreError(
            f"cannot write {path} ({len(content):,} bytes needed): {error.strerror}; "
            "free some space or set LEMMATA_HOME or LEMMATA_RESULTS elsewhere"
        ) from None


def _sync_folder(path: Path) -> None:
    """Make a rename durable."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextlib.contextmanager
def owned(path: Path) -> Iterator[None]:
    """Hold the store alone; a second driver is refused and told who the owner is.

    Raises:
        StoreError: if another process owns the store, or the folder cannot be written.
    """
    try:
        file = (folder(path) / "lock").open("a+")
    except OSError as error:
        raise StoreError(f"cannot use the folder {path}: {error.strerror}; set LEMMATA_HOME elsewhere") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise StoreError(
                f"another run owns {path}: {_owner(path / 'lock')}; wait for it or set LEMMATA_HOME elsewhere"
            ) from None
        try:
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}")
            file.flush()
        except OSError as error:
            raise StoreError(
                f"cannot write in {path}: {error.strerror}; free some space or set LEMMATA_HOME"
            ) from None
        yield


def _owner(lock: Path) -> str:
    """Who wrote the lock; the owner may be between taking and signing it."""
    for _ in range(20):
        owner = lock.read_text().strip()
        if owner:
            return owner
        time.sleep(0.05)
    return "a process that has not signed yet"

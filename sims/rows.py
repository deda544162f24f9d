"""Rows in SQLite: one writer, every row durable when it is told, checked when it is read."""

import contextlib
import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sims.environment import observes
from sims.home import StoreError

T = TypeVar("T")

DONE, FAILED, VERDICT = "done", "failed", "verdict"
COLUMNS = "claim, case_, code, state, seconds, payload, sha"
SCHEMA = """CREATE TABLE IF NOT EXISTS rows (
    id INTEGER PRIMARY KEY, claim TEXT NOT NULL, case_ TEXT NOT NULL, code TEXT NOT NULL, state TEXT NOT NULL,
    seconds REAL NOT NULL, payload BLOB NOT NULL, sha TEXT NOT NULL)"""

# what the machine refuses, as opposed to what is damaged
ENVIRONMENT = ("FULL", "IOERR", "READONLY", "CANTOPEN", "BUSY", "LOCKED", "NOMEM", "PERM", "AUTH", "PROTOCOL")


@dataclass(frozen=True)
class Row:
    """One finished piece of work.

    Attributes:
        claim: `paper/name`.
        case: canonical JSON of the case; the mode if the row is a verdict.
        code: fingerprint and environment under which it was computed.
        state: done, failed or verdict.
        seconds: how long it took.
        payload: packed arrays if done, JSON otherwise.
    """

    claim: str
    case: str
    code: str
    state: str
    seconds: float
    payload: bytes

    @property
    def sha(self) -> str:
        """SHA-256 over key and payload."""
        head = json.dumps([self.claim, self.case, self.code, self.state, repr(self.seconds)])
        return hashlib.sha256(head.encode() + b"\n" + self.payload).hexdigest()


class Rows:
    """The rows of one store; open it only while owning the store.

    There is no index on the disk: a damaged one would hide sound rows. One scan at the start makes it.

    Attributes:
        said: lines about damage found and what was done about it.
    """

    def __init__(self, home: Path) -> None:
        self.path = home / "rows.sqlite"
        self.said: list[str] = []
        self._connection: sqlite3.Connection | None = None
        self._numbers: dict[tuple[str, str], dict[str, int]] = {}
        self._guarded(lambda: None)

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()
            self._connection = None

    def add(self, rows: Iterable[Row]) -> None:
        """Write rows in one transaction, each in place of an older one; on return they are on the disk."""
        new = list(rows)

        def insert() -> list[int]:
            numbers = []
            with self._open() as connection:
                for row in new:
                    old = self._numbers.get((row.claim, row.code), {}).get(row.case)
                    if old is not None:
                        connection.execute("DELETE FROM rows WHERE id = ?", (old,))
                    fields = (row.claim, row.case, row.code, row.state, row.seconds, row.payload, row.sha)
                    cursor = connection.execute(f"INSERT INTO rows ({COLUMNS}) VALUES (?,?,?,?,?,?,?)", fields)
                    numbers.append(int(cursor.lastrowid or 0))
            return numbers

        if new:
            for row, number in zip(new, self._guarded(insert), strict=True):
                self._numbers.setdefault((row.claim, row.code), {})[row.case] = number

    def read(self, claim: str, code: str) -> dict[str, Row]:
        """The sound rows of a claim by case; damaged ones are quarantined, counted and said."""
        for _ in (1, 2):
            found = {case: self._row(claim, case, code) for case in self.cases(claim, code)}
            if None not in found.values():
                break
            self.rebuild()
        return {case: row for case, row in found.items() if row is not None}

    def cases(self, claim: str, code: str) -> list[str]:
        """The cases of which there is a row; whether it is sound is seen when it is read."""
        return [case for case in self._numbers.get((claim, code), {}) if case.startswith("{")]

    def observed(self, claim: str, code: str) -> dict[str, Row]:
        """Rows whose observations are those of this code, though its predictions or judges were others."""
        alike = [c for known, c in self._numbers if known == claim and c != code and observes(c) == observes(code)]
        rows = [row for other in alike for row in self.read(claim, other).values()]
        return {row.case: row for row in rows if row.state == DONE}

    def _row(self, claim: str, case: str, code: str) -> Row | None:
        """The row of this key; None if there is none, or it is not what was written."""

        def select() -> tuple[Any, ...] | None:
            number = self._numbers.get((claim, code), {}).get(case)
            query = f"SELECT {COLUMNS} FROM rows WHERE id = ?"
            found: tuple[Any, ...] | None = self._open().execute(query, (number,)).fetchone()
            return found

        fields = self._guarded(select)
        row = _sound(list(fields)) if fields else None
        return row if row is not None and (row.claim, row.case, row.code) == (claim, case, code) else None

    def verdict(self, claim: str, mode: str, code: str) -> dict[str, Any] | None:
        """What was concluded from the same code in the same mode, if it was."""
        row = self._row(claim, mode, code)
        if row is None or row.state != VERDICT:
            return None
        kept: dict[str, Any] = json.loads(row.payload)
        return kept

    def forget_failed(self, claim: str, code: str) -> None:
        """Let failed rows be computed again, and what was concluded from them."""
        failed = [row.case for row in self.read(claim, code).values() if row.state == FAILED]
        known = self._numbers.get((claim, code), {})
        gone = [case for case in known if case in failed or (failed and not case.startswith("{"))]

        def delete() -> None:
            with self._open() as connection:
                connection.executemany("DELETE FROM rows WHERE id = ?", [(known[case],) for case in gone])

        self._guarded(delete)
        for case in gone:
            del known[case]

    def other_code(self, claim: str, code: str) -> bool:
        """Whether the claim has rows under another code."""
        return any(known == claim and other != code for known, other in self._numbers)

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = _connect(self.path)
            self._numbers = {}
            for number, claim, case, code in self._connection.execute("SELECT id, claim, case_, code FROM rows"):
                self._numbers.setdefault((str(claim), str(code)), {})[str(case)] = number
        return self._connection

    def _guarded(self, action: Callable[[], T]) -> T:
        """Run an action; a damaged file is set aside, what is sound in it is kept, and the action runs again."""
        for attempt in (1, 2):
            try:
                self._open()
                return action()
            except (sqlite3.Error, UnicodeError) as error:  # a damaged file yields messages that are no text
                name = getattr(error, "sqlite_errorname", "") or ""
                short = "SHORT_READ" in name
                if attempt == 2 or (not short and any(f"SQLITE_{word}" in name for word in ENVIRONMENT)):
                    raise StoreError(
                        f"cannot use {self.path}: {error}; rows already stored are safe. "
                        "Free some space or set LEMMATA_HOME to a folder that can be written"
                    ) from None
                self.rebuild()
        raise AssertionError

    def rebuild(self) -> None:
        """Set a damaged file aside and carry its sound rows over."""
        self.close()
        number = 1
        while (aside := self.path.with_name(f"rows.damaged-{number}.sqlite")).exists():
            number += 1
        try:
            for suffix in ("", "-wal", "-shm"):
                part = self.path.with_name(self.path.name + suffix)
                if part.exists():
                    part.rename(aside.with_name(aside.name + suffix))
        except OSError as error:
            raise StoreError(f"{self.path} is damaged and cannot be set aside: {error.strerror}") from None
        kept = {(row.claim, row.case, row.code): row for row in _readable(aside)}
        self.said.append(
            f"{self.path} was damaged and is now {aside.name}; {len(kept)} sound row(s) were carried over, "
            "the rest is computed again"
        )
        with contextlib.suppress(sqlite3.Error):
            self.add(kept.values())


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=5)
    connection.text_factory = lambda content: content.decode(errors="replace")
    try:
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", SCHEMA):
            connection.execute(statement)
    except BaseException:
        connection.close()
        raise
    return connection


def _sound(fields: list[Any]) -> Row | None:
    """The row in these columns, or None if its checksum says that it is not what was written."""
    claim, case, code, state, seconds, payload, sha = fields
    words = all(isinstance(word, str) for word in (claim, case, code, state))
    if not (words and isinstance(payload, bytes) and isinstance(seconds, float)):
        return None
    row = Row(claim, case, code, state, seconds, payload)
    return row if row.sha == sha else None


def _readable(path: Path) -> Iterator[Row]:
    """What can be read of a damaged file, from both ends up to the damage."""
    for order in ("ASC", "DESC"):
        with contextlib.suppress(sqlite3.Error, UnicodeError):
            connection = sqlite3.connect(path)
            connection.text_factory = lambda content: content.decode(errors="replace")
            with contextlib.closing(connection):
                for fields in connection.execute(f"SELECT {COLUMNS} FROM rows ORDER BY id {order}"):
                    row = _sound(list(fields))
                    if row is not None:
                        yield row


def peek(home: Path, claim: str, code: str, case: str) -> Row | None:
    """One row, read without owning the store; None if there is none or it cannot be read."""
    path = home / "rows.sqlite"
    if not path.exists():
        return None
    query = f"SELECT {COLUMNS} FROM rows WHERE claim = ? AND code = ? AND case_ = ?"
    try:
        with contextlib.closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            fields = connection.execute(query, (claim, code, case)).fetchone()
    except (sqlite3.Error, UnicodeError):
        return None
    return _sound(list(fields)) if fields else None

"""The store gives back what was written, or says that it cannot: never something else."""

import os
import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from sims import home
from sims.rows import DONE, FAILED, VERDICT, Row, Rows, peek


def filled(folder: Path, count: int = 60) -> dict[str, Row]:
    rows = {
        f'{{"seed":{i}}}': Row("p/c", f'{{"seed":{i}}}', "code", DONE, 0.5, str(i).encode() * 20)
        for i in range(count)
    }
    store = Rows(folder)
    store.add(rows.values())
    store.add([Row("p/c", "quick", "code", VERDICT, 1.0, b'{"report": {}, "checksum": "s"}')])
    store.close()
    return rows


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    rows = filled(tmp_path)
    store = Rows(tmp_path)
    assert store.read("p/c", "code") == rows
    assert store.read("p/c", "other code") == {} == store.read("p/other", "code")
    assert store.verdict("p/c", "quick", "code") == {"report": {}, "checksum": "s"}
    assert store.verdict("p/c", "full", "code") is None
    assert store.other_code("p/c", "other code") and not store.other_code("p/c", "code")
    assert peek(tmp_path, "p/c", "code", '{"seed":7}') == rows['{"seed":7}']
    store.close()


def test_failed_rows_are_forgotten_on_request_with_the_verdict(tmp_path: Path) -> None:
    rows = filled(tmp_path)
    store = Rows(tmp_path)
    store.add([Row("p/c", '{"seed":3}', "code", FAILED, 0.1, b"{}")])
    store.forget_failed("p/c", "code")
    assert store.read("p/c", "code").keys() == rows.keys() - {'{"seed":3}'}
    assert store.verdict("p/c", "quick", "code") is None
    store.close()


def test_a_changed_payload_is_dropped_and_said_and_the_rest_kept(tmp_path: Path) -> None:
    rows = filled(tmp_path)
    with sqlite3.connect(tmp_path / "rows.sqlite") as connection:
        connection.execute("UPDATE rows SET payload = x'00' WHERE case_ = ?", ('{"seed":5}',))
    connection.close()
    store = Rows(tmp_path)
    assert store.read("p/c", "code").keys() == rows.keys() - {'{"seed":5}'}
    assert "60 sound row(s) were carried over" in store.said[0]  # the verdict is one of them
    assert len(store.read("p/c", "code")) == 59 and len(store.said) == 1
    store.close()


@pytest.mark.parametrize("change", ["state = x'646f6e65'", "seconds = 'half'", "payload = 'text'", "sha = x'00'"])
def test_a_field_of_another_type_is_damage(tmp_path: Path, change: str) -> None:
    rows = filled(tmp_path)
    with sqlite3.connect(tmp_path / "rows.sqlite") as connection:
        connection.execute(f"UPDATE rows SET {change} WHERE case_ = ?", ('{"seed":5}',))
    connection.close()
    store = Rows(tmp_path)
    assert store.read("p/c", "code").keys() == rows.keys() - {'{"seed":5}'}
    store.close()


def damage(file: Path, draw: random.Random) -> None:
    content = bytearray(file.read_bytes())
    kind = draw.randrange(7)
    if kind == 0:
        del content[draw.randrange(len(content)) :]
    else:
        place = draw.randrange(len(content))
        content[place] ^= 1 << draw.randrange(8)
    file.write_bytes(content)


def test_no_damage_is_silent(tmp_path: Path) -> None:
    """150 bit flips and truncations: a row that comes back is the row that was written."""
    (tmp_path / "whole").mkdir()
    rows = filled(tmp_path / "whole")
    lost = 0
    for trial in range(150):
        folder = tmp_path / str(trial)
        folder.mkdir()
        shutil.copy(tmp_path / "whole" / "rows.sqlite", folder)
        damage(folder / "rows.sqlite", random.Random(trial))
        store = Rows(folder)
        found = store.read("p/c", "code")
        assert found.items() <= rows.items()
        assert store.verdict("p/c", "quick", "code") in (None, {"report": {}, "checksum": "s"})
        store.add(row for case, row in rows.items() if case not in found)
        assert store.read("p/c", "code") == rows
        lost += len(found) < len(rows)
        store.close()
        shutil.rmtree(folder)
    assert lost > 50  # the damage was real


@pytest.mark.parametrize("content", [b"", b"not a database at all" * 500], ids=["empty", "foreign"])
def test_a_file_that_is_no_store_is_set_aside(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "rows.sqlite").write_bytes(content)
    store = Rows(tmp_path)
    assert store.read("p/c", "code") == {}
    store.add([Row("p/c", "{}", "code", DONE, 0.0, b"x")])
    assert len(store.read("p/c", "code")) == 1
    store.close()
    if content:
        assert (tmp_path / "rows.damaged-1.sqlite").read_bytes() == content
        assert "was damaged" in store.said[0]


def test_the_sound_part_of_a_broken_file_is_carried_over(tmp_path: Path) -> None:
    rows = filled(tmp_path, 2000)
    file = tmp_path / "rows.sqlite"
    content = bytearray(file.read_bytes())
    middle = len(content) // 2 // 4096 * 4096
    content[middle : middle + 4096] = b"\xff" * 4096
    file.write_bytes(content)
    store = Rows(tmp_path)
    found = store.read("p/c", "code")
    assert found.items() <= rows.items()
    assert len(found) > 1000
    store.close()


def test_a_store_has_one_owner_and_says_who(tmp_path: Path) -> None:
    refused = pytest.raises(home.StoreError, match=r"another run owns .*process \d+ on \S+")
    with home.owned(tmp_path), refused, home.owned(tmp_path):
        pass
    with home.owned(tmp_path):
        pass


def test_a_place_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for attempt in (
        lambda: home.owned(tmp_path / "file" / "home").__enter__(),
        lambda: Rows(tmp_path / "no" / "home"),
    ):
        with pytest.raises(home.StoreError) as caught:
            attempt()
        assert "\n" not in str(caught.value) and "LEMMATA_HOME" in str(caught.value)


@pytest.mark.parametrize("call", ["fsync", "replace", "open"])
def test_a_write_that_fails_leaves_the_old_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    path = tmp_path / "file"
    home.write(path, b"old")
    with monkeypatch.context() as patch:
        patch.setattr(os if call == "fsync" else Path, call, fail)
        with pytest.raises(home.StoreError, match="No space left"):
            home.write(path, b"new")
    assert path.read_bytes() == b"old"
    assert [p.name for p in tmp_path.iterdir()] == ["file"]
    home.write(path, b"new")
    assert path.read_bytes() == b"new"

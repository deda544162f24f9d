"""A record comes back as it was saved, and only an established one is shown."""

import dataclasses
import io
import json
import math
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest
from engine_bench import claim_file

from sims import store
from sims.arrays import from_npy, from_npz, pack, to_npy, to_npz, unpack
from sims.claim import Verdict
from sims.fingerprint import fingerprint
from sims.record import Record
from sims.registry import find
from sims.store import Withheld, established, load, place, read, save


class Hostile:
    """Unpickling it leaves a canary."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[object, ...]:
        return Path.touch, (self.canary,)


RECORD = Record(
    paper="p",
    name="twice",
    statement="Twice, $2x$ <b>“≤”</b>",
    source="Euclid",
    assumptions=("x is positive",),
    mode="full",
    looks=2,
    verdict=Verdict(0.0, 1e-12, 1e-9),
    rival=Verdict(math.inf, 0.0, 1e-9),
    fingerprint="f",
    cases=({"x": 1.0, "p": math.inf, "seed": 0}, {"x": 1.0, "p": 2.0, "seed": 1}),
    predicted=(np.ones(3), np.zeros((2, 4))),
    rivalled=(np.ones(3), np.zeros((2, 4))),
    observed=(np.array([1.0, np.nan, -np.inf]), np.zeros((2, 4))),
    doubt=(np.zeros(3), np.zeros((2, 4))),
    exhibits=({"path": np.arange(3), "words": np.array(["a", "bc"])}, {"path": np.arange(4)}),
    failures=(({"x": 1.0, "p": math.inf, "seed": 2}, "ValueError: no", "Traceback…"),),
    seconds=1.5,
    versions={"numpy": "2"},
    formulas=({"formula": "x = 2 y", "where": "y = 0.5", "value": "1.0000000000000000000"},),
)


def same(a: Record, b: Record) -> bool:
    """Equality that knows arrays; NaN equals NaN."""
    for part in dataclasses.fields(Record):
        np.testing.assert_equal(getattr(a, part.name), getattr(b, part.name))
    return True


def test_a_record_comes_back_as_it_was_saved(tmp_path: Path) -> None:
    checksum = save(RECORD, tmp_path / "twice")
    assert same(read(tmp_path / "twice"), RECORD)
    assert store.intact(tmp_path / "twice", checksum)
    files = {f.name: f.read_bytes() for f in tmp_path.iterdir()}
    save(RECORD, tmp_path / "twice")
    assert files == {f.name: f.read_bytes() for f in tmp_path.iterdir()}
    text = files["twice.json"].decode()
    assert json.loads(text, parse_constant=pytest.fail)["outcome"] == "holds"  # strict JSON
    assert sum('"case"' in line for line in text.split('"rows"')[1].splitlines()) == 2  # one case per line


def test_rows_of_one_shape_are_stacked(tmp_path: Path) -> None:
    rows = (np.ones(2), np.zeros(2))
    record = dataclasses.replace(RECORD, predicted=rows, rivalled=rows, observed=rows, doubt=rows)
    save(record, tmp_path / "twice")
    with np.load(tmp_path / "twice.npz", allow_pickle=False) as arrays:
        assert arrays["observed"].shape == (2, 2)
    assert same(read(tmp_path / "twice"), record)


def tampered(path: Path, content: bytes) -> None:
    """Arrays of someone else's making, with a readable file that vouches for them."""
    save(RECORD, path)
    path.with_suffix(".npz").write_bytes(content)
    text = json.loads(path.with_suffix(".json").read_text())
    text["arrays"] = store.hashlib.sha256(content).hexdigest()
    path.with_suffix(".json").write_text(json.dumps(text))


def test_a_hostile_pickle_is_refused_and_does_not_run(tmp_path: Path) -> None:
    canary = tmp_path / "canary"
    objects = io.BytesIO()
    np.savez(objects, observed=np.array([Hostile(canary)], dtype=object), allow_pickle=True)
    inside = io.BytesIO()
    with zipfile.ZipFile(inside, "w") as archive:
        archive.writestr("observed.npy", pickle.dumps(Hostile(canary)))
    for content in (objects.getvalue(), inside.getvalue(), pickle.dumps(Hostile(canary)), b"", b"PK\x03\x04junk"):
        tampered(tmp_path / "twice", content)
        with pytest.raises(Withheld, match=r"is refused: .*lemmata verify"):
            read(tmp_path / "twice")
    assert not canary.exists()


def test_a_bomb_is_refused_before_it_unfolds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sims.arrays.LIMIT", 1_000_000)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for i in range(11):
            archive.writestr(f"{i}.npy", bytes(100_000))
    with pytest.raises(ValueError, match="unfolds to 1,100,000 bytes"):
        from_npz(file.getvalue())


@pytest.mark.parametrize("suffix", [".npz", ".json"])
def test_files_that_do_not_belong_together_are_refused(tmp_path: Path, suffix: str) -> None:
    save(dataclasses.replace(RECORD, exhibits=({}, {})), tmp_path / "twice")
    other = (tmp_path / "twice").with_suffix(suffix).read_bytes()
    save(RECORD, tmp_path / "twice")
    (tmp_path / "twice").with_suffix(suffix).write_bytes(other)
    with pytest.raises(Withheld, match="does not belong to"):
        read(tmp_path / "twice")


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff\xfe", b'{"arrays": 3}', b"[" * 100_000])
def test_a_damaged_text_is_refused(tmp_path: Path, content: bytes) -> None:
    save(RECORD, tmp_path / "twice")
    (tmp_path / "twice.json").write_bytes(content)
    with pytest.raises(Withheld, match="lemmata verify"):
        read(tmp_path / "twice")


def test_arrays_are_the_same_bytes_and_come_back() -> None:
    arrays = {
        "b": np.arange(6.0).reshape(2, 3).T,
        "a": np.zeros(()),
        "empty": np.zeros((0, 3)),
        "t": np.array(["é"]),
    }
    assert to_npz(arrays) == to_npz(dict(reversed(arrays.items())))
    for back in (unpack(pack(arrays)), from_npz(to_npz(arrays))):
        np.testing.assert_equal(back, arrays)
    with np.load(io.BytesIO(to_npz(arrays)), allow_pickle=False) as loaded:
        np.testing.assert_equal(dict(loaded), arrays)
    for refused in (np.array([{}]), np.zeros(2, dtype=[("x", float)])):
        with pytest.raises(ValueError, match="numbers or text"):
            to_npy(refused)
    with pytest.raises(ValueError, match="do not fit"):
        from_npy(to_npy(np.zeros(3))[:-1])


@pytest.fixture
def claim(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LEMMATA_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("LEMMATA_RESULTS", str(tmp_path / "full"))
    return claim_file(tmp_path / "p")


def keep(path: Path, **changes: object) -> None:
    (entry,) = find([str(path)])
    record = dataclasses.replace(RECORD, **({"fingerprint": fingerprint(path)} | changes))  # type: ignore[arg-type]
    save(record, place(entry, "quick"))


def test_an_established_record_is_returned(claim: Path) -> None:
    keep(claim)
    assert same(established(str(claim)), load("p", "twice"))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"fingerprint": "old"}, "is stale: its code changed"),
        ({"verdict": Verdict(1.0, 0.0, 0.5)}, "the claim fails"),
        ({"verdict": Verdict(math.nan, 0.0, 0.5)}, "the claim is open"),
        ({"rival": Verdict(0.0, 0.0, 0.5)}, "its rival holds, not rejected"),
        ({"rival": Verdict(0.0, 1.0, 0.5)}, "its rival is open"),
        ({"verdict": None, "rival": None}, r"ended in an error: 1 row\(s\) raised"),
    ],
)
def test_any_other_is_withheld_with_the_command_to_run(
    claim: Path, changes: dict[str, object], reason: str
) -> None:
    keep(claim, **changes)
    with pytest.raises(Withheld, match=reason) as caught:
        established(str(claim))
    assert f"lemmata verify {claim} --full" in str(caught.value)


def test_editing_a_docstring_keeps_a_record_and_editing_a_formula_does_not(claim: Path) -> None:
    keep(claim)
    claim.write_text(claim.read_text().replace("The theory.", "What the theory says."))
    established(str(claim))
    claim.write_text(claim.read_text().replace("2 * case.x", "2.0 * case.x"))
    with pytest.raises(Withheld, match="is stale"):
        established(str(claim))


def test_a_missing_record_names_the_command(claim: Path) -> None:
    with pytest.raises(Withheld, match="there is no record of p/twice; run `lemmata verify"):
        established(str(claim))


def test_the_full_record_is_preferred(claim: Path, tmp_path: Path) -> None:
    save(RECORD, tmp_path / "full" / "p" / "twice")
    save(dataclasses.replace(RECORD, mode="quick"), tmp_path / "home" / "results" / "p" / "twice")
    assert load("p", "twice").mode == "full"

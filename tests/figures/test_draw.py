"""The command draws into a folder what may be shown, and says in one line what it left out and why."""

from pathlib import Path

import pytest
from made_figures import records

from figures import draw
from sims.record import Record
from sims.store import Withheld


def test_a_withheld_record_costs_its_figures_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = records()

    def shown(name: str) -> Record:
        if name == "misaligned_geometry_pays":
            raise Withheld(f"{name} is stale; run `lemmata verify {name} --full`")
        return made[name]

    monkeypatch.setattr(draw, "established", shown)
    (tmp_path / "price_dense.png").write_bytes(b"from a record of the past")
    assert draw.main(["alignment", "price_dense"], tmp_path) == 1
    assert {path.name for path in tmp_path.iterdir()} == {"alignment.pdf", "alignment.png", "alignment.csv"}
    out, err = capsys.readouterr()
    assert out.startswith("alignment: ") and "quick" in out and len(out.splitlines()) == 1
    assert "price_dense" in err and "run `lemmata verify misaligned_geometry_pays --full`" in err
    assert len(err.splitlines()) == 1
    assert draw.main(["alignment"], tmp_path / "new" / "folder") == 0
    assert (tmp_path / "alignment.pdf").read_bytes() == (tmp_path / "new/folder/alignment.pdf").read_bytes()


def test_an_unknown_name_is_refused_with_those_near_it(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no figure is called 'margin'; near it: margins"):
        draw.main(["margin"], tmp_path)
    with pytest.raises(ValueError, match=r"there are .*alignment, .*separators"):
        draw.main(["xyzzy"], tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = records()
    monkeypatch.setattr(draw, "established", made.__getitem__)
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(ValueError, match="choose another --out"):
        draw.main(["alignment"], tmp_path / "taken")

"""The folder is the registry."""

from pathlib import Path

import pytest
from engine_bench import claim_file

from sims import registry
from sims.registry import Entry, Unusable, find, glance, load, papers


@pytest.fixture
def claims(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "claims"
    for name in (
        "classics/ridge_is_flow",
        "classics/twice",
        "flat_minima/twice",
        "flat_minima/__init__",
        "zeta/last",
    ):
        claim_file(folder / name.split("/")[0], name.split("/")[1])
    (folder / "__pycache__").mkdir()
    monkeypatch.setattr(registry, "CLAIMS", folder)
    return folder


def ids(*names: str) -> list[str]:
    return [entry.id for entry in find(names)]


def test_nothing_means_all_in_the_order_of_the_papers(claims: Path) -> None:
    assert papers() == ("flat_minima", "classics", "zeta")
    assert ids() == ["flat_minima/twice", "classics/ridge_is_flow", "classics/twice", "zeta/last"]


def test_names_mean_papers_claims_or_both(claims: Path) -> None:
    assert ids("classics") == ["classics/ridge_is_flow", "classics/twice"]
    assert ids("ridge_is_flow") == ["classics/ridge_is_flow"]
    assert ids("classics/twice") == ["classics/twice"]
    assert ids("twice") == ["flat_minima/twice", "classics/twice"]
    assert ids("zeta", "last") == ["zeta/last"]


def test_a_file_or_folder_of_ones_own(claims: Path, tmp_path: Path) -> None:
    path = claim_file(tmp_path / "mine", "my_claim")
    assert find([str(path)]) == (Entry("mine", "my_claim", path),) == find([str(tmp_path / "mine")])
    assert find([str(claims / "classics" / "twice.py")])[0].ours
    assert not find([str(path)])[0].ours


def test_an_unknown_name_is_refused_with_what_is_near(claims: Path) -> None:
    with pytest.raises(ValueError, match=r"is called 'ridge_is_flaw'; near it: .*ridge_is_flow"):
        find(["ridge_is_flaw"])
    with pytest.raises(ValueError, match="lemmata list"):
        find(["qqqqqqqq"])
    with pytest.raises(ValueError, match=r"no file 'missing\.py'"):
        find(["missing.py"])


def test_a_claim_is_loaded_and_glanced_at(tmp_path: Path) -> None:
    (entry,) = find([str(claim_file(tmp_path))])
    assert load(entry).statement == "Twice a number is the number added to itself."
    assert glance(entry) == ("Twice a number is the number added to itself.", "Euclid, Elements, VII")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("def broken(:\n", "cannot be imported: SyntaxError"),
        ("import no_such_module_anywhere\n", "cannot be imported: ModuleNotFoundError"),
        ("raise SystemExit(0)\n", "cannot be imported: SystemExit"),
        ("X = 1\n", "defines no CLAIM"),
        ("CLAIM = 'twice two is four'\n", r"must be a sims\.claim\.Claim, got str"),
    ],
)
def test_a_file_that_is_no_claim_is_refused_with_the_reason(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "broken.py"
    path.write_text(text)
    (entry,) = find([str(path)])
    assert glance(entry) is not None
    with pytest.raises(Unusable, match=reason):
        load(entry)


def test_every_claim_of_the_package_is_found_and_glanced_at() -> None:
    for entry in find():
        assert entry.ours and entry.label == entry.id

"""Formulas change a fingerprint, words about them do not."""

import shutil
from pathlib import Path

import pytest

from sims.fingerprint import PROJECT, fingerprint

CLAIM = '''"""A statement."""
import helper
from inner import part


def predict(case):
    """What the theory says."""
    return 2 * case.x  # as in the paper
'''


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "helper.py").write_text("import deeper\n\ndef f(x):\n    return x\n")
    (tmp_path / "deeper.py").write_text("C = 1.0\n")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "__init__.py").write_text('"""A package."""\n')
    (tmp_path / "inner" / "part.py").write_text("from . import sibling\n")
    (tmp_path / "inner" / "sibling.py").write_text("D = 2\n")
    file = tmp_path / "claim.py"
    file.write_text(CLAIM)
    return file


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("A statement.", "Another statement."),
        ("What the theory says.", "What it says,\n    in more words."),
        ("# as in the paper", "# Theorem 1"),
        ("import helper\n", "\n\nimport helper\n"),
    ],
)
def test_words_leave_it(path: Path, old: str, new: str) -> None:
    before = fingerprint(path)
    path.write_text(CLAIM.replace(old, new))
    assert fingerprint(path) == before


@pytest.mark.parametrize(("old", "new"), [("2 * case.x", "3 * case.x"), ("2 *", "2.0 *"), ("case.x", "case.y")])
def test_formulas_change_it(path: Path, old: str, new: str) -> None:
    before = fingerprint(path)
    path.write_text(CLAIM.replace(old, new))
    assert fingerprint(path) != before


@pytest.mark.parametrize("module", ["helper.py", "deeper.py", "inner/__init__.py", "inner/sibling.py"])
def test_so_does_any_module_behind_it(path: Path, module: str) -> None:
    before = fingerprint(path)
    file = path.parent / module
    file.write_text(file.read_text() + "NEW = 3\n")
    assert fingerprint(path) != before


def test_modules_that_are_not_imported_do_not_count(path: Path) -> None:
    before = fingerprint(path)
    (path.parent / "stranger.py").write_text("X = 1\n")
    assert fingerprint(path) == before


def test_the_place_does_not_count(path: Path, tmp_path: Path) -> None:
    shutil.copytree(path.parent, tmp_path / "elsewhere")
    assert fingerprint(tmp_path / "elsewhere" / "claim.py") == fingerprint(path)


def test_our_own_modules_count_for_a_file_outside(path: Path) -> None:
    path.write_text("import theory.norms\n")
    with_norms = fingerprint(path)
    path.write_text("import theory.solution\n")
    assert fingerprint(path) != with_norms


def test_the_engine_does_not_count(path: Path) -> None:
    from sims import fingerprint as module

    path.write_text("import sims.claim\n")
    module._read.cache_clear()
    module.fingerprint(path)
    assert module._read.cache_info().currsize <= 4  # the file, sims, sims.claim, and nothing of run or store


def test_a_file_that_does_not_parse_counts_with_its_bytes(path: Path) -> None:
    path.write_text("def broken(:\n")
    before = fingerprint(path)
    path.write_text("def broken(::\n")
    assert fingerprint(path) != before


def test_every_module_of_ours_has_one() -> None:
    for file in sorted((PROJECT / "theory").glob("*.py")):
        assert len(fingerprint(file)) == 64

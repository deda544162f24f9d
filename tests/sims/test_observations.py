"""Observations outlive the theory: when a prediction or a judge changes, nothing is simulated again."""

import dataclasses
import shutil
from pathlib import Path

import numpy as np
import pytest

from sims import fingerprint as fingerprints
from sims import run, work
from sims.engines import Serial
from sims.fingerprint import PROJECT, fingerprint, witness
from sims.registry import find, load
from sims.rows import Rows
from sims.store import place, read

NAME = "learnability_is_conserved"


@pytest.fixture
def copy(tmp_path, monkeypatch) -> Path:
    """The project elsewhere, so that it can be edited; the path of a claim in it."""
    for folder in ("theory", "sims"):
        shutil.copytree(
            PROJECT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("results", "__pycache__")
        )
    monkeypatch.setattr(fingerprints, "PROJECT", tmp_path)
    return tmp_path / "sims" / "claims" / "classics" / f"{NAME}.py"


@pytest.mark.parametrize(
    ("module", "changes"),
    [
        ("theory/checks.py", False),
        ("sims/judge.py", False),
        ("sims/claim.py", True),
        (f"sims/claims/classics/{NAME}.py", True),
    ],
)
def test_a_witness_is_what_simulate_stands_on(copy, module, changes):
    file = copy.parents[3] / module
    before = fingerprint(copy), witness(copy)
    file.write_text(file.read_text() + "\nNEW = 3\n")
    assert fingerprint(copy) != before[0]
    assert (witness(copy) != before[1]) is changes


def test_a_file_of_ones_own_is_its_own_witness(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("import theory.norms\nimport sims.judge\n")
    assert witness(path) == fingerprint(path)


def verified(monkeypatch, home, code, seen="w" * 64, broken=False):
    """Verify one claim as if its code had this fingerprint and this witness; how many rows were simulated."""
    observed, observe = [], work.observe
    for module in (run, work):
        monkeypatch.setattr(module, "fingerprint", lambda path: code)
    monkeypatch.setattr(run, "witness", lambda path: seen)
    monkeypatch.setattr(work, "_sources", {})
    monkeypatch.setattr(work, "observe", lambda claim, case: observed.append(case) or observe(claim, case))
    if broken:
        monkeypatch.setattr(
            work, "load", lambda entry: dataclasses.replace(load(entry), predict=lambda case: [0.0])
        )
    monkeypatch.setenv("LEMMATA_HOME", str(home))
    home.mkdir(exist_ok=True)
    (entry,) = find([NAME])
    rows = Rows(home)
    work.cases.cache_clear()
    (report,), _ = run.verify([entry], rows, Serial())
    rows.close()
    return len(observed), report, read(place(entry, "quick"))


def test_another_theory_is_held_against_the_same_observations(tmp_path, monkeypatch):
    first, report, record = verified(monkeypatch, tmp_path, "a" * 64)
    assert first == len(record.cases) > 0
    assert report.outcome == "holds"
    again, other, renewed = verified(monkeypatch, tmp_path, "b" * 64)
    assert (again, other.outcome, other.computed) == (0, "holds", first)
    np.testing.assert_array_equal(renewed.observed, record.observed)
    assert (renewed.fingerprint, renewed.verdict) == ("b" * 64, record.verdict)
    assert renewed.seconds >= record.seconds


def test_a_prediction_that_became_wrong_is_seen(tmp_path, monkeypatch):
    verified(monkeypatch, tmp_path, "a" * 64)
    again, report, _ = verified(monkeypatch, tmp_path, "c" * 64, broken=True)
    assert (again, report.outcome) == (0, "fails")


def test_other_instruments_simulate_again(tmp_path, monkeypatch):
    first, _, _ = verified(monkeypatch, tmp_path, "a" * 64)
    again, _, _ = verified(monkeypatch, tmp_path, "d" * 64, seen="v" * 64)
    assert again == first

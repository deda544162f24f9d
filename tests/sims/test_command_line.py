"""What is typed, what is printed, and what the exit code says."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from engine_bench import SIMULATE, calls, claim_file, environment, lemmata

from sims.__main__ import main
from sims.summary import Report
from sims.table import exit_code


@pytest.fixture
def home(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Full records of the test's own beside its store."""
    monkeypatch.setenv("LEMMATA_RESULTS", str(tmp_path / "full"))
    return home


def report(outcome: str, rival: str) -> Report:
    return Report("p", "c", "p/c", "", "quick", outcome, rival)


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([("holds", "fails")], 0),
        ([("holds", "fails"), ("fails", "fails")], 1),
        ([("holds", "holds")], 1),
        ([("holds", "open")], 2),
        ([("open", "fails")], 2),
        ([("open", "open"), ("fails", "fails")], 1),
        ([("fails", "fails"), ("error", "error"), ("open", "open")], 3),
        ([], 0),
    ],
)
def test_the_exit_code_is_the_worst_that_was_found(outcomes: list[tuple[str, str]], code: int) -> None:
    assert exit_code([report(*pair) for pair in outcomes]) == code


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ({}, 0),
        ({"predict": "[2.1 * case.x, case.seed + 1]"}, 1),
        ({"rival": "[2 * case.x, case.seed + 1]"}, 1),
        ({"simulate": "return Observation(np.array([np.nan, np.nan]))"}, 2),
        ({"simulate": "return Observation(np.array([2.0, case.seed + 1.0]), 1.0)"}, 2),
        ({"simulate": "raise ValueError('no')"}, 3),
    ],
)
def test_verify_answers_with_it(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], words: dict[str, str], code: int
) -> None:
    path = claim_file(tmp_path / "p", **words)  # type: ignore[arg-type]
    for _ in range(2):  # what is remembered says the same as what was computed
        assert main(["verify", str(path), "--engine", "serial", "--json"]) == code
        out = json.loads(capsys.readouterr().out)
        (claim,) = out["claims"]
        keys = ["paper", "name", "source", "outcome", "rival", "gap", "doubt", "allowed", "seconds", "fresh"]
        assert list(out) == ["claims"] and list(claim) == keys
        assert claim["paper"] == "p" and claim["name"] == "twice" and claim["source"] == "Euclid, Elements, VII"
        assert {claim["outcome"], claim["rival"]} <= {"holds", "fails", "open", "error"}
        assert claim["fresh"] is True and claim["seconds"] >= 0
    assert len(calls(path)) == 4


def test_json_is_all_there_is_on_standard_output(tmp_path: Path) -> None:
    path = claim_file(tmp_path / "p", simulate="print('noise')\nos.system('echo noise')\n" + SIMULATE)
    done = lemmata(tmp_path / "home", "verify", path, "--json")
    assert done.returncode == 0 and done.stdout.count("\n") == 1
    json.loads(done.stdout)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["verify", "no_such_claim"], "no claim, paper or file is called 'no_such_claim'"),
        (["verify", "missing.py"], "no file 'missing.py'"),
        (["verify", "--jobs", "0"], "--jobs: must be a whole number ≥ 1, got '0'"),
        (["verify", "--jobs", "many"], "--jobs: must be a whole number ≥ 1, got 'many'"),
        (["verify", "--timeout", "-1"], "--timeout: must be a number of seconds > 0, got '-1'"),
        (["verify", "--timeout", "nan"], "must be a number of seconds > 0"),
        (["verify", "--quick", "--full"], "not allowed with"),
        (["verify", "--engine", "abacus"], "invalid choice"),
        (["verify", "--engine", "dask"], "needs"),
        (["price", "x.csv", "--attack", "0.5"], "must be in [1, inf], got '0.5'"),
        (["replay", "no_such_claim", "--case", "0"], "no claim, paper or file"),
        (["nonsense"], "invalid choice"),
        ([], "required"),
    ],
)
def test_bad_arguments_are_one_line_and_three(
    home: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], reason: str
) -> None:
    try:
        code = main(arguments)
    except SystemExit as exit_:
        code = int(exit_.code or 0)
    said = capsys.readouterr()
    assert code == 3 and said.out == ""
    assert said.err.startswith("lemmata: error: ") and said.err.count("\n") == 1 and reason in said.err


def test_list_tells_the_last_verdict_and_whether_it_is_fresh(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = claim_file(tmp_path / "p")
    standing = []
    for step in ("before", "after", "edited"):
        if step == "after":
            assert main(["verify", str(path), "--engine", "serial"]) == 0
        if step == "edited":
            path.write_text(path.read_text().replace("2 * case.x", "2.0 * case.x"))
        capsys.readouterr()
        assert main(["list", str(path), "--json"]) == 0
        (claim,) = json.loads(capsys.readouterr().out)["claims"]
        assert claim["statement"] == "Twice a number is the number added to itself."
        standing.append((claim["outcome"], claim["rival"], claim["fresh"]))
    assert standing == [(None, None, False), ("holds", "fails", True), ("holds", "fails", False)]
    assert main(["list", str(path)]) == 0
    assert "stale" in capsys.readouterr().out


def test_replay_gives_every_row_again_bit_for_bit(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    noisy = "draw = rng(case, 'noise').standard_normal(50)\n"
    noisy += "return Observation(np.array([2.0, case.seed + 1 + draw.sum() * 1e-15]), exhibit={'draw': draw})"
    path = claim_file(tmp_path / "p", simulate=noisy, quick=10)
    path.write_text(path.read_text().replace("Verdict, grid", "Verdict, grid, rng"))
    assert lemmata(home, "verify", path, "--jobs", 2).returncode == 0
    for case in range(10):
        assert main(["replay", str(path), "--case", str(case)]) == 0
        assert "identical to the stored row, bit for bit" in capsys.readouterr().out
    assert main(["replay", str(path), "--case", "10"]) == 3
    assert "has 10 cases in mode quick; --case counts from 0" in capsys.readouterr().err


def test_replay_shows_the_whole_traceback(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = claim_file(tmp_path / "p", simulate="raise ValueError('no convergence')")
    assert main(["replay", str(path), "--case", "1"]) == 3
    said = capsys.readouterr().err
    assert "Traceback" in said and "in simulate" in said and "no convergence" in said


def test_help_is_quick_and_imports_nothing_heavy(tmp_path: Path) -> None:
    began = time.perf_counter()
    done = lemmata(tmp_path, "--help")
    assert done.returncode == 0 and "exit codes" in done.stdout
    assert time.perf_counter() - began < 3  # 0.1 s on an idle core
    script = "import sys, sims.commands, sims.__main__; print('numpy' in sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", script], env=environment(tmp_path), capture_output=True, text=True
    )
    assert loaded.stdout == "False\n"


def test_a_finished_claim_is_not_imported_again(tmp_path: Path) -> None:
    path = claim_file(tmp_path / "p")
    path.write_text(path.read_text().replace("LOG = ", "Path(os.environ['IMPORTED']).touch()\nLOG = "))
    os.environ["IMPORTED"] = str(tmp_path / "imported")
    try:
        assert lemmata(tmp_path / "home", "verify", path).returncode == 0
        (tmp_path / "imported").unlink()
        assert lemmata(tmp_path / "home", "verify", path).returncode == 0
    finally:
        del os.environ["IMPORTED"]
    assert not (tmp_path / "imported").exists()

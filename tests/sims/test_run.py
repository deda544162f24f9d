"""Runs survive what may befall them, and come out the same."""

import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from engine_bench import SIMULATE, calls, claim_file, environment, lemmata, record_bytes, start

RAISES = "if case.seed == 2:\n    raise RuntimeError('no convergence')\n" + SIMULATE
SLOW = "time.sleep(0.004)\n" + SIMULATE


def verdicts(home: Path, *arguments: object) -> tuple[int, dict[str, dict[str, Any]], str]:
    """Exit code, the JSON object by name of the claim, and what was said."""
    done = lemmata(home, "verify", *arguments, "--json")
    return done.returncode, {c["name"]: c for c in json.loads(done.stdout)["claims"]}, done.stderr


def stored(home: Path) -> set[int]:
    """The seeds of the rows on the disk."""
    connection = sqlite3.connect(home / "rows.sqlite")
    try:
        rows = connection.execute("SELECT case_ FROM rows WHERE state = 'done'").fetchall()
    except sqlite3.OperationalError:
        rows = []
    connection.close()
    return {json.loads(case)["seed"] for (case,) in rows}


def test_killing_the_driver_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    path = claim_file(tmp_path / "p", simulate=SLOW, quick=300)
    draw = random.Random(1)
    finished: list[tuple[set[int], int]] = []
    for _ in range(6):
        driver = start(tmp_path / "home", "verify", path, "--jobs", 2)
        began = len(calls(path))
        deadline = time.monotonic() + 20
        while len(calls(path)) == began and driver.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(draw.uniform(0, 0.15))
        driver.kill()
        driver.communicate()
        time.sleep(0.1)
        finished.append((stored(tmp_path / "home"), len(calls(path))))
    assert 0 < len(finished[0][0]) < 300
    code, claims, _ = verdicts(tmp_path / "home", path, "--jobs", 2)
    assert code == 0 and claims["twice"]["outcome"] == "holds"
    assert stored(tmp_path / "home") == set(range(300))
    for done, so_far in finished:
        assert not done & set(calls(path)[so_far:])  # none again
    assert [len(done) for done, _ in finished] == sorted(len(done) for done, _ in finished)  # none lost
    verdicts(tmp_path / "undisturbed", path, "--jobs", 2)
    assert record_bytes(tmp_path / "home") == record_bytes(tmp_path / "undisturbed")


def test_the_record_is_the_same_for_any_number_of_workers(tmp_path: Path) -> None:
    uneven = "time.sleep(0.002 * (case.seed % 5))\n" + SIMULATE
    path = claim_file(tmp_path / "p", simulate=uneven, quick=40)
    for home, options in {"one": "--jobs=1", "two": "--jobs=2", "serial": "--engine=serial"}.items():
        assert verdicts(tmp_path / home, path, options)[0] == 0
    assert record_bytes(tmp_path / "one") == record_bytes(tmp_path / "two") == record_bytes(tmp_path / "serial")
    assert len(record_bytes(tmp_path / "one")) == 2


def test_a_second_run_computes_nothing_and_a_grown_grid_only_what_is_new(tmp_path: Path) -> None:
    path = claim_file(tmp_path / "p", quick=4, full=9)
    home = tmp_path / "home"
    for _ in range(2):
        code, claims, _ = verdicts(home, path)
        assert code == 0 and claims["twice"]["fresh"] is True
        assert sorted(calls(path)) == [0, 1, 2, 3]
    verdicts(home, path, "--full")
    assert sorted(calls(path)) == list(range(9))
    (home / "results" / "p" / "twice.npz").write_bytes(b"damaged")
    verdicts(home, path, "--full")  # the record is written again from the rows
    assert len(calls(path)) == 9
    assert len((home / "results" / "p" / "twice.npz").read_bytes()) > 100
    path.write_text(path.read_text().replace("2 * case.x", "case.x * 2"))
    _, _, said = verdicts(home, path)
    assert "its code changed" in said and len(calls(path)) == 13


def test_one_bad_claim_does_not_stop_the_others(tmp_path: Path) -> None:
    p = tmp_path / "p"
    files = [
        claim_file(p, "good"),
        claim_file(p, "wrong_constant", predict="[2.1 * case.x, case.seed + 1]"),
        claim_file(p, "wrong_norm", predict="np.linalg.norm([case.x, case.x]) * np.ones(2)"),
        claim_file(
            p, "raises", simulate="if case.seed == 2:\n    raise RuntimeError('no convergence')\n" + SIMULATE
        ),
        claim_file(p, "nan", simulate="return Observation(np.array([np.nan, case.seed + 1.0]))"),
        claim_file(p, "violated", x=-1.0),
        claim_file(p, "weak", rival="[2 * case.x, case.seed + 1]"),
        claim_file(p, "shapes", simulate="return Observation(np.ones(3))"),
        claim_file(p, "quits", simulate="raise SystemExit(0)"),
        claim_file(p, "no_observation", simulate="return 1.0"),
        claim_file(p, "no_judge", judge="lambda evidence: None"),
        claim_file(p, "bad_judge", judge="lambda evidence: 1 / 0"),
    ]
    broken = p / "broken.py"
    broken.write_text("def broken(:\n")
    done = lemmata(tmp_path / "home", "verify", *files, broken)
    assert done.returncode == 3
    code, claims, _ = verdicts(tmp_path / "home", *files, broken)
    assert code == 3
    assert {name: (c["outcome"], c["rival"]) for name, c in claims.items()} == {
        "good": ("holds", "fails"),
        "wrong_constant": ("fails", "fails"),
        "wrong_norm": ("fails", "fails"),
        "raises": ("error", "error"),
        "nan": ("open", "open"),
        "violated": ("error", "error"),
        "weak": ("holds", "holds"),
        "shapes": ("error", "error"),
        "quits": ("error", "error"),
        "no_observation": ("error", "error"),
        "no_judge": ("error", "error"),
        "bad_judge": ("error", "error"),
        "broken": ("error", "error"),
    }
    assert claims["nan"]["gap"] is None
    assert f"lemmata replay {p}/raises.py --case 2" in done.stdout
    assert "RuntimeError: no convergence" in done.stdout
    assert "the assumption 'x is positive' is violated by the case" in done.stdout
    assert "SyntaxError" in done.stdout
    assert "observed (3,)" in done.stdout
    assert "ZeroDivisionError: division by zero (bad_judge.py, line " in done.stdout
    assert "p/weak: the rival theory is not rejected" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert len(calls(p / "raises.py")) == 4  # failed rows are reported again, not computed again
    verdicts(tmp_path / "home", p / "raises.py", "--retry-failed")
    assert calls(p / "raises.py")[4:] == [2]


def test_a_row_that_kills_its_worker_is_tried_twice_and_then_failed(tmp_path: Path) -> None:
    deadly = "if case.seed == 3:\n    os.kill(os.getpid(), 9)\n" + SIMULATE
    path = claim_file(tmp_path / "p", simulate=deadly, quick=8)
    once = "mark = LOG.with_suffix('.mark')\nif case.seed == 3 and not mark.exists():\n"
    once += "    mark.touch()\n    import ctypes\n    ctypes.string_at(0)\n" + SIMULATE
    survivor = claim_file(tmp_path / "p", "survivor", simulate=once, quick=8)
    done = lemmata(tmp_path / "home", "verify", path, survivor, "--jobs", 2)
    assert done.returncode == 3
    assert "it ended its worker twice (signal 9, SIGKILL)" in done.stdout
    assert f"lemmata replay {path} --case 3" in done.stdout
    assert sorted(calls(path)) == [0, 1, 2, 3, 3, 4, 5, 6, 7]
    assert "survivor  holds" in done.stdout
    assert sorted(calls(survivor)) == [0, 1, 2, 3, 3, 4, 5, 6, 7]


def test_a_hanging_row_is_failed_and_its_worker_replaced(tmp_path: Path) -> None:
    path = claim_file(tmp_path / "p", simulate="if case.seed == 1:\n    time.sleep(60)\n" + SIMULATE, quick=6)
    began = time.monotonic()
    done = lemmata(tmp_path / "home", "verify", path, "--jobs", 1, "--timeout", 0.7)
    assert done.returncode == 3 and "no answer within 0.7 s" in done.stdout
    assert sorted(calls(path)) == list(range(6))
    assert time.monotonic() - began < 20


def test_an_import_that_ends_its_process_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "p" / "exits.py"
    path.parent.mkdir()
    path.write_text("import os\nos._exit(7)\n")
    done = lemmata(tmp_path / "home", "verify", path, claim_file(tmp_path / "p"))
    assert done.returncode == 3
    assert "it ended its worker twice (exit status 7)" in done.stdout
    assert "twice  holds" in done.stdout


def test_a_claim_that_meddles_changes_nothing(tmp_path: Path) -> None:
    """It prints, forks, draws from and seeds global streams, and changes how numpy treats errors."""
    meddling = "print('noise')\nnp.random.seed()\nnp.seterr(all='raise')\n"
    meddling += "if os.fork() == 0 and case.seed % 2:\n    os._exit(0)\n" + SIMULATE
    draws = (
        "import random\nreturn Observation(np.array([2.0, case.seed + 1 + np.random.rand() + random.random()]))"
    )
    files = [
        claim_file(tmp_path / "p", "meddles", simulate=meddling),
        claim_file(tmp_path / "p", "draws", simulate=draws),
        claim_file(tmp_path / "p", "inexact", simulate="np.ones(1) / np.zeros(1)\n" + SIMULATE),
    ]
    _, claims, _ = verdicts(tmp_path / "one", *files, "--jobs", 1)
    assert claims["meddles"]["outcome"] == claims["inexact"]["outcome"] == "holds"
    verdicts(tmp_path / "two", *reversed(files), "--jobs", 2)
    assert record_bytes(tmp_path / "one") == record_bytes(tmp_path / "two")


def test_open_verdicts_are_looked_at_again_with_twice_the_seeds(tmp_path: Path) -> None:
    path = claim_file(
        tmp_path / "p",
        judge="lambda e: Verdict(judge(e).gap, 0.0 if e.look == 3 and len(e.cases) == 16 else 1.0, 1e-9)",
        looks=4,
    )
    assert verdicts(tmp_path / "home", path)[0] == 0
    assert sorted(calls(path)) == list(range(16))
    record = json.loads((tmp_path / "home" / "results" / "p" / "twice.json").read_text())
    assert record["looks"] == 3 and len(record["rows"]) == 16
    stubborn = claim_file(tmp_path / "p", "stubborn", judge="lambda e: Verdict(0.0, 1.0, 1e-9)", looks=2)
    assert verdicts(tmp_path / "home", stubborn)[0] == 2
    assert sorted(calls(stubborn)) == list(range(8))


def test_editing_the_code_while_it_runs_is_noticed(tmp_path: Path) -> None:
    path = claim_file(tmp_path / "p", simulate="time.sleep(0.05)\n" + SIMULATE, quick=20)
    driver = start(tmp_path / "home", "verify", path, "--jobs", 1)
    while not calls(path):
        time.sleep(0.01)
    path.write_text(path.read_text().replace("2 * case.x", "2.5 * case.x"))
    out, _ = driver.communicate(timeout=30)
    assert driver.returncode == 3 and "changed while it was running" in out
    assert lemmata(tmp_path / "home", "verify", path).returncode == 1


def test_one_interrupt_finishes_rows_in_flight_and_says_what_remains(tmp_path: Path) -> None:
    path = claim_file(tmp_path / "p", simulate="time.sleep(0.1)\n" + SIMULATE, quick=60)
    driver = start(tmp_path / "home", "verify", path, "--jobs", 2)
    while len(calls(path)) < 3:
        time.sleep(0.01)
    began = time.monotonic()
    driver.send_signal(signal.SIGINT)
    out, err = driver.communicate(timeout=30)
    assert time.monotonic() - began < 5
    assert driver.returncode == 130
    assert "finishing the rows in flight" in err and f"{len(calls(path))} of 60 rows done and stored" in out
    assert stored(tmp_path / "home") == set(calls(path))  # nothing in flight was lost
    assert verdicts(tmp_path / "home", path)[0] == 0
    assert sorted(calls(path)) == list(range(60))


def test_two_interrupts_stop_now(tmp_path: Path) -> None:
    path = claim_file(tmp_path / "p", simulate="time.sleep(30)\n" + SIMULATE)
    driver = start(tmp_path / "home", "verify", path, "--jobs", 1)
    while not calls(path):
        time.sleep(0.01)
    driver.send_signal(signal.SIGINT)
    time.sleep(0.5)
    driver.send_signal(signal.SIGINT)
    out, err = driver.communicate(timeout=5)
    assert driver.returncode == 130 and out == "" and "Traceback" not in err


def test_a_second_driver_is_refused_by_name(tmp_path: Path) -> None:
    path = claim_file(tmp_path / "p", simulate="time.sleep(0.1)\n" + SIMULATE, quick=30)
    first = start(tmp_path / "home", "verify", path)
    while not calls(path):
        time.sleep(0.01)
    second = lemmata(tmp_path / "home", "verify", path)
    assert second.returncode == 3
    assert f"another run owns {tmp_path / 'home'}: process {first.pid} on {os.uname().nodename}" in second.stderr
    assert second.stderr.count("\n") == 1
    first.send_signal(signal.SIGINT)
    first.communicate(timeout=10)


def test_a_full_disk_is_one_line_and_loses_nothing(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk."""
    wide = "return Observation(np.array([2.0, case.seed + 1.0]), exhibit={'wide': np.arange(4000.0) + case.seed})"
    path = claim_file(tmp_path / "p", simulate=wide, quick=40)
    done = subprocess.run(
        [sys.executable, "-m", "sims", "verify", str(path), "--jobs", "1"],
        env=environment(tmp_path / "home"),
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000)),
        timeout=60,
    )
    assert done.returncode == 3 and "Traceback" not in done.stderr
    assert "rows already stored are safe" in done.stderr.splitlines()[-1]
    safe, so_far = stored(tmp_path / "home"), len(calls(path))
    assert 0 < len(safe) < 40
    assert verdicts(tmp_path / "home", path)[0] == 0
    assert not safe & set(calls(path)[so_far:])


@pytest.mark.parametrize("place", ["under a file", "ünï cödé"])
def test_odd_places_work_or_are_one_line(tmp_path: Path, place: str) -> None:
    path = claim_file(tmp_path / "my päper", "a claim")
    (tmp_path / "under a file").write_text("")
    done = lemmata(tmp_path / place / "home", "verify", path)
    if place == "under a file":
        assert done.returncode == 3 and done.stderr.startswith("lemmata: error: ") and done.stderr.count("\n") == 1
    else:
        assert done.returncode == 0

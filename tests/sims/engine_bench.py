"""Small claims written to disk, and the command line run on them, for the tests of the engine."""

import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

TEMPLATE = '''"""Twice a number is the number added to itself."""

import os
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sims.claim import Claim, Observation, Verdict, grid

LOG = Path({log!r})


@dataclass(frozen=True)
class Case:
    """A number, seen a number of times."""

    x: float
    seed: int


def judge(evidence):
    """The worst relative departure."""
    pairs = zip(evidence.observed, evidence.predicted, strict=True)
    gap = float(np.max([np.max(np.abs(o - p) / np.abs(p)) for o, p in pairs]))
    return Verdict(gap, float(np.max(evidence.doubt)), 1e-9)


def predict(case):
    """The theory."""
    return {predict}


def rival(case):
    """A wrong theory."""
    return {rival}


def simulate(case):
    """The machine."""
    with LOG.open("a") as log:
        log.write(f"{{case.seed}}\\n")
{simulate}


CLAIM = Claim(
    statement=__doc__,
    source="Euclid, Elements, VII",
    assumptions={{"x is positive": lambda case: case.x > 0}},
    cases=grid(Case, x=[{x}], seed=range({full})),
    quick=grid(Case, x=[{x}], seed=range({quick})),
    predict=predict,
    rival=rival,
    simulate=simulate,
    judge={judge},
    looks={looks},
)
'''
SIMULATE = (
    "return Observation(np.array([case.x + case.x, case.seed + 1.0]), exhibit={'path': np.arange(case.seed % 3)})"
)


def claim_file(
    folder: Path,
    name: str = "twice",
    *,
    simulate: str = SIMULATE,
    predict: str = "[2 * case.x, case.seed + 1]",
    rival: str = "[3 * case.x, case.seed + 1]",
    x: float = 1.0,
    quick: int = 4,
    full: int = 8,
    judge: str = "judge",
    looks: int = 1,
) -> Path:
    """A claim's file; `simulate` is the body of its simulation, which also logs each call."""
    folder.mkdir(exist_ok=True, parents=True)
    body = "\n".join("    " + line for line in simulate.splitlines())
    path = folder / f"{name}.py"
    words = {
        "predict": predict,
        "rival": rival,
        "x": x,
        "quick": quick,
        "full": full,
        "judge": judge,
        "looks": looks,
    }
    path.write_text(TEMPLATE.format(log=str(folder / f"{name}.log"), simulate=body, **words))
    return path


def calls(path: Path) -> list[int]:
    """The seeds of the rows that were simulated, in order."""
    log = path.with_suffix(".log")
    return [int(line) for line in log.read_text().split()] if log.exists() else []


def environment(home: Path) -> dict[str, str]:
    """Where the store of a test is."""
    return os.environ | {"LEMMATA_HOME": str(home), "LEMMATA_RESULTS": str(home / "full"), "PYTHONPATH": str(ROOT)}


def start(home: Path, *arguments: object) -> "subprocess.Popen[str]":
    """The command line, running."""
    return subprocess.Popen(
        [sys.executable, "-m", "sims", *map(str, arguments)],
        env=environment(home),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler) and None,
    )


def lemmata(home: Path, *arguments: object) -> "subprocess.CompletedProcess[str]":
    """The command line, run to its end."""
    process = start(home, *arguments)
    out, err = process.communicate(timeout=60)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def record_bytes(home: Path) -> dict[str, bytes]:
    """The record files that must not depend on how a run went."""
    files = sorted((home / "results").rglob("*"))
    return {str(f.relative_to(home)): f.read_bytes() for f in files if f.is_file() and f.name != "seconds.json"}

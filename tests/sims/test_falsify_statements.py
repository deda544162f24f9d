"""The statements of the documentation: the false ones fall with an exact witness, the true ones do not."""

import json
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sims import falsify_search
from sims.__main__ import main
from sims.falsify_file import second_look
from sims.falsify_load import module
from sims.falsify_statement import Grade

STATEMENTS = Path(__file__).parents[2] / "docs" / "statements"
FALSE = sorted((STATEMENTS / "false").glob("*.py"))
TRUE = sorted((STATEMENTS / "true").glob("*.py"))


def as_arrays(x: Any) -> Any:
    """JSON's lists as the arrays they were."""
    if isinstance(x, dict):
        return {k: as_arrays(v) for k, v in x.items()}
    return np.array(x, dtype=float) if isinstance(x, list) else x


def test_the_statements_that_have_to_fall_and_ten_that_must_not_are_there() -> None:
    assert len(FALSE) == 6 and len(TRUE) == 10


@pytest.mark.parametrize("path", FALSE, ids=lambda path: path.stem)
def test_a_false_statement_falls_with_an_exact_witness(
    path: Path, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(falsify_search, "SHRINKING", 0.04)
    assert main(["falsify", str(path), "--budget", "30s", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["answer"] == "REFUTED" and told["excess"] > 0 and told["rate"] > 0.01
    assert "floats" not in told["check"]
    kept = home / "falsified" / path.stem
    assert json.loads(kept.with_suffix(".json").read_text())["witness"] == told["witness"]
    with np.load(kept.with_suffix(".npz"), allow_pickle=False) as arrays:
        assert sum(arrays[name].size for name in arrays) >= 2
    case, loaded = as_arrays(told["witness"]), module(path)
    assert loaded.assume(case)  # the witness that was printed, read back, violates all the same
    lhs, rhs = loaded.conclude(case)
    assert lhs > rhs and second_look(loaded, case).grade is Grade.REFUTED
    if hasattr(loaded, "exact"):
        lhs, rhs = loaded.exact(case)
        assert loaded.exact_assume(case) and Fraction(lhs) > Fraction(rhs)


@pytest.mark.parametrize("path", TRUE, ids=lambda path: path.stem)
def test_a_true_statement_does_not(path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["falsify", str(path), "--budget", "2.5s"]) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"no violation: {path.stem}") and "no proof" in said
    assert "the worst, lhs" in said and "plain draws" in said and not (home / "falsified").exists()


def test_the_file_in_the_documentation_is_complete(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(falsify_search, "SHRINKING", 0.04)
    (text,) = re.findall(
        r"```python\n(.*?)```", (STATEMENTS.parent / "falsifying.md").read_text(), flags=re.DOTALL
    )
    (tmp_path / "my_statement.py").write_text(text)
    assert main(["falsify", str(tmp_path / "my_statement.py"), "--budget", "30s"]) == 1
    png = (home / "falsified" / "my_statement.png").read_bytes()
    assert png.startswith(b"\x89PNG")


def test_the_margin_bound_falls_by_the_counterexample_of_three_lines() -> None:
    loaded = module(STATEMENTS / "false" / "literal_margin_bound.py")
    case = {"W": np.eye(2), "V": np.eye(2), "x": np.array([1.0, -1.0])}
    look = second_look(loaded, case)
    assert look.grade is Grade.REFUTED and look.rhs == "1" and look.lhs.startswith("1.41421356237309")

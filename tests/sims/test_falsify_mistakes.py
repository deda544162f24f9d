"""Files, targets, budgets and estimators that the falsifier cannot use: one line each, no traceback."""

from pathlib import Path

import pytest

from sims.__main__ import main
from sims.falsify_load import named

UNIT = "import numpy as np\nfrom hypothesis import strategies as st\ninstances = unit = st.floats(0, 1)\n"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "defines no `instances`"),
        ("instances = 3\ndef conclude(x): return 0, 1", "must be a Hypothesis strategy, got int"),
        ("from hypothesis import strategies as st\ninstances = st.floats(0, 1)", "defines no `conclude`"),
        (
            "from hypothesis import strategies as st\ninstances = st.floats(0, 1)\nconclude = 3",
            "must be a function",
        ),
        ("1 / 0", "cannot be imported: ZeroDivisionError"),
        ("def (", "cannot be imported: SyntaxError"),
        (UNIT + "def conclude(x): pass", "two real numbers, got None"),
        (UNIT + "def conclude(x): return x", "two real numbers, got 0.0"),
        (UNIT + "def conclude(x): return 2 + 1j, 1", "two real numbers, got ((2+1j), 1)"),
        (UNIT + "def conclude(x): return np.complex128(2 + 1j), 1", "two real numbers, got (np.complex128"),
        (UNIT + "def conclude(x): return '2', '1'", "two real numbers, got ('2', '1')"),
        (UNIT + "def conclude(x): return np.ones(3), np.zeros(2)", "two real numbers, got (array("),
        (UNIT + "def conclude(x): raise SystemExit(0)", "raised on every instance: SystemExit: 0"),
        (
            UNIT + "def assume(x): return 1 / 0\ndef conclude(x): return x, 1",
            "on every instance: ZeroDivisionError",
        ),
        (
            UNIT + "instances = unit.map(lambda x: 1 / 0)\ndef conclude(x): return x, 1",
            "`instances` cannot be drawn",
        ),
        (UNIT + "instances = st.sampled_from([])\ndef conclude(x): return x, 1", "`instances` cannot be drawn"),
    ],
)
def test_a_file_that_is_none_is_an_error(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    (tmp_path / "mine.py").write_text(text)
    assert main(["falsify", str(tmp_path / "mine.py"), "--budget", "0.7s"]) == 3
    said = capsys.readouterr().err
    assert words in said and said.count("\n") <= 2 and "Traceback" not in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["no_such_claim"], "no claim, paper or file"),
        (["price_of_implicit_bias"], "claims; give one as paper/claim"),
        (["rotation", "--estimator", "x"], "must be module:Class"),
        (["rotation", "--estimator", "no_such_module:A"], "cannot be made: ModuleNotFoundError"),
        (["rotation"], "a law is about an estimator"),
        (["rotatoin"], "laws near it: rotation"),
        (["nowhere.py"], "no file 'nowhere.py' here"),
        (["nowhere.py", "--estimator", "x:y"], "no law is called 'nowhere.py'"),
    ],
)
def test_a_target_that_means_nothing_is_an_error(
    home: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["falsify", *words, "--budget", "1s"]) == 3
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("budget", ["0s", "-1", "soon", "nan", "s"])
def test_a_budget_is_a_time(budget: str) -> None:
    with pytest.raises(SystemExit) as error:
        main(["falsify", "x.py", f"--budget={budget}"])
    assert error.value.code == 3


def test_what_an_estimator_may_be(tmp_path: Path) -> None:
    (tmp_path / "models.py").write_text(
        "class A:\n    pass\n\nclass B:\n    def __init__(self, k): pass\n\nb = B(1)\n"
    )
    file = tmp_path / "models.py"
    assert type(named(f"{file}:A")).__name__ == "A" and type(named(f"{file}:b")).__name__ == "B"
    for text in (f"{file}:B", f"{file}:C", "nowhere:A", "A"):
        with pytest.raises(ValueError, match="--estimator"):
            named(text)

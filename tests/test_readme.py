"""README tells the truth: its Python runs, its claim holds, its table is that of the committed records."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sims.registry import papers

README = Path(__file__).parents[1] / "README.md"
BLOCKS = re.findall(r"```python\n(.*?)```", README.read_text(), flags=re.DOTALL)


def lemmata(*arguments, **environment):
    command = [sys.executable, "-m", "sims", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | environment, check=False)


def test_the_functions_do_what_is_printed():
    names = {}
    for block in BLOCKS[1:]:
        exec(block, names)


def test_the_claim_holds_and_its_rival_is_rejected(tmp_path):
    (tmp_path / "my_claim.py").write_text(BLOCKS[0])
    ran = lemmata("verify", str(tmp_path / "my_claim.py"), LEMMATA_HOME=str(tmp_path / "home"))
    assert ran.returncode == 0, ran.stdout + ran.stderr


@pytest.mark.parametrize("paper", papers())
def test_the_table_is_that_of_the_records(paper):
    _, _, behind = README.read_text().partition(f"<!-- verdicts {paper} -->\n")
    assert behind.split("\n<!-- end -->")[0] == lemmata("list", paper, "--markdown").stdout.strip()

"""Every module of `theory` can be the first that is imported."""

import subprocess
import sys
from pathlib import Path

CODE = """
import importlib, sys
import numpy, scipy.linalg, scipy.optimize, sklearn.base, sympy
for name in sys.argv[1:]:
    for known in [m for m in sys.modules if m.split(".")[0] == "theory"]:
        del sys.modules[known]
    importlib.import_module(name)
"""


def test_no_module_needs_another_to_be_imported_first():
    folder = Path(__file__).parents[2] / "theory"
    names = [f"theory.{path.stem}" for path in folder.glob("*.py") if path.stem != "__init__"]
    done = subprocess.run([sys.executable, "-c", CODE, *names], capture_output=True, text=True, check=False)
    assert len(names) > 50 and done.returncode == 0, done.stderr

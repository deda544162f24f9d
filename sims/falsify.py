"""`lemmata falsify`: hunt for a counterexample to a claim, a law or a file of one's own, within assumptions."""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sims.home import home

if TYPE_CHECKING:
    from sims.falsify_statement import Statement


def main(arguments: argparse.Namespace) -> int:
    """Hunt, print, save the witness: 0 nothing found, 1 refuted, 2 vacuous or undecided.

    Raises:
        ValueError: if the target means nothing, or its code fails everywhere.
        StoreError: if the witness cannot be saved.
    """
    os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(home() / "hypothesis"))  # not a folder here
    from sims import falsify_answer as told
    from sims.falsify_hunt import Hunt
    from sims.falsify_search import run

    statement = find(arguments.target, arguments.estimator, tol=arguments.tol, full=arguments.mode == "full")
    print(f"hunting in {statement.name} for at most {arguments.budget:g} s", file=sys.stderr, flush=True)
    hunt = Hunt(statement, arguments.budget, arguments.seed)
    run(hunt)
    found, reason = told.answer(hunt)
    files = told.save(hunt, found, reason)
    if arguments.json:
        print(json.dumps(told.as_json(hunt, found, reason, files), ensure_ascii=False))
    else:
        print(told.as_text(hunt, found, reason, files), flush=True)
    return found.code


def find(target: str, estimator: str | None = None, *, tol: float = 1e-6, full: bool = False) -> "Statement":
    """The statement that is meant: a file that defines `conclude`, a law on an estimator, or a claim.

    Raises:
        ValueError: if nothing is meant, or several things are.
    """
    path = Path(target)
    if path.suffix == ".py" and path.is_file():
        from sims.falsify_load import module

        loaded = module(path)
        if not hasattr(loaded, "CLAIM"):
            from sims.falsify_file import statement as of_file

            return of_file(loaded, path.stem)
    elif estimator is not None or _is_law(target):
        from sims.falsify_law import statement as of_law

        return of_law(target, estimator, tol)
    from sims.falsify_claim import statement as of_claim

    return of_claim(target, full=full)


def _is_law(name: str) -> bool:
    """Whether a law is called that; claims have longer names."""
    from sims.falsify_law import laws

    return name in laws()

"""`lemmata falsify`: hunt for a counterexample to a claim, a law or a file of one's own, within assumptions."""

import argparse
import difflib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from sims.home import home

if TYPE_CHECKING:
    from sims.falsify_statement import Statement


def main(arguments: argparse.Namespace) -> int:
    """Hunt, print, save the witness: 0 nothing found, 1 refuted, 2 vacuous or undecided, 130 interrupted.

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
    if hunt.interrupted:
        print("interrupted: the answer is that of the hunt until then", file=sys.stderr)
        return 130
    return found.code


def find(target: str, estimator: str | None, *, tol: float, full: bool) -> "Statement":
    """The statement that is meant: a file that defines `conclude`, a law on an estimator, or a claim.

    Raises:
        ValueError: if nothing is meant, or several things are.
    """
    from sims import falsify_claim, falsify_law

    path, laws = Path(target), falsify_law.laws()
    if estimator is not None or target in laws:
        return falsify_law.statement(target, estimator, tol)
    if path.suffix == ".py":
        from sims import falsify_file
        from sims.falsify_load import module

        if not path.is_file():
            here = f"no file {target!r} here ({Path.cwd()})"
            raise ValueError(f"{here}; give one that defines `instances` and `conclude`, or CLAIM")
        loaded = module(path)
        if not hasattr(loaded, "CLAIM"):
            return falsify_file.statement(loaded, path.stem)
    try:
        return falsify_claim.statement(target, full=full)
    except ValueError as error:
        near = difflib.get_close_matches(target, laws)
        raise ValueError(f"{error}; laws near it: {', '.join(near)}" if near else str(error)) from error

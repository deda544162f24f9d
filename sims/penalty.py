"""`lemmata penalty`: the best ridge penalty of a kernel, without attack and under it, on one's own data."""

import argparse
import json
from pathlib import Path

import numpy as np

from sims import images
from sims.claim import ROOT
from sims.dataset import Dataset, load, mapping
from sims.penalty_figure import check, draw
from sims.penalty_study import study
from sims.penalty_table import as_json, as_text
from theory import checks


def main(arguments: argparse.Namespace) -> int:
    """Load, fit, attack, print, and draw if asked.

    Raises:
        ValueError: if the data cannot be read, or an option is out of its range.
    """
    picture = check(Path(arguments.figure)) if arguments.figure else None
    data = subset(arguments.data, arguments.train, arguments.test)
    found = study(
        data,
        kernel=arguments.kernel,
        noise=arguments.noise,
        attack=arguments.attack,
        eps=arguments.eps,
        count=arguments.lams,
        draws=arguments.draws,
    )
    print(json.dumps(as_json(found), ensure_ascii=False) if arguments.json else as_text(found), flush=True)
    if picture:
        draw(found, picture)
        if not arguments.json:
            print(f"written: {picture}")
    return 0


def subset(source: str, train: int, test: int) -> Dataset:
    """The data that `source` names, at most so many points of each part, drawn at random but always the same."""
    if source == "mnist":
        part = images.mnist(None, (2, 7))
        data = Dataset("mnist", part.X_train, part.y_train, part.X_test, part.y_test, (mapping(2, 7),))
    else:
        data = load(source)
    stream, remarks = np.random.default_rng(ROOT), list(data.remarks)
    keep = []
    for name, most, size in (("training", train, len(data.y)), ("held-out", test, len(data.y_test))):
        keep.append(np.sort(stream.permutation(size)[:most]))
        if size > most:
            remarks.append(f"{most} of {size} {name} points are used, drawn with seed {ROOT}")
    X, y = checks.classification(data.X[keep[0]], data.y[keep[0]])
    return Dataset(data.name, X, y, data.X_test[keep[1]], data.y_test[keep[1]], tuple(remarks))

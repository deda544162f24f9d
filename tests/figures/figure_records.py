"""Records made up for the figures: the shapes of the true ones, at the sizes of quick and of full runs."""

import itertools
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from sims.claim import Array, Verdict
from sims.record import Record

STREAM = 7
Row = tuple[dict[str, Any], Any, Any, dict[str, Any]]  # case, predicted, observed, exhibit


def record(name: str, rows: list[Row], mode: str = "quick") -> Record:
    cases, predicted, observed, exhibits = zip(*rows, strict=True)
    as_arrays = tuple(np.asarray(p, dtype=np.float64) for p in predicted)
    return Record(
        paper="price_of_implicit_bias",
        name=name,
        statement="",
        source="",
        assumptions=(),
        mode=mode,
        looks=1,
        verdict=Verdict(0.0, 0.0, 1.0),
        rival=Verdict(2.0, 0.0, 1.0),
        fingerprint="f",
        cases=cases,
        predicted=as_arrays,
        rivalled=tuple(1.1 * p for p in as_arrays),
        observed=tuple(np.asarray(o, dtype=np.float64) for o in observed),
        doubt=tuple(np.zeros(p.shape) for p in as_arrays),
        exhibits=tuple({k: np.asarray(v) for k, v in e.items()} for e in exhibits),
        failures=(),
        seconds=1.0,
        versions={},
    )


def plane(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    rows: list[Row] = []
    for seed in range(8 if full else 2):
        y = np.where(np.arange(24) % 2, 1.0, -1.0)
        X = y[:, None] * np.array([1.2, 0.7]) + 0.2 * rng.normal(size=(24, 2))
        lines = np.array([[math.cos(a), math.sin(a)] for a in (0.7, 0.7 + 0.1 * (seed + 1))])
        rows.append(({"n": 24, "seed": seed}, [0.5, 0.4], [0.5, 0.4], {"X": X, "y": y, "lines": lines}))
    return rows


def gaps(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    d, sizes, seeds = (512, (64, 128, 256, 512, 1024), 5) if full else (64, (8, 16), 3)
    rows: list[Row] = []
    for n, k, seed in itertools.product(sizes, (4, d), range(seeds)):
        if seed and n > d / 2:
            continue  # a single training set has no standard error
        test = np.array([[0.4, 0.7], [0.4, 0.85], [0.4, 0.69]]) + 0.02 * rng.normal(size=(3, 2)) - n / d / 8
        exhibit = {"share": [0.0, 0.5], "test": test, "train": np.zeros((3, 2))}
        rows.append(({"n": n, "d": d, "k": k, "seed": seed}, np.ones(3), np.ones(3), exhibit))
    return rows


def sparsity(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    quick = ((4, 64), (8, 4), (8, 8), (64, 4), (64, 64))
    cells = tuple(itertools.product((4, 23, 128, 512), repeat=2)) if full else quick
    rows: list[Row] = []
    for (k_W, k_X), seed in itertools.product(cells, range(4)):
        lean = 0.3 * math.tanh(math.log(k_X / k_W) / 2)
        price = lean + np.array([0.0, 0.1, 0.2]) + 0.02 * rng.normal(size=3)
        case = {"n": 8, "d": 64, "k_W": k_W, "k_X": k_X, "seed": seed}
        exhibit = {"share": [0.0, 0.25, 0.5], "price": price, "positive": 0.5}
        rows.append((case, [np.sign(lean), 1.0], [price[0], price[2] - price[0]], exhibit))
    return rows


def paths(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    steps = times(10**5)
    rows: list[Row] = []
    for attack, r, seed in itertools.product((math.inf, 2.0, 1.0), (1.0, 2.0, math.inf), range(8 if full else 2)):
        if attack == r == 1.0:
            continue
        margins = 0.3 * (1 - rng.uniform(10, 30) / steps)
        case = {"attack": attack, "geometry": r, "seed": seed}
        rows.append((case, 0.3, margins[-1], {"steps": steps, "margins": margins}))
    return rows


def angles(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    share = np.array([0.0, 0.25, 0.5, 0.75, 0.9])
    rows: list[Row] = []
    for seed in range(8 if full else 3):
        cosine = 1 - 0.2 * (1 - share) * rng.uniform(0.9, 1.1)
        error = np.stack([0.3 + 0.35 * share, 0.25 + 0.41 * share], axis=1) + 0.01 * rng.normal(size=(5, 2))
        rows.append(({"seed": seed}, cosine, cosine + 0.002, {"share": share, "error": error}))
    return rows


def clean(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    steps = times(10**6 if full else 10**5)
    rows: list[Row] = []
    for seed in range(16 if full else 4):
        margins = 1.1 * (1 - rng.uniform(0.8, 1.0) / np.log(steps + 2))
        rows.append(
            ({"steps": int(steps[-1]), "seed": seed}, 1.0, margins[-1], {"steps": steps, "margins": margins})
        )
    return rows


def horizons(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    rows: list[Row] = []
    for steps, seed in itertools.product((1000, 3000, 10_000, 30_000, 100_000), range(24 if full else 4)):
        best = 1 - rng.uniform(2, 4) * steps**-0.5
        rows.append(({"steps": steps, "seed": seed}, 1.0, best, {"share": [0.0], "margins": [best]}))
    return rows


def times(last: int) -> Array:
    return np.unique(np.geomspace(1, last, 40).astype(int)).astype(np.float64)


MADE = {
    "separators_of_the_plane_differ": plane,
    "misaligned_geometry_pays": gaps,
    "sparsity_decides_and_the_attack_shifts_the_sign": sparsity,
    "steepest_descent_finds_the_robust_maximum_margin": paths,
    "price_vanishes_at_the_largest_radius": angles,
    "constant_steps_converge_like_one_over_log_t": clean,
    "attack_speeds_up_constant_steps": horizons,
}


def records(full: bool) -> Mapping[str, Record]:
    return {name: record(name, rows(full), "full" if full else "quick") for name, rows in MADE.items()}

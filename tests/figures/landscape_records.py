"""Records made up for the figures of weight space: the shapes of the true ones, quick and full."""

import itertools
from typing import Any

import numpy as np

STREAM = 13
Row = tuple[dict[str, Any], Any, Any, dict[str, Any]]  # case, predicted, observed, exhibit


def directions(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    line, side, seeds = (5, 11, 10) if full else (1, 2, 3)
    steps, sides = np.linspace(-1, 1, 4 * line + 1), np.linspace(-1, 1, side)
    rows: list[Row] = []
    for seed in range(seeds):
        rest = rng.uniform(1.5, 2.0)
        bowl, wall = 1.2 * steps**2, np.expm1(steps) + 0.5 * steps**2
        planes = [sides[:, None] ** 2 + second[None] for second in (sides**2, np.expm1(sides) + 0.5 * sides**2)]
        exhibit = {
            "steps": steps,
            "random": rest + bowl * rng.uniform(0.8, 1.2, size=(3, 1)),
            "adversarial": rest + wall,
            "sides": sides,
            "planes": rest + np.array(planes),
        }
        rows.append(({"n": 100, "line": line, "side": side, "seed": seed}, np.ones(5), np.ones(5), exhibit))
    return rows


def scaled(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    scales, seeds = ((0.1, 0.3, 3.0, 10.0), 2) if full else ((0.2, 5.0), 1)
    return [
        (
            {"layer": layer, "c": c, "seed": seed},
            np.ones(4),
            np.ones(4),
            {"absolute": c ** np.array([-1.0, -0.5]) * rng.uniform(0.9, 1.1, 2)},
        )
        for layer, c, seed in itertools.product((0, 1), scales, range(seeds))
    ]


def curved(full: bool) -> list[Row]:
    rows: list[Row] = []
    for c, seed in itertools.product((0.3, 0.5, 2.0, 3.0) if full else (0.5, 3.0), range(2)):
        said = np.array([c**-2, c**-2, 1.0, c**-2, c**2])
        rows.append(({"c": c, "seed": seed}, said, said, {"ends": np.ones((2, 2))}))
    return rows


def frozen(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    rows: list[Row] = []
    for seed in range(10 if full else 3):
        right = np.array([0.01, 1.0])[:, None] * rng.uniform(0.8, 1.2, size=(2, 4 if full else 3))
        exhibit = {"flatness": np.stack([0.5 * right, right, 20 * right])}
        rows.append(({"n": 100, "seed": seed}, np.ones(5), np.ones(5), exhibit))
    return rows


def unequal(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    radii = np.array([0.02, 0.1, 0.5])
    rows: list[Row] = []
    for seed in range(10 if full else 4):
        equal = radii[:, None] ** 2 * rng.uniform(0.8, 1.2, size=(3, 3 if full else 2))
        exhibit = {"radii": radii, "equal": equal, "unequal": equal - 0.004}
        rows.append(({"n": 100, "seed": seed}, [1.0, -1.0], [0.3, -0.9], exhibit))
    return rows


def sharpened(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    rows: list[Row] = []
    steps = np.geomspace(800, 16_000, 12 if full else 5).round().astype(int)
    done = 1 / (1 + np.exp(-8 * np.log(steps / 6000)))
    for seed in range(10 if full else 4):
        off = rng.uniform(0.9, 1.1)
        exhibit = {
            "steps": steps,
            "noise": 8 * done * off,
            "loss": np.log(2) * (1 - done),
            "average": 1e-8 + 1e-5 * done * off,
            "fresh": 1e-5 + 2e-4 * done * off,
            "trained": 1e-4 + 1e-2 * done * (1 - done) * off,
        }
        rows.append(({"n": 20, "d": 1000, "seed": seed}, np.ones(7), np.ones(7), exhibit))
    return rows


def added(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    steps = (800, 4000, 7200, 16_000) if full else (120, 1500)
    return [
        ({"n": 20, "steps": at, "seed": seed}, 1e-9 * at, 1e-9 * at * rng.uniform(0.9, 1.1), {})
        for at, seed in itertools.product(steps, range(4))
    ]


MADE = {
    "random_directions_see_a_bowl_and_adversarial_ones_a_wall": directions,
    "relative_flatness_is_scale_invariant": scaled,
    "curvature_is_not_scale_invariant": curved,
    "worst_exceeds_average_exceeds_frozen": frozen,
    "unequal_restarts_make_flatness_negative": unequal,
    "memorisation_sharpens_the_robust_loss": sharpened,
    "average_flatness_of_patches_is_added_variance": added,
}

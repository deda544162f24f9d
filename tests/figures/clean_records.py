"""Records made up for the figures of clean generalisation: the shapes of the true ones, quick and full."""

import itertools
import math
from typing import Any

import numpy as np

STREAM = 7
Row = tuple[dict[str, Any], Any, Any, dict[str, Any]]  # case, predicted, observed, exhibit


def memorising(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    kinds = (
        ((10, 2, 0.9), (20, 2, 0.9), (40, 2, 0.9), (20, 2, 0.5), (10, 4, 0.9))
        if full
        else ((5, 2, 0.9), (10, 2, 0.9))
    )
    steps = np.unique(np.geomspace(1, 40_000 if full else 4000, 60).astype(int))
    rows: list[Row] = []
    for (n, patches, mix), seed in itertools.product(kinds, range(12 if full else 4)):
        when = 150 * n * rng.uniform(0.9, 1.3, size=n)
        noise = 4 * (1 + np.tanh(3 * np.log(steps[:, None] / when)))
        signal = np.log1p(steps / 3) * rng.uniform(0.95, 1.05)
        case = {
            "n": n,
            "d": 300,
            "m": 20,
            "patches": patches,
            "mix": mix,
            "eta": 0.05,
            "steps": 4000,
            "seed": seed,
        }
        exhibit = {"steps": steps, "signal": signal, "noise": noise, "left": 0.01}
        rows.append((case, float(when.mean()), float(1.02 * when.mean()), exhibit))
    return rows


def learning(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    rows: list[Row] = []
    for power, mix, seed in itertools.product((3.0, 4.0), (0.0, 0.9), range(12 if full else 4)):
        t = 600 * rng.uniform(0.5, 1.5)
        eta = 1e-4 * (power - 2) ** 2 / (1 - mix)
        rows.append(({"n": 10, "power": power, "mix": mix, "eta": eta, "seed": seed}, t, 1.001 * t, {}))
    return rows


def boundary(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    kinds = [(n, 1.0) for n in (7, 10, 14, 20, 28, 40)] + [(10, 0.5)] if full else [(8, 1.0), (24, 1.0), (8, 0.6)]
    left = np.geomspace(0.04, 0.5, 18 if full else 10)
    rows: list[Row] = []
    for (n, sigma), seed in itertools.product(kinds, range(8 if full else 4)):
        edge = 0.55 * sigma * n ** (-1 / 3) * rng.uniform(0.95, 1.05)
        robust = 0.25 * (1 - np.tanh(8 * np.log(left / edge)))
        exhibit = {"left": left, "robust": robust, "noise": 12 * robust}
        rows.append(({"n": n, "sigma": sigma, "seed": seed}, edge, 0.95 * edge, exhibit))
    return rows


def dimensions(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    rows: list[Row] = []
    for d, seed in itertools.product(
        (100, 250, 1000, 4000, 16000) if full else (60, 250), range(8 if full else 4)
    ):
        robust = [0.5, 0.25 * (1 + math.tanh(math.log(d / 2500)))] + 0.01 * rng.normal(size=2)
        errors = np.stack([np.zeros(2), np.zeros(2), robust], axis=1)
        rows.append(({"n": 20, "d": d, "seed": seed}, [1.0, np.sign(d - 2500)], robust - 0.25, {"errors": errors}))
    return rows


def overfitting(full: bool) -> list[Row]:
    return outcomes((0.2, 0.5, 0.9) if full else (0.5, 0.9), 16 if full else 4)


def frozen(full: bool) -> list[Row]:
    return outcomes((0.0,), 12 if full else 4)


def outcomes(mixes: tuple[float, ...], seeds: int) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    rows: list[Row] = []
    for mix, seed in itertools.product(mixes, range(seeds)):
        test = 0.5 + 0.01 * rng.normal()
        noise = 8 * min(1.0, 10 * mix) * rng.uniform(0.95, 1.0, size=20)
        exhibit = {"errors": [0.0, 0.0 if mix else 0.4, test], "signal": 12 + rng.normal(), "noise": noise}
        case = {"n": 20, "seed": seed} | ({"mix": mix} if mix else {})
        rows.append((case, [0.0, 0.0, 0.0, 0.5], [0.0, 0.0, 0.0, test], exhibit))
    return rows


def memorised(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    cells = itertools.product((25, 50, 100, 200) if full else (50, 100), (0.15, 0.225) if full else (0.225,))
    rows: list[Row] = []
    for (n, eps), seed in itertools.product(cells, range(3 if full else 1)):
        errors = [0.1 * rng.random(), 0.0, 0.9 + 0.05 * rng.random()]
        case = {"n": n, "eps": eps, "reach": 0.245, "seed": seed}
        rows.append((case, errors, errors, {"train_before": 0.85 + 0.1 * rng.random()}))
    return rows


def widths(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    top, every, k, seeds = (7, 1, 1, 12) if full else (5, 2, 2, 16)
    dimensions = np.arange(3, top + 1, every)
    rows: list[Row] = []
    for seed in range(seeds):
        robust = np.round(2.0 ** (dimensions[:, None] - 2 + rng.random((len(dimensions), k))))
        case = {"top": top, "every": every, "k": k, "restarts": 3, "steps": 200, "seed": seed}
        rows.append((case, [0.5, 0.5, 4.0], [1.0, 2.0, 4.0], {"robust": robust, "clean": [1.0]}))
    return rows


def partitions(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    rows: list[Row] = []
    for d, sizes, narrow in ((1, (64, 343, 1728), 0.1), (2, (81, 256, 625), 0.05)):
        for n, width in itertools.product(
            sizes if full else sizes[:2], (narrow, 1.0, 4.0) if full else (narrow, 4.0)
        ):
            for seed in range(4 if full else 1):
                gap = 2.0 / (1 + width) ** 2 * (1 + 0.1 * rng.random())
                case = {"d": d, "n": n, "width": width, "reach": 1, "points": 100, "seed": seed}
                rows.append((case, 4.0 + 10 / n**0.5, gap, {"expected": gap + 0.1, "seen": 0.1}))
    return rows


def rates(full: bool) -> list[Row]:
    rows: list[Row] = []
    for d, first in ((1, 3), (2, 5)):
        for power in range(first, first + (5 if full or d == 1 else 4)):
            n = 10**power
            bound = 4.7 * n ** (-1 / (d + 2))
            case = {"d": d, "n": n, "reach": 4, "points": 720}
            rows.append((case, 0.0, bound ** (d + 2), {"k": 30, "bound": bound}))
    return rows


def capacity(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    kinds = (("digits", 0.15, 3, 2, 6), ("mnist", 0.1, 8, 3, 4)) if full else (("digits", 0.15, 4, 4, 3),)
    rows: list[Row] = []
    for data, eps, narrow, factor, k in kinds:
        widths = narrow * factor ** np.arange(k)
        for seed in range(10 if full else 4):
            rise = np.arange(k) / (k - 1) * rng.uniform(0.95, 1.05)
            exhibit = {
                "widths": widths,
                "commonest": 1 - 0.85 * np.minimum(1, 2 * rise),
                "clean": 0.1 + 0.8 * np.minimum(1, rise) ** 0.3,
                "robust_train": 0.1 + 0.85 * np.minimum(1, rise),
                "robust_test": 0.1 + 0.5 * np.minimum(1, rise),
                "standard": 0.7 + 0.2 * np.minimum(1, rise),
            }
            case = {"data": data, "n": 100, "eps": eps, "seed": seed}
            rows.append((case, [1, -1, 1, 1, 1], [0.5, -0.1, 0.4, 0.2, 0.2], exhibit))
    return rows


def flatness(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    kinds = (("digits", 0.1, (32, 56, 75, 133, 200)), ("mnist", 0.1, (18, 32, 42, 75, 100)))
    rows: list[Row] = []
    for data, eps, epochs in kinds if full else (("digits", 0.1, (18, 42, 100)),):
        for seed in range(10 if full else 4):
            growth = np.linspace(0, 1, len(epochs))[:, None] * rng.uniform(0.9, 1.1)
            shares = np.array([0.5, 1.0, 1.5, 2.0])
            log_ratio = 12 * growth * np.maximum(0, 1 - shares / 2) ** 2
            test = 15 * (1 + growth) * shares
            exhibit = {
                "radii": eps * shares,
                "epochs": np.array(epochs),
                "train": test / 2**log_ratio,
                "test": test,
                "log_ratio": log_ratio,
            }
            case = {"data": data, "n": 200, "eps": eps, "seed": seed}
            rows.append((case, [1, 1, 1, 1], [2.0, 1.0, 3.0, 1.0], exhibit))
    return rows


MADE = {
    "capacity_buys_robust_training_before_robustness": capacity,
    "loss_is_flat_around_training_points_alone": flatness,
    "noise_is_memorised_at_the_predicted_time": memorising,
    "signal_is_learned_at_the_predicted_time": learning,
    "memorisation_gives_way_at_the_boundary": boundary,
    "finite_dimension_needs_the_logarithm": dimensions,
    "adversarial_training_overfits_robustly": overfitting,
    "without_the_attack_noise_stays_frozen": frozen,
    "memorising_network_overfits_robustly": memorised,
    "robust_width_grows_exponentially_with_dimension": widths,
    "partition_bound_is_never_violated": partitions,
    "partition_bound_falls_at_its_rate": rates,
}

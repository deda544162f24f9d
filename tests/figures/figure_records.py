"""Records made up for the figures: the shapes of the true ones, at the sizes of quick and of full runs."""

import itertools
import math
from collections.abc import Mapping

import numpy as np
from clean_records import MADE as CLEAN
from clean_records import STREAM, Row
from flat_minima_records import MADE as FLAT_MINIMA
from landscape_records import MADE as LANDSCAPE
from network_records import MADE as NETWORK
from regularization_records import MADE as REGULARIZATION

from sims.claim import Array, Verdict
from sims.record import Record
from sims.registry import find


def record(name: str, rows: list[Row], mode: str = "quick") -> Record:
    cases, predicted, observed, exhibits = zip(*rows, strict=True)
    as_arrays = tuple(np.asarray(p, dtype=np.float64) for p in predicted)
    return Record(
        paper=find([name])[0].paper,
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


def explosions(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    rows: list[Row] = []
    for n, a, seed in itertools.product((50, 200, 800) if full else (40, 90), (0.25, 0.5, 0.75), range(3)):
        case = {"n": n, "a": a, "growth": float(n) ** (1 - a), "noise": 1.0, "eps": 1.0, "seed": seed}
        risks = np.array([n**-0.9, 3 * n ** (1 - a)]) * rng.uniform(0.9, 1.1, 2)
        exhibit = {"standard": risks[:1], "adversarial": risks[1:]}
        rows.append((case, 0.0, 1 / case["growth"], exhibit))
    return rows


def penalties(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    lams = np.append(0.0, np.geomspace(1e-4, 100.0, 40))
    rows: list[Row] = []
    cells = itertools.product((50, 400) if full else (30,), (1.2, 3.0), (0.3, 1.0), range(4))
    for n, power, eps, seed in cells:
        standard = 0.1 / (1 + 30 * lams) + lams / (1 + lams)
        standard = standard * rng.uniform(0.9, 1.1)
        exhibit = {"lam": lams, "standard": standard, "adversarial": standard + eps**2 * n / (1 + lams * n)}
        rows.append(({"n": n, "power": power, "noise": 1.0, "eps": eps, "seed": seed}, 1.0, 5.0, exhibit))
    return rows


def tradeoffs(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    lams = np.append(0.0, np.geomspace(1e-3, 30.0, 20))
    rows: list[Row] = []
    designs = ("two signal levels", "one signal level", "variance dominates")
    for design, n, seed in itertools.product(designs, (100, 200, 400) if full else (60,), range(4)):
        case = {"design": design, "n": n, "noise": 1.0, "eps": 1.0, "draws": 8, "grid": 300, "seed": seed}
        standard = 0.01 * (1 + 5 * lams) * rng.uniform(0.9, 1.1)
        exhibit = {"standard": standard, "adversarial": 1 + n**0.5 / (1 + 9 * lams) ** 2}
        rows.append((case, n**0.25, n**0.25 * rng.uniform(0.9, 1.1), exhibit))
    return rows


def kernel_interpolators(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    rows: list[Row] = []
    for n, seed in itertools.product((50, 100, 200, 400) if full else (60, 120), range(4)):
        noise = rng.uniform(0.9, 1.1)
        exhibit = {"standard": 3 / n * noise, "adversarial": n**0.3 * noise}
        case = {"n": n, "k": 50, "noise": 0.25, "eps": 1.0, "seed": seed}
        rows.append((case, [n**0.3], [n**0.3 * noise], exhibit))
    return rows


def networks(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    rows: list[Row] = []
    for m, seed in itertools.product((64, 256, 1024, 4096) if full else (64, 1024), range(4)):
        f = rng.normal(size=32)
        risks = np.array([[0.6, 1.4], [0.6, 1.4]]) * (1 + np.array([[2 / m**0.5], [0.0]])) * rng.uniform(0.9, 1.1)
        case = {"m": m, "n": 16, "d": 20, "sigma": 0.5, "eps": 0.2, "seed": seed}
        rows.append((case, f, f + rng.normal(size=32) / m**0.5, {"taken": 100, "risks": risks}))
    return rows


def kernels(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    rows: list[Row] = []
    for m, seed in itertools.product((64, 1024, 16384) if full else (32, 512), range(4)):
        K = rng.normal(size=(6, 6))
        rows.append(({"m": m, "n": 6, "d": 10, "seed": seed}, K, K + rng.normal(size=(6, 6)) / m**0.5, {}))
    return rows


def deep_kernels(full: bool) -> list[Row]:
    return [({"depth": 3} | case, *rest) for case, *rest in kernels(full)]


def scales(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    alpha = 2.0 ** np.arange(4, 10)
    rows: list[Row] = []
    for m, seed in itertools.product((40, 160) if full else (40,), range(4)):
        differences = alpha[:, None] ** -np.array([1.0, 1.0, 2.0]) * rng.uniform(0.9, 1.1, 3)
        case = {"m": m, "n": 15, "d": 5, "steps": 80, "alpha": 16.0, "seed": seed}
        rows.append((case, [1.0, 1.0, 2.0], [1.0, 1.0, 2.0], {"alpha": alpha, "differences": differences}))
    return rows


def ridgeless(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    rows: list[Row] = []
    gammas = (0.1, 0.5, 0.9, 1.1, 2.0, 5.0) if full else (0.5, 2.0)
    for gamma, seed in itertools.product(gammas, range(4)):
        risk = np.array([0.5 / abs(1 - gamma) * rng.uniform(0.9, 1.1)])
        case = {"n": 120, "gamma": gamma, "signal": 1.0, "noise": 0.5, "eps": 0.5, "seed": seed}
        rows.append((case, risk, risk, {"adversarial": 2 * risk}))
    return rows


def ridges(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    rows: list[Row] = []
    lams = (0.05, 0.3, 2.0) if full else (0.1, 1.0)
    for gamma, lam, seed in itertools.product((0.5, 1.0, 2.0), lams, range(4)):
        parts = np.array([lam, gamma, 1.0, 0.5]) * rng.uniform(0.3, 0.4)
        case = {"n": 120, "gamma": gamma, "lam": lam, "signal": 1.0, "noise": 0.5, "eps": 0.5, "seed": seed}
        rows.append((case, parts, parts, {"adversarial": 2 * parts[:2].sum(keepdims=True)}))
    return rows


def digits(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    share = np.geomspace(1e-6, 1.0, 25)
    rates = (0.0, 0.1, 0.2, 0.4) if full else (0.4,)
    rows: list[Row] = []
    for kernel, rate, seed in itertools.product(("tangent", "gaussian"), rates, range(8 if full else 3)):
        away = np.log10(share) + 2 + 0.1 * rng.normal()
        robust = 0.2 + 0.5 * rate + 0.04 * (away - 1) ** 2
        exhibit = {
            "share": share,
            "searched_share": share[8::2],
            "error": 0.01 + rate * (0.1 + 0.03 * away**2),
            "robust_error": np.minimum(robust, 1.0),
            "searched_error": np.minimum(robust[8::2] + 0.02, 1.0),
            "squared_gradient": (1 + 4 * rate) / (1 + 100 * share) ** 2,
        }
        rows.append(({"kernel": kernel, "rate": rate, "seed": seed}, np.ones(4), np.ones(4), exhibit))
    return rows


OTHERS = CLEAN | FLAT_MINIMA | LANDSCAPE | NETWORK | REGULARIZATION
MADE = OTHERS | {
    "separators_of_the_plane_differ": plane,
    "misaligned_geometry_pays": gaps,
    "sparsity_decides_and_the_attack_shifts_the_sign": sparsity,
    "steepest_descent_finds_the_robust_maximum_margin": paths,
    "price_vanishes_at_the_largest_radius": angles,
    "constant_steps_converge_like_one_over_log_t": clean,
    "attack_speeds_up_constant_steps": horizons,
    "interpolation_explodes_while_it_overfits_benignly": explosions,
    "robustness_wants_the_larger_penalty": penalties,
    "best_tradeoff_follows_the_fixed_point": tradeoffs,
    "tangent_kernel_interpolation_is_ridge_regression": kernel_interpolators,
    "wide_networks_become_kernel_interpolators": networks,
    "empirical_tangent_kernel_converges": kernels,
    "deep_tangent_kernel_converges": deep_kernels,
    "antisymmetric_networks_are_lazier": scales,
    "robustness_wants_the_larger_penalty_on_digits": digits,
    "ridgeless_risk_descends_twice": ridgeless,
    "marchenko_pastur_predicts_ridge": ridges,
}


def records(full: bool) -> Mapping[str, Record]:
    return {name: record(name, rows(full), "full" if full else "quick") for name, rows in MADE.items()}

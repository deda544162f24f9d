"""Records made up for the figures of regularisation by robustness: the shapes of the true ones, quick and full."""

from typing import Any

import numpy as np
from clean_records import STREAM, Row

LAYERS = np.arange(4)[:, None]


def cases(full: bool, quick: float = 0.1) -> list[tuple[dict[str, Any], np.ndarray, np.random.Generator]]:
    """A case, its radii, and random numbers, for each seed."""
    top, radii = (0.2, 6) if full else (quick, 2)
    streams = np.random.default_rng(STREAM).spawn(8 if full else 4)
    return [
        ({"n": 300, "top": top, "radii": radii, "seed": seed}, np.linspace(0, top, radii), stream)
        for seed, stream in enumerate(streams)
    ]


def gaps(full: bool) -> list[Row]:
    rows: list[Row] = []
    for case, eps, rng in cases(full):
        train = 15 * eps**2 * rng.uniform(0.9, 1.1)
        gap = 0.25 * np.exp(-8 * eps) * rng.uniform(0.9, 1.1)
        error = 0.06 - 0.4 * eps + 5 * eps**2
        exhibit = {
            "eps": eps,
            "loss": np.array([train, train + gap]),
            "error": np.array([error / 4, error]),
            "robust": np.array([0.4 - eps, 0.5 - eps]),
        }
        seen = [*(gap[0] - gap[1:]), gap[1] - gap[-1], 0.1]
        rows.append((case, np.ones(len(seen)), seen, exhibit))
    return rows


def margins(full: bool) -> list[Row]:
    rows: list[Row] = []
    edges = np.linspace(-10, 25, 71)
    for case, eps, rng in cases(full, quick=0.16):
        strength = eps / 0.2
        mean = (9 - 7.5 * strength) * rng.uniform(0.9, 1.1)
        draws = mean[:, None] + (4 - 2.5 * strength)[:, None] * rng.standard_normal((2, len(eps), 300))
        both = {"margin": mean, "deviation": 4 - 2.5 * strength, "confidence": 0.98 - 0.4 * strength**2}
        both |= {"confidence_right": 0.99 - 0.35 * strength**2, "near": 0.01 + 0.14 * strength**2}
        exhibit = {name: np.array([values, values]) for name, values in both.items()}
        exhibit["histogram"] = np.array([[np.histogram(x, edges)[0] / 300 for x in part] for part in draws])
        exhibit |= {"eps": eps, "edges": edges, "distance": np.array([0.4 + eps, 0.05 + 0.1 * eps])}
        signs = [-1, -1, -1, -1, 1, -1, -1]
        rows.append((case, signs, signs, exhibit))
    return rows


def features(full: bool) -> list[Row]:
    rows: list[Row] = []
    for case, eps, rng in cases(full):
        changes = (0.3 + 0.07 * LAYERS) * np.exp(-(3 + LAYERS) * eps) * rng.uniform(0.9, 1.1)
        exhibit = {"eps": eps, "changes": changes, "largest": 28 * np.exp(-7 * eps)}
        rows.append((case, -np.ones(6), -np.ones(6), exhibit))
    return rows


def ranks(full: bool) -> list[Row]:
    rows: list[Row] = []
    for case, eps, rng in cases(full):
        rank = (7 - LAYERS + 15 * eps) * rng.uniform(0.9, 1.1)
        signs = [1, 1, 1, 1, -1, -1, -1, -1]
        rows.append((case, signs, signs, {"eps": eps, "stable_rank": rank}))
    return rows


MADE = {
    "larger_radii_leave_smaller_loss_gaps": gaps,
    "margins_concentrate_under_strong_adversaries": margins,
    "attacks_change_features_less_and_more_evenly": features,
    "stable_ranks_rise_with_the_radius": ranks,
}

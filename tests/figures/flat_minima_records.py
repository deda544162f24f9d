"""Records made up for the figures of flat minima: the shapes of the true ones, quick and full."""

from typing import Any

import numpy as np

STREAM = 11
Row = tuple[dict[str, Any], Any, Any, dict[str, Any]]  # case, predicted, observed, exhibit
VARIANTS = (
    *("adversarial", "early stopping", "larger radius", "ignore incorrect", "predicted labels", "stopped attack"),
    *("trades 1", "trades 6", "mart 3", "self-supervision", "label smoothing", "label noise"),
    *("weight perturbation", "weight clipping 0.1", "weight clipping 0.05", "weight averaging", "entropy sgd"),
    *("weight decay 1e-3", "weight decay 1e-2", "cyclic rate", "late rate", "multi-step rate", "adam", "batch 25"),
    *("silu", "gelu", "mish"),
)
STRENGTHS = {
    "label noise": (0.0, 0.1, 0.3, 0.5, 0.7, 0.9),
    "trades": (1.0, 3.0, 6.0, 10.0, 30.0, 300.0),
    "weight perturbation": (0.0, 0.005, 0.01, 0.02, 0.04, 0.16),
}


def training(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    looks, k, apart = (8, 2, 25) if full else (6, 3, 25)
    epochs = np.array([0, 6, 12, *(apart * (i + 1) for i in range(looks))])
    rows: list[Row] = []
    for seed in range(16 if full else 4):
        share = (epochs / epochs[-1])[:, None] * rng.uniform(0.95, 1.05, size=(1, k))
        loss = 2.3 * np.exp(-20 * share) + 3 * share**0.5
        exhibit = {
            "epochs": epochs,
            "train": 2.3 * np.exp(-12 * share),
            "loss": loss,
            "error": 0.5 + 0.4 * np.exp(-30 * share),
            "average": 2 * share**0.6,
            "worst": 0.2 * share**0.5,
            "best": np.full(k, 12),
            "correlation": np.full((2, k), 0.95),
        }
        case = {"n": 50, "looks": looks, "k": k, "seed": seed}
        rows.append((case, np.ones(6), [1.0, 0.5, 3.0, 0.15, 0.15, 0.5], exhibit))
    return rows


def variants(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    names = VARIANTS if full else VARIANTS[::3]
    rows: list[Row] = []
    for seed in range(12 if full else 4):
        train = np.linspace(0.02, 1.5, len(names)) ** 2
        gap = np.linspace(2.3, 0.2, len(names)) * rng.uniform(0.9, 1.1, size=len(names))
        exhibit = {
            "train": train,
            "loss": train + gap,
            "error": 0.35 + 0.1 * rng.random(len(names)),
            "average": 0.5 * gap + 0.1 * rng.random(len(names)),
            "worst": 0.07 * gap,
            "clean": 0.2 * rng.random(len(names)),
            "variants": np.array(names),
            "correlation": np.tile([0.9, 0.7, 0.95], (3, 3, 1)) + 0.01 * rng.normal(size=(3, 3, 3)),
        }
        rows.append(({"n": 50, "k": 1, "seed": seed}, np.ones(4), [0.3, 0.3, 0.7, 1.2], exhibit))
    return rows


def strengths(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    rows: list[Row] = []
    for method in STRENGTHS if full else ("label noise",):
        for seed in range(12 if full else 4):
            place = np.arange(6)
            noise = rng.uniform(0.95, 1.05, size=(3, 6))
            exhibit = {
                "strengths": np.array(STRENGTHS[method]),
                "loss": (1.4 + 0.12 * (place - 3) ** 2) * noise[0],
                "average": 2.0 * np.exp(-place) * noise[1],
                "worst": 0.15 * np.exp(-0.8 * place) * noise[2],
                "error": 0.4 + 0.05 * place,
            }
            case = {"method": method, "n": 50, "seed": seed}
            rows.append((case, [1, 1, 1, 1, -1, -1], [0.3, 0.7, 0.7, 0.2, -0.9, -0.9], exhibit))
    return rows


def residual(full: bool) -> list[Row]:
    rng = np.random.default_rng(STREAM)
    regularised = ("label noise", "trades 6", "mart 3", "weight decay 1e-2", "weight perturbation")
    names = ("least", "adversarial", *regularised, "self-supervision", "label smoothing")[: 9 if full else 3]
    rows: list[Row] = []
    for data, seeds in (("digits", 8), ("cifar", 3)) if full else (("digits", 1),):
        for seed in range(seeds):
            train = np.linspace(0.1, 1.2, len(names))
            gap = np.array([0.2, 3.0, *np.linspace(0.8, 2.2, len(names) - 2)]) * rng.uniform(0.8, 1.2, len(names))
            exhibit = {
                "train": train,
                "loss": train + gap,
                "error": 0.6 + 0.1 * rng.random(len(names)),
                "average": 2.5 * gap * rng.uniform(0.8, 1.2, len(names)),
                "worst": 0.15 * gap * rng.uniform(0.6, 1.4, len(names)),
                "variants": np.array(names),
                "chosen": np.linspace(2.3, 3.0, 8),
                "best": np.array(5),
            }
            value = [1.0, 1.0, *[float(data == "cifar")] * 2]
            rows.append(({"data": data, "n": 50, "seed": seed}, value, value, exhibit))
    return rows


MADE = {
    "residual_networks_leave_flat_minima_unless_regularised": residual,
    "flatness_is_lost_while_the_robust_loss_overfits": training,
    "flat_minima_have_small_robust_gaps": variants,
    "regularisation_flattens_until_it_underfits": strengths,
}

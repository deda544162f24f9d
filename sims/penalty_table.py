"""What `lemmata penalty` prints: a table per loss, and by what factor the attack moves the best penalty."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from jaxtyping import Int

from sims.penalty_study import LOSSES, Study, ties

TITLES = {
    "error": "classification error on the held-out points, whose labels are taken to be right",
    "risk": "squared loss: mean of (f(x) − (1 − 2 noise) y)², the excess risk on labels this noisy",
}


def as_text(found: Study) -> str:
    """What was done, a table per loss, and what they say."""
    parts = [preamble(found)]
    for loss in LOSSES:
        parts += [f"\n{TITLES[loss]}:", table(found, loss), sentence(found, loss)]
    return "\n".join(parts)


def preamble(found: Study) -> str:
    """Data, kernel, attack, path."""
    data = found.data
    n, d = data.X.shape
    ball = "ℓ∞" if found.attack == math.inf else "ℓ2"
    kernel = (
        "tangent kernel of a two-layer ReLU network"
        if found.kernel == "tangent"
        else f"Gaussian kernel, width {found.width:.4g}, the median distance between training points"
    )
    share = found.eps / found.reach
    return "\n".join(
        [
            f"{data.name}: n = {n} training points, d = {d} features, m = {len(data.y_test)} held-out points",
            *data.remarks,
            f"{kernel}; (K + n lam I) a = y at {len(found.lams)} penalties, "
            f"lam = {found.lams[0]:.1e} … {found.lams[-1]:.1e}",
            f"attack: {ball}, eps = {found.eps:.4g}, {share:.2g} of the median distance of a training point to "
            "the nearest one of the other class",
            f"noise: the share of training labels flipped, mean of {found.draws} draws",
        ]
    )


def table(found: Study, loss: str) -> str:
    """A row per noise level: at the best penalty without attack, and at the best under it."""
    head = f"{'lam':>16}{'clean':>8}{'attacked':>10}{'search':>8}{'|grad|':>10}"
    lines = [
        f"  {'':>5}  {'best without attack':>52}  {'best under attack':>52}",
        f"  {'noise':>5}  {head}  {head}",
    ]
    for i, rate in enumerate(found.noise):
        cells = [f"  {rate:>5.3g}"]
        for j, place in enumerate(found.best[loss][i]):
            cells.append(
                f"{where(found, loss, i, j):>16}{found.clean[loss][i, place]:>8.4f}"
                f"{found.robust[loss][i, place]:>10.4f}{found.searched[loss][i, j]:>8.4f}"
                f"{found.gradient[i, place]:>10.3g}"
            )
        lines.append("  ".join(cells))
    return "\n".join(lines)


def where(found: Study, loss: str, i: int, j: int) -> str:
    """The best penalty; from … to where several tie; ≤ or ≥ where it is an end of the path."""
    tied = best(found, loss, i, j)
    low, high = (format(found.lams[k], ".2g") for k in (tied[0], tied[-1]))
    if len(tied) > 1:
        return f"{low} … {high}"
    return f"{'≤' if tied[0] == 0 else '≥' if tied[0] == len(found.lams) - 1 else ''}{low}"


def best(found: Study, loss: str, i: int, j: int) -> Int[npt.NDArray[np.int64], " k"]:
    """Places of all penalties that are best, without attack for j = 0 and under it for j = 1."""
    return ties((found.clean, found.robust)[j][loss][i])


def sentence(found: Study, loss: str) -> str:
    """By what factor the attack moves the best penalty, where tied ones agree on the direction."""
    words = []
    for i, rate in enumerate(found.noise):
        clean, robust = (found.lams[best(found, loss, i, j)] for j in (0, 1))
        factor = found.lams[found.best[loss][i, 1]] / found.lams[found.best[loss][i, 0]]
        if len(clean) + len(robust) == 2 or factor > 1:
            words.append(f"{'at least ' * (len(clean) + len(robust) > 2)}{factor:.2g} at noise {rate:g}")
        elif robust.max() < clean.min():
            words.append(f"at most {robust.max() / clean.min():.2g} at noise {rate:g}")
        else:
            words.append(f"undecided at noise {rate:g}, where penalties tie")
    return f"best penalty under attack / best without: {'; '.join(words)}"


def as_json(found: Study) -> dict[str, Any]:
    """The curves and the best penalties as one object; rows are noise levels."""
    lists = {
        name: {loss: values.tolist() for loss, values in getattr(found, name).items()}
        for name in ("clean", "robust", "best", "searched")
    }
    n, d = found.data.X.shape
    return {
        "data": found.data.name,
        "n": n,
        "d": d,
        "held_out": len(found.data.y_test),
        "remarks": list(found.data.remarks),
        "kernel": found.kernel,
        "width": None if math.isnan(found.width) else found.width,
        "attack": f"{found.attack:g}",
        "eps": found.eps,
        "draws": found.draws,
        "noise": found.noise.tolist(),
        "lam": found.lams.tolist(),
        "gradient": found.gradient.tolist(),
        **lists,
    }

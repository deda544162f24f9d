"""The best ridge penalty of a kernel without attack and under it, as labels get noisier."""

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from sims import kernel_ridge, robust_kernel
from sims.claim import ROOT
from sims.dataset import Dataset
from theory import checks

Array = npt.NDArray[np.float64]

REACH = {2.0: 0.25, math.inf: 0.1}  # default radius, in units of the distance to the other class
LOSSES = ("error", "risk")
STEPS = 10  # of the search


@dataclass(frozen=True, eq=False)
class Study:
    """Costs along the path of penalties, a row per noise level, averaged over draws of the flips.

    Attributes:
        reach: the median distance of a training point to the nearest one of the other class.
        clean, robust: by loss, without attack and under it to first order.
        gradient: root mean square of ‖∇f‖_q over held-out points and draws.
        best: by loss, places of the best penalties on the path: without attack, where of tied ones the largest
            counts, and under it, where the smallest does.
        searched: by loss, costs that a search finds at these two.
    """

    data: Dataset
    kernel: str
    width: float
    attack: float
    eps: float
    reach: float
    draws: int
    noise: Float[Array, " m"]
    lams: Float[Array, " r"]
    clean: dict[str, Float[Array, "m r"]]
    robust: dict[str, Float[Array, "m r"]]
    gradient: Float[Array, "m r"]
    best: dict[str, Int[npt.NDArray[np.int64], "m 2"]]
    searched: dict[str, Float[Array, "m 2"]]


def study(
    data: Dataset,
    *,
    kernel: str = "tangent",
    noise: list[float],
    attack: float = 2.0,
    eps: float | None = None,
    count: int = 100,
    draws: int = 3,
) -> Study:
    """The whole path for each noise level, from one eigendecomposition, and a search at the best penalties.

    Raises:
        ValueError: if a noise level is not in [0, 1/2), eps is not a radius, or the points have no scale.
    """
    for rate in noise:
        if not 0 <= rate < 0.5:
            raise ValueError(f"noise is a share of flipped labels and must be in [0, 0.5), got {rate:g}")
    k, width = kernel_ridge.named(kernel, data.X)
    scale = float(kernel_ridge.penalties(data.X, k, np.ones(1))[0])
    if not scale > 0:
        raise ValueError("all training points are 0: there is nothing to fit; check the features")
    reach = robust_kernel.nearest_other(data.X, data.y, attack)
    radius = REACH[attack] * reach if eps is None else checks.radius(eps)
    stream, Z, y = np.random.default_rng(ROOT), data.X_test, data.y_test
    labels = np.stack([[robust_kernel.flipped(stream, data.y, rate) for _ in range(draws)] for rate in noise])
    lams = scale * np.geomspace(1e-6, 10, count)
    path = kernel_ridge.ridge(data.X, labels, lams, k)
    values, slopes = path.predict(Z), path.gradient_norms(Z, attack)
    clean, robust, best, searched = ({loss: [] for loss in LOSSES} for _ in range(4))  # type: ignore[var-annotated]
    for i, rate in enumerate(noise):
        shrink = 1 - 2 * rate
        costs = robust_kernel.first_order(values[i], slopes[i], y, radius, shrink)
        for loss in LOSSES:
            clean[loss].append(getattr(costs, loss).mean(axis=0))
            robust[loss].append(getattr(costs, f"robust_{loss}").mean(axis=0))
            best[loss].append((ties(clean[loss][-1])[-1], ties(robust[loss][-1])[0]))
            chosen = replace(path, A=path.A[i][:, best[loss][-1]])
            if loss == "error":
                margins = robust_kernel.searched_margins(chosen, Z, y, radius, attack, rng=stream, steps=STEPS)
                found = np.asarray(margins <= 0, dtype=np.float64)
            else:
                target = shrink * y
                found = (
                    robust_kernel.searched_errors(chosen, Z, target, radius, attack, rng=stream, steps=STEPS) ** 2
                )
            searched[loss].append(found.mean(axis=(0, 2)))
    return Study(
        data=data,
        kernel=kernel,
        width=width,
        attack=attack,
        eps=radius,
        reach=reach,
        draws=draws,
        noise=np.array(noise),
        lams=lams,
        clean={loss: np.stack(rows) for loss, rows in clean.items()},
        robust={loss: np.stack(rows) for loss, rows in robust.items()},
        gradient=np.sqrt(np.mean(slopes**2, axis=(1, 3))),
        best={loss: np.array(rows) for loss, rows in best.items()},
        searched={loss: np.stack(rows) for loss, rows in searched.items()},
    )


def ties(values: Float[Array, " r"]) -> Int[npt.NDArray[np.int64], " k"]:
    """The places of the least value; means over draws are equal up to rounding."""
    return np.flatnonzero(values <= values.min() + 1e-12)

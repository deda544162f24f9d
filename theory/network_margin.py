"""Margins of ReLU networks as distances: an identity, and a bound by singular values of the active weights.

f(x) = W_L relu(W_{L−1} … relu(W_1 x + b_1) …) + b_L. Where x is no kink of f, the margin of the predicted class ŷ
over a class c moves with the input by J^T a, a = w_ŷ − w_c with the rows w of W_L and J the Jacobian of the last
hidden layer. Its length is the margin divided by the distance to where the linearised margin vanishes.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array

from theory import checks


@dataclass(frozen=True)
class LocalMargin:
    """The margin at one point over the runner-up, and what it is made of: margin = slope · distance.

    Attributes:
        margin: f_ŷ(x) − max_{c≠ŷ} f_c(x) ≥ 0.
        slope: the length of its gradient, ‖J^T(w_ŷ − w_c)‖.
        distance: from x to where the linearised margin vanishes; infinite if the gradient is 0.
        masked: ‖D(w_ŷ − w_c)‖ ∏ σ_min(W̃_i) ≤ slope.
        literal: min_c ‖w_ŷ − w_c‖ ∏ σ_min(W_i), of all weights, which may exceed the slope.
    """

    margin: float
    slope: float
    distance: float
    masked: float
    literal: float


def local_margin(
    weights: Sequence[Float[Array, "k d"]], x: Float[Array, " d"], biases: Sequence[Float[Array, " k"]] = ()
) -> LocalMargin:
    """The margin at x, its slope and distance, and two candidates for a lower bound of the slope.

    W̃_i holds the rows of W_i of units that are active at layer i and the columns of those active at layer i − 1,
    and D keeps the active units of the last hidden layer: J^T a = W̃_1^T … W̃_{L−1}^T D a, and each factor shrinks a
    vector by σ_min(W̃_i) at most if W̃_i has no more rows than columns. Otherwise σ_min counts as 0 here, and the
    bound says nothing. With all weights in place of the active ones it is false: W_1 = W_2 = I of the plane and
    x = (1, −1) have slope 1, and ‖w_1 − w_2‖ σ_min(W_1) = √2.

    Errors: roundings; at a kink of f the units at 0 count as inactive.
    Raises:
        ValueError: if the layers do not fit together or x, if there is one output only, or on bad input.
    Source: Wen, Li & Jia 2020, Theorem 3.1, for the literal product; the masked one is worked out here.
    """
    Ws, bs, x = _layers(weights, biases, x)
    h, active, product, masks = x, np.ones(len(x), dtype=bool), 1.0, []
    for W, b in zip(Ws[:-1], bs[:-1], strict=True):
        z = W @ h + b
        part = W[np.ix_(z > 0, active)]
        product *= least_stretch(part) if active.any() or not len(part) else 0.0
        h, active = np.maximum(z, 0), z > 0
        masks.append(active)
    f = Ws[-1] @ h + bs[-1]
    order = np.argsort(-f, kind="stable")
    a = Ws[-1][order[0]] - Ws[-1][order[1]]
    gradient = a
    for W, mask in zip(reversed(Ws[:-1]), reversed(masks), strict=True):
        gradient = W.T @ (mask * gradient)
    margin, slope = float(f[order[0]] - f[order[1]]), float(np.linalg.norm(gradient))
    nearest = min(float(np.linalg.norm(Ws[-1][order[0]] - Ws[-1][c])) for c in order[1:])
    return LocalMargin(
        margin=margin,
        slope=slope,
        distance=margin / slope if slope > 0 else math.inf,
        masked=product * float(np.linalg.norm(a[active])),
        literal=nearest * math.prod(smallest_singular_value(W) for W in Ws[:-1]),
    )


def least_stretch(W: Float[Array, "k d"]) -> float:
    """The least ‖W^T b‖ over ‖b‖ = 1: the smallest singular value, or 0 if W has more rows than columns.

    Without rows there is no b, and the value is 1, that of an empty product.

    Raises:
        ValueError: on bad input.
    """
    if isinstance(W, Array) and W.ndim == 2 and W.shape[0] == 0:
        return 1.0
    W = checks.real(W, "W", 2)
    return 0.0 if W.shape[0] > W.shape[1] else smallest_singular_value(W)


def smallest_singular_value(W: Float[Array, "k d"]) -> float:
    """The min(k, d)-th singular value.

    Raises:
        ValueError: on bad input.
    """
    W = checks.real(W, "W", 2)
    return float(np.linalg.svd(W, compute_uv=False)[-1])


def _layers(
    weights: Sequence[Float[Array, "k d"]], biases: Sequence[Float[Array, " k"]], x: Float[Array, " d"]
) -> tuple[list[Float[Array, "k d"]], list[Float[Array, " k"]], Float[Array, " d"]]:
    Ws, x = [checks.real(W, f"weights[{i}]", 2) for i, W in enumerate(weights)], checks.real(x, "x", 1)
    bs = [checks.real(b, f"biases[{i}]", 1) for i, b in enumerate(biases)] or [np.zeros(len(W)) for W in Ws]
    outs = [len(x), *(len(W) for W in Ws)]
    if not Ws or [W.shape[1] for W in Ws] != outs[:-1] or [len(b) for b in bs] != outs[1:] or outs[-1] < 2:
        raise ValueError(
            f"layers must fit together and end in 2 outputs or more, got {[W.shape for W in Ws]}, biases "
            f"{[len(b) for b in bs]} and a point in {len(x)} dimensions"
        )
    return Ws, bs, x

"""The network that memorises balls around the training points and is a given network everywhere else."""

import numpy as np
from jaxtyping import Float
from numpy import ndarray as Array
from scipy import sparse

from theory import checks
from theory.ball_distance import ball_excess, ball_gap, box_distance, box_excess
from theory.class_distance import closest_pair
from theory.formula import Formula
from theory.relu_network import ReluNetwork, compose, parallel

PARAMETERS = Formula(r"\mathrm{parameters}", "n*(6*d + 2) + d + 25")


def memorise(
    clean: ReluNetwork, M: float, X: Float[Array, "n d"], y: Float[Array, " n"], eps: float, reach: float
) -> ReluNetwork:
    """y_i on each ball ‖x − x_i‖_∞ ≤ eps, and the network `clean` off all balls of radius reach.

    I_i(x) = relu(1 − Σ_j relu(|x_j − x_ij| − eps)/(reach − eps)) is 1 on the small ball and 0 off the large one.
    With s_c the smaller of 1 and the sum of I_i over class c, and s = Σ_c s_c, the outputs are
    relu(f − M s) − relu(−f − M s) + Σ_c t_c s_c, f the outputs of `clean` and M a bound of |f|. The target t_c is
    the label −1 or +1 where `clean` has one output; where it has k, the unit vector of class 0, …, k − 1.

    The bound |f| ≤ M is needed on the large balls only. Interval bounds prove the value on the small ones.

    Errors: roundings.
    Raises:
        ValueError: if two points of different classes are within 2·reach (the message names them), unless
            0 ≤ eps < reach and M > 0, if the labels do not fit the network, or on bad input.
    Source: Li & Li 2025, Theorem 4.4. A sum where they have a distance: fewer parameters, and depth free of d.
    """
    X, y = _separate(X, y, reach, np.inf, eps)
    return _gated(clean, M, box_excess(X, eps), y, reach - eps)


def memorise_by_distance(
    clean: ReluNetwork, M: float, X: Float[Array, "n d"], y: Float[Array, " n"], eps: float, reach: float
) -> ReluNetwork:
    """The same with I_i(x) = relu(1 − dist_i(x)/(reach − eps)), dist_i the ℓ∞ distance from the small ball.

    Raises:
        ValueError: as for `memorise`.
    Source: Li & Li 2025, Theorem 4.4.
    """
    X, y = _separate(X, y, reach, np.inf, eps)
    return _gated(clean, M, box_distance(X, eps), y, reach - eps)


def memorise_euclidean(
    clean: ReluNetwork, M: float, X: Float[Array, "n d"], y: Float[Array, " n"], eps: float, reach: float, k: int
) -> ReluNetwork:
    """The same for balls in ℓ2, the squares interpolated with k pieces on either side of 0.

    It takes k > (√d/2) reach/√(reach² − eps²), and about 6kd parameters for each point.

    Raises:
        ValueError: as for `memorise`, or if k is too small.
    Source: Li & Li 2025, Theorem 4.4, for p = 2.
    """
    X, y = _separate(X, y, reach, 2.0, eps)
    return _gated(clean, M, ball_excess(X, eps, reach, k), y, ball_gap(X.shape[1], eps, reach, k))


def parameters_needed(n: int, d: int) -> int:
    """The number of parameters of `memorise` around a clipped linear network: n(6d + 2) + d + 25.

    Exact for two classes if no weight or bias is 0 by chance; smaller otherwise.

    Raises:
        ValueError: if n or d < 1.
    """
    n, d = checks.count(n, "n"), checks.count(d, "d")
    return int(PARAMETERS(n=n, d=d))


def _separate(
    X: Float[Array, "n d"], y: Float[Array, " n"], reach: float, p: float, eps: float
) -> tuple[Float[Array, "n d"], Float[Array, " n"]]:
    X, y = checks.regression(X, y)
    eps, reach = checks.radius(eps), checks.amount(reach, "reach", positive=True)
    if eps >= reach:
        raise ValueError(
            f"reach must exceed eps={eps}, got {reach}: between them the network passes from y to clean"
        )
    if len(np.unique(y)) > 1:
        distance, i, j = closest_pair(X, y, p)
        if distance <= 2 * reach:
            raise ValueError(
                f"points {i} and {j} have labels {y[i]:g} and {y[j]:g} but are only {distance:g} apart: balls of "
                f"radius reach={reach:g} would meet; take reach < {distance / 2:g}"
            )
    return X, y


def _gated(clean: ReluNetwork, M: float, excess: ReluNetwork, y: Float[Array, " n"], gap: float) -> ReluNetwork:
    """The output of `clean` where all excesses are at least gap, the targets where one is 0."""
    M, k = checks.amount(M, "M", positive=True), clean.weights[-1].shape[0]
    labels = np.array([-1.0, 1.0]) if k == 1 else np.arange(float(k))
    if not np.isin(y, labels).all():
        raise ValueError(
            f"y must hold labels out of {labels}, one output or one per class, got {np.unique(y)[:12]}"
        )
    present = np.unique(y)
    targets = present[:, None] if k == 1 else (present[:, None] == labels).astype(np.float64)
    n, c = len(y), len(present)
    inside = ReluNetwork(  # from the excesses to 1 − Σ I_i, one sum per class
        (sparse.csr_array(-np.eye(n) / gap), sparse.csr_array(-1.0 * (present[:, None] == y))),
        (np.ones(n), np.ones(c)),
    )
    eye, off = np.eye(k), np.zeros((k, c))
    split = np.block([[eye, off], [-eye, off], [np.zeros((c, k)), np.eye(c)]])  # f⁺, f⁻, 1 − s_c
    gates = np.block(
        [
            [eye, -eye, np.full((k, c), M)],
            [-eye, eye, np.full((k, c), M)],
            [np.zeros((c, 2 * k)), np.eye(c)],
        ]
    )
    last = np.block([[eye, -eye, -targets.T]])
    gate = ReluNetwork(
        tuple(sparse.csr_array(W) for W in (split, gates, last)),
        (np.zeros(2 * k + c), np.append(np.full(2 * k, -c * M), np.zeros(c)), targets.sum(axis=0)),
    )
    return compose(gate, parallel(clean, compose(inside, excess)))

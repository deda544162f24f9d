"""Steepest descent in ℓ1, ℓ2 and ℓ∞ geometry on the robust loss of a linear model, recorded as a Trajectory.

The loss is L(w) = Σ l(y_i⟨w, x_i⟩ − eps N(w)), N the norm dual to the attack's, l exponential or logistic. All
steps use the gradient of log L, which has softmax weights: L is never formed and nothing under- or overflows.
"""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from sims import loops, span

Array = npt.NDArray[np.float64]

GEOMETRIES = (1.0, 2.0, math.inf)
LOSSES = ("exponential", "logistic")
SCHEDULES = ("theorem", "root", "constant", "protocol")


@dataclass(frozen=True)
class Trajectory:
    """A descent seen at the steps of a logarithmic grid; arrays of a batch have its axis first.

    Attributes:
        steps: the grid: about eight steps per decade, every power of ten, and the last step.
        points: the iterate after so many steps; a run stopped early keeps its last point from then on.
        slopes: the gradient of the log loss there, in the norm dual to the geometry.
        losses: log of the robust loss there, summed over samples, without any smoothing of the norm.
        taken: the number of steps that the run made.
    """

    steps: Int[npt.NDArray[np.int64], " T"]
    points: Float[Array, "*B T d"]
    slopes: Float[Array, "*B T"]
    losses: Float[Array, "*B T"]
    taken: Int[npt.NDArray[np.int64], "*B"]


def descend(
    X: Float[Array, "*B n d"],
    y: Float[Array, "*B n"],
    *,
    geometry: float,
    eps: float | Float[Array, " B"] = 0.0,
    attack: float = math.inf,
    loss: str = "exponential",
    schedule: str = "theorem",
    step: float = 1.0,
    steps: int = 100_000,
    smoothing: float = math.inf,
    until: float | None = None,
    start: Float[Array, "*B d"] | None = None,
    device: str = "cpu",
) -> Trajectory:
    """Steps w ← w + eta L(w) D, D = argmin_v ⟨∇ log L(w), v⟩ + ‖v‖_r²/2, for r = `geometry` in {1, 2, ∞}.

    With g = ∇ log L: D = −g for r = 2; −g_j e_j, j the first largest |g_j|, for r = 1; −‖g‖₁ sign(g) for
    r = ∞. With B = max ‖x_i‖_{r*} + eps d^{(1/r* − 1/attack)₊} the schedules are

    * theorem: eta = step/(B² L), so that w moves by step·D/B²;
    * root: the same times 1/√t at step t = 1, 2, …;
    * constant: a constant rate on the mean loss L/n: eta = step/(n max ‖x_i‖²_{r*}); where L/n is above 1e5 it
      counts as 1e5;
    * protocol: eta = step/((max ‖x_i‖_∞ + eps)² L) in every geometry, without floor or cap on L.

    The subgradient of N is sign(w) with sign(0) = 0 for N = ‖·‖₁, the first largest coordinate for ‖·‖_∞, and 0
    at w = 0 for every N. `smoothing` = s replaces ‖w‖₁ by (1/s) Σ [log(1 + e^{sw}) + log(1 + e^{−sw}) − 2 log 2]
    and ‖w‖_∞ by (1/s) log Σ (e^{sw} + e^{−sw}) in the loss that is descended. A run stops at the first step
    whose robust loss is below `until`.

    X, y, eps and start may each carry a leading batch axis; the rest is shared. A batch gives the numbers of
    its runs one by one: to the last bit on "cpu", the compiled loop. Any other device is PyTorch's, where all
    runs advance together: "cuda", "cuda:1", …; "torch:cpu" is that program on the processor.

    Errors: rounding only; devices agree to about 1e-10 over 1,000 steps, unless the steps are so long that the
    run is unstable (sign descent by the protocol).
    Raises:
        ValueError: on labels other than ±1, NaN, shapes that do not fit, or an option out of its range.
    Source: Gunasekar et al. 2018 (clean); Tsilivis et al. 2024, Theorem 1 (robust).
    """
    check_options(geometry, attack, loss, schedule, smoothing)
    batch, X, y, eps = checked(X, y, eps, start)
    if not 0 < step < math.inf:
        raise ValueError(f"step must be positive and finite, got {step}: 1 is the theorem's step")
    d = X.shape[-1]
    w = np.zeros((1, d)) if start is None else np.array(start, dtype=np.float64, ndmin=2)
    if w.shape not in ((len(eps), d), (1, d)) or not np.isfinite(w).all():
        raise ValueError(f"start must be finite, of shape ({d},) or one such row per run, got {w.shape}")
    w = np.broadcast_to(w, (len(eps), d)).copy()
    grid = record_grid(steps)
    rates = step / reach(X, eps, geometry, attack, schedule) ** 2
    log_until = threshold(until)
    q = conjugate(attack)
    logistic, form = loss == "logistic", {"root": 1, "constant": 2}.get(schedule, 0)
    if device != "cpu":
        from sims import batched

        signed = y[:, :, None] * X
        found = batched.descend(
            signed, w, geometry, eps, q, smoothing, logistic, form, rates, log_until, grid, device
        )
        return shaped(batch, grid, *found)
    points, slopes, losses, taken = records(len(eps), len(grid), d)
    in_span = geometry == 2 and not logistic and X.shape[1] <= min(d, steps)
    Z, K = None, None
    for b in range(len(eps)):
        if Z is None or len(X) > 1:
            Z = signed_rows(X[b % len(X)], y[b % len(y)])
            K = Z @ Z.T if in_span and (eps[b] == 0 or attack == 2) else None
        out = (float(rates[b]), log_until, grid, points[b], slopes[b], losses[b])
        if in_span and (eps[b] == 0 or attack == 2):
            K = Z @ Z.T if K is None else K
            taken[b] = span.descend(Z, K, w[b], float(eps[b]), form, *out)
        else:
            taken[b] = loops.descend(
                Z, w[b], float(geometry), float(eps[b]), q, float(smoothing), logistic, form, *out
            )
    return shaped(batch, grid, points, slopes, losses, taken)


def robust_margin(
    w: Float[Array, "*B d"], X: Float[Array, "n d"], y: Float[Array, " n"], eps: float, attack: float, r: float
) -> Float[Array, "*B"]:
    """(min_i y_i⟨w, x_i⟩ − eps‖w‖_{attack*})/‖w‖_r for each w; NaN where w = 0, which has no direction."""
    margins = worst_margins(w, X, y, eps, attack).min(axis=-1)
    length = lengths(np.asarray(w, dtype=np.float64), r)
    ratio = np.full_like(margins, np.nan)
    return np.asarray(np.divide(margins, length, out=ratio, where=length > 0))


def robust_error(
    w: Float[Array, "*B d"], X: Float[Array, "n d"], y: Float[Array, " n"], eps: float, attack: float
) -> Float[Array, "*B"]:
    """The share of points whose worst margin y_i⟨w, x_i⟩ − eps‖w‖_{attack*} is not positive, for each w."""
    return np.asarray((worst_margins(w, X, y, eps, attack) <= 0).mean(axis=-1))


def worst_margins(
    w: Float[Array, "*B d"], X: Float[Array, "n d"], y: Float[Array, " n"], eps: float, attack: float
) -> Float[Array, "*B n"]:
    """y_i⟨w, x_i⟩ − eps‖w‖_{attack*}, for each w and i."""
    w = np.asarray(w, dtype=np.float64)
    if not (np.ndim(eps) == 0 and 0 <= eps < math.inf):
        raise ValueError(f"eps must be one finite number ≥ 0, got {eps}")
    if not attack >= 1:
        raise ValueError(f"attack is the exponent of a norm and must be in [1, ∞], got {attack}")
    if np.ndim(X) != 2 or np.shape(y) != np.shape(X)[:1] or w.shape[-1:] != np.shape(X)[1:]:
        raise ValueError(f"w {w.shape}, X {np.shape(X)}, y {np.shape(y)} must be (…, d), (n, d), (n,)")
    return np.asarray((w @ np.asarray(X).T) * y - eps * lengths(w, conjugate(attack))[..., None])


def lengths(w: Float[Array, "*B d"], p: float) -> Float[Array, "*B"]:
    """‖w‖ₚ along the last axis, free of overflow."""
    largest = np.abs(w).max(axis=-1)
    if p == math.inf:
        return np.asarray(largest)
    scale = np.where(largest > 0, largest, 1.0)
    u = np.abs(w) / scale[..., None]
    return np.asarray(scale * (u**p).sum(axis=-1) ** (1 / p))


def conjugate(p: float) -> float:
    """The exponent q with 1/p + 1/q = 1."""
    return math.inf if p == 1 else 1.0 if p == math.inf else p / (p - 1)


def reach(X: Float[Array, "B n d"], eps: Float[Array, " B"], r: float, attack: float, schedule: str) -> Array:
    """B per run, the most that log L can change along a step of unit ℓ_r length."""
    clean = np.array([lengths(rows, conjugate(r)).max() for rows in X])  # one by one: they stay in the cache
    power = max(0.0, 1 / conjugate(r) - 1 / attack)
    if schedule == "constant":
        bound = clean + 0 * eps
    elif schedule == "protocol":
        bound = np.array([np.abs(rows).max() for rows in X]) + eps
    else:
        bound = clean + eps * X.shape[-1] ** power
    if not (bound > 0).all():
        raise ValueError(
            "X is 0 throughout and eps is 0, so that no step length is defined: give points that differ"
        )
    return np.asarray(bound)


def record_grid(steps: int) -> npt.NDArray[np.int64]:
    """1, every power of ten, about eight steps per decade, and `steps`."""
    if int(steps) != steps or steps < 1:
        raise ValueError(f"steps must be a whole number ≥ 1, got {steps}")
    decades = np.rint(10 ** (np.arange(8 * math.ceil(math.log10(steps)) + 1) / 8)).astype(np.int64)
    return np.unique(np.append(decades[decades < steps], np.int64(steps)))


def threshold(until: float | None) -> float:
    """log(until), −∞ for None."""
    if until is None:
        return -math.inf
    if not 0 < until < math.inf:
        raise ValueError(f"until is a loss and must be positive and finite, got {until}: None never stops")
    return math.log(until)


def records(runs: int, rows: int, d: int) -> tuple[Array, Array, Array, npt.NDArray[np.int64]]:
    """Room for points, slopes, losses and steps taken."""
    return (
        np.empty((runs, rows, d)),
        np.empty((runs, rows)),
        np.empty((runs, rows)),
        np.empty(runs, dtype=np.int64),
    )


def shaped(
    batch: bool,
    grid: npt.NDArray[np.int64],
    points: Array,
    slopes: Array,
    losses: Array,
    taken: npt.NDArray[np.int64],
) -> Trajectory:
    """The Trajectory, without the batch axis if nothing had one."""
    if batch:
        return Trajectory(grid, points, slopes, losses, taken)
    return Trajectory(grid, points[0], slopes[0], losses[0], taken[0].reshape(()))


def signed_rows(X: Float[Array, "n d"], y: Float[Array, " n"]) -> Float[Array, "n d"]:
    """Rows y_i x_i, starting at a cache line: unaligned rows cost a quarter more time."""
    raw = np.empty(X.size + 8)
    skip = -raw.ctypes.data % 64 // 8
    Z = raw[skip : skip + X.size].reshape(X.shape)
    return np.multiply(X, y[:, None], out=Z)


def checked(
    X: Array, y: Array, eps: float | Array, start: Array | None = None
) -> tuple[bool, Float[Array, "B n d"], Float[Array, "B n"], Float[Array, " B"]]:
    """Whether anything has a batch axis; X and y with one (of length 1 if shared); eps, one per run."""
    X, y = np.asarray(X, dtype=np.float64), np.asarray(y, dtype=np.float64)
    radii = np.asarray(eps, dtype=np.float64)
    if X.ndim not in (2, 3) or y.shape != X.shape[:-1] or 0 in X.shape:
        raise ValueError(f"X must be (n, d) or (B, n, d) and y without the d, got {X.shape} and {y.shape}")
    if not np.isfinite(X).all():
        raise ValueError("X must be finite: it holds NaN or infinity")
    if not np.isin(y, (-1, 1)).all():
        raise ValueError(f"labels must be −1 or +1, got {np.unique(y)[:4]}")
    if radii.ndim > 1 or radii.size == 0 or not ((radii >= 0) & (radii < math.inf)).all():
        raise ValueError(f"eps must be finite and ≥ 0, one number or one per run, got {eps}: 0 is the clean loss")
    axes = [X.shape[0]] * (X.ndim == 3) + [radii.size] * radii.ndim
    axes += [len(start)] * (np.ndim(start) == 2) if start is not None else []
    if len(set(axes)) > 1:
        raise ValueError(f"the batch axes of X, eps and start must have one length, got {axes}")
    radii = np.broadcast_to(radii, axes[0] if axes else 1)
    return bool(axes), X.reshape(-1, *X.shape[-2:]), y.reshape(-1, y.shape[-1]), radii


def check_options(geometry: float, attack: float, loss: str, schedule: str, smoothing: float) -> None:
    """Refuse options out of their range, saying which there are."""
    if geometry not in GEOMETRIES:
        raise ValueError(f"geometry must be 1, 2 or ∞ (coordinate, gradient or sign descent), got {geometry}")
    if not attack >= 1:
        raise ValueError(f"attack is the exponent of a norm and must be in [1, ∞], got {attack}")
    if loss not in LOSSES:
        raise ValueError(f"loss must be one of {', '.join(LOSSES)}, got {loss!r}")
    if schedule not in SCHEDULES:
        raise ValueError(f"schedule must be one of {', '.join(SCHEDULES)}, got {schedule!r}")
    if not smoothing > 0:
        raise ValueError(f"smoothing must be positive, got {smoothing}: ∞ means none")
    if smoothing < math.inf and attack not in (1, math.inf):
        raise ValueError(f"smoothing is for attack 1 or ∞, whose dual norms have kinks, got attack={attack}")

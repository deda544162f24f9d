"""Patch data and a two-layer convolutional network on them, trained on clean and attacked points at once.

An image is P patches of R^d: one holds the signal alpha·y·w*, at a random place, the others are noise orthogonal
to w*. The network is f(X) = Σ_r Σ_j φ(⟨w_r, X[j]⟩) with the odd activation φ(z) = sign(z)|z|^power. The adversary
moves the signal patch along w* by at most alpha − left, and leaves the noise alone.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from jaxtyping import Float, Int

from sims import patch_loops

Array = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

CHUNK = 4_000_000  # numbers drawn at once for fresh points


@dataclass(frozen=True, eq=False)
class PatchData:
    """Images, labels, the place of each signal patch, its direction, and its length alpha."""

    X: Float[Array, "n P d"]
    y: Float[Array, " n"]
    place: Int[Index, " n"]
    w_star: Float[Array, " d"]
    alpha: float


@dataclass(frozen=True, eq=False)
class Fresh:
    """What happens on fresh points; a margin of 0 is an error.

    Attributes:
        clean: share of errors.
        robust: share of errors after the worst shift of the signal patch.
        noise: the part of each margin that the noise patches make.
    """

    clean: float
    robust: float
    noise: Float[Array, " k"]


def direction(rng: np.random.Generator, d: int) -> Float[Array, " d"]:
    """A unit vector, uniform on the sphere."""
    w = rng.standard_normal(d)
    return np.asarray(w / np.linalg.norm(w))


def draw(
    rng: np.random.Generator, n: int, w_star: Float[Array, " d"], *, patches: int, alpha: float, sigma: float
) -> PatchData:
    """Images with noise N(0, sigma² (I − w* w*ᵀ)), labels uniform on ±1, the signal at a uniform place.

    Raises:
        ValueError: if w_star is no unit vector, or there is no noise patch.
    """
    if abs(np.linalg.norm(w_star) - 1) > 1e-12:
        raise ValueError(f"w_star must have length 1, got {np.linalg.norm(w_star)}; divide it by its length")
    if patches < 2:
        raise ValueError(f"patches must be at least 2, got {patches}: one for the signal, the others for noise")
    y = rng.choice([-1.0, 1.0], size=n)
    place = rng.integers(patches, size=n)
    noise = sigma * rng.standard_normal((n, patches - 1, len(w_star)))
    noise -= (noise @ w_star)[..., None] * w_star
    X = np.empty((n, patches, len(w_star)))
    X[np.arange(n), place] = alpha * y[:, None] * w_star
    X[np.arange(patches) != place[:, None]] = noise.reshape(-1, len(w_star))
    return PatchData(X, y, place, w_star, alpha)


@dataclass(frozen=True, eq=False)
class Setting:
    """A training set, weights to start from, the deviation of its noise, and the signal that an attack leaves."""

    data: PatchData
    W: Float[Array, "m d"]
    sigma: float
    left: float


def paper_setting(
    rng: np.random.Generator, n: int, d: int, m: int, *, polylog: bool = True, sigma: float = 1.0, patches: int = 2
) -> Setting:
    """The scaling of Li & Li 2025: alpha = d^0.249, deviation sigma·d^−0.509, weights from N(0, I/d).

    The attack leaves alpha/(√d log d) of the signal, without polylog alpha/√d.
    """
    alpha, deviation = d**0.249, sigma * d**-0.509
    data = draw(rng, n, direction(rng, d), patches=patches, alpha=alpha, sigma=deviation)
    left = alpha / np.sqrt(d) / (np.log(d) if polylog else 1.0)
    return Setting(data, start(rng, m, d, d**-0.5), deviation, float(left))


def shifted(data: PatchData, signal: float) -> Float[Array, "n P d"]:
    """The images with their signal patch moved along w* to signal·y·w*."""
    X = data.X.copy()
    X[np.arange(len(X)), data.place] += (signal - data.alpha) * data.y[:, None] * data.w_star
    return X


def noise_patches(data: PatchData) -> Float[Array, "n k d"]:
    """The patches without signal, in their order."""
    n, patches, d = data.X.shape
    return np.asarray(data.X[np.arange(patches) != data.place[:, None]].reshape(n, patches - 1, d))


def signed_noise(data: PatchData) -> Float[Array, "R d"]:
    """The noise patches times their labels, image after image."""
    signed = data.y[:, None, None] * noise_patches(data)
    return np.ascontiguousarray(signed.reshape(-1, signed.shape[-1]))


def noise_margins(W: Float[Array, "*k m d"], data: PatchData, power: float) -> Float[Array, "*k n"]:
    """The part V_i of the margins that the noise patches make, for one or several networks."""
    z = signed_noise(data) @ np.swapaxes(W, -1, -2)
    return np.asarray(odd_power(z, power).sum(-1).reshape(*W.shape[:-2], len(data.y), -1).sum(-1))


def signal_margin(W: Float[Array, "*k m d"], data: PatchData, power: float) -> Float[Array, "*k"]:
    """The part of the clean margin that the signal patch makes, the same for each image."""
    return np.asarray(data.alpha**power * odd_power(W @ data.w_star, power).sum(-1))


def start(rng: np.random.Generator, m: int, d: int, sigma0: float) -> Float[Array, "m d"]:
    """Weights N(0, sigma0² I)."""
    return sigma0 * rng.standard_normal((m, d))


def outputs(W: Float[Array, "m d"], X: Float[Array, "n P d"], power: float) -> Float[Array, " n"]:
    """The network at each image."""
    return np.asarray(odd_power(X @ W.T, power).sum(axis=(1, 2)))


def odd_power(z: Float[Array, "*s"], power: float) -> Float[Array, "*s"]:
    """φ(z) = sign(z)|z|^power."""
    return np.asarray(z**3 if power == 3 else np.sign(z) * np.abs(z) ** power)


def margins(W: Float[Array, "m d"], data: PatchData, power: float, signal: float) -> Float[Array, " n"]:
    """The margins y f(X) with the signal patches moved to signal·y·w*."""
    return np.asarray(data.y * outputs(W, shifted(data, signal), power))


def worst_margins(W: Float[Array, "m d"], data: PatchData, power: float, left: float) -> Float[Array, " n"]:
    """The least margins over shifts of the signal patch by at most alpha − left along w*.

    The network is monotone in the length of the signal, up or down, so that one of the two ends is worst.
    """
    far = 2 * data.alpha - left
    return np.minimum(margins(W, data, power, left), margins(W, data, power, far))


def robust_error(W: Float[Array, "m d"], data: PatchData, power: float, left: float) -> float:
    """The share of points whose worst margin is not positive."""
    return float(np.mean(worst_margins(W, data, power, left) <= 0))


def on_fresh_points(
    rng: np.random.Generator,
    W: Float[Array, "m d"],
    like: PatchData,
    sigma: float,
    power: float,
    left: float,
    points: int,
) -> Fresh:
    """Errors on so many fresh points of the distribution of `like`, drawn a few at a time."""
    patches, d = like.X.shape[1:]
    clean, robust, noise = [], [], []
    room = max(1, CHUNK // (patches * d))
    for done in range(0, points, room):
        data = draw(rng, min(room, points - done), like.w_star, patches=patches, alpha=like.alpha, sigma=sigma)
        rest = data.y * outputs(W, noise_patches(data), power)
        seen, cut, grown = (
            rest + data.y * outputs(W, (signal * data.y[:, None] * data.w_star)[:, None], power)
            for signal in (like.alpha, left, 2 * like.alpha - left)
        )
        clean.append(seen <= 0)
        robust.append(np.minimum(cut, grown) <= 0)
        noise.append(rest)
    return Fresh(float(np.concatenate(clean).mean()), float(np.concatenate(robust).mean()), np.concatenate(noise))


def descend(
    data: PatchData,
    W: Float[Array, "m d"],
    *,
    left: float,
    mix: float,
    power: float,
    eta: float,
    at: Int[Index, " k"],
) -> Float[Array, "k m d"]:
    """Full-batch gradient descent on the weights, step by step; the weights after each of the steps `at`.

    The loss is the mean of (1 − mix) log(1 + e^{−y f(X)}) + mix log(1 + e^{−y f(X')}), where X' has its signal
    patch moved to left·y·w*: the attack that is worst for every network that has learned the signal.

    Raises:
        ValueError: if mix is not in [0, 1], power < 2, eta ≤ 0, left ≥ alpha, or `at` does not increase from ≥ 0.
    """
    rows, at = _checked(data, left, mix, power, eta, at)
    out = np.empty((len(at), *W.shape))
    patch_loops.on_weights(rows, W.copy(), len(data.y), data.alpha, left, mix, power, eta, at, out)
    return out


def descend_in_span(
    data: PatchData,
    W: Float[Array, "m d"],
    *,
    left: float,
    mix: float,
    power: float,
    eta: float,
    at: Int[Index, " k"],
) -> Float[Array, "k m d"]:
    """As `descend`, in the span of the patches: a step costs (n(P − 1) + 1)² m whatever d.

    The weights move by combinations of w* and the noise patches; their inner products with these change by the
    Gram matrix of the same vectors.
    """
    rows, at = _checked(data, left, mix, power, eta, at)
    moves = np.empty((len(at), len(rows), len(W)))
    patch_loops.in_span(rows @ rows.T, rows @ W.T, len(data.y), data.alpha, left, mix, power, eta, at, moves)
    return np.asarray(W + np.swapaxes(moves, 1, 2) @ rows)


def passing(at: Int[Index, " k"], values: Float[Array, " k"], level: float = 1.0) -> float:
    """The first time at which `values` reach the level, between two steps; the last step if they do not."""
    above = values >= level
    if not above.any():
        return float(at[-1])
    i = int(above.argmax())
    if i == 0:
        return float(at[0])
    part = (level - values[i - 1]) / (values[i] - values[i - 1])
    return float(at[i - 1] + part * (at[i] - at[i - 1]))


def _checked(
    data: PatchData, left: float, mix: float, power: float, eta: float, at: Index
) -> tuple[Float[Array, "k d"], Int[Index, " k"]]:
    """The direction of the signal above the noise patches times their labels; the steps."""
    at = np.asarray(at, dtype=np.int64)
    if not 0 <= mix <= 1:
        raise ValueError(f"mix must be in [0, 1], got {mix}: 0 trains on clean points, 1 on attacked ones")
    if not 2 <= power < np.inf:
        raise ValueError(f"power must be at least 2, got {power}: the activation needs a derivative")
    if not 0 < eta < np.inf:
        raise ValueError(f"eta must be positive and finite, got {eta}")
    if not left <= data.alpha:
        raise ValueError(f"left must be at most alpha={data.alpha}, got {left}: an attack does not add signal")
    if at.ndim != 1 or len(at) == 0 or at[0] < 0 or (np.diff(at) <= 0).any():
        raise ValueError(f"at must be increasing steps from 0 on, got {at[:5]}")
    return np.concatenate([data.w_star[None], signed_noise(data)]), at
